// Tells somebody who looks elsewhere: the number of unread messages in the tab's title, a notification where it is
// allowed, a word to the screen reader. Never shows anything inside the page.

import { go, openConversation } from "./route.js";

export class Notify {
  #store;
  #announcer;

  constructor(store, sync, groups, announcer) {
    this.#store = store;
    this.#announcer = announcer;
    store.on("change", () => this.#title());
    addEventListener("hashchange", () => this.#title());
    groups.on("added", (group, by) => this.#added(group, by));
    sync.on("message", (message, conversation) => message.from !== store.me.name && this.#tell(message, conversation));
  }

  get state() {
    return "Notification" in window && isSecureContext ? Notification.permission : "denied";
  }

  async allow() {
    await Notification.requestPermission();
    this.#store.changed();
  }

  say(text) {
    this.#announcer.textContent = text;
  }

  #title() {
    const unread = this.#store.me ? this.#store.unread() : 0;
    const open = this.#store.me && openConversation();
    const name = open?.startsWith("@") ? this.#store.displayOf(open.slice(1)) : open;
    document.title = `${unread ? `(${unread}) ` : ""}${name ? `${name} · ` : ""}chatd`;
  }

  #tell(message, { name }) {
    const from = this.#store.displayOf(message.from);
    const who = name.startsWith("#") ? `${from} in ${name}` : from;
    if (document.hidden) this.#notify(who, message, name);
    else this.say(openConversation() === name ? `${from}: ${message.text}` : `New message from ${who}`);
  }

  #added(group, by) {
    const text = `${this.#store.displayOf(by)} added you to ${group}`;
    if (document.hidden) this.#notify(group, { text }, group);
    else this.say(text);
  }

  // One for each conversation, whatever the number of tabs: the newest takes the place of the one before.
  #notify(who, { text }, name) {
    if (this.state !== "granted") return;
    const notification = new Notification(who, { body: text.slice(0, 200), tag: name, icon: "icon.svg" });
    notification.onclick = () => {
      window.focus();
      go(name);
      notification.close();
    };
  }
}
