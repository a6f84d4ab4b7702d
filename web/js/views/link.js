// The link to a conversation, to be copied, and for whom it opens.

import { el, setText } from "../dom.js";
import { icon } from "../icons.js";
import { fullLink } from "../route.js";

export class Link {
  #app;
  #name;

  constructor(app, name) {
    this.#app = app;
    this.#name = name;
    this.input = el("input", { readonly: true, value: fullLink(name), "aria-label": "Link to this conversation", onfocus: () => this.input.select() });
    this.reach = el("p", { class: "hint" });
    this.said = el("p", { role: "status", class: "hint" });
    this.node = el("section", {}, el("h3", {}, "Link"), el("div", { class: "copy" }, this.input,
      el("button", { type: "button", onclick: () => this.#copy() }, icon("link"), "Copy")), this.reach, this.said);
  }

  update() {
    setText(this.reach, this.#app.store.groups.get(this.#name)?.open === false ? "Opens only for members." : "");
  }

  // Its end says whose it is.
  showEnd() {
    this.input.scrollLeft = this.input.scrollWidth;
  }

  // The clipboard is only there over https.
  async #copy() {
    this.input.select();
    try {
      await navigator.clipboard.writeText(this.input.value);
      setText(this.said, "Copied.");
    } catch {
      setText(this.said, "Press Ctrl+C to copy.");
    }
  }
}
