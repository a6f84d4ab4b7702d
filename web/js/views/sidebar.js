// The left column: who I am, my conversations, the newest first, the people I know, and finding among them.

import { el, patch, show } from "../dom.js";
import { icon } from "../icons.js";
import { go, linkTo, openConversation } from "../route.js";
import { openAccount } from "./account.js";
import { avatar } from "./avatar.js";
import { Finder } from "./finder.js";
import { openNewChat } from "./new_chat.js";
import { badgeNode, rowNode, setBadge, updateChat, updateContact } from "./rows.js";
import { tabs } from "./tabs.js";

export class Sidebar {
  #app;
  #open = null; // the conversation that was open the last time

  constructor(app) {
    this.#app = app;
    this.account = el("button", { class: "account", type: "button", onclick: () => openAccount(app) });
    this.finder = new Finder(app, () => this.update());
    this.chats = el("ul", { class: "rows" });
    this.people = el("ul", { class: "rows" });
    this.noChats = emptyNote("Nothing here yet.", "Find a friend by name, or join a group.", () => openNewChat(app));
    this.noPeople = emptyNote("No contacts yet.", "Add people by name to see when they are there.", () => openNewChat(app));
    this.loading = el("ul", { class: "rows ghost", "aria-label": "Loading" }, [1, 2, 3, 4].map(() => el("li", {}, el("i"), el("b"))));
    const chats = el("div", { class: "panel" }, this.loading, this.chats, this.noChats);
    const people = el("div", { class: "panel" }, this.people, this.noPeople);
    this.unread = badgeNode();
    this.tabs = tabs("What to show", [{ id: "chats", label: ["Chats", this.unread], panel: chats }, { id: "people", label: "People", panel: people }]);
    this.lists = el("div", { class: "lists" }, this.tabs, chats, people);
    this.node = el("nav", { class: "sidebar", "aria-label": "Chats and people" },
      el("header", {}, this.account,
        el("button", { class: "icon-button accent", type: "button", "aria-label": "New chat", title: "New chat", onclick: () => openNewChat(app) }, icon("add"))),
      el("label", { class: "find" }, icon("search"), this.finder.input),
      this.lists, this.finder.node);
  }

  update() {
    const { store } = this.#app;
    const me = store.me;
    patch(this.account, [me.name], (name) => `${name} ${me.display}`, () => el("span", { class: "account-in" },
      avatar(me.name, me.display), el("span", { class: "names" }, el("b", { dir: "auto" }, me.display || me.name),
        el("small", {}, `@${me.name}`), el("span", { class: "unseen" }, "Your account")), icon("settings")));
    const chats = store.list();
    patch(this.chats, chats, ({ name }) => name, rowNode, (node, conversation) => updateChat(node, conversation, store));
    const contacts = [...store.contacts.values()].sort(byPresence(store));
    patch(this.people, contacts, ({ name }) => name, rowNode, (node, contact) => updateContact(node, contact, store));
    show(this.loading, !store.synced && !chats.length);
    show(this.noChats, store.synced && !chats.length);
    show(this.noPeople, !store.contacts.size);
    show(this.chats, chats.length > 0);
    show(this.people, contacts.length > 0);
    setBadge(this.unread, store.unread());
    show(this.lists, !this.finder.active);
    this.finder.update();
    this.#follow(openConversation());
  }

  // Finds another one than this; where there is room for the list or the conversation alone, once the list is in sight.
  find(name) {
    addEventListener("hashchange", () => this.finder.begin(name), { once: true });
    go(null);
  }

  // Who comes back from a conversation stands where it is in the list. What was opened, or made, shows in it: who is no
  // contact stands among the chats.
  #follow(open) {
    if (open === this.#open) return;
    if (!open && !document.activeElement.offsetParent) this.node.querySelector(`a[href="${linkTo(this.#open)}"]`)?.focus();
    this.#open = open;
    const isContact = open?.startsWith("@") && this.#app.store.contacts.has(open.slice(1));
    if (open && !isContact) this.tabs.choose(0);
  }
}

function emptyNote(title, text, act) {
  return el("div", { class: "empty-note", hidden: true }, el("b", {}, title), el("p", {}, text),
    el("button", { type: "button", onclick: act }, icon("add"), "New chat"));
}

function byPresence(store) {
  const online = ({ name }) => (store.presence.get(name)?.online ? 0 : 1);
  return (a, b) => online(a) - online(b) || store.displayOf(a.name).localeCompare(store.displayOf(b.name));
}
