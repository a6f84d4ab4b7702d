// One WebSocket to the server, by the protocol chatd.v1: requests with their replies, events, and a ping in time.
// Owned by the session. It never opens itself again and knows nothing of who is logged in.
//
// Emits open (hello), event (frame), closed ({ reason, reconnect_ms }).

import { Emitter } from "./emitter.js";

const answerWithin = 20_000; // ms for any reply; a connection without one is dead, whatever TCP says
const silentWithin = 10_000; // ms for the greeting

export class Refused extends Error {
  constructor(reply) {
    super(reply.detail ?? reply.error);
    this.code = reply.error;
    this.reply = reply;
  }
}

export class Connection extends Emitter {
  #address;
  #socket = null;
  #open = false;
  #waiting = new Map(); // id → { resolve, reject, timer }
  #lastId = 0;
  #closing = null; // the server's closing event, if there was one
  #pings = null;
  #greeting = null;

  constructor(address) {
    super();
    this.#address = address;
  }

  get isOpen() {
    return this.#open;
  }

  open() {
    if (this.#socket) return;
    this.#closing = null;
    const socket = new WebSocket(this.#address, "chatd.v1");
    this.#socket = socket;
    this.#greeting = setTimeout(() => this.#ended(socket), silentWithin);
    socket.onmessage = ({ data }) => this.#socket === socket && this.#take(JSON.parse(data));
    socket.onclose = () => this.#ended(socket);
  }

  close() {
    if (this.#socket) this.#ended(this.#socket);
  }

  // The reply, or Refused with its error. Without a connection, or if it breaks before the reply: `disconnected`.
  request(op, fields = {}) {
    if (!this.#open) return Promise.reject(disconnected());
    const id = ++this.#lastId;
    const socket = this.#socket;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#ended(socket), answerWithin);
      this.#waiting.set(id, { resolve, reject, timer });
      this.#write({ op, id, ...fields });
    });
  }

  // For ack, read and typing: no reply is wanted, and nothing is lost if there is no connection.
  tell(op, fields) {
    if (this.#open) this.#write({ op, ...fields });
  }

  #write(frame) {
    this.#socket.send(JSON.stringify(frame));
  }

  #take(frame) {
    if (frame.event === "hello") return this.#greeted(frame);
    if (frame.event === "closing") this.#closing = frame;
    else if (frame.event) this.emit("event", frame);
    else this.#answered(frame);
  }

  #greeted(hello) {
    this.#open = true;
    clearTimeout(this.#greeting);
    const every = Math.min(hello.ping_interval || 60, 25) * 1000;
    this.#pings = setInterval(() => this.request("ping").catch(() => {}), every);
    this.emit("open", hello);
  }

  #answered(reply) {
    const waiting = this.#waiting.get(reply.id);
    if (!waiting) return; // an ack, read or typing that was refused: what it was about has gone meanwhile
    this.#waiting.delete(reply.id);
    clearTimeout(waiting.timer);
    if (reply.ok) waiting.resolve(reply);
    else waiting.reject(new Refused(reply));
  }

  #ended(socket) {
    if (this.#socket !== socket) return;
    this.#socket = null;
    this.#open = false;
    clearInterval(this.#pings);
    clearTimeout(this.#greeting);
    socket.close();
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject, timer } of waiting) {
      clearTimeout(timer);
      reject(disconnected());
    }
    this.emit("closed", this.#closing ?? {});
  }
}

function disconnected() {
  return new Refused({ error: "disconnected", detail: "There is no connection at the moment." });
}
