// The net itself: a column a layer, a tile a unit, each what the unit answers over the plane.
import { h } from "../dom.js";
import { Bytes, Picture, Still } from "../draw/canvas.js";
import { colours } from "../draw/colour.js";
import { FONT } from "../draw/plot.js";
import { say } from "../words.js";
import { SIDES, panel } from "./panel.js";

const TILE = 32;
const LINEAR = 1, SATURATED = 2, DEAD = 3;

export function netPanel(app, side) {
  const hidden = app.run.run[SIDES[side]].hidden;
  const rows = Math.max(1, ...hidden);
  const columns = Math.max(1, hidden.length);
  const gap = 5, head = 20;
  // Tiles stay squares between readable and large; the net is as high as its widest layer.
  const most = () => Math.max(...app.run.run.left.hidden.concat(app.run.run.right.hidden, [1]));
  const tileOf = (width) => Math.max(11, Math.min(46, (width - (columns - 1) * 12) / columns, 420 / most() - gap));
  const picture = new Picture((width) => head + most() * (tileOf(width) + gap));
  const list = h("p.counts");
  const { element, tell } = panel(app, "net", { side }, picture.canvas, list);
  const tile = new Bytes(TILE);
  const threads = new Still();
  let places = [];

  picture.canvas.addEventListener("pointermove", (event) => {
    const box = picture.canvas.getBoundingClientRect();
    const x = event.clientX - box.left, y = event.clientY - box.top;
    const found = places.find((p) => x >= p.x && x <= p.x + p.size && y >= p.y && y <= p.y + p.size);
    app.explain({ key: "net", side, about: "net", unit: found ? { layer: found.layer, n: found.unit } : null });
  });

  function draw({ frame }) {
    if (!picture.begin()) return;
    const { context, width } = picture;
    const arm = frame.arms[side];
    const size = tileOf(width);
    const across = hidden.length > 1 ? Math.min(size * 2.4, (width - size) / (columns - 1)) : 0;
    const left = Math.max(0, (width - (size + across * (columns - 1))) / 2);
    places = [];
    context.font = FONT;
    context.textBaseline = "top";
    context.textAlign = "center";
    const middle = (n) => head + ((most() - n) * (size + gap)) / 2;
    // Faint threads between the layers: what feeds what.
    threads.onto(picture, colours.version, (own) => {
      own.strokeStyle = colours.rule;
      own.lineWidth = 0.7;
      own.beginPath();
      for (let l = 0; l + 1 < hidden.length; l++) {
        for (let a = 0; a < hidden[l]; a++) for (let b = 0; b < hidden[l + 1]; b++) {
          own.moveTo(left + l * across + size, middle(hidden[l]) + a * (size + gap) + size / 2);
          own.lineTo(left + (l + 1) * across, middle(hidden[l + 1]) + b * (size + gap) + size / 2);
        }
      }
      own.stroke();
    });
    let dead = 0, saturated = 0;
    arm.layers.forEach((layer, l) => {
      const tiles = frame.arrays[`${SIDES[side]}.${l}.tiles`];
      const x = left + l * across;
      context.fillStyle = colours.soft;
      context.textAlign = "center";
      context.fillText(say("layer_short", { n: l + 1 }), x + size / 2, 0);
      layer.states.forEach((state, u) => {
        const y = middle(hidden[l]) + u * (size + gap);
        tile.paint(tiles.subarray(u * TILE * TILE, (u + 1) * TILE * TILE), colours.tile);
        context.imageSmoothingEnabled = true;
        context.drawImage(tile.canvas, x, y, size, size);
        mark(context, state, x, y, size);
        dead += state === DEAD;
        saturated += state === SATURATED;
        places.push({ x, y, size, layer: l, unit: u, state });
      });
    });
    const counts = [dead && say("dead_count", { n: dead }), saturated && say("saturated_count", { n: saturated })].filter(Boolean).join(" · ");
    if (list.textContent !== counts) list.textContent = counts;
  }
  return { element, draw, tell };
}

// Dead: crossed out. Saturated: a thick frame of dashes. Told by shape, not by colour.
function mark(context, state, x, y, size) {
  context.lineWidth = 1;
  context.strokeStyle = colours.rule;
  context.strokeRect(x + 0.5, y + 0.5, size - 1, size - 1);
  if (state === DEAD) {
    context.fillStyle = colours.paper;
    context.globalAlpha = 0.72;
    context.fillRect(x + 1, y + 1, size - 2, size - 2);
    context.globalAlpha = 1;
    context.strokeStyle = colours.ink;
    context.lineWidth = 1.6;
    const d = size * 0.3;
    context.beginPath();
    context.moveTo(x + d, y + d); context.lineTo(x + size - d, y + size - d);
    context.moveTo(x + size - d, y + d); context.lineTo(x + d, y + size - d);
    context.stroke();
  } else if (state === SATURATED || state === LINEAR) {
    context.strokeStyle = colours.ink;
    context.lineWidth = state === SATURATED ? 1.8 : 1;
    context.setLineDash(state === SATURATED ? [3, 3] : [1, 3]);
    context.strokeRect(x + 1, y + 1, size - 2, size - 2);
    context.setLineDash([]);
  }
}
