// Tabs: a row of buttons of which one is chosen, by click or arrow keys, each with a panel of its own. Others choose by
// node.choose(index).

import { el, setAttribute, show } from "../dom.js";

// [{ id, label, panel }]; the panels' order is the tabs'.
export function tabs(label, rows) {
  const buttons = rows.map(({ id, label: text, panel }) => {
    panel.id = `panel-${id}`;
    setAttribute(panel, "role", "tabpanel");
    setAttribute(panel, "aria-labelledby", `tab-${id}`);
    return el("button", { id: `tab-${id}`, type: "button", role: "tab", "aria-controls": panel.id }, text);
  });
  const choose = (chosen) => {
    buttons.forEach((button, i) => {
      setAttribute(button, "aria-selected", String(i === chosen));
      button.tabIndex = i === chosen ? 0 : -1;
      show(rows[i].panel, i === chosen);
    });
  };
  const node = el("div", { class: "tabs", role: "tablist", "aria-label": label }, buttons);
  buttons.forEach((button, i) => button.addEventListener("click", () => choose(i)));
  node.addEventListener("keydown", ({ key }) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
    if (!step) return;
    const next = (buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length;
    choose(next);
    buttons[next].focus();
  });
  choose(0);
  node.choose = choose;
  return node;
}
