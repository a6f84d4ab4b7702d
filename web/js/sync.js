// Keeps the store in step with the server, so that nothing is lost while away: messages in, gaps filled from
// history, conversations compared after `synced`, acknowledgements out. An acknowledgement is cumulative: only an
// unbroken run is acknowledged. Never touches the document.

import { Emitter } from "./emitter.js";
import { load, save } from "./kept.js";

const page = 50;
const largest = 200;
const farBehind = 1000; // further than this the newest page is taken, and what lies between is left to history
const patience = 1000; // ms for a message that another one has overtaken
const ackDelay = 300; // ms: one acknowledgement for many messages

// Emits message (message, conversation): one that came live, in its order.
export class Sync extends Emitter {
  #connection;
  #store;
  #filling = new Set();
  #unacked = new Set();
  #ackTimer = null;

  constructor(connection, store) {
    super();
    this.#connection = connection;
    this.#store = store;
    connection.on("event", (frame) => {
      if (frame.event === "message") this.receive(frame);
      else if (frame.event === "read") this.#read(frame);
      else if (frame.event === "synced") this.compare().catch(() => {});
    });
  }

  // A message event, or what a send's reply makes of one's own message.
  receive(message) {
    const name = this.#store.placeOf(message);
    const conversation = this.#store.conversation(name, message.seq - 1);
    const before = conversation.high;
    if (conversation.problem === "blocked") conversation.problem = null; // not any more
    conversation.take(message);
    for (const taken of conversation.messages.slice(before - conversation.low + 1)) {
      if (taken.from === this.#store.me.name) this.read(conversation, taken.seq);
      this.emit("message", taken, conversation);
    }
    if (conversation.ahead.size) setTimeout(() => this.#fill(conversation).catch(() => {}), patience);
    this.#ackSoon(conversation);
    this.#store.changed();
  }

  // What one needs to begin reading: all that is unread, unless that is too much, and some before it.
  begin(conversation) {
    return this.#load(conversation, async () => {
      const from = () => Math.max(1, conversation.readSeq - page + 1);
      const wanted = (known) => Math.min(largest, Math.max(page, known - from()));
      if (!conversation.messages.length) {
        const { messages } = await this.#history(conversation, { limit: wanted(conversation.lastSeq + 1) });
        if (messages.length && !conversation.messages.length) conversation.restart(messages);
      }
      while (conversation.low > from() && conversation.lastSeq - from() < farBehind) {
        if (!(await this.#before(conversation, wanted(conversation.low)))) break;
      }
      conversation.asked = true;
    });
  }

  // Somebody scrolls up.
  async older(conversation) {
    if (conversation.asked && conversation.hasOlder) await this.#load(conversation, () => this.#before(conversation, page));
  }

  // All up to here has been seen by a person.
  read(conversation, seq) {
    if (seq <= conversation.readSeq || !this.#connection.isOpen) return;
    conversation.readSeq = seq;
    conversation.ackedSeq = Math.max(conversation.ackedSeq, seq);
    this.#connection.tell("read", { conv: conversation.name, seq });
    this.#store.changed();
  }

  async #load(conversation, pages) {
    if (conversation.loading) return;
    conversation.loading = true;
    this.#store.changed();
    try {
      await pages();
      if (conversation.isUnreadable) conversation.problem = null;
      this.#ackSoon(conversation);
    } catch (refused) {
      if (refused.code !== "disconnected" && !refused.reply?.retry_ms) conversation.problem = refused.code;
      else throw refused;
    } finally {
      conversation.loading = false;
      this.#store.changed();
    }
  }

  // True if some have come.
  async #before(conversation, limit) {
    const { low } = conversation;
    const { messages } = await this.#history(conversation, { before: low, limit });
    conversation.prepend(messages);
    return conversation.low < low;
  }

  #history(conversation, where) {
    return this.#connection.request("history", { conv: conversation.name, limit: page, ...where });
  }

  // After a login: what does the server have that we have not?
  async compare() {
    const listed = new Set();
    const readByPeer = load(localStorage, this.#readPlace) ?? {};
    let after;
    do {
      const reply = await this.#connection.request("conversations", { limit: largest, ...(after ? { after } : {}) });
      for (const row of reply.conversations) {
        listed.add(row.conv);
        this.#adopt(row);
      }
      after = reply.next;
    } while (after);
    for (const [name, conversation] of this.#store.conversations) {
      const mine = conversation.known || conversation.messages.length; // else what it is shows when it is read
      if (conversation.isGroup && mine && !listed.has(name)) conversation.problem ??= "not_member";
    }
    for (const [peer, seq] of Object.entries(readByPeer)) {
      this.#store.conversations.get(`@${peer}`)?.readBy.set(peer, seq);
    }
    this.#store.synced = true;
    this.#store.changed();
  }

  #adopt({ conv, last_seq: head, recv_seq: received, read_seq: read, last }) {
    const conversation = this.#store.conversation(conv, received);
    const answered = last?.from === this.#store.me.name ? head : 0;
    conversation.readSeq = Math.max(conversation.readSeq, read, answered);
    if (conversation.readSeq > read) this.#connection.tell("read", { conv, seq: conversation.readSeq }); // not known there, or lost
    conversation.known = true;
    conversation.ackedSeq = received;
    conversation.problem = null;
    if (last && head >= conversation.lastSeq) conversation.last = last;
    conversation.lastSeq = Math.max(conversation.lastSeq, head);
    if (conversation.hasGap) this.#fill(conversation).catch(() => {});
    this.#ackSoon(conversation);
  }

  async #fill(conversation) {
    if (!conversation.hasGap || this.#filling.has(conversation)) return;
    this.#filling.add(conversation);
    try {
      const missing = conversation.lastSeq - conversation.high;
      if (missing > farBehind || (missing > page && !conversation.messages.length)) {
        conversation.restart((await this.#history(conversation, {})).messages);
      }
      while (conversation.hasGap) {
        const { messages } = await this.#history(conversation, { after: conversation.high, limit: largest });
        if (!messages.length) break;
        for (const message of messages) conversation.take(message);
      }
    } finally {
      this.#filling.delete(conversation);
      this.#ackSoon(conversation);
      this.#store.changed();
    }
  }

  #ackSoon(conversation) {
    if (!conversation.messages.length || conversation.high <= conversation.ackedSeq) return;
    this.#unacked.add(conversation);
    this.#ackTimer ??= setTimeout(() => this.#ack(), ackDelay);
  }

  #ack() {
    this.#ackTimer = null;
    if (!this.#connection.isOpen || !this.#store.synced) return; // compared at the next login
    for (const conversation of this.#unacked) {
      const gone = this.#store.conversations.get(conversation.name) !== conversation; // somebody else has signed in
      if (gone || conversation.high <= conversation.ackedSeq) continue;
      conversation.ackedSeq = conversation.high;
      this.#connection.tell("ack", { conv: conversation.name, seq: conversation.high });
    }
    this.#unacked.clear();
  }

  #read({ conv, by, seq }) {
    const conversation = this.#store.conversations.get(conv);
    if (!conversation) return;
    if (by === this.#store.me.name) conversation.readSeq = Math.max(conversation.readSeq, seq);
    else conversation.readBy.set(by, Math.max(conversation.readBy.get(by) ?? 0, seq));
    if (by === conv.slice(1)) save(localStorage, this.#readPlace, { ...load(localStorage, this.#readPlace), [by]: seq });
    this.#store.changed();
  }

  // How far others have read is told once, and cannot be asked for: it is kept here.
  get #readPlace() {
    return `chatd.read.${this.#store.me.name}`;
  }
}
