// Everything this page knows, and the word that it has changed. Plain data: conversations, contacts, groups,
// presence, who types. Filled by sync.js and people.js, read by the views. Never speaks to the server.

import { Conversation } from "./conversation.js";
import { Emitter } from "./emitter.js";

export class Store extends Emitter {
  me = null;
  synced = false; // what waited at login is here, and the list of conversations too
  conversations = new Map(); // name → Conversation
  contacts = new Map(); // name → { name, display }
  presence = new Map(); // name → { online, last_seen }
  groups = new Map(); // #name → { group, topic, role, members, open, owner }, mine
  joined = new Map(); // #name → { since, by, state }: state is "new" until I have seen that I was put in, "seen" until answered
  typing = new Map(); // conversation → Map(name → timer)
  unsent = new Map(); // conversation → the newest of its messages that failed or, if none did, that waits
  drafts = new Map(); // conversation → what was begun there
  blocked = new Set(); // names that I have blocked from here: the server keeps no list to ask for
  #due = false;

  clear() {
    this.me = null;
    this.synced = false;
    for (const part of [this.conversations, this.contacts, this.presence, this.groups, this.joined, this.typing, this.unsent, this.drafts, this.blocked]) {
      part.clear();
    }
    this.changed();
  }

  // The views are told once for all changes of a moment; a hidden page draws no frames, but has a title to keep.
  changed() {
    if (this.#due) return;
    this.#due = true;
    const tell = () => {
      this.#due = false;
      this.emit("change");
    };
    if (document.hidden) setTimeout(tell, 50);
    else requestAnimationFrame(tell);
  }

  conversation(name, base = 0) {
    if (!this.conversations.has(name)) this.conversations.set(name, new Conversation(name, base));
    return this.conversations.get(name);
  }

  // Where a message belongs, seen from here.
  placeOf({ from, to }) {
    return to.startsWith("#") || from === this.me.name ? to : `@${from}`;
  }

  // Those with something in them and all my groups, the newest first.
  list() {
    const time = ({ name, last }) => Math.max(last?.ts ?? 0, this.joined.get(name)?.since ?? 0, this.unsent.get(name)?.ts ?? 0);
    return [...this.conversations.values()]
      .filter(({ name, last }) => last || this.groups.has(name) || this.unsent.has(name))
      .sort((a, b) => time(b) - time(a) || (a.name < b.name ? -1 : 1));
  }

  unread() {
    return this.list().reduce((sum, conversation) => sum + conversation.unread, 0);
  }

  // What a person is called: the display name if we know it, else the name.
  displayOf(name) {
    if (name === this.me?.name) return this.me.display || name;
    return this.contacts.get(name)?.display || name;
  }

  // Who is there, where it concerns me: of those who cannot write to each other it does not.
  presenceOf(name) {
    const apart = this.blocked.has(name) || this.conversations.get(`@${name}`)?.problem;
    return apart ? null : this.presence.get(name) ?? null;
  }

  typers(conversation) {
    return [...(this.typing.get(conversation)?.keys() ?? [])];
  }
}
