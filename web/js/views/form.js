// Forms: labelled fields, one button that waits for the server, errors in words under the field they are about, all of
// them at once.

import { el, setAttribute, setText, show } from "../dom.js";
import { icon } from "../icons.js";
import { errorText, nameTrouble } from "../words.js";

// What is refused by these is a field's fault.
const about = { name_taken: ["name", "group"], no_such_user: ["name"], no_such_group: ["group"] };

let made = 0;

// A label, an input, what is wrong with it, and a hint below it. attributes go to the input; check(value) says what is
// wrong before the server is asked, or "".
export function field(label, attributes, hint = "", check = () => "") {
  const id = `field-${++made}`;
  const input = el("input", { id, type: "text", autocomplete: "off", "aria-describedby": `${id}-trouble ${id}-hint`, ...attributes });
  const node = el("div", { class: "field" }, el("label", { for: id }, label), input,
    el("p", { id: `${id}-trouble`, class: "trouble", hidden: true }), el("p", { id: `${id}-hint`, class: "hint" }, hint));
  node.input = input;
  node.hint = node.lastChild;
  node.check = (value) => (input.required && !value.trim() ? "Please fill this in." : check(value));
  return node;
}

export function nameField(label, attributes, hint) {
  return field(label, { maxlength: 100, autocapitalize: "none", spellcheck: "false", required: true, ...attributes }, hint, nameTrouble);
}

// What is typed is seen only as long as its writer wants it. empty() leaves nothing behind, and hides the next.
export function passwordField(label, attributes, hint, check) {
  const node = field(label, { type: "password", required: true, maxlength: 1024, autocapitalize: "none", spellcheck: "false", ...attributes }, hint, check);
  const verb = `Show ${label.toLowerCase()}`;
  const button = el("button", { type: "button", class: "icon-button", "aria-label": verb, title: verb, "aria-controls": node.input.id,
    onclick: () => see(node.input.type === "password") });
  const see = (seen) => {
    node.input.type = seen ? "text" : "password";
    setAttribute(button, "aria-pressed", String(seen));
    button.replaceChildren(icon(seen ? "hide" : "eye"));
  };
  see(false);
  node.firstChild.after(el("div", { class: "secret" }, node.input, button));
  node.empty = () => {
    node.input.value = "";
    see(false);
  };
  return node;
}

export function checkbox(label, checked, hint = "") {
  const id = `field-${++made}`;
  const input = el("input", { id, type: "checkbox", checked, "aria-describedby": `${id}-hint` });
  const node = el("div", { class: "field check" }, input, el("label", { for: id }, label),
    el("p", { id: `${id}-hint`, class: "hint" }, hint));
  node.input = input;
  return node;
}

// act() does what the form is for; what it throws and is no field's fault is said below the fields.
export function form(fields, verb, act, attributes = {}) {
  const trouble = el("p", { class: "trouble", role: "alert", hidden: true });
  const button = el("button", { class: "primary" }, verb);
  const node = el("form", { ...attributes, novalidate: true }, fields, trouble, button);
  const checked = fields.filter(({ check }) => check);
  const submit = async () => {
    node.clear();
    const wrong = checked.filter((one) => complainAt(one, one.check(one.input.value)));
    if (wrong.length) return wrong[0].input.focus();
    button.disabled = true;
    try {
      await act();
    } catch (error) {
      complain(error);
    } finally {
      button.disabled = false;
    }
  };
  const complain = (error) => {
    const names = error.reply?.field ? [error.reply.field] : about[error.code] ?? [];
    const one = checked.find(({ input }) => names.includes(input.name));
    if (one) {
      complainAt(one, errorText(error));
      one.input.focus();
    } else {
      setText(trouble, errorText(error));
      show(trouble, true);
    }
  };
  node.clear = () => {
    checked.forEach((one) => complainAt(one, ""));
    show(trouble, false);
  };
  node.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  return node;
}

// True if there is anything to complain of.
function complainAt(node, words) {
  const place = node.querySelector(".trouble");
  setText(place, words);
  show(place, words !== "");
  setAttribute(node.input, "aria-invalid", words !== "" && "true");
  return words !== "";
}
