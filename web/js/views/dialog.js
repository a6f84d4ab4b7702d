// Windows over the page: the browser's own dialog keeps the focus inside and closes by Escape.

import { el } from "../dom.js";
import { icon } from "../icons.js";

let made = 0;

export function openDialog(title, ...content) {
  const id = `dialog-${++made}`;
  const node = el("dialog", { "aria-labelledby": id },
    el("header", {}, el("h2", { id }, title),
      el("button", { class: "icon-button", type: "button", "aria-label": "Close", onclick: () => node.close() }, icon("close"))),
    el("div", { class: "dialog-body" }, content));
  node.addEventListener("close", () => node.remove());
  node.addEventListener("click", (event) => event.target === node && node.close()); // beside it
  document.body.append(node);
  node.showModal();
  (node.querySelector(".dialog-body input") ?? node.querySelector(".dialog-body button"))?.focus();
  return node;
}

// Whether it is to be done.
export function confirmed(title, text, verb) {
  return new Promise((resolve) => {
    let answer = false;
    const choose = (value) => () => {
      answer = value;
      node.close();
    };
    const node = openDialog(title, el("p", {}, text), el("div", { class: "buttons" },
      el("button", { type: "button", onclick: choose(false) }, "Cancel"),
      el("button", { type: "button", class: "danger", onclick: choose(true) }, verb)));
    node.addEventListener("close", () => resolve(answer));
  });
}
