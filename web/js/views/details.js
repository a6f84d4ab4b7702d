// The right column: about the person or the group of the open conversation, and what can be done with it.

import { el, show } from "../dom.js";
import { icon } from "../icons.js";
import { fullLink } from "../route.js";
import { errorText } from "../words.js";
import { GroupDetails } from "./group.js";
import { PersonDetails } from "./person.js";

export class Details {
  #app;
  #part = null;

  constructor(app, close) {
    this.#app = app;
    this.trouble = el("p", { class: "trouble", role: "alert", hidden: true });
    this.body = el("div", { class: "details-body" });
    this.shut = el("button", { class: "icon-button", type: "button", "aria-label": "Close details", onclick: close }, icon("close"));
    this.node = el("section", { class: "details", "aria-label": "Details", hidden: true },
      el("header", {}, el("h2", {}, "Details"), this.shut), this.trouble, this.body);
  }

  open(name) {
    const run = (act) => this.#try(act);
    show(this.trouble, false);
    this.#part = name.startsWith("#") ? new GroupDetails(this.#app, name, run) : new PersonDetails(this.#app, name, run);
    this.body.replaceChildren(this.#part.node, copyLink(name));
    for (const link of this.body.querySelectorAll(".copy input")) link.scrollLeft = link.scrollWidth; // its end says whose it is
    this.update();
    this.shut.focus();
  }

  update() {
    if (!this.node.hidden) this.#part?.update();
  }

  async #try(act) {
    show(this.trouble, false);
    try {
      await act();
    } catch (error) {
      this.trouble.textContent = errorText(error);
      show(this.trouble, true);
    }
    this.#app.store.changed();
  }
}

function copyLink(name) {
  const link = fullLink(name);
  const input = el("input", { readonly: true, value: link, "aria-label": "Link to this conversation", onfocus: () => input.select() });
  const said = el("span", { role: "status", class: "hint" });
  const copy = async () => {
    input.select();
    try {
      await navigator.clipboard.writeText(link);
      said.textContent = "Copied.";
    } catch {
      said.textContent = "Press Ctrl+C to copy.";
    }
  };
  return el("section", {}, el("h3", {}, "Link"), el("div", { class: "copy" }, input,
    el("button", { type: "button", onclick: copy }, icon("link"), "Copy")), said);
}
