// Axes of the small charts: few lines, words at the edge.
import { colours } from "./colour.js";

export const FONT = "12px system-ui, -apple-system, 'Segoe UI', 'Noto Sans CJK KR', NanumGothic, sans-serif";
export const HUES = ["arm-0", "arm-1"];
export const DASHES = [[], [7, 4]];

export function niceTicks(low, high, count = 4) {
  const span = high - low || 1;
  const unit = 10 ** Math.floor(Math.log10(span / count));
  const step = [1, 2, 5, 10].map((k) => k * unit).find((k) => span / k <= count) ?? unit * 10;
  const ticks = [];
  for (let v = Math.ceil(low / step) * step; v <= high + 1e-9 * span; v += step) ticks.push(Math.abs(v) < step * 1e-9 ? 0 : v);
  return ticks;
}

export function tickText(value) {
  return String(Number(value.toPrecision(6))).replace("-", "−");
}

// 10 to a whole power, as people write it.
export function powerText(exponent) {
  if (exponent >= -2 && exponent <= 3) return tickText(10 ** exponent);
  return `10${[...String(exponent)].map((c) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[c] ?? "⁻").join("")}`;
}

export class Axes {
  constructor(context, box) {
    this.context = context;
    Object.assign(this, box); // left, top, right, bottom in pixels
  }

  scale(xs, ys) {
    this.x = (v) => this.left + ((v - xs[0]) / (xs[1] - xs[0] || 1)) * (this.right - this.left);
    this.y = (v) => this.bottom - ((v - ys[0]) / (ys[1] - ys[0] || 1)) * (this.bottom - this.top);
    return this;
  }

  horizontal(ticks, text = tickText) {
    const c = this.context;
    c.font = FONT;
    c.lineWidth = 1;
    c.textAlign = "right";
    c.textBaseline = "middle";
    for (const tick of ticks) {
      const y = Math.round(this.y(tick)) + 0.5;
      c.strokeStyle = colours.rule;
      c.beginPath(); c.moveTo(this.left, y); c.lineTo(this.right, y); c.stroke();
      c.fillStyle = colours.soft;
      c.fillText(text(tick), this.left - 7, y);
    }
  }

  vertical(ticks, text = tickText) {
    const c = this.context;
    c.font = FONT;
    c.textBaseline = "top";
    c.fillStyle = colours.soft;
    ticks.forEach((tick, k) => {
      const x = this.x(tick);
      c.textAlign = k === ticks.length - 1 && x > this.right - 14 ? "right" : k === 0 && x < this.left + 8 ? "left" : "center";
      c.fillText(text(tick), x, this.bottom + 6);
    });
  }
}
