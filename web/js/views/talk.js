// The open conversation: its head, its messages, the field to write in, or why one cannot. One object serves them
// all, one after the other; what was typed in each is kept.

import { el, holdFocus, setAttribute, setText, show } from "../dom.js";
import { icon } from "../icons.js";
import { count, presenceText, typingText } from "../words.js";
import { avatar, updateAvatar } from "./avatar.js";
import { Composer } from "./composer.js";
import { Details } from "./details.js";
import { openNewChat } from "./new_chat.js";
import { Notice } from "./notice.js";
import { Obstacle } from "./obstacle.js";
import { titleOf } from "./rows.js";
import { Timeline } from "./timeline.js";

export class Talk {
  #app;
  #name; // null: none is open

  // search(name): for another one than that.
  constructor(app, search) {
    this.#app = app;
    this.avatar = avatar("", "");
    this.title = el("h2", { dir: "auto", tabindex: "-1" });
    this.subtitle = el("p", { class: "subtitle", dir: "auto" });
    this.details = new Details(app, () => this.#closeDetails());
    this.info = el("button", { class: "icon-button", type: "button", "aria-label": "Details", title: "Details",
      "aria-expanded": "false", onclick: () => (this.details.node.hidden ? this.#toggleDetails(true) : this.#closeDetails()) }, icon("info"));
    this.timeline = new Timeline(app, (text) => this.composer.put(text));
    this.composer = new Composer(app, () => this.timeline.toEnd());
    this.obstacle = new Obstacle(app, search);
    this.notice = new Notice(app, () => this.#addPeople());
    this.pane = el("section", { class: "talk", "aria-label": "Conversation" },
      el("header", {},
        el("a", { class: "icon-button back", href: "#", "aria-label": "Back to the list" }, icon("back")),
        this.avatar, el("div", { class: "names" }, this.title, this.subtitle), this.info),
      this.notice.node, this.timeline.node, this.obstacle.node, this.composer.node);
    this.invitation = [el("h2"), el("p")];
    this.welcome = el("section", { class: "welcome" }, el("img", { src: "icon.svg", alt: "", width: 56, height: 56 }), this.invitation,
      el("button", { type: "button", class: "primary", onclick: () => openNewChat(app) }, icon("add"), "New chat"));
    this.node = el("div", { class: "main" }, this.welcome, this.pane, this.details.node);
    app.session.on("ready", () => this.#ask());
    this.node.addEventListener("keydown", ({ key }) => key === "Escape" && !this.details.node.hidden && this.#closeDetails());
    addEventListener("popstate", () => !history.state?.details && !this.details.node.hidden && this.#toggleDetails(false));
  }

  open(name) {
    if (this.#name === name) return;
    if (this.#name) this.#app.store.conversations.get(this.#name)?.trim();
    this.#name = name;
    this.#toggleDetails(false);
    show(this.pane, name !== null);
    if (name === null) return;
    show(this.welcome, false);
    const conversation = this.#app.store.conversation(name);
    this.timeline.open(conversation);
    this.composer.open(name);
    this.#ask();
    this.update();
    this.#landing.focus();
  }

  // Where one begins: with a touch screen not in the field, for its keyboard covers half of what there is to read.
  get #landing() {
    return matchMedia("(pointer: fine)").matches && !this.composer.node.hidden ? this.composer : this.title;
  }

  // What the list does not say; asked again after each login.
  #ask() {
    if (this.#name?.startsWith("#")) this.#app.groups.look(this.#name).catch(() => {});
    else if (this.#name) this.#app.people.ask([this.#name.slice(1)]).catch(() => {});
  }

  update() {
    if (this.#name) holdFocus(this.pane, () => this.#draw(this.#name), () => this.#landing);
    else this.#invite();
  }

  #draw(name) {
    const { store } = this.#app;
    const peer = name.slice(1);
    const isGroup = name.startsWith("#");
    const conversation = store.conversation(name);
    const presence = isGroup || peer === store.me.name ? null : store.presenceOf(peer);
    const display = titleOf(name, store);
    setText(this.title, display);
    setAttribute(this.title, "title", display);
    setText(this.subtitle, this.#about(name, isGroup, presence, display));
    updateAvatar(this.avatar, name, display, presence?.online);
    this.timeline.update();
    this.obstacle.update(conversation);
    this.notice.update(conversation);
    this.#app.groups.seen(name);
    this.#drawHead(conversation);
    show(this.composer.node, this.obstacle.node.hidden);
    this.pane.classList.toggle("bare", Boolean(conversation.problem) && !conversation.messages.length);
    this.details.update();
  }

  // Of what is not there, or not for me, there are no details.
  #drawHead({ problem }) {
    const outside = ["no_such_user", "no_such_group", "not_member"].includes(problem);
    show(this.avatar, !outside || problem === "not_member");
    show(this.info, !outside);
    if (outside && !this.details.node.hidden) this.#toggleDetails(false);
  }

  // Whether there is anything to pick is known once all of it is here.
  #invite() {
    const { store } = this.#app;
    const some = store.list().length + store.contacts.size > 0;
    const words = some ? ["Pick a conversation", "Or start one: with a friend, or with a group."]
      : ["Your first conversation", "Write to a friend by name, join a group, or make one."];
    this.invitation.forEach((node, i) => setText(node, words[i]));
    show(this.welcome, some || store.synced);
  }

  #about(name, isGroup, presence, display) {
    const { store } = this.#app;
    const typing = typingText(store.typers(name).map((who) => store.displayOf(who)));
    this.subtitle.classList.toggle("typing", typing !== "");
    if (typing) return typing;
    const group = store.groups.get(name);
    if (isGroup) return group ? [count(group.members, "member", "members"), group.topic].filter(Boolean).join(" · ") : "";
    return [display === name.slice(1) ? "" : name, presenceText(presence)].filter(Boolean).join(" · ");
  }

  #addPeople() {
    this.#toggleDetails(true);
    this.details.node.querySelector("form.inline input")?.focus();
  }

  #closeDetails() {
    if (history.state?.details) history.back();
    else this.#toggleDetails(false);
  }

  // Where they cover the conversation, going back leads to it.
  #toggleDetails(visible) {
    const was = !this.details.node.hidden;
    show(this.details.node, visible);
    this.node.classList.toggle("with-details", visible);
    setAttribute(this.info, "aria-expanded", String(visible));
    if (visible && !this.pane.offsetParent) history.pushState({ details: true }, "");
    if (visible) this.details.open(this.#name);
    else if (was) (this.info.hidden ? this.title : this.info).focus();
  }
}
