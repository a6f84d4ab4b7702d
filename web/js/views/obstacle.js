// In place of the composer: why nothing can be written here, in words, and what can be done about it.

import { el, show } from "../dom.js";
import { errorText } from "../words.js";

export class Obstacle {
  #app;
  #search;

  // search(name): for another one.
  constructor(app, search) {
    this.#app = app;
    this.#search = search;
    this.node = el("div", { class: "obstacle", role: "status", hidden: true });
  }

  update(conversation) {
    const [text, verb, act] = this.#found(conversation) ?? [];
    show(this.node, Boolean(text));
    if (this.node.key === text + conversation.name) return;
    this.node.key = text + conversation.name;
    const button = verb && el("button", { type: "button", onclick: () => this.#try(act) }, verb);
    this.node.replaceChildren(el("p", {}, text ?? ""), ...(button ? [button] : []));
  }

  #found({ name, isGroup, problem }) {
    const { store, people, groups } = this.#app;
    const peer = name.slice(1);
    if (store.blocked.has(peer) && !isGroup) {
      return [`You have blocked @${peer}: neither of you can write to the other.`, "Unblock", () => people.unblock(peer)];
    }
    if (problem === "blocked") return [`You can’t write to @${peer}.`];
    const another = ["Search for another name", () => this.#search(name)];
    if (problem === "not_member") return [`You are not a member of ${name}.`, "Join", () => groups.join(name)];
    if (problem === "no_such_group") return [`There is no group ${name} that you could see: it does not exist, was deleted, or is closed. Into a closed group an admin must add you.`, ...another];
    if (problem === "no_such_user") return [`There is nobody called ${name}. Is the name spelled right?`, ...another];
    if (problem) return [errorText({ code: problem }), "Try again", () => this.#again(name)];
    return null;
  }

  #again(name) {
    const conversation = this.#app.store.conversation(name);
    conversation.problem = null;
    return this.#app.sync.older(conversation);
  }

  async #try(act) {
    try {
      await act();
    } catch (error) {
      this.node.key = null;
      this.node.firstChild.textContent = errorText(error);
    }
  }
}
