// Hidden space: where each layer puts the points and the grid of the plane.
import { h } from "../dom.js";
import { Picture } from "../draw/canvas.js";
import { colours } from "../draw/colour.js";
import { drawPoints } from "../draw/marks.js";
import { percent, say } from "../words.js";
import { SIDES, panel } from "./panel.js";

const MESH = 17, OUTSIDE = 4;

export function hiddenPanel(app, side) {
  const layers = app.run.run[SIDES[side]].hidden.length;
  const cells = Array.from({ length: layers }, (_, l) => {
    const picture = new Picture(1);
    const share = h("span.soft");
    return { picture, share, element: h("div.cell", {}, picture.canvas, h("p.cell-name", {}, say("layer", { n: l + 1 }), " ", share)) };
  });
  const { element, tell } = panel(app, "hiddenspace", { side, about: "hidden" }, h("div.cells", {}, cells.map((cell) => cell.element)));

  function draw({ frame }) {
    cells.forEach(({ picture, share }, l) => {
      if (!picture.begin()) return;
      const { context, width } = picture;
      const points = frame.arrays[`${SIDES[side]}.${l}.points`];
      const mesh = frame.arrays[`${SIDES[side]}.${l}.mesh`];
      const place = (v) => (((v * OUTSIDE) / 32767 + 1) / 2) * width;
      context.strokeStyle = colours.soft;
      context.globalAlpha = 0.42;
      context.lineWidth = 0.8;
      context.beginPath();
      for (let r = 0; r < MESH; r++) {
        for (const [start, step] of [[r * MESH, 1], [r, MESH]]) {
          for (let k = 0; k < MESH; k++) {
            const i = 2 * (start + k * step);
            const x = place(mesh[i]), y = width - place(mesh[i + 1]);
            if (k) context.lineTo(x, y);
            else context.moveTo(x, y);
          }
        }
      }
      context.stroke();
      context.globalAlpha = 1;
      const labels = app.run.arrays.labels.subarray(0, points.shape[0]);
      drawPoints(context, (i) => place(points[2 * i]), (i) => width - place(points[2 * i + 1]), labels, Math.max(1.4, width / 95), false);
      share.textContent = percent(frame.arms[side].layers[l].share, 0);
    });
  }
  return { element, draw, tell };
}
