// What was begun and not sent, by conversation: kept in localStorage, so that neither a reload nor another tab loses it,
// until it is sent or its writer signs out. Never touches the document.

import { load, save } from "./kept.js";

export class Drafts {
  #store;

  constructor(session, store) {
    this.#store = store;
    session.on("over", (why) => why === "left" && store.me && localStorage.removeItem(this.#place));
  }

  // Whose they are is known now.
  load() {
    this.#store.drafts = new Map(Object.entries(load(localStorage, this.#place) ?? {}));
  }

  of(name) {
    return this.#store.drafts.get(name) ?? "";
  }

  keep(name, text) {
    if (this.of(name) === text) return;
    this.load();
    if (text) this.#store.drafts.set(name, text);
    else this.#store.drafts.delete(name);
    save(localStorage, this.#place, Object.fromEntries(this.#store.drafts));
  }

  get #place() {
    return `chatd.drafts.${this.#store.me.name}`;
  }
}
