// Below the head of a conversation: what one did not do oneself, and may want to answer. Being put into a group, a
// stranger's first words; and a group that is still empty.

import { el, show } from "../dom.js";
import { fullLink } from "../route.js";
import { clock, errorText } from "../words.js";
import { leaveGroup } from "./group.js";
import { blockPerson } from "./person.js";

export class Notice {
  #app;
  #openDetails;

  constructor(app, openDetails) {
    this.#app = app;
    this.#openDetails = openDetails;
    this.node = el("div", { class: "notice-strip", role: "status", hidden: true });
  }

  update(conversation) {
    const [text, ...acts] = this.#found(conversation) ?? [];
    const key = [conversation.name, text, ...acts.map(([verb]) => verb)].join();
    show(this.node, Boolean(text));
    if (this.node.key === key) return;
    this.node.key = key;
    this.node.replaceChildren(el("p", {}, text ?? ""), el("div", { class: "buttons" },
      acts.map(([verb, act]) => el("button", { type: "button", onclick: () => this.#try(act) }, verb))));
  }

  #found(conversation) {
    if (conversation.problem) return null;
    return conversation.isGroup ? this.#aboutGroup(conversation) : this.#aboutPerson(conversation);
  }

  #aboutGroup({ name, messages }) {
    const { store, groups } = this.#app;
    const { by, since, state } = store.joined.get(name) ?? {};
    if (state) {
      const what = by ? `${store.displayOf(by)} added you to ${name} · ${clock(since)}` : `You are now a member of ${name}.`;
      return [what, ["Leave", () => leaveGroup(this.#app, name)], ["Stay", () => groups.answer(name)]];
    }
    const { members, role, open } = store.groups.get(name) ?? {};
    if (members !== 1 || role !== "owner" || messages.length) return null;
    const link = open ? [["Copy link", () => this.#copy(name)]] : []; // of a closed group it leads others nowhere
    return ["Nobody else is here yet.", ["Add people", () => this.#openDetails()], ...link];
  }

  #aboutPerson({ name, messages, hasOlder }) {
    const { store, people } = this.#app;
    const peer = name.slice(1);
    const known = peer === store.me.name || store.contacts.has(peer) || store.blocked.has(peer);
    if (known || hasOlder || !messages.length || messages.some(({ from }) => from !== peer)) return null;
    return [`${name} is not among your contacts.`, ["Add", () => people.add(peer)], ["Block", () => blockPerson(this.#app, peer)]];
  }

  // The clipboard is only there over https: then the link is to be seen.
  async #copy(name) {
    try {
      await navigator.clipboard.writeText(fullLink(name));
      this.node.firstChild.textContent = "Copied. Whoever opens it can join.";
    } catch {
      this.#openDetails();
    }
  }

  async #try(act) {
    try {
      await act();
    } catch (error) {
      this.node.firstChild.textContent = errorText(error);
    }
  }
}
