// The messages of the open conversation, by days, from history to what is still on its way. Keeps the place that is
// looked at when older ones come in above, and stays at the end when new ones come below. What a person has had
// before the eyes is read: only here is that decided.

import { el, patch, setText, show } from "../dom.js";
import { icon } from "../icons.js";
import { day, dayKey } from "../words.js";
import { dividerNode, messageNode, updateMessage } from "./message.js";

const near = 60; // px from the end that count as the end
const together = 5 * 60_000; // ms within which messages of one person belong together

export class Timeline {
  #app;
  #conversation = null;
  #unreadFrom; // seq above which messages were new when the conversation was opened; null: none, undefined: not known yet
  #atEnd = true;
  #failed = false;

  constructor(app) {
    this.#app = app;
    this.start = el("div", { class: "start" });
    this.days = el("div");
    this.scroller = el("div", { class: "scroller", tabindex: "0", role: "region", "aria-label": "Messages" }, this.start, this.days);
    this.newest = el("span");
    this.jump = el("button", { class: "jump", type: "button", hidden: true, onclick: () => this.#leap() }, icon("down"), this.newest);
    this.node = el("div", { class: "timeline" }, this.scroller, this.jump);
    this.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => this.#atEnd && this.#scrollToEnd()).observe(this.scroller);
    for (const event of ["focus", "visibilitychange"]) addEventListener(event, () => this.#markRead(), true);
  }

  open(conversation) {
    this.#conversation = conversation;
    this.#unreadFrom = undefined;
    this.#atEnd = true;
    this.#failed = false;
    this.days.replaceChildren();
    this.days.madeOf = undefined;
  }

  update() {
    const conversation = this.#conversation;
    if (!conversation) return;
    const { me, synced } = this.#app.store;
    if (this.#unreadFrom === undefined && synced) this.#unreadFrom = conversation.unread(me.name) ? conversation.readSeq : null;
    const wanted = !conversation.asked && !conversation.problem && !this.#failed;
    if (wanted && synced && this.#app.session.state === "ready") this.#older();
    const height = this.scroller.scrollHeight;
    const top = this.scroller.scrollTop;
    const first = this.first;
    this.first = conversation.low;
    patch(this.days, this.#days(), ({ key }) => key, dayNode, (node, one) => {
      setText(node.heading, day(one.ts));
      patch(node.list, one.items, ({ key }) => key, (item) => item.divider ? dividerNode() : messageNode(item, this.#app),
        (child, item) => item.divider || updateMessage(child, item, this.#app));
    });
    this.#drawStart(conversation);
    if (this.#atEnd) this.#scrollToEnd();
    else if (first > conversation.low) this.scroller.scrollTop = top + this.scroller.scrollHeight - height;
    this.#drawJump();
    this.#markRead();
  }

  // The button goes, so the focus needs another place.
  #leap() {
    this.toEnd();
    this.scroller.focus();
  }

  toEnd() {
    this.#unreadFrom = null;
    this.#atEnd = true;
    this.update();
  }

  // [{ key, ts, items }]: messages and the line before the unread ones, with what each needs to know of its neighbours.
  #days() {
    const me = this.#app.store.me.name;
    const waiting = this.#app.outbox.of(this.#conversation.name);
    const held = new Set(waiting.map(({ cid }) => cid));
    const stored = this.#conversation.messages.filter(({ cid, from }) => from !== me || !held.has(cid));
    const days = [];
    let before = null;
    for (const message of [...stored, ...waiting]) {
      const mine = !message.seq || message.from === me;
      if (days.at(-1)?.key !== dayKey(message.ts)) {
        days.push({ key: dayKey(message.ts), ts: message.ts, items: [] });
        before = null;
      }
      const items = days.at(-1).items;
      if (typeof this.#unreadFrom === "number" && message.seq > this.#unreadFrom && !(before?.message.seq > this.#unreadFrom) && !this.#divided(days)) {
        items.push({ divider: true, key: "new" });
        before = null;
      }
      const follows = before && before.from === (message.from ?? me) && message.ts - before.message.ts < together;
      if (before) before.last = !follows;
      before = { key: mine && message.cid ? message.cid : message.seq, message, mine, from: message.from ?? me,
        first: !follows, last: true, conversation: this.#conversation };
      items.push(before);
    }
    return days;
  }

  #divided(days) {
    return days.some(({ items }) => items.some(({ divider }) => divider));
  }

  #drawStart(conversation) {
    const { name, isGroup, messages, loading, asked, hasOlder, problem } = conversation;
    const text = loading || (!asked && !problem && !this.#failed) ? "Loading messages…"
      : this.#failed ? "The messages could not be loaded."
        : hasOlder ? "" : isGroup ? `The beginning of ${name}` : `The beginning of your conversation with ${name}`;
    const again = el("button", { type: "button", onclick: () => this.#older() }, this.#failed ? "Try again" : "Earlier messages");
    const key = `${text} ${hasOlder}`;
    if (this.start.key === key) return;
    this.start.key = key;
    this.start.classList.toggle("alone", !messages.length);
    this.start.classList.toggle("ghost", text.startsWith("Loading"));
    this.start.replaceChildren(el("p", {}, problem && !messages.length ? "" : text), ...(this.#failed || (hasOlder && !loading) ? [again] : []));
  }

  #drawJump() {
    const unread = this.#conversation?.unread(this.#app.store.me.name) > 0;
    show(this.jump, !this.#atEnd);
    setText(this.newest, unread ? "New messages" : "Latest messages");
  }

  async #older() {
    this.#failed = false;
    const conversation = this.#conversation;
    try {
      await this.#app.sync.older(conversation);
    } catch {
      if (conversation === this.#conversation) this.#failed = this.#app.session.state === "ready";
      this.#app.store.changed();
    }
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    this.#atEnd = scrollHeight - scrollTop - clientHeight < near;
    if (scrollTop < 200 && this.#conversation?.asked && this.#conversation.hasOlder) this.#older();
    this.#drawJump();
    this.#markRead();
  }

  // Or to where the unread ones begin, if they are more than fit.
  #scrollToEnd() {
    const divider = this.days.querySelector(".divider");
    const end = this.scroller.scrollHeight - this.scroller.clientHeight;
    const wanted = divider ? Math.min(end, divider.offsetTop - 80) : end;
    if (Math.abs(this.scroller.scrollTop - wanted) > 1) this.scroller.scrollTop = wanted;
    this.#atEnd = end - wanted < near;
  }

  #markRead() {
    const conversation = this.#conversation;
    if (!conversation?.asked || !this.#atEnd || document.hidden || !document.hasFocus()) return;
    if (this.node.offsetParent !== null) this.#app.sync.read(conversation);
  }
}

function dayNode() {
  const node = el("section", { class: "day" });
  node.heading = el("h3");
  node.list = el("ol");
  node.append(node.heading, node.list);
  return node;
}
