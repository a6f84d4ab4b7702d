// Details of a group: its topic, who may join, its members with their roles, and what one's own role allows.

import { el, patch, setText, show } from "../dom.js";
import { go } from "../route.js";
import { cleanName, count } from "../words.js";
import { confirmed } from "./dialog.js";
import { checkbox, field, form, nameField } from "./form.js";
import { memberNode, updateMember } from "./member.js";

export class GroupDetails {
  #app;
  #name;
  #run;
  #members = [];
  #next;
  #seen = null; // members are read anew when the group has changed

  constructor(app, name, run) {
    this.#app = app;
    this.#name = name;
    this.#run = run;
    this.topic = el("p", { dir: "auto" });
    this.kind = el("p", { class: "hint" });
    this.total = el("h3");
    this.list = el("ul", { class: "members" });
    this.more = el("button", { type: "button", onclick: () => run(() => this.#page()) }, "More members");
    this.suggested = el("datalist", { id: "contacts" });
    this.add = this.#addForm();
    this.settings = el("details", { class: "settings" }, el("summary", {}, "Settings"));
    this.leave = el("button", { type: "button", onclick: () => run(() => leaveGroup(app, name)) }, "Leave group");
    this.remove = el("button", { type: "button", class: "danger", onclick: () => run(() => this.#remove()) }, "Delete group");
    this.node = el("section", {}, el("h3", { class: "big" }, name), this.topic, this.kind, this.settings, this.total,
      this.add, this.list, this.more);
    this.last = [el("div", { class: "buttons" }, this.leave, this.remove)];
    run(() => this.#look());
  }

  update() {
    const group = this.#app.store.groups.get(this.#name);
    for (const node of [this.node, ...this.last]) show(node, Boolean(group));
    if (!group) return;
    const leads = group.role === "owner" || group.role === "admin";
    setText(this.topic, group.topic || "No topic.");
    setText(this.kind, { true: "Open: anyone may join.", false: "Closed: its admins add members." }[group.open] ?? "");
    setText(this.total, count(group.members, "member", "members"));
    show(this.add, leads || group.open);
    show(this.settings, leads);
    this.#drawSettings(group);
    show(this.leave, group.role !== "owner");
    show(this.remove, group.role === "owner");
    show(this.more, Boolean(this.#next));
    patch(this.list, this.#members, ({ name }) => name, (member) => memberNode(member, (op, fields) => this.#change(op, fields)),
      (node, member) => updateMember(node, member, group, this.#app.store));
    this.#suggest();
    const state = JSON.stringify(group);
    if (this.#seen !== null && this.#seen !== state) this.#run(() => this.#first());
    this.#seen = state;
  }

  #suggest() {
    const inside = new Set(this.#members.map(({ name }) => name));
    const outside = [...this.#app.store.contacts.values()].filter(({ name }) => !inside.has(name));
    patch(this.suggested, outside, ({ name }) => name, ({ name, display }) => el("option", { value: name, label: display || name }));
  }

  async #look() {
    await this.#app.groups.look(this.#name);
    await this.#first();
  }

  async #first() {
    const reply = await this.#app.groups.members(this.#name);
    this.#members = reply.members;
    this.#next = reply.next;
    this.#app.store.changed();
  }

  async #page() {
    const reply = await this.#app.groups.members(this.#name, this.#next);
    this.#members.push(...reply.members);
    this.#next = reply.next;
    this.#app.store.changed();
  }

  #change(op, fields) {
    return this.#run(async () => {
      const wants = { group_kick: ["Remove", `Remove @${fields.name} from ${this.#name}?`], owner: ["Hand over", `Make @${fields.name} the owner of ${this.#name}? You become an admin.`] };
      const [verb, question] = wants[fields.role] ?? wants[op] ?? [];
      if (question && !(await confirmed(verb, question, verb))) return;
      await this.#app.groups.change(op, { group: this.#name, ...fields });
      await this.#first();
    });
  }

  #addForm() {
    const name = nameField("Add by name", { name: "name", list: "contacts" });
    name.append(this.suggested);
    return form([name], "Add", async () => {
      await this.#app.groups.change("group_invite", { group: this.#name, name: cleanName(name.input.value) });
      name.input.value = "";
      await this.#first();
    }, { class: "inline" });
  }

  // As they are, until one begins to change them.
  #drawSettings({ topic, open }) {
    const key = JSON.stringify([topic, open]);
    if (this.settings.open || this.settings.key === key) return;
    this.settings.key = key;
    this.settings.replaceChildren(this.settings.firstChild, this.#settingsForm({ topic, open }));
  }

  // Only what was changed here is sent: others may have changed the rest meanwhile.
  #settingsForm(before) {
    const topic = field("Topic", { name: "topic", maxlength: 256, value: before.topic });
    const open = checkbox("Anyone may join", before.open);
    return form([topic, open], "Save", async () => {
      const now = { topic: topic.input.value.trim(), open: open.input.checked };
      const changed = Object.entries(now).filter(([name, value]) => value !== before[name]);
      await this.#app.groups.change("group_set", { group: this.#name, ...Object.fromEntries(changed) });
      Object.assign(before, now);
    });
  }

  async #remove() {
    if (!(await confirmed("Delete group?", `${this.#name} and all its messages will be gone, for everybody, for ever. Its name can never be used again.`, "Delete"))) return;
    await this.#app.groups.remove(this.#name);
    go(null);
  }
}

export async function leaveGroup({ groups }, name) {
  if (!(await confirmed("Leave group?", `You will get no more messages of ${name}.`, "Leave"))) return;
  await groups.leave(name);
  go(null);
}
