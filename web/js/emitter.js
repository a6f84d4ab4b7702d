// Who wants to know something says on(name, function); who knows it says emit(name, …).
// The base of what has news to tell: connection, session, store. Holds nothing but the listeners.

export class Emitter {
  #listeners = new Map();

  on(name, listener) {
    if (!this.#listeners.has(name)) this.#listeners.set(name, new Set());
    this.#listeners.get(name).add(listener);
  }

  emit(name, ...news) {
    for (const listener of this.#listeners.get(name) ?? []) listener(...news);
  }
}
