// The quiet line over everything while there is no connection, and what can be done about it.

import { el, setText, show } from "../dom.js";
import { icon } from "../icons.js";

const patience = 1500; // ms: a short break is nobody's business

export class Banner {
  #session;
  #timer = null;

  constructor({ session }) {
    this.#session = session;
    this.text = el("span");
    this.retry = el("button", { type: "button", onclick: () => session.retry() }, "Try now");
    this.node = el("div", { class: "banner", role: "status", hidden: true }, icon("failed"), this.text, this.retry);
    session.on("state", () => this.#changed());
    setInterval(() => this.#say(), 1000);
  }

  #changed() {
    const away = ["connecting", "waiting"].includes(this.#session.state);
    if (!away) {
      clearTimeout(this.#timer);
      this.#timer = null;
      show(this.node, this.#session.state === "paused");
    } else this.#timer ??= setTimeout(() => show(this.node, true), patience);
    this.#say();
  }

  #say() {
    const { state, retryAt } = this.#session;
    const seconds = Math.ceil((retryAt - Date.now()) / 1000);
    show(this.retry, state !== "connecting");
    setText(this.retry, state === "paused" ? "Use it here" : "Try now");
    if (state === "paused") setText(this.text, "This account is open in too many windows: this one is paused.");
    else if (state === "waiting" && seconds > 3) setText(this.text, "No connection. Trying again shortly.");
    else setText(this.text, "No connection. Trying again…");
  }
}
