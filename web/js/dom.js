// Building and changing the document. A text always becomes a text node: nothing here, and nothing that uses
// it, ever parses HTML. Holds no state but the keys of what patch() has made.

// el("button", { class: "x", type: "button", onclick: f }, "text", other, null): attributes by their names; a
// function is a listener, true an attribute without a value; null and false leave it out.
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else setAttribute(node, name, value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

// Only what differs is written: a screen reader, a selection and the focus stay undisturbed.
export function setAttribute(node, name, value) {
  if (value === null || value === undefined || value === false) node.removeAttribute(name);
  else {
    const text = value === true ? "" : String(value);
    if (node.getAttribute(name) !== text) node.setAttribute(name, text);
  }
}

export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function show(node, visible) {
  if (node.hidden === visible) node.hidden = !visible;
}

// Draws. What takes away the node that has the focus gives it to elsewhere(), so that the keyboard goes on from there.
export function holdFocus(part, draw, elsewhere) {
  const focused = part.contains(document.activeElement) ? document.activeElement : null;
  draw();
  if (focused && !focused.offsetParent) elsewhere().focus();
}

// Makes parent's children those of `items`, in their order; a node is kept as long as its key is there. `make`
// builds a new one, `update` is called for every one.
export function patch(parent, items, keyOf, make, update = () => {}) {
  const focused = parent.contains(document.activeElement) ? document.activeElement : null;
  const old = parent.madeOf ?? new Map();
  const now = new Map(items.map((item) => [keyOf(item), item]));
  for (const [key, node] of old) if (!now.has(key)) node.remove();
  let next = parent.firstChild;
  parent.madeOf = new Map();
  for (const [key, item] of now) {
    const node = old.get(key) ?? make(item);
    parent.madeOf.set(key, node);
    update(node, item);
    if (node === next) next = next.nextSibling;
    else parent.insertBefore(node, next);
  }
  if (focused?.isConnected && focused !== document.activeElement) focused.focus({ preventScroll: true });
}
