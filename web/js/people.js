// The people of the store: contacts, who is there, who types, whom I have blocked. Asks after each login, then
// follows the events. Never touches the document.

import { load, save } from "./kept.js";

const typingShown = 6000; // ms after the last sign of it
const typingEvery = 3000; // ms between two of mine
const doubtAfter = 1500; // ms without a connection: then nobody knows who is there
const presenceEvery = 60_000; // events come from mutual contacts alone; the others are asked for

export class People {
  #connection;
  #store;
  #typedAt = 0;
  #doubt = null;

  constructor(session, connection, store) {
    this.#connection = connection;
    this.#store = store;
    session.on("ready", () => this.#refresh().catch(() => {}));
    session.on("state", () => this.#noticed(session.state === "ready"));
    connection.on("event", (frame) => {
      if (frame.event === "presence") this.#present(frame);
      else if (frame.event === "typing") this.#typing(frame);
      else if (frame.event === "message") this.#stopped(frame);
      if (frame.event === "typing" || frame.event === "read") this.#isThere(frame.conv, frame.by);
    });
    setInterval(() => this.#look(), presenceEvery);
  }

  async add(name) {
    await this.#connection.request("contact_add", { name });
    await this.#refresh();
  }

  async remove(name) {
    await this.#connection.request("contact_remove", { name });
    this.#store.contacts.delete(name);
    this.#store.changed();
  }

  async block(name) {
    await this.#connection.request("block", { name });
    this.#store.blocked.add(name);
    this.#keepBlocked();
  }

  async unblock(name) {
    await this.#connection.request("unblock", { name });
    this.#store.blocked.delete(name);
    const conversation = this.#store.conversations.get(`@${name}`);
    if (conversation) conversation.problem = null;
    this.#keepBlocked();
  }

  // I am writing to this conversation.
  types(to) {
    if (Date.now() - this.#typedAt < typingEvery) return;
    this.#typedAt = Date.now();
    this.#connection.tell("typing", { to });
  }

  stops() {
    this.#typedAt = 0;
  }

  // Who is there, of people who may be no contacts.
  async ask(names) {
    const { presence } = await this.#connection.request("presence", { names: names.slice(0, 100) });
    for (const one of presence) this.#store.presence.set(one.name, one);
    this.#store.changed();
  }

  async #refresh() {
    this.#store.blocked = new Set(load(localStorage, this.#blockedPlace) ?? []);
    const { contacts } = await this.#connection.request("contacts");
    this.#store.contacts = new Map(contacts.map((contact) => [contact.name, contact]));
    for (const contact of contacts) this.#store.presence.set(contact.name, contact);
    this.#store.changed();
    this.#look();
  }

  #noticed(connected) {
    if (!connected) return (this.#doubt ??= setTimeout(() => this.#forget(), doubtAfter));
    clearTimeout(this.#doubt);
    this.#doubt = null;
  }

  // Not whom to ask for.
  #forget() {
    for (const name of this.#store.presence.keys()) this.#store.presence.set(name, null);
    this.#store.changed();
  }

  // Who does something is there, before anybody asks.
  #isThere(conv, name) {
    const { presence, me } = this.#store;
    if (name === me.name || presence.get(name)?.online || (conv.startsWith("#") && !presence.has(name))) return;
    this.#present({ name, online: true, last_seen: null });
  }

  #look() {
    const names = [...this.#store.presence.keys()];
    if (names.length && this.#connection.isOpen && !document.hidden) this.ask(names).catch(() => {});
  }

  #present({ name, online, last_seen }) {
    this.#store.presence.set(name, { name, online, last_seen });
    this.#store.changed();
  }

  #typing({ conv, by }) {
    if (!this.#store.typing.has(conv)) this.#store.typing.set(conv, new Map());
    const typers = this.#store.typing.get(conv);
    clearTimeout(typers.get(by));
    typers.set(by, setTimeout(() => this.#quiet(conv, by), typingShown));
    this.#store.changed();
  }

  #stopped(message) {
    this.#quiet(this.#store.placeOf(message), message.from);
  }

  #quiet(conv, by) {
    const typers = this.#store.typing.get(conv);
    clearTimeout(typers?.get(by));
    if (typers?.delete(by)) this.#store.changed();
  }

  get #blockedPlace() {
    return `chatd.blocked.${this.#store.me.name}`;
  }

  #keepBlocked() {
    save(localStorage, this.#blockedPlace, [...this.#store.blocked]);
    this.#store.changed();
  }
}
