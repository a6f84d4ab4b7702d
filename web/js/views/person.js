// Details of a person: contact or not, blocked or not.

import { el, setText, show } from "../dom.js";
import { presenceText } from "../words.js";
import { avatar, updateAvatar } from "./avatar.js";
import { confirmed } from "./dialog.js";

export class PersonDetails {
  #app;
  #name;
  last = []; // nothing comes below the link

  constructor(app, conversation, run) {
    this.#app = app;
    this.#name = conversation.slice(1);
    this.avatar = avatar(this.#name, "", "large");
    this.display = el("h3", { class: "big", dir: "auto" });
    this.sign = el("p", {}, conversation);
    this.presence = el("p", { class: "hint" });
    this.contact = el("button", { type: "button", onclick: () => run(() => this.#toggleContact()) });
    this.block = el("button", { type: "button", class: "danger", onclick: () => run(() => this.#toggleBlock()) });
    this.unblock = el("button", { type: "button", onclick: () => run(() => app.people.unblock(this.#name)) }, "Unblock");
    this.doubt = el("p", { class: "hint" }, "One of you has blocked the other. If it was you, in another browser, you can unblock them here.");
    const mine = this.#name === app.store.me.name;
    this.node = el("section", { class: "about" }, this.avatar, this.display, this.sign, this.presence,
      mine ? el("p", { class: "hint" }, "Only you read what stands here.") : [el("div", { class: "buttons" }, this.contact, this.block), this.doubt, this.unblock]);
  }

  update() {
    const { store } = this.#app;
    const presence = store.presenceOf(this.#name);
    setText(this.display, store.displayOf(this.#name));
    show(this.sign, store.displayOf(this.#name) !== this.#name);
    setText(this.presence, presenceText(presence));
    updateAvatar(this.avatar, this.#name, store.displayOf(this.#name), presence?.online, "large");
    const refused = store.conversations.get(`@${this.#name}`)?.problem === "blocked";
    show(this.contact, store.contacts.has(this.#name) || !(refused || store.blocked.has(this.#name)));
    for (const node of [this.doubt, this.unblock]) show(node, refused && !store.blocked.has(this.#name));
    setText(this.contact, store.contacts.has(this.#name) ? "Remove from contacts" : "Add to contacts");
    setText(this.block, store.blocked.has(this.#name) ? "Unblock" : "Block");
  }

  #toggleContact() {
    const { people, store } = this.#app;
    return store.contacts.has(this.#name) ? people.remove(this.#name) : people.add(this.#name);
  }

  async #toggleBlock() {
    const { people, store } = this.#app;
    if (store.blocked.has(this.#name)) await people.unblock(this.#name);
    else await blockPerson(this.#app, this.#name);
  }
}

export async function blockPerson({ people }, name) {
  const text = `You and @${name} will not be able to write to each other, nor see each other type. In groups nothing changes.`;
  if (await confirmed(`Block @${name}?`, text, "Block")) await people.block(name);
}
