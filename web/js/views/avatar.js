// A person or a group as a coloured disc with initials, and a dot for who is there. Decoration: the name always
// stands beside it.

import { el, setAttribute, setText } from "../dom.js";
import { hue, initials } from "../words.js";

export function avatar(name, display, size = "") {
  const node = el("span", { class: "avatar", "aria-hidden": "true" }, el("span"), el("i"));
  updateAvatar(node, name, display, null, size);
  return node;
}

export function updateAvatar(node, name, display, online = null, size = "") {
  const kind = name.startsWith("#") ? "group" : "";
  setAttribute(node, "class", `avatar hue-${hue(name.replace(/^@/, ""))} ${kind} ${size} ${online ? "online" : ""}`.trim());
  setText(node.firstChild, initials(display || name));
}
