// Loss along training: the nets shown, and the band of their 64 seeds. It shows what has been seen so far.
import { h } from "../dom.js";
import { Picture } from "../draw/canvas.js";
import { colours } from "../draw/colour.js";
import { Axes, DASHES, HUES, niceTicks } from "../draw/plot.js";
import { epochText, say, short } from "../words.js";
import { panel } from "./panel.js";

export function lossPanel(app) {
  const picture = new Picture((width) => Math.max(170, Math.min(250, width * 0.52)));
  let stateAt = null; // which state stands at a place of the picture
  let column = app.run.fresh ? app.curveColumn ?? 0 : 0;
  const buttons = ["loss_train", "loss_fresh"].map((key, k) =>
    h("button.tab", { type: "button", "aria-pressed": String(column === 2 * k), onclick: () => choose(2 * k) }, say(key)));
  const { element, tell } = panel(app, "loss", { tools: app.run.fresh ? h("span.tabs", {}, buttons) : null }, picture.canvas);
  function choose(next) {
    column = app.curveColumn = next;
    buttons.forEach((button, k) => button.setAttribute("aria-pressed", String(column === 2 * k)));
    app.redraw();
  }

  // The losses at the state that is pointed at, in figures.
  picture.canvas.addEventListener("pointermove", (event) => {
    const frame = app.player.shown;
    if (!frame || !stateAt) return;
    const x = event.clientX - picture.canvas.getBoundingClientRect().left;
    const state = Math.max(0, Math.min(frame.state, Math.round(stateAt(x))));
    const [left, right] = app.curves.map((curve) => short(curve.own[state * 4 + column]));
    const [first, second] = app.run.arms.map((arm) => arm.label);
    app.explain({ key: "loss", side: null, about: "loss", at: say("loss_at", { epoch: epochText(app.run.arrays.steps[state] / app.run.per_epoch), first, left, second, right }) });
  });

  function draw({ frame }) {
    if (!picture.begin()) return;
    const { context, width, height } = picture;
    const last = frame.state;
    const domain = Math.max(60, Math.min(app.run.states - 1, last * 1.08));
    const box = { left: 36, top: 8, right: width - 8, bottom: height - 24 };
    const axes = new Axes(context, box);
    stateAt = (px) => ((px - box.left) / (box.right - box.left)) * domain;
    axes.scale([0, domain], [0, top(app.curves, column, last)]);
    axes.horizontal(niceTicks(0, top(app.curves, column, last), 4));
    axes.vertical(ticksOf(app, domain, width), (state) => epochText(app.run.arrays.steps[state] / app.run.per_epoch));
    context.save();
    context.beginPath();
    context.rect(box.left, box.top - 4, box.right - box.left + 4, box.bottom - box.top + 5);
    context.clip();
    app.curves.forEach(({ own, bands }, side) => {
      const hue = colours[HUES[side]];
      const stride = Math.max(1, Math.floor(last / width));
      const at = [];
      for (let i = 0; i <= last; i += stride) at.push(i);
      if (at.at(-1) !== last) at.push(last);
      const band = (i, q) => clamp(bands[(i * 4 + column) * 3 + q]);
      context.beginPath();
      at.forEach((i, k) => context[k ? "lineTo" : "moveTo"](axes.x(i), axes.y(band(i, 2))));
      for (const i of [...at].reverse()) context.lineTo(axes.x(i), axes.y(band(i, 0)));
      context.closePath();
      context.fillStyle = hue;
      context.globalAlpha = 0.16;
      context.fill();
      context.globalAlpha = 0.75;
      line(context, at, (i) => [axes.x(i), axes.y(band(i, 1))], hue, 1, []);
      context.globalAlpha = 1;
      line(context, at, (i) => [axes.x(i), axes.y(clamp(own[i * 4 + column]))], hue, 2.2, DASHES[side]);
      context.beginPath();
      context.arc(axes.x(last), axes.y(clamp(own[last * 4 + column])), 4, 0, 2 * Math.PI);
      context.fillStyle = hue;
      context.fill();
    });
    context.restore();
  }
  return { element, draw, tell };
}

const clamp = (v) => (Number.isFinite(v) ? Math.min(v, 1e6) : 1e6);

function line(context, at, place, colour, width, dash) {
  context.beginPath();
  at.forEach((i, k) => context[k ? "lineTo" : "moveTo"](...place(i)));
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.lineJoin = "round";
  context.setLineDash(dash);
  context.stroke();
  context.setLineDash([]);
}

// The height of the chart: the highest that is shown, but a net that explodes does not flatten the others.
export function top(curves, column, last) {
  let most = 0.3;
  for (const { own, bands } of curves) {
    for (let i = 0; i <= last; i += Math.max(1, last >> 9)) {
      for (const v of [own[i * 4 + column], bands[(i * 4 + column) * 3 + 2]]) if (v > most) most = v;
    }
  }
  return Math.min(2.2, most * 1.05);
}

// Round numbers of epochs among the states, far enough from one another.
export function ticksOf(app, domain, width) {
  const { steps } = app.run.arrays;
  const find = (epoch) => steps.indexOf(epoch * app.run.per_epoch);
  const all = [0, 1, 5, 10, 20, 50, 100, 200, 300, 400, 500, 600, 800, 1000, 2000, 4000, 8000, 16000].map(find).filter((i) => i >= 0 && i <= domain);
  const room = (i, j) => (Math.abs(i - j) / domain) * width > 42;
  return all.reduceRight((kept, i) => (kept.every((j) => room(i, j)) ? [i, ...kept] : kept), []);
}
