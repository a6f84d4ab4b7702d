// My groups in the store: asked for after each login, for their events are not durable, then kept by the events.
// And what can be done to a group. Never touches the document.

export class Groups {
  #connection;
  #sync;
  #store;

  constructor(session, connection, sync, store) {
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

  members(group, after) {
    return this.#connection.request("group_members", { group, limit: 100, ...(after ? { after } : {}) });
  }

  async #refresh() {
    const { groups } = await this.#connection.request("groups");
    this.#store.groups = new Map(groups.map((row) => [row.group, { ...this.#store.groups.get(row.group), ...row }]));
    this.#store.changed();
  }

  // Events come from others; one about me changes what I may do.
  #changed({ group, change, name, by }) {
    const me = this.#store.me.name;
    if (change === "deleted") return this.#gone(group, "no_such_group");
    if ((change === "kicked" && name === me) || (change === "left" && (name ?? by) === me)) {
      return this.#gone(group, "not_member");
    }
    if (!this.#store.groups.has(group)) this.#sync.compare().catch(() => {}); // where reading begins
    this.look(group).catch(() => {});
  }

  #joined(group, head) {
    const conversation = this.#store.conversation(group, head);
    conversation.problem = null;
    conversation.asked = false;
    conversation.since = Date.now();
    conversation.lastSeq = Math.max(conversation.lastSeq, head);
    conversation.readSeq = Math.max(conversation.readSeq, head);
    this.#store.groups.set(group, { group, topic: "", role: "member", members: 1 });
  }

  #gone(group, why) {
    this.#store.groups.delete(group);
    const conversation = this.#store.conversations.get(group);
    if (conversation) conversation.problem = why;
    this.#store.changed();
  }
}
