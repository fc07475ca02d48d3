// Where in training we look, and the states that have been fetched for it.
//
// Drawing and training are apart: states are asked for a little ahead of where we look, a few at a time, and what has
// not come yet is waited for.
const AHEAD = 6;
const KEPT = 240;
export const SPEEDS = { slow: [6, 1], normal: [20, 1], fast: [24, 5] }; // states a second, and every how many-th

export class Player {
  constructor(channel) {
    this.channel = channel;
    this.listeners = [];
    this.forget(0);
    this.speed = "normal";
  }

  forget(id) {
    this.id = id;
    this.frames = new Map();
    this.asked = new Map();
    this.position = 0; // of states; the whole part is the one that is shown
    this.available = 0;
    this.total = 0;
    this.playing = false;
    this.point = null;
    this.shown = null;
  }

  get stride() { return this.channel.live ? SPEEDS[this.speed][1] : 1; }
  get index() { return Math.floor(this.position); }
  // The last state that can be looked at now, and the last that there will be.
  get last() { return this.channel.live ? this.available - 1 : this.channel.states.at(-1); }
  get end() { return this.channel.live ? this.total - 1 : this.last; }

  // Which state stands at a place of the timeline. A recording has only some of them.
  nearest(state) {
    if (this.channel.live) return Math.max(0, Math.min(state, this.available - 1));
    return this.channel.states.reduce((best, one) => (Math.abs(one - state) < Math.abs(best - state) ? one : best), this.channel.states[0]);
  }

  after(state, by = 1) {
    if (this.channel.live) return this.nearest(state + by);
    const at = this.channel.states.indexOf(this.nearest(state));
    return this.channel.states[Math.max(0, Math.min(this.channel.states.length - 1, at + Math.sign(by)))];
  }

  seek(state) {
    this.position = this.nearest(Math.round(state));
    this.want();
  }

  step(by) {
    this.playing = false;
    this.seek(this.after(this.index, by));
  }

  toggle(playing = !this.playing) {
    if (playing && this.index >= this.end) this.seek(0);
    this.playing = playing;
    this.want();
  }

  want() {
    if (!this.available) return;
    let state = this.index;
    for (let k = 0; k < (this.playing ? AHEAD : 1); k++) {
      if (!this.frames.has(state) && !this.asked.has(state)) {
        this.asked.set(state, performance.now());
        this.channel.send({ op: "frame", id: this.id, state, point: this.point });
      }
      const next = this.after(state, this.stride);
      if (next === state) break;
      state = next;
    }
  }

  hear(frame) {
    this.asked.delete(frame.state);
    this.frames.set(frame.state, frame);
    for (const state of this.frames.keys()) {
      if (this.frames.size <= KEPT) break;
      if (Math.abs(state - this.index) > KEPT / 2) this.frames.delete(state);
    }
  }

  // Go on by `seconds`; gives the frame to draw, the one after it and how far between them we are.
  advance(seconds) {
    const here = this.index;
    const next = this.after(here, this.stride);
    if (this.playing && next !== here && this.frames.has(here)) {
      // Within one state we may go on; into the next only when it is there.
      const carried = (this.fraction ?? 0) + seconds * SPEEDS[this.speed][0];
      this.fraction = Math.min(1, carried);
      if (carried >= 1 && this.frames.has(next)) {
        this.position = next;
        this.fraction = Math.min(0.9, carried - 1);
      }
    } else {
      this.fraction = 0;
      if (this.playing && this.available && this.index >= this.end) this.playing = false;
    }
    this.want();
    const frame = this.frames.get(this.index) ?? this.shown;
    this.shown = frame;
    const following = this.playing ? this.frames.get(this.after(this.index, this.stride)) : null;
    return { frame, following: following === frame ? null : following, share: this.fraction };
  }
}
