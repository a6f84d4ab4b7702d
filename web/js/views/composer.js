// Where one writes: Enter sends, Shift+Enter begins a line (on a touch screen Enter begins a line, the button
// sends). What was not sent stays with its conversation.

import { el } from "../dom.js";
import { icon } from "../icons.js";

export class Composer {
  #app;
  #name = null;
  #drafts = new Map();
  #sent;

  constructor(app, sent) {
    this.#app = app;
    this.#sent = sent;
    this.input = el("textarea", { rows: 1, maxlength: 8192, placeholder: "Write a message", "aria-label": "Message", dir: "auto",
      oninput: () => this.#typed(), onkeydown: (event) => this.#key(event) });
    this.node = el("form", { class: "composer" }, this.input,
      el("button", { class: "primary round", "aria-label": "Send", title: "Send" }, icon("send")));
    this.node.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
  }

  open(name) {
    if (this.#name) this.#drafts.set(this.#name, this.input.value);
    this.#name = name;
    this.input.value = this.#drafts.get(name) ?? "";
    this.#grow();
  }

  focus() {
    this.input.focus();
  }

  #typed() {
    this.#grow();
    if (this.input.value.trim()) this.#app.people.types(this.#name);
  }

  #key(event) {
    const touch = matchMedia("(pointer: coarse)").matches;
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || touch) return;
    event.preventDefault();
    this.#send();
  }

  #send() {
    const text = this.input.value.trim();
    if (!text) return;
    this.input.value = "";
    this.#grow();
    this.#app.people.stops();
    this.#app.outbox.send(this.#name, text);
    this.#sent();
    this.input.focus();
  }

  // As many lines as there are; the style sheet says how many at most.
  #grow() {
    this.input.style.height = "auto";
    this.input.style.height = `${this.input.scrollHeight}px`;
  }
}
