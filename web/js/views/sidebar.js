// The left column: who I am, my conversations, the newest first, and the people I know. Every row is a link.

import { el, patch, setAttribute, setText, show } from "../dom.js";
import { icon } from "../icons.js";
import { linkTo, openConversation } from "../route.js";
import { presenceText, shortTime, typingText } from "../words.js";
import { openAccount } from "./account.js";
import { avatar, updateAvatar } from "./avatar.js";
import { openNewChat } from "./new_chat.js";
import { tabs } from "./tabs.js";

export class Sidebar {
  #app;
  #open = null; // the conversation that was open the last time

  constructor(app) {
    this.#app = app;
    this.account = el("button", { class: "account", type: "button", onclick: () => openAccount(app) });
    this.find = el("input", { type: "search", "aria-label": "Find a chat or a person", placeholder: "Find", oninput: () => this.update() });
    this.chats = el("ul", { class: "rows" });
    this.people = el("ul", { class: "rows" });
    this.noChats = emptyNote("Nothing here yet.", "Find a friend by name, or join a group.", () => openNewChat(app));
    this.noPeople = emptyNote("No contacts yet.", "Add people by name to see when they are there.", () => openNewChat(app));
    this.loading = el("ul", { class: "rows ghost", "aria-label": "Loading" }, [1, 2, 3, 4].map(() => el("li", {}, el("i"), el("b"))));
    const chats = el("div", { class: "panel" }, this.loading, this.chats, this.noChats);
    const people = el("div", { class: "panel" }, this.people, this.noPeople);
    this.unread = badge();
    this.tabs = tabs("What to show", [{ id: "chats", label: ["Chats", this.unread], panel: chats }, { id: "people", label: "People", panel: people }]);
    this.node = el("nav", { class: "sidebar", "aria-label": "Chats and people" },
      el("header", {}, this.account,
        el("button", { class: "icon-button accent", type: "button", "aria-label": "New chat", title: "New chat", onclick: () => openNewChat(app) }, icon("add"))),
      el("label", { class: "find" }, icon("search"), this.find),
      this.tabs, chats, people);
  }

  update() {
    const { store } = this.#app;
    const me = store.me;
    patch(this.account, [me.name], (name) => `${name} ${me.display}`, () => el("span", { class: "account-in" },
      avatar(me.name, me.display), el("span", { class: "names" }, el("b", { dir: "auto" }, me.display || me.name),
        el("small", {}, `@${me.name}`), el("span", { class: "unseen" }, "Your account")), icon("settings")));
    const chats = store.list().filter(({ name }) => this.#fits(name));
    patch(this.chats, chats, ({ name }) => name, row, (node, conversation) => this.#chat(node, conversation));
    const contacts = [...store.contacts.values()].filter(({ name }) => this.#fits(`@${name}`)).sort(byPresence(store));
    patch(this.people, contacts, ({ name }) => name, row, (node, contact) => this.#contact(node, contact));
    show(this.loading, !store.synced && !chats.length);
    show(this.noChats, store.synced && !store.list().length);
    show(this.noPeople, !store.contacts.size);
    show(this.chats, chats.length > 0);
    show(this.people, contacts.length > 0);
    setBadge(this.unread, store.unread());
    this.#follow(openConversation());
  }

  // What was opened, or made, shows in the list: who is no contact stands among the chats.
  #follow(open) {
    if (open === this.#open) return;
    this.#open = open;
    if (open && !this.#app.store.contacts.has(open.slice(1))) this.tabs.choose(0);
  }

  #fits(name) {
    const wanted = this.find.value.trim().toLowerCase();
    const display = this.#app.store.displayOf(name.slice(1)).toLowerCase();
    return name.includes(wanted) || display.includes(wanted);
  }

  #chat(node, conversation) {
    const { store } = this.#app;
    const { name, isGroup, last, unread } = conversation;
    const peer = name.slice(1);
    const display = isGroup ? name : peer === store.me.name ? "Notes to myself" : store.displayOf(peer);
    this.#fill(node, name, display, !isGroup && store.presence.get(peer)?.online);
    setText(node.time, last ? shortTime(last.ts) : "");
    const typing = typingText(store.typers(name).map((who) => store.displayOf(who)));
    const unsent = store.unsent.get(name);
    setText(node.line, typing || (unsent ? unsentLine(unsent) : this.#lastLine(conversation)));
    node.line.classList.toggle("trouble", !typing && unsent?.state === "failed");
    node.line.classList.toggle("typing", typing !== "");
    setBadge(node.badge, unread);
    node.classList.toggle("unread", unread > 0);
  }

  #lastLine({ last, isGroup, problem }) {
    const { store } = this.#app;
    if (problem === "not_member") return "You are no longer a member";
    if (problem === "no_such_group") return "This group was deleted";
    if (!last) return "No messages yet";
    const first = store.displayOf(last.from).split(" ")[0];
    const from = last.from === store.me.name ? "You: " : isGroup ? `${first.length > 12 ? `${first.slice(0, 11)}…` : first}: ` : "";
    return from + oneLine(last.text);
  }

  #contact(node, { name, display }) {
    const { presence, conversations } = this.#app.store;
    const unread = conversations.get(`@${name}`)?.unread ?? 0;
    this.#fill(node, `@${name}`, display || name, presence.get(name)?.online);
    setText(node.line, presenceText(presence.get(name)));
    setBadge(node.badge, unread);
    node.classList.toggle("unread", unread > 0);
  }

  #fill(node, name, display, online) {
    setText(node.name, display);
    updateAvatar(node.avatar, name, display, online);
    setAttribute(node.link, "href", linkTo(name));
    setAttribute(node.link, "title", display === name ? null : `${display} (${name})`);
    setAttribute(node.link, "aria-current", openConversation() === name ? "page" : null);
  }
}

function row() {
  const node = el("li");
  node.avatar = avatar("", "");
  node.name = el("b", { dir: "auto" });
  node.time = el("time");
  node.line = el("span", { class: "line", dir: "auto" });
  node.badge = badge();
  node.link = el("a", {}, node.avatar, node.name, node.time, node.line, node.badge);
  node.append(node.link);
  return node;
}

function unsentLine({ state, text }) {
  return `${state === "failed" ? "Not sent" : "Not sent yet"}: ${oneLine(text)}`;
}

function oneLine(text) {
  return text.slice(0, 120).replace(/\s+/g, " ");
}

function badge() {
  return el("span", { class: "badge", hidden: true }, el("span"), el("span", { class: "unseen" }, " unread"));
}

function setBadge(node, unread) {
  show(node, unread > 0);
  setText(node.firstChild, unread > 999 ? "999+" : String(unread));
}

function emptyNote(title, text, act) {
  return el("div", { class: "empty-note", hidden: true }, el("b", {}, title), el("p", {}, text),
    el("button", { type: "button", onclick: act }, icon("add"), "New chat"));
}

function byPresence(store) {
  const online = ({ name }) => (store.presence.get(name)?.online ? 0 : 1);
  return (a, b) => online(a) - online(b) || store.displayOf(a.name).localeCompare(store.displayOf(b.name));
}
