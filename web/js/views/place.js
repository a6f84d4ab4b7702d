// Where in the open conversation one looks: at its end, at the line before the new messages, or at some message.
// Owned by the timeline. Holds the place while messages come in above and below, until a person moves; knows what is
// before the eyes. Draws nothing.

const near = 60; // px from the end that count as the end
const margin = 80; // px above the line

export class Place {
  #scroller;
  #goal = "end"; // end, line, { seq, below }: a message so far below the top, or null: what is looked at stays where it is
  #set = 0; // where the page itself has scrolled to: anything else was a person

  constructor(scroller) {
    this.#scroller = scroller;
    new ResizeObserver(() => this.settle()).observe(scroller);
  }

  get atEnd() {
    return this.#end - this.#scroller.scrollTop < near;
  }

  // Follows what comes in below.
  get follows() {
    return this.#goal === "end";
  }

  aim(goal) {
    this.#goal = goal;
    this.#set = this.#scroller.scrollTop;
  }

  // True if a person has.
  moved() {
    if (!this.#scroller.offsetParent || Math.abs(this.#scroller.scrollTop - this.#set) <= 1) return false;
    this.#set = this.#scroller.scrollTop;
    this.#goal = this.atEnd ? "end" : null;
    return true;
  }

  // Draws, and leaves what is looked at where it is. What has gone meanwhile cannot be looked at: then the line.
  hold(draw) {
    this.moved();
    const looked = this.#goal === null ? this.#topmost() : null;
    const below = looked && this.#below(looked);
    draw();
    if (looked?.isConnected) this.#scrollBy(this.#below(looked) - below);
    else if (looked) this.#goal = "line";
    this.settle();
  }

  // All that is wanted is here: if it fits, one is at the end from now on.
  arrive() {
    if (this.#goal === "line" && this.#scroller.scrollTop >= this.#end - 1) this.#goal = "end";
  }

  settle() {
    if (this.#goal === null || !this.#scroller.offsetParent) return;
    const message = this.#goal.seq && this.#messages().find(({ message: { seq } }) => seq === this.#goal.seq);
    const line = this.#scroller.querySelector(".divider");
    const wanted = line && this.#goal !== "end" ? Math.min(this.#end, line.offsetTop - margin) : this.#end;
    this.#scrollBy(message ? this.#below(message) - this.#goal.below : wanted - this.#scroller.scrollTop);
  }

  // The topmost message in sight, to come back to.
  get here() {
    const looked = this.#topmost();
    return looked?.message.seq ? { seq: looked.message.seq, below: this.#below(looked) } : null;
  }

  // The seq of the last message that is in sight as a whole.
  get last() {
    const bottom = this.#scroller.scrollTop + this.#scroller.clientHeight;
    return this.#messages().findLast(({ message, offsetTop, offsetHeight }) => message.seq && offsetTop + offsetHeight <= bottom + 1)?.message.seq ?? 0;
  }

  get #end() {
    return this.#scroller.scrollHeight - this.#scroller.clientHeight;
  }

  #topmost() {
    return this.#messages().find(({ offsetTop, offsetHeight }) => offsetTop + offsetHeight > this.#scroller.scrollTop) ?? null;
  }

  // How far a message's words are below the top: its margin depends on what stands above it.
  #below(node) {
    return node.querySelector(".bubble").getBoundingClientRect().top - this.#scroller.getBoundingClientRect().top;
  }

  #messages() {
    return [...this.#scroller.querySelectorAll(".message")];
  }

  // Not for less than a pixel: it would end a movement that is under way.
  #scrollBy(way) {
    if (Math.abs(way) >= 0.5) this.#scroller.scrollTop = Math.round(this.#scroller.scrollTop + way); // a fraction would be cut off
    this.#set = this.#scroller.scrollTop;
  }
}
