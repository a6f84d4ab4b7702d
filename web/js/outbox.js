// What was written and is not yet known to be stored: sent one at a time for each conversation, so that the order
// holds, and sent again after a break with the same cid, so that nothing is stored twice. Kept in sessionStorage
// until stored, so that reloading the page loses nothing. Never touches the document.

import { Refused } from "./connection.js";
import { load, save } from "./kept.js";

// Answers that say nothing against the message: it is sent again after a while.
const passing = new Set(["unavailable", "busy", "rate_limited"]);
// And those that speak of the conversation, not of the message.
const lasting = new Set(["blocked", "not_member", "no_such_group", "no_such_user"]);

export class Outbox {
  #session;
  #connection;
  #sync;
  #store;
  #items = []; // { cid, to, text, ts, state: waiting | sending | failed, error }, oldest first
  #busy = new Set(); // conversations with one under way

  constructor(session, connection, sync, store) {
    this.#session = session;
    this.#connection = connection;
    this.#sync = sync;
    this.#store = store;
    session.on("ready", () => this.#resume());
    session.on("over", () => this.#clear());
    // What was stored although its reply never came stands in what the login brings.
    sync.on("message", ({ from, cid }) => cid && from === store.me.name && this.#drop(cid));
  }

  send(to, text) {
    this.#items.push({ cid: randomId(), to, text, ts: Date.now(), state: "waiting" });
    this.#keep();
    this.#next(to);
  }

  again(item) {
    item.state = "waiting";
    this.#keep();
    this.#next(item.to);
  }

  discard(item) {
    this.#drop(item.cid);
  }

  of(conversation) {
    return this.#items.filter(({ to }) => to === conversation);
  }

  get #place() {
    return `chatd.outbox.${this.#store.me.name}`;
  }

  #resume() {
    if (!this.#items.length) this.#items = load(sessionStorage, this.#place) ?? [];
    for (const item of this.#items) if (item.state === "sending") item.state = "waiting";
    this.#busy.clear();
    this.#note();
    for (const to of new Set(this.#items.map((item) => item.to))) this.#next(to);
  }

  async #next(to) {
    const item = this.#items.find((one) => one.to === to && one.state === "waiting");
    if (!item || this.#busy.has(to) || this.#session.state !== "ready") return;
    this.#busy.add(to);
    item.state = "sending";
    try {
      const { seq, ts } = await this.#connection.request("send", { to, text: item.text, cid: item.cid });
      this.#sync.receive({ from: this.#store.me.name, to, seq, ts, text: item.text, cid: item.cid });
      this.#drop(item.cid);
    } catch (refused) {
      await this.#refused(item, refused);
    }
    this.#busy.delete(to);
    this.#next(to);
  }

  async #refused(item, refused) {
    if (!(refused instanceof Refused)) throw refused;
    item.state = "waiting";
    if (passing.has(refused.code)) await new Promise((done) => setTimeout(done, refused.reply.retry_ms ?? 1000));
    else if (refused.code !== "disconnected") {
      item.state = "failed";
      item.error = refused.code;
      if (lasting.has(refused.code)) this.#store.conversation(item.to).problem = refused.code;
    }
    this.#keep();
  }

  #drop(cid) {
    this.#items = this.#items.filter((item) => item.cid !== cid);
    this.#keep();
  }

  #keep() {
    save(sessionStorage, this.#place, this.#items);
    this.#note();
    this.#store.changed();
  }

  #note() {
    this.#store.unsent.clear();
    for (const state of ["waiting", "failed"]) {
      for (const item of this.#items) if (item.state === state) this.#store.unsent.set(item.to, item);
    }
  }

  #clear() {
    this.#items = [];
    this.#busy.clear();
  }
}

// crypto.randomUUID is only there over https.
function randomId() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
