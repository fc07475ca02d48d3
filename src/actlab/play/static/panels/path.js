// The way that two weights into one unit have gone: step by step at first, then from state to state.
import { Picture } from "../draw/canvas.js";
import { colours } from "../draw/colour.js";
import { HUES } from "../draw/plot.js";
import { panel } from "./panel.js";

export function pathPanel(app, side) {
  const picture = new Picture((width) => Math.min(230, width));
  const { element, tell } = panel(app, "path", { side }, picture.canvas);

  // Places up to a step, thinned so that no more are drawn than can be told apart.
  function places(frame) {
    const { path, path_states: states } = app.curves[side];
    const { steps } = app.run.arrays;
    const found = [];
    const fine = Math.min(path.length / 2 - 1, frame.step);
    for (let i = 0; i <= fine; i++) found.push([path[2 * i], path[2 * i + 1]]);
    for (let i = 0; i <= frame.state; i++) if (steps[i] > fine) found.push([states[2 * i], states[2 * i + 1]]);
    return found.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y));
  }

  function draw({ frame }) {
    if (!picture.begin()) return;
    const { context, width, height } = picture;
    const way = places(frame);
    if (!way.length) return;
    const xs = way.map((p) => p[0]), ys = way.map((p) => p[1]);
    const middle = (v) => (v.reduce((a, b) => Math.min(a, b)) + v.reduce((a, b) => Math.max(a, b))) / 2;
    const size = (v) => v.reduce((a, b) => Math.max(a, b)) - v.reduce((a, b) => Math.min(a, b));
    // One scale for both weights, or a direct way would look like a crooked one.
    const unit = Math.max(size(xs) / (width - 32), size(ys) / (height - 32), 0.02 / width);
    const x = (v) => width / 2 + (v - middle(xs)) / unit, y = (v) => height / 2 - (v - middle(ys)) / unit;
    context.strokeStyle = colours.rule;
    context.lineWidth = 1;
    context.strokeRect(0.5, 0.5, width - 1, height - 1);
    const hue = colours[HUES[side]];
    context.strokeStyle = hue;
    context.lineJoin = "round";
    context.lineWidth = way.length > 300 ? 1 : 1.5;
    context.beginPath();
    way.forEach((p, k) => context[k ? "lineTo" : "moveTo"](x(p[0]), y(p[1])));
    context.stroke();
    const [first, last] = [way[0], way.at(-1)];
    context.setLineDash([2, 3]);
    context.strokeStyle = colours.soft;
    context.lineWidth = 1;
    context.beginPath(); context.moveTo(x(first[0]), y(first[1])); context.lineTo(x(last[0]), y(last[1])); context.stroke();
    context.setLineDash([]);
    context.fillStyle = colours.paper;
    context.strokeStyle = hue;
    context.lineWidth = 1.8;
    context.beginPath(); context.arc(x(first[0]), y(first[1]), 4, 0, 2 * Math.PI); context.fill(); context.stroke();
    context.fillStyle = hue;
    context.beginPath(); context.arc(x(last[0]), y(last[1]), 5, 0, 2 * Math.PI); context.fill();
  }
  return { element, draw, tell };
}
