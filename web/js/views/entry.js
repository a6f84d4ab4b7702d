// Who is not signed in sees this: signing in, or making an account, why one was signed out, and where the link leads
// that was followed.

import { el, setText, show } from "../dom.js";
import { openConversation } from "../route.js";
import { cleanName, passwordAdvice } from "../words.js";
import { checkbox, field, form, nameField, passwordField } from "./form.js";

const reasons = {
  expired: "You have been signed out: please sign in again.",
  left: "",
};

export class Entry {
  #session;
  #isNew = false;

  constructor({ session }) {
    this.#session = session;
    this.title = el("h1", {});
    this.reason = el("p", { class: "notice", role: "status", hidden: true });
    this.leads = el("p", { class: "notice", hidden: true });
    this.name = nameField("Name", { name: "name", autocomplete: "username" });
    this.display = field("Display name (optional)", { name: "display", maxlength: 64, autocomplete: "nickname" },
      "People who have you as a contact see it beside your name.");
    this.password = passwordField("Password", { name: "password" }, "",
      (value) => (this.#isNew && new TextEncoder().encode(value).length < 8 ? "A password has at least 8 characters." : ""));
    this.stay = checkbox("Stay signed in", true);
    const fields = [this.name, this.display, this.password, this.stay];
    this.form = form(fields, "", () => this.#submit(), { class: "entry-form" });
    this.turn = el("button", { type: "button", class: "link", onclick: () => this.#turn(!this.#isNew) });
    this.node = el("main", { class: "entry" }, el("div", { class: "card" },
      el("img", { src: "icon.svg", alt: "", width: 44, height: 44 }), this.title, this.reason, this.leads, this.form, this.turn));
    this.#turn(false);
    session.on("over", (why) => this.explain(reasons[why] ?? ""));
    addEventListener("hashchange", () => this.#lead());
  }

  explain(text) {
    setText(this.reason, text);
    show(this.reason, text !== "");
    this.password.empty();
  }

  begin() {
    this.#lead();
    this.name.input.focus();
  }

  #lead() {
    const open = openConversation();
    show(this.leads, open !== null);
    setText(this.leads, open ? `The link opens ${open.startsWith("@") ? `your conversation with ${open}` : `the group ${open}`} once you are signed in.` : "");
  }

  #turn(isNew) {
    this.#isNew = isNew;
    setText(this.title, isNew ? "Create an account" : "Sign in to chatd");
    setText(this.form.lastChild, isNew ? "Create account" : "Sign in");
    setText(this.turn, isNew ? "I have an account: sign in" : "New here? Create an account");
    setText(this.name.hint, isNew ? "Lower-case letters, digits, “_”, “.” and “-”. It can never be changed." : "");
    setText(this.password.hint, isNew ? passwordAdvice : "");
    this.password.input.autocomplete = isNew ? "new-password" : "current-password";
    show(this.display, isNew);
    this.form.clear();
    this.name.input.focus();
  }

  async #submit() {
    const name = cleanName(this.name.input.value);
    const password = this.password.input.value;
    this.name.input.value = name;
    if (this.#isNew) await this.#session.register(name, password, this.display.input.value.trim());
    this.#turnQuietly();
    await this.#session.signIn(name, password, this.stay.input.checked);
    this.explain("");
  }

  // The account is made: should signing in fail now, the same form does that.
  #turnQuietly() {
    if (this.#isNew) this.#turn(false);
  }
}
