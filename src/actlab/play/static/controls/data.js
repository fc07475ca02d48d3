// Which points both nets learn from: six sets as pictures of themselves, a pen, and a file.
import { h, icon } from "../dom.js";
import { Picture } from "../draw/canvas.js";
import { colours } from "../draw/colour.js";
import { drawPoints } from "../draw/marks.js";
import { say } from "../words.js";

export function dataControls(app) {
  const { run } = app.run;
  const live = app.channel.live;
  const pictures = [];
  const fixed = run.data === "drawn" || run.data === "own"; // points that nobody can draw more of
  const buttons = app.choices.data.map((name) => {
    const picture = new Picture(1);
    pictures.push({ name, picture, version: -1 });
    return h("button.data", {
      type: "button", "aria-pressed": String(name === run.data), disabled: !live, title: say(name),
      onclick: () => choose(name),
    }, picture.canvas, h("span", {}, say(name)));
  });
  function choose(name) {
    if (name === "drawn") app.openPen();
    else if (name === "own") app.openFile();
    else app.change((next) => { Object.assign(next, { data: name, noise: null, drawn: [], own: null }, fixed ? { points: 300 } : {}); });
  }
  const number = (key, value, least, most, step) => h("label.field", {}, h("span", {}, say(key)), h("input", {
    type: "number", min: least, max: most, step, value, disabled: !live,
    onchange: (event) => { const v = Number(event.target.value); if (Number.isFinite(v)) app.change((next) => { next[key] = key === "noise" ? v : Math.round(v); }); },
  }));
  const [low, high] = app.choices.limits.points;
  const dice = run.data === "own" ? "dice_split" : "dice_data";
  const about = run.own && say("own_about", { ...run.own, one: run.own.classes[1], other: run.own.classes[0] || say("own_others") });
  const element = h("section.data-row", { "aria-label": say("data") },
    h("div.sets", { role: "group", "aria-label": say("data") }, buttons),
    h("div.fields", {},
      fixed ? null : number("noise", app.run.noise, app.run.noises?.[0], app.run.noises?.[1], 0.01),
      fixed ? null : number("points", run.points, low, high, 10),
      number("batch", run.batch, 2, high, 1),
      live && run.data !== "drawn" ? h("button.round", { type: "button", title: say(dice), "aria-label": say(dice), onclick: () => app.change((next) => { next.draw = (next.draw + 1) % 2 ** 31; }) }, icon("dice")) : null),
    about ? h("p.own-about.soft", {}, about) : null);

  function draw() {
    for (const one of pictures) {
      if (one.version === colours.version && !one.picture.stale) continue;
      if (!one.picture.begin()) continue;
      one.version = colours.version;
      thumbnail(one.picture.context, one.picture.width, one.name);
    }
  }
  return { element, draw };
}

// A hint of each set, drawn here: dots along its shape. The real points are those in the nets' pictures.
function thumbnail(context, size, name) {
  const xs = [], ys = [], labels = [];
  const put = (x, y, label) => { xs.push(x); ys.push(y); labels.push(label); };
  const wave = (k) => Math.sin(k * 12.9898) * 0.5;
  for (let k = 0; k < 44; k++) {
    const label = k % 2, t = (k / 44) * Math.PI, jitter = wave(k) * 0.16;
    if (name === "moons") put(label ? 0.45 - Math.cos(t) * 0.9 : Math.cos(t) * 0.9 - 0.45, (label ? 0.22 - Math.sin(t) : Math.sin(t) - 0.22) * 0.85 + jitter, label);
    if (name === "circles") put(Math.cos(2 * t) * (label ? 0.5 : 1.1) + jitter * 0.6, Math.sin(2 * t) * (label ? 0.5 : 1.1) + wave(k + 50) * 0.1, label);
    if (name === "spiral") { const r = 0.12 + k / 42, a = k * 0.19 + label * Math.PI; put(r * Math.cos(a), r * Math.sin(a), label); }
    if (name === "blobs") put((label ? 0.6 : -0.6) + wave(k) * 0.8, (label ? 0.4 : -0.4) + wave(k * 7 + 3) * 0.8, label);
    if (name === "xor") { const q = (k >> 1) % 2 ? 1 : -1; put(q * 0.65 + wave(k) * 0.7, (label ? q : -q) * 0.65 + wave(k * 5 + 1) * 0.7, label); }
    if (name === "checkerboard" && k < 36) { const c = k % 6, r = Math.floor(k / 6); put((c - 2.5) * 0.4, (r - 2.5) * 0.4, (Math.floor(c / 1.5) + Math.floor(r / 1.5)) % 2); }
  }
  if (name === "drawn") {
    context.strokeStyle = colours.soft;
    context.lineWidth = 2;
    context.lineCap = "round";
    context.beginPath();
    context.moveTo(size * 0.25, size * 0.75); context.lineTo(size * 0.7, size * 0.3);
    context.moveTo(size * 0.62, size * 0.22); context.lineTo(size * 0.78, size * 0.38);
    context.stroke();
    return;
  }
  if (name === "own") {
    context.strokeStyle = colours.soft;
    context.lineWidth = 1.5;
    const [left, top, wide, high] = [0.22, 0.26, 0.56, 0.48].map((part) => part * size);
    context.strokeRect(left, top, wide, high);
    context.beginPath();
    for (const part of [1 / 3, 2 / 3]) {
      context.moveTo(left, top + part * high); context.lineTo(left + wide, top + part * high);
      context.moveTo(left + part * wide, top); context.lineTo(left + part * wide, top + high);
    }
    context.stroke();
    return;
  }
  const place = (v) => ((v + 1.35) / 2.7) * size;
  drawPoints(context, (i) => place(xs[i]), (i) => size - place(ys[i]), labels, size / 28);
}
