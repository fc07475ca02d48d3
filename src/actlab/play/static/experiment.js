// What is being tried, as a page asks for it, and as it stands in the address.
const ARM = { activation: ["relu"], rate: 0.1, hidden: [8, 8], init: "auto", norm: "none", optimiser: "sgd", seed: 0 };
const RUN = { data: "moons", noise: null, points: 300, batch: 32, draw: 0 };

export function fresh() {
  return { ...RUN, drawn: [], own: null, left: { ...ARM, activation: ["sigmoid"] }, right: { ...ARM } };
}

// Only what differs from the usual stands in the address: #left=sigmoid&right=relu&right.rate=0.3. Of rows of one's own
// file it says that they were that, no more. Before it the lesson, where one is open.
export function toText(run, lesson = null) {
  const parts = lesson ? [["lesson", lesson.name]] : [];
  for (const side of ["left", "right"]) {
    parts.push([side, run[side].activation.join(";")]);
    for (const key of ["rate", "init", "norm", "optimiser", "seed"]) {
      if (run[side][key] !== ARM[key]) parts.push([`${side}.${key}`, run[side][key]]);
    }
    if (run[side].hidden.join() !== ARM.hidden.join()) parts.push([`${side}.hidden`, run[side].hidden.join(",")]);
  }
  const fixed = run.data === "drawn" || run.data === "own"; // whose number is that of the points there are
  for (const key of Object.keys(RUN)) if (run[key] !== RUN[key] && run[key] !== null && !(fixed && key === "points")) parts.push([key, run[key]]);
  if (run.data === "drawn") parts.push(["drawn", run.drawn.map(([x, y, k]) => `${Math.round(x * 100)},${Math.round(y * 100)},${k}`).join(";")]);
  return new URLSearchParams(parts).toString().replaceAll("%3B", ";").replaceAll("%2C", ",");
}

// What cannot be read is left as it usually is; whether the rest is allowed the session says.
export function fromText(text) {
  const given = new URLSearchParams(text.replace(/^#/, ""));
  const run = fresh();
  for (const side of ["left", "right"]) {
    const arm = run[side];
    if (given.get(side)) arm.activation = given.get(side).split(";").map((name) => name.trim()).filter(Boolean);
    for (const key of ["rate", "seed"]) arm[key] = number(given.get(`${side}.${key}`), arm[key]);
    for (const key of ["init", "norm", "optimiser"]) arm[key] = given.get(`${side}.${key}`) ?? arm[key];
    const hidden = given.get(`${side}.hidden`);
    if (hidden !== null) arm.hidden = widths(hidden) ?? arm.hidden;
  }
  run.data = given.get("data") ?? run.data;
  for (const key of ["noise", "points", "batch", "draw"]) run[key] = number(given.get(key), run[key]);
  if (given.get("drawn")) {
    run.drawn = given.get("drawn").split(";").map((point) => point.split(",").map(Number)).filter((p) => p.length === 3 && p.every(Number.isFinite))
      .map(([x, y, k]) => [x / 100, y / 100, k]);
  }
  const view = { state: number(given.get("at"), 0), lesson: given.get("lesson"), alone: [...given.keys()].every((key) => key === "lesson") };
  return { run, view };
}

export function widths(text) {
  const parts = text.split(/[\s,×x]+/).filter(Boolean).map(Number);
  return parts.every((w) => Number.isInteger(w)) ? parts : null;
}

function number(text, otherwise) {
  const value = text === null || text === "" ? NaN : Number(text);
  return Number.isFinite(value) ? value : otherwise;
}
