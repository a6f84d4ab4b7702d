// Who is signed in here, and that they stay connected: the token and where it is kept, logging in again after
// each break, waiting before it. One for each tab; tabs meet in localStorage alone. Never touches the document.
//
// Emits ready (logged in; what waited follows as events), state, over (why).
// `state`: out, connecting, ready, waiting (until `retryAt`), paused (another window took over).

import { Emitter } from "./emitter.js";
import { load, save } from "./kept.js";

const place = "chatd.session"; // { name, token } in localStorage, or in sessionStorage for this tab alone
const backlog = 200; // newest waiting messages of each conversation; the rest is read when it is scrolled to
const quickest = 500;
const slowest = 30_000;

export class Session extends Emitter {
  me = null; // { name, display }
  state = "out";
  retryAt = 0;
  server = null; // its greeting
  #connection;
  #kept; // { name, token }
  #tries = 0;
  #timer = null;
  #opened = []; // who waits for the connection to sign in

  constructor(connection) {
    super();
    this.#connection = connection;
    connection.on("open", (hello) => this.#connected(hello));
    connection.on("closed", (closing) => this.#broken(closing));
    addEventListener("online", () => this.state === "waiting" && this.retry());
    addEventListener("storage", (change) => this.#elsewhere(change));
    this.#kept = load(sessionStorage, place) ?? load(localStorage, place);
  }

  get name() {
    return this.me?.name ?? this.#kept?.name ?? null;
  }

  // With what was kept from the last time, if anything was.
  resume() {
    if (this.#kept) this.#connect();
  }

  retry() {
    if (this.state === "waiting" || this.state === "paused") this.#connect();
  }

  async register(name, password, display) {
    await this.#reach();
    await this.#connection.request("register", { name, password, ...(display ? { display } : {}) });
  }

  async signIn(name, password, stay) {
    await this.#reach();
    const reply = await this.#connection.request("login", { name, password, ack: "explicit", backlog });
    this.#kept = { name: reply.name, token: reply.token };
    save(stay ? localStorage : sessionStorage, place, this.#kept);
    this.#accepted(reply);
  }

  // After a `logged_out` that was not asked for here, the token says whether it still holds, at the next login.
  async signOut(all = false) {
    await this.#connection.request("logout", all ? { all: true } : {}).catch(() => {});
    this.#forget("left");
  }

  #connect() {
    clearTimeout(this.#timer);
    this.#become("connecting");
    this.#connection.open();
  }

  // For the forms: an open connection, without anybody being logged in.
  #reach() {
    if (this.#connection.isOpen) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#opened.push({ resolve, reject });
      this.#connection.open();
    });
  }

  #connected(hello) {
    this.server = hello;
    for (const { resolve } of this.#opened.splice(0)) resolve();
    if (this.#kept) this.#present();
  }

  async #present() {
    try {
      this.#accepted(await this.#connection.request("login", { token: this.#kept.token, ack: "explicit", backlog }));
    } catch (refused) {
      if (refused.code === "disconnected") return;
      if (refused.code === "bad_token") this.#forget("expired");
      else this.#connection.close(); // busy or unavailable: as good as no connection
    }
  }

  #accepted(reply) {
    this.me = { name: reply.name, display: reply.display };
    this.#tries = 0;
    this.#become("ready");
    this.emit("ready");
  }

  #broken({ reason, reconnect_ms: told }) {
    for (const { reject } of this.#opened.splice(0)) reject({ code: "disconnected" });
    if (!this.#kept) return;
    if (reason === "replaced") return this.#become("paused");
    const most = Math.min(quickest * 2 ** this.#tries++, slowest);
    const wait = told ?? most * (0.5 + Math.random() / 2);
    this.retryAt = Date.now() + wait;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connect(), wait);
    this.#become("waiting");
  }

  #elsewhere({ key, newValue, storageArea }) {
    const ours = key === place || key === null;
    if (ours && storageArea === localStorage && !newValue && this.#kept && !sessionStorage.getItem(place)) {
      this.#forget("left"); // signed out in another tab
    }
  }

  #forget(why) {
    sessionStorage.removeItem(place);
    if (load(localStorage, place)?.token === this.#kept?.token) localStorage.removeItem(place);
    this.#kept = null;
    this.me = null;
    clearTimeout(this.#timer);
    this.#become("out");
    this.#connection.close();
    this.emit("over", why);
  }

  #become(state) {
    this.state = state;
    this.emit("state");
  }
}
