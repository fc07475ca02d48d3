// The loss curves as a drawing for papers: vectors, words as words.
import { s } from "../dom.js";
import { colours } from "./colour.js";
import { DASHES, HUES, niceTicks, tickText } from "./plot.js";
import { epochText, say } from "../words.js";
import { ticksOf, top } from "../panels/loss.js";

const WIDE = 640, HIGH = 360, BOX = { left: 52, top: 34, right: 626, bottom: 312 };

export function lossSvg(app) {
  const last = Math.max(1, app.player.index);
  const column = app.curveColumn ?? 0;
  const most = top(app.curves, column, last);
  const x = (i) => BOX.left + (i / last) * (BOX.right - BOX.left);
  const y = (v) => BOX.bottom - (Math.min(v, most * 1.2) / most) * (BOX.bottom - BOX.top);
  const text = (content, at, more = {}) => s("text", { fill: colours.soft, "font-size": 13, ...at, ...more }, content);
  const parts = [s("rect", { width: WIDE, height: HIGH, fill: colours.paper })];
  for (const tick of niceTicks(0, most, 4)) {
    parts.push(s("line", { x1: BOX.left, x2: BOX.right, y1: y(tick), y2: y(tick), stroke: colours.rule }));
    parts.push(text(tickText(tick), { x: BOX.left - 8, y: y(tick) + 4 }, { "text-anchor": "end" }));
  }
  for (const state of ticksOf(app, last, WIDE)) {
    parts.push(text(epochText(app.run.arrays.steps[state] / app.run.per_epoch), { x: x(state), y: BOX.bottom + 20 }, { "text-anchor": "middle" }));
  }
  parts.push(text(say("epochs"), { x: BOX.right, y: HIGH - 8 }, { "text-anchor": "end" }));
  parts.push(text(`${say("loss")}, ${say(column ? "loss_fresh" : "loss_train")}`, { x: BOX.left, y: 18 }, { fill: colours.ink, "font-weight": 600 }));
  const at = [...new Set(Array.from({ length: 400 }, (_, k) => Math.round((k * last) / 399)))];
  const path = (of) => at.map((i, k) => `${k ? "L" : "M"}${x(i).toFixed(1)} ${y(Number.isFinite(of(i)) ? of(i) : 1e6).toFixed(1)}`).join("");
  app.curves.forEach(({ own, bands }, side) => {
    const hue = colours[HUES[side]];
    const band = (q) => (i) => bands[(i * 4 + column) * 3 + q];
    const back = path(band(0)).slice(1).split("L").reverse().join("L");
    parts.push(s("path", { d: `${path(band(2))}L${back}Z`, fill: hue, "fill-opacity": 0.16 }));
    parts.push(s("path", { d: path(band(1)), fill: "none", stroke: hue, "stroke-width": 1 }));
    parts.push(s("path", { d: path((i) => own[i * 4 + column]), fill: "none", stroke: hue, "stroke-width": 2.2, "stroke-dasharray": DASHES[side].join(" ") }));
    parts.push(text(app.run.arms[side].label, { x: BOX.right, y: 18 + 16 * side }, { fill: hue, "font-weight": 600, "text-anchor": "end" }));
  });
  const svg = s("svg", { xmlns: "http://www.w3.org/2000/svg", viewBox: `0 0 ${WIDE} ${HIGH}`, width: WIDE, height: HIGH, "font-family": "system-ui, sans-serif", role: "img" }, s("title", {}, app.player.shown.say.loss), ...parts);
  return new XMLSerializer().serializeToString(svg);
}
