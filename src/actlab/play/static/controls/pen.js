// Drawing points: with the mouse or a finger, or by keys.
import { h } from "../dom.js";
import { Picture } from "../draw/canvas.js";
import { colours } from "../draw/colour.js";
import { drawPoints } from "../draw/marks.js";
import { say } from "../words.js";

const REACH = 2.4;

export function pen(app, done) {
  const points = app.wanted.drawn.map((point) => [...point]);
  const picture = new Picture(1);
  let label = 0, at = [0, 0], last = null;
  const count = h("span.soft");
  const [least, most] = app.choices.limits.points;
  const use = h("button.primary", { type: "button", onclick: () => done(points) }, say("drawn_use"));
  const classes = h("span.tabs", { role: "group", "aria-label": say("drawn_class") }, [0, 1].map((k) =>
    h("button.tab", { type: "button", "data-class": k, onclick: () => { label = k; update(); } }, k ? "◆ 1" : "● 0")));
  const pad = h("div.pad", { tabIndex: 0, role: "application", "aria-label": say("drawn_help") }, picture.canvas);
  const dialog = h("dialog.pen", { "aria-label": say("drawn"), onclose: () => dialog.remove() },
    h("p", {}, say("drawn_help")), pad,
    h("div.row", {}, classes, count, h("button", { type: "button", onclick: () => { points.length = 0; update(); } }, say("drawn_clear")), use, h("button", { type: "button", onclick: () => dialog.close() }, say("close"))));

  function put(x, y, k) {
    if (points.length < most) points.push([Math.round(x * 100) / 100, Math.round(y * 100) / 100, k]);
    update();
  }
  const where = (event) => {
    const box = picture.canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * 2 * REACH - REACH, REACH - ((event.clientY - box.top) / box.height) * 2 * REACH];
  };
  pad.addEventListener("pointerdown", (event) => {
    pad.setPointerCapture(event.pointerId);
    last = where(event);
    put(...last, event.shiftKey ? 1 - label : label);
  });
  pad.addEventListener("pointermove", (event) => {
    if (!last) return;
    const here = where(event);
    if (Math.hypot(here[0] - last[0], here[1] - last[1]) < 0.16) return;
    last = here;
    put(...here, event.shiftKey ? 1 - label : label);
  });
  pad.addEventListener("pointerup", () => { last = null; });
  pad.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (move) at = at.map((v, k) => Math.max(-REACH, Math.min(REACH, v + 0.12 * move[k])));
    else if (event.key === " ") put(...at, event.shiftKey ? 1 - label : label);
    else return;
    event.preventDefault();
    update();
  });
  function update() {
    count.textContent = say("drawn_count", { n: points.length });
    use.disabled = points.length < least || new Set(points.map((p) => p[2])).size < 2;
    for (const button of classes.children) button.setAttribute("aria-pressed", String(Number(button.dataset.class) === label));
    if (!picture.begin()) { requestAnimationFrame(update); return; }
    const { context, width } = picture;
    const place = (v) => ((v + REACH) / (2 * REACH)) * width;
    drawPoints(context, (i) => place(points[i][0]), (i) => width - place(points[i][1]), points.map((p) => p[2]), 4.2);
    context.strokeStyle = colours.soft;
    context.lineWidth = 1.2;
    context.strokeRect(place(at[0]) - 5, width - place(at[1]) - 5, 10, 10);
  }
  app.root.append(dialog);
  dialog.showModal();
  update();
  return dialog;
}
