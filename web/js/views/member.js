// One member in a group's list: who, in which role, and what may be done, by who looks at it.

import { el, setText, show } from "../dom.js";
import { linkTo } from "../route.js";
import { avatar, updateAvatar } from "./avatar.js";

const ranks = { owner: 2, admin: 1, member: 0 };

export function memberNode({ name }, change) {
  const node = el("li");
  const button = (label, op, fields) => {
    const act = () => {
      node.more.open = false;
      node.more.firstChild.focus();
      change(op, { name, ...fields });
    };
    node[label] = el("button", { type: "button", class: op === "group_kick" ? "danger" : null, onclick: act }, label);
    return node[label];
  };
  node.avatar = avatar(name, name, "small");
  node.display = el("b", { dir: "auto" });
  node.name = el("small", {}, `@${name}`);
  node.rank = el("small");
  node.more = el("details", { class: "more" }, el("summary", { "aria-label": `What to do with ${name}` }, "⋯"), el("div", { class: "buttons" },
    button("Make admin", "group_role", { role: "admin" }), button("Make member", "group_role", { role: "member" }),
    button("Make owner", "group_role", { role: "owner" }), button("Remove", "group_kick", {})));
  node.append(el("a", { href: linkTo(`@${name}`) }, node.avatar, el("span", { class: "names" }, node.display, node.name), node.rank), node.more);
  return node;
}

export function updateMember(node, { name, role, online }, group, store) {
  const mine = ranks[group.role];
  const others = name !== store.me.name;
  setText(node.display, store.displayOf(name));
  show(node.name, store.displayOf(name) !== name);
  setText(node.rank, [role === "member" ? "" : role, online ? "online" : ""].filter(Boolean).join(" · "));
  updateAvatar(node.avatar, name, store.displayOf(name), online, "small");
  show(node.more, others && mine > 0 && role !== "owner");
  show(node["Make admin"], mine === 2 && role === "member");
  show(node["Make member"], mine === 2 && role === "admin");
  show(node["Make owner"], mine === 2);
}
