// The decision boundary of one net over the plane, with the data; pointing at it asks for that point's way.
import { Bytes, Picture, Still } from "../draw/canvas.js";
import { colours } from "../draw/colour.js";
import { contour } from "../draw/contour.js";
import { drawPoints } from "../draw/marks.js";
import { SIDES, panel } from "./panel.js";

export function boundaryPanel(app, side) {
  const picture = new Picture(1);
  const map = new Bytes(64);
  const still = new Still();
  const { element, tell } = panel(app, "boundary", { side, title: false }, picture.canvas);
  const name = `${SIDES[side]}.map`;

  picture.canvas.addEventListener("pointermove", (event) => {
    const box = picture.canvas.getBoundingClientRect();
    const span = app.run.span;
    app.point([((event.clientX - box.left) / box.width) * 2 * span - span, span - ((event.clientY - box.top) / box.height) * 2 * span]);
  });
  picture.canvas.addEventListener("pointerleave", () => app.point(null));
  element.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (event.key === "Escape") app.point(null);
    if (!move) return;
    event.preventDefault();
    event.stopPropagation();
    const from = app.player.point ?? [0, 0];
    const step = app.run.span / 16;
    app.point(from.map((v, k) => Math.max(-app.run.span, Math.min(app.run.span, v + move[k] * step))));
  });

  function draw({ frame, following, share }) {
    if (!picture.begin()) return;
    const { context, width } = picture;
    const now = frame.arrays[name];
    const next = following?.arrays[name];
    if (next) map.blend(now, next, share, colours.ramp);
    else map.paint(now, colours.ramp);
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = "high";
    context.drawImage(map.canvas, 0, 0, width, width);
    const verge = contour(now, 64, width, next, share);
    context.lineJoin = context.lineCap = "round";
    context.strokeStyle = colours.paper;
    context.globalAlpha = 0.7;
    context.lineWidth = 4.5;
    context.stroke(verge);
    context.globalAlpha = 1;
    context.strokeStyle = colours.ink;
    context.lineWidth = 1.8;
    context.stroke(verge);
    const { points, labels } = app.run.arrays;
    const place = (v) => ((v + app.run.span) / (2 * app.run.span)) * width;
    const radius = Math.max(1.9, Math.min(4.2, width / (labels.length > 400 ? 150 : 105)));
    still.onto(picture, colours.version, (own) => drawPoints(own, (i) => place(points[2 * i]), (i) => width - place(points[2 * i + 1]), labels, radius));
    if (app.player.point) cross(context, place(app.player.point[0]), width - place(app.player.point[1]));
  }
  return { element, draw, tell, always: true };
}

function cross(context, x, y) {
  for (const [colour, wide] of [[colours.paper, 5], [colours.ink, 1.8]]) {
    context.strokeStyle = colour;
    context.lineWidth = wide;
    context.beginPath();
    context.arc(x, y, 8, 0, 2 * Math.PI);
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) { context.moveTo(x + 5 * dx, y + 5 * dy); context.lineTo(x + 13 * dx, y + 13 * dy); }
    context.stroke();
  }
}
