// Forms: labelled fields, one button that waits for the server, errors in words beside what they are about.

import { el, setText, show } from "../dom.js";
import { errorText } from "../words.js";

let made = 0;

// A label, an input and a hint below it. attributes go to the input.
export function field(label, attributes, hint = "") {
  const id = `field-${++made}`;
  const input = el("input", { id, type: "text", autocomplete: "off", "aria-describedby": `${id}-hint`, ...attributes });
  const node = el("div", { class: "field" }, el("label", { for: id }, label), input,
    el("p", { id: `${id}-hint`, class: "hint" }, hint));
  node.input = input;
  return node;
}

export const nameInput = { maxlength: 33, autocapitalize: "none", spellcheck: "false", required: true };

export function checkbox(label, checked, hint = "") {
  const id = `field-${++made}`;
  const input = el("input", { id, type: "checkbox", checked, "aria-describedby": `${id}-hint` });
  const node = el("div", { class: "field check" }, input, el("label", { for: id }, label),
    el("p", { id: `${id}-hint`, class: "hint" }, hint));
  node.input = input;
  return node;
}

// act() does what the form is for; what it throws is said below the fields.
export function form(fields, verb, act, attributes = {}) {
  const trouble = el("p", { class: "trouble", role: "alert", hidden: true });
  const button = el("button", { class: "primary" }, verb);
  const node = el("form", { ...attributes, novalidate: true }, fields, trouble, button);
  const submit = async () => {
    const empty = fields.find(({ input }) => input?.required && !input.value.trim());
    fields.forEach(({ input }) => input?.removeAttribute("aria-invalid"));
    if (empty) return complain({ input: empty.input }, "Please fill this in.");
    button.disabled = true;
    show(trouble, false);
    try {
      await act();
    } catch (error) {
      complain(error, error.words ?? errorText(error));
    } finally {
      button.disabled = false;
    }
  };
  const complain = (error, words) => {
    const input = error.input ?? fields.find((one) => one.input?.name && one.input.name === error.reply?.field)?.input;
    setText(trouble, words);
    show(trouble, true);
    input?.setAttribute("aria-invalid", "true");
    input?.focus();
  };
  node.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  return node;
}

// What a field's content is wrong about, before the server is asked.
export function wrong(input, words) {
  return Object.assign(new Error(words), { input, words });
}
