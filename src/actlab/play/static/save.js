// Out of the page: a link, a picture, curves, numbers, a recording.
import { h } from "./dom.js";
import { lossSvg } from "./draw/svg.js";
import { toText } from "./experiment.js";
import { say, vocabulary } from "./words.js";

const MOST_RECORDED = 120;

export async function share(app, button) {
  const at = app.player.index ? `&at=${app.player.index}` : "";
  const link = `${location.origin}/#${toText(app.run.run, app.lesson)}${at}`;
  history.replaceState(null, "", link);
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(link);
    button.textContent = say("copied");
  } catch {
    button.textContent = say("copy_failed");
  }
  if (app.run.run.data === "own") app.refuse(say("own_link"));
  setTimeout(() => { button.textContent = label; }, 1800);
}

export function saveMenu(app) {
  const item = (key, act) => h("li", {}, h("button", { type: "button", onclick: async (event) => { const label = event.target.textContent; event.target.textContent = say("saving"); await act(); event.target.textContent = label; details.open = false; } }, say(key)));
  const details = h("details.menu", {}, h("summary.quiet", {}, say("save")), h("ul.sheet", {},
    item("save_png", () => savePicture(app)),
    item("save_svg", () => offer(new Blob([lossSvg(app)], { type: "image/svg+xml" }), "actlab-play-loss.svg")),
    item("save_json", () => saveNumbers(app)),
    app.channel.live ? item("save_html", () => saveRecording(app)) : null));
  return details;
}

function offer(blob, name) {
  const link = h("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

// All pictures of the page on one canvas, where they stand.
async function savePicture(app) {
  const stage = app.root.querySelector(".stage");
  const area = stage.getBoundingClientRect();
  const scale = 2;
  const canvas = document.createElement("canvas");
  canvas.width = area.width * scale;
  canvas.height = area.height * scale;
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  context.fillStyle = getComputedStyle(app.root).backgroundColor;
  context.fillRect(0, 0, area.width, area.height);
  for (const picture of stage.querySelectorAll("canvas")) {
    const box = picture.getBoundingClientRect();
    if (box.width) context.drawImage(picture, box.left - area.left, box.top - area.top, box.width, box.height);
  }
  for (const text of stage.querySelectorAll(".panel-head h2:not(.told), .headline, .score, .score-about, .formula, .cell-name, .counts")) {
    const box = text.getBoundingClientRect();
    const style = getComputedStyle(text);
    context.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    context.fillStyle = style.color;
    context.textBaseline = "top";
    wrap(text.textContent, box.width + 2, context).forEach((line, k) => context.fillText(line, box.left - area.left, box.top - area.top + k * parseFloat(style.lineHeight || 18)));
  }
  for (const field of stage.querySelectorAll("input.function")) {
    const box = field.getBoundingClientRect();
    const style = getComputedStyle(field);
    context.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    context.fillStyle = style.color;
    context.textBaseline = "middle";
    context.fillText(field.value, box.left - area.left, box.top - area.top + box.height / 2);
  }
  offer(await new Promise((done) => canvas.toBlob(done, "image/png")), "actlab-play.png");
}

function wrap(text, width, context) {
  const lines = [""];
  for (const word of text.split(/(?<= )/)) {
    if (lines.at(-1) && context.measureText(lines.at(-1) + word).width > width) lines.push("");
    lines[lines.length - 1] += word;
  }
  return lines;
}

function saveNumbers(app) {
  const { frame } = { frame: app.player.shown };
  const last = frame.state;
  const rows = (values, each) => Array.from({ length: last + 1 }, (_, i) => Array.from(values.subarray(i * each, (i + 1) * each), (v) => (Number.isFinite(v) ? v : null)));
  const numbers = {
    format: "actlab-play", version: 1, language: vocabulary.lang, run: app.run.run, epoch: frame.epoch, step: frame.step,
    arms: app.run.arms, seeds: app.run.seeds, steps: Array.from(app.run.arrays.steps.subarray(0, last + 1)),
    columns: ["train_loss", "train_accuracy", "validation_loss", "validation_accuracy"], quantiles: [0.1, 0.5, 0.9],
    curves: app.curves.map((curve) => ({ own: rows(curve.own, 4), bands: rows(curve.bands, 12) })),
    now: frame.arms, said: frame.say,
  };
  offer(new Blob([JSON.stringify(numbers, null, 1)], { type: "application/json" }), "actlab-play.json");
}

function saveRecording(app) {
  const last = Math.max(1, app.player.index);
  const count = Math.min(MOST_RECORDED, last + 1);
  // Evenly over what has been seen.
  const states = [...new Set(Array.from({ length: count }, (_, k) => Math.round((k * last) / (count - 1 || 1))))].filter((k) => k < app.player.available);
  return new Promise((done) => {
    app.recorded = (bytes) => { offer(new Blob([bytes], { type: "text/html" }), "actlab-play.html"); done(); };
    app.channel.send({ op: "record", id: app.run.id, states, view: { run: app.run.run } });
  });
}
