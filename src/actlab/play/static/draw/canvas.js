// A canvas that is as sharp as the screen and as wide as its place.
import { h } from "../dom.js";

export class Picture {
  // ratio: height over width. label: what it shows, for those who do not see it.
  constructor(ratio = 1) {
    this.ratio = ratio;
    this.canvas = h("canvas", { "aria-hidden": "true" });
    this.context = this.canvas.getContext("2d");
    this.width = 0;
    this.stale = true;
    this.observer = new ResizeObserver(() => { this.stale = true; });
    this.observer.observe(this.canvas);
  }

  // Ready to draw in CSS pixels; false where it has no room.
  begin() {
    if (this.stale) {
      this.stale = false;
      const width = Math.floor(this.canvas.clientWidth);
      const height = Math.floor(typeof this.ratio === "function" ? this.ratio(width) : width * this.ratio);
      const scale = Math.min(3, window.devicePixelRatio || 1);
      this.canvas.style.height = `${height}px`;
      this.canvas.width = Math.max(1, Math.round(width * scale));
      this.canvas.height = Math.max(1, Math.round(height * scale));
      Object.assign(this, { width, height, scale });
    }
    if (this.width < 8) return false;
    this.context.setTransform(this.scale, 0, 0, this.scale, 0, 0);
    this.context.clearRect(0, 0, this.width, this.height);
    return true;
  }
}

// A drawing that stays as it is for many frames: made again only when `key` is another.
export class Still {
  constructor() { this.key = null; }

  onto(picture, key, draw) {
    const { context, width, height, scale } = picture;
    const full = `${key} ${width} ${height} ${scale}`;
    if (full !== this.key) {
      this.key = full;
      this.canvas = new OffscreenCanvas(picture.canvas.width, picture.canvas.height);
      const own = this.canvas.getContext("2d");
      own.setTransform(scale, 0, 0, scale, 0, 0);
      draw(own);
    }
    context.drawImage(this.canvas, 0, 0, width, height);
  }
}

// A small picture of bytes through a table of colours, drawn large by whoever wants it.
export class Bytes {
  constructor(width, height = width) {
    this.canvas = new OffscreenCanvas(width, height);
    this.context = this.canvas.getContext("2d");
    this.image = this.context.createImageData(width, height);
    this.words = new Uint32Array(this.image.data.buffer);
  }

  paint(values, table) {
    for (let i = 0; i < this.words.length; i++) this.words[i] = table[values[i]];
    this.context.putImageData(this.image, 0, 0);
  }

  // Between two maps, share of the way.
  blend(from, to, share, table) {
    for (let i = 0; i < this.words.length; i++) this.words[i] = table[(from[i] + (to[i] - from[i]) * share) | 0];
    this.context.putImageData(this.image, 0, 0);
  }
}
