// Points of the two classes: circles and diamonds, so that colour is not all that tells them apart.
import { colours } from "./colour.js";

export function drawPoints(context, xs, ys, labels, radius, rim = true) {
  for (const label of [0, 1]) {
    context.beginPath();
    for (let i = 0; i < labels.length; i++) {
      if (labels[i] !== label) continue;
      const x = xs(i), y = ys(i);
      if (!rim && !label) context.rect(x - radius * 0.85, y - radius * 0.85, radius * 1.7, radius * 1.7);
      else if (label) {
        const r = radius * 1.22;
        context.moveTo(x, y - r); context.lineTo(x + r, y); context.lineTo(x, y + r); context.lineTo(x - r, y); context.closePath();
      } else {
        context.moveTo(x + radius, y);
        context.arc(x, y, radius, 0, 2 * Math.PI);
      }
    }
    context.fillStyle = colours[`class-${label}`];
    context.fill();
    if (!rim) continue;
    context.lineWidth = 0.9;
    context.strokeStyle = colours.paper;
    context.stroke();
  }
}
