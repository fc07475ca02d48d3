// Charts with a place for each layer: signal and gradient, both nets in one, on a logarithmic scale.
import { Picture } from "../draw/canvas.js";
import { colours } from "../draw/colour.js";
import { Axes, DASHES, HUES, powerText } from "../draw/plot.js";
import { say } from "../words.js";
import { panel } from "./panel.js";

export function gradientPanel(app) {
  return chart(app, "gradient", (arm) => arm.gradient, (arm) => arm.gradient_bands, () => null);
}

export function signalPanel(app) {
  const hidden = (values) => (values.length > 1 ? values.slice(0, -1) : values);
  return chart(app, "signal", (arm) => hidden(arm.signal), () => null, (side) => app.signals && hidden(app.signals[side].a));
}

function chart(app, key, values, bands, beside) {
  const picture = new Picture((width) => Math.max(130, Math.min(180, width * 0.42)));
  const { element, tell } = panel(app, key, {}, picture.canvas);

  function draw({ frame }) {
    if (!picture.begin()) return;
    const { context, width, height } = picture;
    const arms = frame.arms.map(values);
    const all = arms.flatMap((arm, side) => [...arm, ...(beside(side) ?? []), ...(bands(frame.arms[side]) ?? []).flat()]).filter((v) => v > 0).map(Math.log10);
    const low = Math.max(-12, Math.floor(Math.min(-1, ...all))), high = Math.min(6, Math.ceil(Math.max(0, ...all)));
    const layers = Math.max(...arms.map((arm) => arm.length));
    const outputs = key === "gradient";
    const box = { left: 40, top: 8, right: width - 14, bottom: height - 24 };
    const axes = new Axes(context, box).scale([0.6, layers + 0.4], [low, high]);
    const every = Math.max(1, Math.ceil((high - low) / 4));
    axes.horizontal(Array.from({ length: high - low + 1 }, (_, k) => low + k).filter((k) => (high - k) % every === 0), powerText);
    const ticks = Array.from({ length: layers }, (_, k) => k + 1);
    axes.vertical(ticks, (k) => (outputs && k === layers ? say("output") : String(k)));
    const height10 = (v) => axes.y(v > 0 ? Math.max(low, Math.min(high, Math.log10(v))) : low);
    arms.forEach((arm, side) => {
      const hue = colours[HUES[side]];
      const shift = (side - 0.5) * 7;
      // The last layer of both stands in the same place, whatever their depth.
      const x = (k) => axes.x(outputs && k === arm.length - 1 ? layers : k + 1) + shift;
      context.strokeStyle = context.fillStyle = hue;
      const own = bands(frame.arms[side]);
      if (own) {
        context.globalAlpha = 0.28;
        context.lineWidth = 5;
        context.lineCap = "round";
        own.forEach(([least, , most], k) => {
          context.beginPath();
          context.moveTo(x(k), height10(least));
          context.lineTo(x(k), height10(most));
          context.stroke();
        });
        context.globalAlpha = 1;
        context.lineCap = "butt";
      }
      path(context, arm, x, height10, 2, DASHES[side]);
      arm.forEach((v, k) => dot(context, x(k), height10(v), side, v === 0));
      const point = beside(side);
      if (point) {
        context.globalAlpha = 0.8;
        path(context, point, x, height10, 1, [2, 2]);
        point.forEach((v, k) => ring(context, x(k), height10(v)));
        context.globalAlpha = 1;
      }
    });
  }
  return { element, draw, tell };
}

function path(context, values, x, y, width, dash) {
  context.beginPath();
  values.forEach((v, k) => context[k ? "lineTo" : "moveTo"](x(k), y(v)));
  context.lineWidth = width;
  context.setLineDash(dash);
  context.stroke();
  context.setLineDash([]);
}

function dot(context, x, y, side, hollow) {
  context.beginPath();
  if (side) context.rect(x - 3.6, y - 3.6, 7.2, 7.2);
  else context.arc(x, y, 4, 0, 2 * Math.PI);
  const own = context.fillStyle;
  if (hollow) context.fillStyle = colours.paper;
  context.fill();
  context.lineWidth = 1.5;
  if (hollow) context.stroke();
  context.fillStyle = own;
}

function ring(context, x, y) {
  context.beginPath();
  context.arc(x, y, 3, 0, 2 * Math.PI);
  context.lineWidth = 1.4;
  context.stroke();
}
