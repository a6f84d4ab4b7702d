// One message: who, what, when, and for one's own how far it has come. Its text is text: addresses in it become
// links, nothing else becomes anything.

import { el, setAttribute, setText, show } from "../dom.js";
import { icon } from "../icons.js";
import { clock, errorText } from "../words.js";
import { avatar } from "./avatar.js";

const tooLong = new Set(["text_too_long", "too_large"]); // again would be the same

const states = {
  waiting: ["clock", "waiting to be sent"],
  sending: ["clock", "being sent"],
  stored: ["check", "stored"],
  read: ["checks", "read"],
  failed: ["failed", "not sent"],
};

export function messageNode({ message, from, mine, conversation }, { outbox, store }, edit) {
  const node = el("li", { class: "message" });
  const display = store.displayOf(from);
  node.face = mine || !conversation.isGroup ? null : avatar(from, display, "small");
  node.name = el("b", { dir: "auto" });
  node.sign = el("small", {}, ` @${from}`);
  node.author = el("span", { class: "author" }, node.name, node.sign);
  node.time = el("time");
  node.tick = el("span", { class: "tick", role: "img" });
  const change = () => {
    outbox.discard(node.message);
    edit(node.message.text);
  };
  node.again = linkButton("Try again", () => outbox.again(node.message));
  node.trouble = el("p", { class: "trouble", role: "alert", hidden: true }, el("span"), node.again,
    linkButton("Edit", change), linkButton("Discard", () => outbox.discard(node.message)));
  node.append(...[node.face, el("div", { class: "bubble" }, node.author,
    el("p", { class: "text", dir: "auto" }, linked(message.text)),
    el("span", { class: "meta" }, node.time, mine && node.tick)), node.trouble].filter(Boolean));
  return node;
}

export function updateMessage(node, { message, mine, first, last, conversation }, { store }) {
  node.message = message;
  setAttribute(node, "class", ["message", mine && "mine", first && "first", last && "last", conversation.isGroup && "grouped"]
    .filter(Boolean).join(" "));
  node.author.classList.toggle("unseen", mine || !conversation.isGroup || !first);
  setText(node.name, mine ? "You" : store.displayOf(message.from));
  show(node.sign, !mine && conversation.isGroup && first && store.displayOf(message.from) !== message.from);
  setAttribute(node.time, "datetime", new Date(message.ts).toISOString());
  setAttribute(node.time, "title", new Date(message.ts).toLocaleString());
  setText(node.time, clock(message.ts));
  if (!mine) return;
  const readers = message.seq ? [...conversation.readBy].filter(([, seq]) => seq >= message.seq).map(([name]) => name) : [];
  const state = !message.seq ? message.state : readers.length ? "read" : "stored";
  drawTick(node.tick, state, conversation.isGroup ? readers : []);
  node.classList.toggle("pending", state === "waiting" || state === "sending");
  show(node.trouble, state === "failed");
  show(node.again, !tooLong.has(message.error));
  if (state === "failed") setText(node.trouble.firstChild, `Not sent. ${errorText({ code: message.error })} `);
}

function linkButton(label, act) {
  return el("button", { type: "button", class: "link", onclick: act }, label);
}

export function dividerNode() {
  return el("li", { class: "divider" }, el("span", {}, "New messages"));
}

function drawTick(node, state, readers) {
  const [shape, words] = states[state];
  const label = readers.length ? `read by ${readers.slice(0, 10).join(", ")}${readers.length > 10 ? " and others" : ""}` : words;
  setAttribute(node, "aria-label", label);
  setAttribute(node, "title", label);
  if (node.dataset.state === state) return;
  node.dataset.state = state;
  node.replaceChildren(icon(shape));
}

// Strings and links: what begins with http(s):// or www., and mail addresses.
const address = /((?:https?:\/\/|(?<![\w.@-])www\.)[^\s<>"]+[^\s<>".,;:!?)\]}']|[\w.+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+)/i;

function linked(text) {
  return text.split(address).map((part, i) => i % 2 ? el("a", { href: target(part), target: "_blank", rel: "noopener noreferrer" }, part) : part);
}

function target(part) {
  if (/^https?:/i.test(part)) return part;
  return /^www\./i.test(part) ? `https://${part}` : `mailto:${part}`;
}
