// The messages of the open conversation, by days, from history to what is still on its way, with a line before those
// that were new when it was opened. What a person has had before the eyes is read: only here is that decided.

import { el, patch, setText, show } from "../dom.js";
import { icon } from "../icons.js";
import { count, day, dayKey } from "../words.js";
import { dividerNode, messageNode, updateMessage } from "./message.js";
import { Place } from "./place.js";

const near = 200; // px from the top: time to ask for older ones
const settled = 150; // ms: what is in sight so long is looked at
const together = 5 * 60_000; // ms within which messages of one person belong together

export class Timeline {
  #app;
  #edit;
  #conversation = null;
  #unreadFrom; // seq above which messages were new when the conversation was opened; null: none, undefined: not known yet
  #place;
  #failed = false;
  #placed = false; // what one needs to begin reading is drawn
  #timer = null;

  // edit(text): what could not be sent is to be written anew.
  constructor(app, edit) {
    this.#app = app;
    this.#edit = edit;
    this.start = el("div", { class: "start" });
    this.days = el("div");
    this.scroller = el("div", { class: "scroller", tabindex: "0", role: "region", "aria-label": "Messages" }, this.start, this.days);
    this.newest = el("span");
    this.jump = el("button", { class: "jump", type: "button", hidden: true, onclick: () => this.#leap() }, icon("down"), this.newest);
    this.node = el("div", { class: "timeline" }, this.scroller, this.jump);
    this.#place = new Place(this.scroller);
    this.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    for (const event of ["focus", "visibilitychange"]) addEventListener(event, () => this.#lookSoon(), true);
  }

  open(conversation) {
    this.#conversation = conversation;
    this.#unreadFrom = undefined;
    this.#failed = false;
    this.#placed = false;
    this.days.replaceChildren();
    this.days.madeOf = undefined;
    this.#place.aim(conversation.place ?? "line");
  }

  update() {
    const conversation = this.#conversation;
    if (!conversation) return;
    this.#markNew();
    const wanted = !conversation.asked && !conversation.isUnreadable && !this.#failed;
    if (wanted && this.#app.store.synced && this.#isReady) this.#load("begin");
    this.#place.hold(() => this.#draw(conversation));
    this.#placed = conversation.asked;
    if (this.#placed && this.#isLookedAt) this.#place.arrive();
    this.#reachBack();
    this.#drawJump();
    this.#lookSoon();
  }

  #draw(conversation) {
    const placing = conversation.loading && !conversation.asked && conversation.low > (this.#unreadFrom ?? Infinity) + 1;
    show(this.days, !placing); // until it is known where to begin
    patch(this.days, this.#days(), ({ key }) => key, dayNode, (node, one) => {
      setText(node.heading, day(one.ts));
      patch(node.list, one.items, ({ key }) => key, (item) => item.divider ? dividerNode() : messageNode(item, this.#app, this.#edit),
        (child, item) => item.divider || updateMessage(child, item, this.#app));
    });
    this.#drawStart(conversation, placing || !conversation.messages.length);
  }

  // New is what was unread when the conversation was opened, and what comes while nobody looks.
  #markNew() {
    const { unread, readSeq } = this.#conversation;
    const opened = this.#unreadFrom === undefined && this.#app.store.synced;
    const unseen = this.#place.follows && !this.#isLookedAt && unread && readSeq > (this.#unreadFrom ?? -1);
    if (!opened && !unseen) return;
    this.#unreadFrom = unread ? readSeq : null;
    if (unseen) this.#place.aim("line");
  }

  // The button goes, so the focus needs another place.
  #leap() {
    this.toEnd();
    this.scroller.focus();
  }

  toEnd() {
    this.#unreadFrom = null;
    this.#place.aim("end");
    this.update();
  }

  // [{ key, ts, items }]: messages and the line before the unread ones, with what each needs to know of its neighbours.
  #days() {
    const me = this.#app.store.me.name;
    const days = [];
    let before = null;
    let line = typeof this.#unreadFrom === "number" && this.#conversation.low <= this.#unreadFrom + 1;
    for (const message of this.#all(me)) {
      const mine = !message.seq || message.from === me;
      if (days.at(-1)?.key !== dayKey(message.ts)) {
        days.push({ key: dayKey(message.ts), ts: message.ts, items: [] });
        before = null;
      }
      const items = days.at(-1).items;
      if (line && message.seq > this.#unreadFrom) {
        items.push({ divider: true, key: "new" });
        before = null;
        line = false;
      }
      const follows = before && before.from === (message.from ?? me) && message.ts - before.message.ts < together;
      if (before) before.last = !follows;
      before = { key: mine && message.cid ? message.cid : message.seq, message, mine, from: message.from ?? me,
        first: !follows, last: true, conversation: this.#conversation };
      items.push(before);
    }
    return days;
  }

  // What is stored, with what could not be sent where it was written, then what is still on its way.
  #all(me) {
    const unsent = this.#app.outbox.of(this.#conversation.name);
    const held = new Set(unsent.map(({ cid }) => cid));
    const all = this.#conversation.messages.filter(({ cid, from }) => from !== me || !held.has(cid));
    for (const item of unsent.filter(({ state }) => state === "failed")) {
      all.splice(all.findLastIndex(({ ts }) => ts <= item.ts) + 1, 0, item);
    }
    return [...all, ...unsent.filter(({ state }) => state !== "failed")];
  }

  #drawStart({ name, isGroup, messages, loading, asked, hasOlder, problem }, alone) {
    const away = this.#app.store.synced && !this.#isReady;
    const text = this.#failed ? "The messages could not be loaded."
      : loading || (!asked && !problem) ? (away ? "Without a connection no more can be loaded." : "Loading messages…")
        : hasOlder ? "" : isGroup ? `The beginning of ${name}` : `The beginning of your conversation with ${name}`;
    const verb = this.#failed ? "Try again" : asked && hasOlder && !loading && !away ? "Earlier messages" : "";
    const key = `${text} ${verb} ${alone}`;
    if (this.start.key === key) return;
    this.start.key = key;
    this.start.classList.toggle("alone", alone);
    this.start.classList.toggle("ghost", text.startsWith("Loading"));
    this.start.replaceChildren(el("p", {}, problem && !messages.length ? "" : text),
      ...(verb ? [el("button", { type: "button", onclick: () => this.#load(this.#conversation.asked ? "older" : "begin") }, verb)] : []));
  }

  #drawJump() {
    show(this.jump, !this.#place.atEnd);
    const { unread } = this.#conversation;
    setText(this.newest, unread ? count(unread, "new message", "new messages") : "Latest messages");
  }

  // begin or older, see sync.js.
  async #load(what) {
    this.#failed = false;
    const conversation = this.#conversation;
    try {
      await this.#app.sync[what](conversation);
    } catch {
      if (conversation === this.#conversation) this.#failed = this.#isReady;
      this.#app.store.changed();
    }
  }

  // Also after each page: who scrolled up while it was on its way wants the next.
  #reachBack() {
    const { asked, hasOlder, loading, isUnreadable } = this.#conversation;
    const here = this.scroller.offsetParent && this.scroller.scrollTop < near;
    if (here && asked && hasOlder && !loading && !isUnreadable && !this.#failed && this.#isReady) this.#load("older");
  }

  #scrolled() {
    if (!this.#conversation) return;
    if (this.#place.moved()) this.#reachBack();
    this.#drawJump();
    this.#lookSoon();
  }

  get #isReady() {
    return this.#app.session.state === "ready";
  }

  get #isLookedAt() {
    return !document.hidden && document.hasFocus() && this.scroller.offsetParent !== null;
  }

  #lookSoon() {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      if (this.#placed && this.scroller.offsetParent) this.#look(this.#conversation);
    }, settled);
  }

  // What is in sight has been read, and is where one returns to.
  #look(conversation) {
    const { atEnd, here, last } = this.#place;
    conversation.place = atEnd ? null : here;
    if (this.#isLookedAt) this.#app.sync.read(conversation, atEnd ? conversation.high : last);
  }
}

function dayNode() {
  const node = el("section", { class: "day" });
  node.heading = el("h3");
  node.list = el("ol");
  node.append(node.heading, node.list);
  return node;
}
