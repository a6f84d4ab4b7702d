// The right column: about the person or the group of the open conversation, and what can be done with it.

import { el, holdFocus, show } from "../dom.js";
import { icon } from "../icons.js";
import { errorText } from "../words.js";
import { GroupDetails } from "./group.js";
import { Link } from "./link.js";
import { PersonDetails } from "./person.js";

export class Details {
  #app;
  #part = null;
  #link = null;

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
    this.#link = new Link(this.#app, name);
    this.body.replaceChildren(this.#part.node, this.#link.node, ...this.#part.last);
    this.update();
    this.#link.showEnd();
    this.shut.focus();
  }

  update() {
    if (this.node.hidden) return;
    holdFocus(this.node, () => {
      this.#part?.update();
      this.#link?.update();
    }, () => this.shut);
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
