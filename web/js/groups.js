// My groups in the store: asked for after each login, for their events are not durable, then kept by the events.
// And what can be done to a group. Never touches the document.

import { Emitter } from "./emitter.js";
import { load, save } from "./kept.js";

// Emits added (group, by): somebody has put me in.
export class Groups extends Emitter {
  #connection;
  #sync;
  #store;

  constructor(session, connection, sync, store) {
    super();
    this.#connection = connection;
    this.#sync = sync;
    this.#store = store;
    session.on("ready", () => this.#refresh().catch(() => {}));
    connection.on("event", (frame) => frame.event === "group" && this.#changed(frame));
  }

  async create(group, topic, open) {
    await this.#connection.request("group_create", { group, open, ...(topic ? { topic } : {}) });
    this.#joined(group, 0);
    await this.look(group);
  }

  async join(group) {
    const { last_seq: head } = await this.#connection.request("group_join", { group });
    this.#joined(group, head);
    await this.look(group);
  }

  async leave(group) {
    await this.#connection.request("group_leave", { group });
    this.#gone(group, "not_member");
  }

  async remove(group) {
    await this.#connection.request("group_delete", { group });
    this.#gone(group, "no_such_group");
  }

  // group_invite, group_kick, group_role, group_set
  async change(op, fields) {
    await this.#connection.request(op, fields);
    await this.look(fields.group);
  }

  // All that is to know of it, be it mine or not.
  async look(group) {
    const info = await this.#connection.request("group_info", { group });
    if (info.role) this.#store.groups.set(group, info);
    this.#store.changed();
    return info;
  }

  // That I was put into it has been seen; with answer() it is settled.
  seen(group) {
    if (this.#store.joined.get(group)?.state === "new") this.#note((joined) => joined.has(group) && (joined.get(group).state = "seen"));
  }

  answer(group) {
    this.#note((joined) => delete joined.get(group)?.state);
  }

  members(group, after) {
    return this.#connection.request("group_members", { group, limit: 100, ...(after ? { after } : {}) });
  }

  async #refresh() {
    const isKnown = load(localStorage, this.#place) !== null; // else all of them are new to this browser
    this.#note(() => {});
    const { groups } = await this.#connection.request("groups");
    this.#store.groups = new Map(groups.map((row) => [row.group, { ...this.#store.groups.get(row.group), ...row }]));
    this.#note((joined) => {
      for (const group of joined.keys()) if (!this.#store.groups.has(group)) joined.delete(group);
      for (const { group, role } of groups.filter((row) => !joined.has(row.group))) {
        joined.set(group, isKnown && role !== "owner" ? { since: Date.now(), state: "new" } : { since: 0 });
      }
    });
  }

  // Since when I am in which group, and whether I know: kept here, for the server does not say. Tabs share it.
  #note(change) {
    const joined = new Map(Object.entries(load(localStorage, this.#place) ?? {}));
    change(joined);
    this.#store.joined = joined;
    save(localStorage, this.#place, Object.fromEntries(joined));
    this.#store.changed();
  }

  get #place() {
    return `chatd.joined.${this.#store.me.name}`;
  }

  // Events come from others; one about me changes what I may do.
  #changed({ group, change, name, by }) {
    const me = this.#store.me.name;
    if (change === "deleted") return this.#gone(group, "no_such_group");
    if ((change === "kicked" && name === me) || (change === "left" && (name ?? by) === me)) {
      return this.#gone(group, "not_member");
    }
    if (name === me && change === "invited") this.#added(group, by);
    if (by === me && ["joined", "created"].includes(change)) this.#note((joined) => joined.set(group, { since: Date.now() }));
    if (!this.#store.groups.has(group)) this.#sync.compare().catch(() => {}); // where reading begins
    this.look(group).catch(() => {});
  }

  #added(group, by) {
    this.#note((joined) => joined.set(group, { since: Date.now(), by, state: "new" }));
    this.emit("added", group, by);
  }

  #joined(group, head) {
    const conversation = this.#store.conversation(group, head);
    conversation.problem = null;
    conversation.asked = false;
    this.#note((joined) => joined.set(group, { since: Date.now() }));
    conversation.lastSeq = Math.max(conversation.lastSeq, head);
    conversation.readSeq = Math.max(conversation.readSeq, head);
    conversation.known = true;
    this.#store.groups.set(group, { group, topic: "", role: "member", members: 1 });
  }

  #gone(group, why) {
    this.#store.groups.delete(group);
    this.#note((joined) => joined.delete(group));
    const conversation = this.#store.conversations.get(group);
    if (conversation) conversation.problem = why;
    this.#store.changed();
  }
}
