// A row of the list: a conversation with its last line, or a person with whether they are there. Each is a link. Made by
// rowNode() and kept as it is; only what differs is written anew.

import { el, setAttribute, setText, show } from "../dom.js";
import { linkTo, openConversation } from "../route.js";
import { presenceText, shortTime, typingText } from "../words.js";
import { avatar, updateAvatar } from "./avatar.js";

export function rowNode() {
  const node = el("li");
  node.avatar = avatar("", "");
  node.name = el("b", { dir: "auto" });
  node.time = el("time");
  node.line = el("span", { class: "line", dir: "auto" });
  node.badge = badgeNode();
  node.link = el("a", {}, node.avatar, node.name, node.time, node.line, node.badge);
  node.append(node.link);
  return node;
}

export function updateChat(node, conversation, store) {
  const { name, isGroup, last, unread } = conversation;
  const peer = name.slice(1);
  fill(node, name, titleOf(name, store), !isGroup && store.presenceOf(peer)?.online, unread);
  const joined = store.joined.get(name) ?? {};
  if (!unread && joined.state === "new") setNew(node);
  setText(node.time, last || joined.since ? shortTime(Math.max(last?.ts ?? 0, joined.since ?? 0)) : "");
  const typing = typingText(store.typers(name).map((who) => store.displayOf(who)));
  const unsent = store.unsent.get(name);
  const draft = name === openConversation() ? "" : store.drafts.get(name);
  setText(node.line, typing || (unsent ? unsentLine(unsent) : draft ? `Draft: ${oneLine(draft)}` : lastLine(conversation, joined, store)));
  node.line.classList.toggle("trouble", !typing && unsent?.state === "failed");
  node.line.classList.toggle("typing", typing !== "");
}

// The name to write to stands beside the one they are called by.
export function updateContact(node, { name, display }, store) {
  const presence = store.presenceOf(name);
  fill(node, `@${name}`, display || name, presence?.online, store.conversations.get(`@${name}`)?.unread ?? 0);
  setText(node.line, [display && `@${name}`, presenceText(presence)].filter(Boolean).join(" · "));
}

export function titleOf(name, store) {
  if (name.startsWith("#")) return name;
  return name.slice(1) === store.me.name ? "Notes to myself" : store.displayOf(name.slice(1));
}

export function badgeNode() {
  return el("span", { class: "badge", hidden: true }, el("span"), el("span", { class: "unseen" }, " unread"));
}

export function setBadge(node, unread) {
  show(node, unread > 0);
  setText(node.firstChild, unread > 999 ? "999+" : String(unread));
  setText(node.lastChild, " unread");
}

function setNew(node) {
  show(node.badge, true);
  setText(node.badge.firstChild, "new");
  setText(node.badge.lastChild, "");
  node.classList.add("unread");
}

function fill(node, name, display, online, unread) {
  setText(node.name, display);
  updateAvatar(node.avatar, name, display, online);
  setAttribute(node.link, "href", linkTo(name));
  setAttribute(node.link, "title", display === name ? null : `${display} (${name})`);
  setAttribute(node.link, "aria-current", openConversation() === name ? "page" : null);
  setBadge(node.badge, unread);
  node.classList.toggle("unread", unread > 0);
}

function lastLine({ last, isGroup, problem }, { by, since, state }, store) {
  if (problem === "not_member") return "You are no longer a member";
  if (problem === "no_such_group") return "This group was deleted";
  if (state && !(last?.ts > since)) return by ? `${store.displayOf(by)} added you` : "You are now a member";
  if (!last) return "No messages yet";
  const first = store.displayOf(last.from).split(" ")[0];
  const from = last.from === store.me.name ? "You: " : isGroup ? `${first.length > 12 ? `${first.slice(0, 11)}…` : first}: ` : "";
  return from + oneLine(last.text);
}

function unsentLine({ state, text }) {
  return `${state === "failed" ? "Not sent" : "Not sent yet"}: ${oneLine(text)}`;
}

function oneLine(text) {
  return text.slice(0, 120).replace(/\s+/g, " ");
}
