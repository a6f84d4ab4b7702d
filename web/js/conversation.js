// What this page holds of one conversation: an unbroken run of its messages, low to high, what has come ahead of
// a gap, how far it was read. Owned by the store. Asks the server nothing; sync.js does.

const kept = 100; // messages of a conversation that nobody looks at
const context = 50; // and this many before the first that is still to be read

export class Conversation {
  messages = []; // seq low … high, without gaps
  ahead = new Map(); // seq → message, beyond a gap
  readSeq = 0; // I have read up to here
  known = false; // the server has said how far that is
  ackedSeq = 0; // the server knows that this page has it up to here
  readBy = new Map(); // name → seq
  last = null; // { from, ts, text }, of the newest known
  place = null; // { seq, below }: what was looked at when it was left; null: its end
  asked = false; // what one needs to begin reading was asked for
  loading = false;
  problem = null; // an error's code: why nothing can be written here

  // Everything up to `base` is left to history.
  constructor(name, base = 0) {
    this.name = name;
    this.low = base + 1;
    this.lastSeq = base;
  }

  get isGroup() {
    return this.name.startsWith("#");
  }

  // Who is blocked still reads.
  get isUnreadable() {
    return this.problem !== null && this.problem !== "blocked";
  }

  get high() {
    return this.low + this.messages.length - 1;
  }

  get hasOlder() {
    return this.low > 1;
  }

  get hasGap() {
    return this.high < this.lastSeq;
  }

  // A message, from wherever and however often: true if it was added to the run, be it with others that it let in.
  take(message) {
    if (message.seq >= this.lastSeq) this.#newest(message);
    if (message.seq <= this.high) return false;
    if (message.seq > this.high + 1) {
      this.ahead.set(message.seq, message);
      return false;
    }
    this.messages.push(message);
    this.#closeUp();
    return true;
  }

  // A page of history below the run.
  prepend(page) {
    const older = page.filter(({ seq }) => seq < this.low);
    if (!older.length || older.at(-1).seq !== this.low - 1) return;
    this.messages.unshift(...older);
    this.low = older[0].seq;
  }

  // Starts anew with the newest page: what lies between is left to history.
  restart(page) {
    this.messages = [];
    this.asked = false;
    this.low = page[0].seq;
    for (const message of page) this.take(message);
  }

  // Nobody looks at it: the older ones are left to history again, but for what is unread and the place to return to.
  trim() {
    const needed = Math.min(this.readSeq, this.place?.seq ?? this.readSeq) - context;
    this.low += this.messages.splice(0, Math.max(0, Math.min(this.messages.length - kept, needed - this.low))).length;
  }

  // All of them are others': what I have answered I have read.
  get unread() {
    return this.known || this.low === 1 ? Math.max(0, this.lastSeq - this.readSeq) : 0;
  }

  #newest(message) {
    this.lastSeq = message.seq;
    this.last = message;
  }

  #closeUp() {
    for (const seq of [...this.ahead.keys()].sort((a, b) => a - b)) {
      if (seq > this.high + 1) return;
      if (seq === this.high + 1) this.messages.push(this.ahead.get(seq));
      this.ahead.delete(seq);
    }
  }
}
