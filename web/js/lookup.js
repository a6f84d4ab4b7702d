// Who or what has a name, while one types it: asked once the typing has stopped, one name at a time, the answers kept
// until forget(). Owned by the finder. Never touches the document.

const pause = 300; // ms

export class Lookup {
  #connection;
  #answered;
  #known = new Map(); // name → { person, group }, each true, false, or null where there was no answer
  #wanted = null;
  #asking = false;
  #timer = null;

  // answered(): there is more to know than before.
  constructor(connection, answered) {
    this.#connection = connection;
    this.#answered = answered;
  }

  // What is known, undefined until it is.
  of(name) {
    if (!this.#known.has(name) && this.#wanted !== name) this.#soon(name);
    return this.#known.get(name);
  }

  forget() {
    clearTimeout(this.#timer);
    this.#wanted = null;
    this.#known.clear();
  }

  #soon(name) {
    this.#wanted = name;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(name), pause);
  }

  // `presence` does not tell whether there is anybody: what one could read of a conversation does.
  async #ask(name) {
    if (this.#asking) return; // its end sees what is wanted by then
    this.#asking = true;
    const [person, group] = await Promise.all([
      this.#isThere("history", { conv: `@${name}`, limit: 1 }, "no_such_user"),
      this.#isThere("group_info", { group: `#${name}` }, "no_such_group")]);
    this.#asking = false;
    if (this.#wanted === null) return;
    this.#known.set(name, { person, group });
    if (this.#wanted !== name) this.#soon(this.#wanted);
    this.#answered();
  }

  #isThere(op, fields, none) {
    return this.#connection.request(op, fields).then(() => true, ({ code }) => (code === none ? false : null));
  }
}
