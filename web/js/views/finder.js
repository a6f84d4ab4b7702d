// Finding by name, in place of the list while something is written: chats and people together, and who or what else has
// exactly this name, for the server lists nobody. Enter opens the first, the arrow keys move.

import { el, patch, setText, show } from "../dom.js";
import { Lookup } from "../lookup.js";
import { go } from "../route.js";
import { cleanName, count, isName } from "../words.js";
import { rowNode, titleOf, updateChat, updateContact } from "./rows.js";

const advice = "To write to somebody new, type their exact @name.";

export class Finder {
  #app;
  #changed;
  #lookup;
  #hurried = false; // Enter was pressed before it was known who has the name

  // changed(): it has begun or ended.
  constructor(app, changed) {
    this.#app = app;
    this.#changed = changed;
    this.#lookup = new Lookup(app.connection, changed);
    this.input = el("input", { type: "search", "aria-label": "Find a chat or a person", placeholder: "Find, or write to a name",
      autocapitalize: "none", spellcheck: "false", maxlength: 80, oninput: () => this.#typed() });
    this.chats = el("ul", { class: "rows", "aria-label": "Chats found" });
    this.people = el("ul", { class: "rows", "aria-label": "People found" });
    this.more = el("ul", { class: "rows more-rows", "aria-label": "By this name" });
    this.total = el("p", { class: "hint found", role: "status" });
    this.node = el("div", { class: "panel", hidden: true }, el("h2", {}, "Chats"), this.chats, el("h2", {}, "People"), this.people,
      this.total, this.more);
    this.node.addEventListener("click", ({ target }) => target.closest("a") && this.#end());
    for (const part of [this.input, this.node]) part.addEventListener("keydown", (event) => this.#key(event));
  }

  get active() {
    return this.input.value.trim() !== "";
  }

  // With something in the field that one will want to change.
  begin(text) {
    this.input.value = text;
    this.#typed();
    this.input.focus();
    this.input.select();
  }

  update() {
    show(this.node, this.active);
    if (!this.active) return this.#lookup.forget();
    const { store } = this.#app;
    const chats = store.list().filter(({ name }) => this.#fits(name));
    const listed = new Set(chats.map(({ name }) => name));
    const people = [...store.contacts.values()].filter(({ name }) => !listed.has(`@${name}`) && this.#fits(`@${name}`));
    for (const { name } of people) listed.add(`@${name}`);
    this.#list(this.chats, chats, (node, chat) => updateChat(node, chat, store));
    this.#list(this.people, people, (node, contact) => updateContact(node, contact, store));
    const { words, others } = this.#beyond();
    const more = others?.filter((name) => !listed.has(name)) ?? [];
    patch(this.more, more, (name) => name, (name) => this.#offer(name));
    show(this.more, more.length > 0);
    const found = chats.length + people.length;
    setText(this.total, found ? `${count(found, "name", "names")} found` : words);
    if (this.#hurried && others) this.#hurry();
  }

  #list(list, items, update) {
    patch(list, items, ({ name }) => name, rowNode, update);
    show(list, items.length > 0);
    show(list.previousSibling, items.length > 0);
  }

  #fits(name) {
    const wanted = this.input.value.trim().toLowerCase();
    return name.includes(wanted) || titleOf(name, this.#app.store).toLowerCase().includes(wanted);
  }

  // What else has the name that was written, with or without the sign before it, and what to say where nothing else was
  // found. No others: it is not known yet.
  #beyond() {
    const text = this.input.value.trim();
    const name = cleanName(text);
    if (!isName(name)) return { words: `Nobody in your chats. ${advice}`, others: [] };
    if (text.startsWith("#")) return { words: `You are in no group called #${name}.`, others: [`#${name}`] };
    const known = this.#lookup.of(name);
    if (!known) return { words: `Looking for @${name}…` };
    const others = [known.person !== false && `@${name}`, known.group !== false && !text.startsWith("@") && `#${name}`];
    return { words: known.person === false ? `Nobody is called @${name}. ${advice}` : "Not in your chats yet:", others: others.filter(Boolean) };
  }

  #offer(name) {
    const act = async () => {
      const { people, store } = this.#app;
      this.#end();
      go(name); // which says what is wrong, if anything is
      if (name.startsWith("@") && name.slice(1) !== store.me.name) await people.add(name.slice(1)).catch(() => {});
    };
    return el("li", {}, el("button", { type: "button", onclick: act }, name.startsWith("@") ? `Write to ${name}` : `Open ${name}`));
  }

  #typed() {
    this.#hurried = false;
    this.#changed();
  }

  #hurry() {
    this.#hurried = false;
    this.more.querySelector("button")?.click();
  }

  #end() {
    this.input.value = "";
    this.#changed();
  }

  #key(event) {
    const stops = [this.input, ...this.node.querySelectorAll("a, button")];
    const at = stops.indexOf(document.activeElement);
    const next = { ArrowDown: stops[at + 1], ArrowUp: stops[at - 1], Enter: at === 0 && stops[1] }[event.key];
    if (event.key === "Escape") {
      this.#end();
      this.input.focus();
    }
    this.#hurried = event.key === "Enter" && at === 0 && !next;
    if (!next || !this.active) return;
    event.preventDefault();
    if (event.key === "Enter") next.click();
    else next.focus();
  }
}
