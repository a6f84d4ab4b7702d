// Where one writes: Enter sends, Shift+Enter begins a line (on a touch screen Enter begins a line, the button
// sends). What was not sent stays with its conversation.

import { el, setText } from "../dom.js";
import { icon } from "../icons.js";
import { count } from "../words.js";

const most = 8192; // bytes, what a server takes unless it is told otherwise
const told = 0.9; // from here on the rest is counted

export class Composer {
  #app;
  #name = null;
  #sent;

  constructor(app, sent) {
    this.#app = app;
    this.#sent = sent;
    this.input = el("textarea", { rows: 1, placeholder: "Write a message", "aria-label": "Message", dir: "auto",
      "aria-describedby": "room", oninput: () => this.#typed(), onkeydown: (event) => this.#key(event) });
    this.button = el("button", { class: "primary round", "aria-label": "Send", title: "Send" }, icon("send"));
    this.room = el("p", { class: "hint", id: "room", role: "status" });
    this.node = el("form", { class: "composer" }, this.input, this.button, this.room);
    this.node.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
  }

  open(name) {
    this.#name = name;
    this.input.value = this.#app.drafts.of(name);
    this.#changed();
  }

  // To be written anew, before what is there already.
  put(text) {
    this.input.value = [text, this.input.value].filter(Boolean).join("\n");
    this.#changed();
    this.input.focus();
  }

  focus() {
    this.input.focus();
  }

  #typed() {
    this.#changed();
    if (this.input.value.trim()) this.#app.people.types(this.#name);
  }

  #key(event) {
    const touch = matchMedia("(pointer: coarse)").matches;
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || touch) return;
    event.preventDefault();
    this.#send();
  }

  #send() {
    const text = this.input.value.trim();
    if (!text || this.#left() < 0) return;
    this.input.value = "";
    this.#changed();
    this.#app.people.stops();
    this.#app.outbox.send(this.#name, text);
    this.#sent();
    this.input.focus();
  }

  #changed() {
    this.#grow();
    this.#app.drafts.keep(this.#name, this.input.value);
    const left = this.#left();
    this.button.disabled = left < 0;
    setText(this.room, left < 0 ? `Too long by ${count(-left, "byte", "bytes")}.` : left < most * (1 - told) ? `${count(left, "byte", "bytes")} left` : "");
  }

  #left() {
    return most - new TextEncoder().encode(this.input.value.trim()).length;
  }

  // As many lines as there are; the style sheet says how many at most.
  #grow() {
    this.input.style.height = "auto";
    this.input.style.height = `${this.input.scrollHeight}px`;
  }
}
