// What one net is: its function first, then the few settings beside it.
import { h, s } from "../dom.js";
import { widths } from "../experiment.js";
import { percent, say, short } from "../words.js";
import { SIDES } from "../panels/panel.js";

const RATES = [0.001, 0.003, 0.01, 0.03, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 1.5, 2, 3, 5, 10];

export function armControls(app, side) {
  const name = SIDES[side];
  const arm = app.run.run[name];
  const told = app.run.arms[side];
  const live = app.channel.live;
  const set = (key, value) => app.change((run) => { run[name][key] = value; });
  const field = (key, input) => h("label.field", {}, h("span", {}, say(key)), input);
  const choice = (key, options, words = (value) => value) => field(key, h("select", {
    disabled: !live, onchange: (event) => set(key, key === "rate" ? Number(event.target.value) : event.target.value),
  }, options.map((value) => h("option", { value, selected: value === arm[key] }, words(value)))));

  const function_ = h("input.function", {
    type: "text", value: arm.activation.join("; "), list: "play-functions", maxLength: 400, spellcheck: false, disabled: !live,
    autocomplete: "off", autocapitalize: "off", "aria-label": `${say(name)}: ${say("activation")}`, title: say("activation_hint"),
    onchange: (event) => set("activation", event.target.value.split(";").map((part) => part.trim()).filter(Boolean)),
    // A list only offers what fits the text that is there: on entering, everything.
    onfocus: (event) => event.target.select(),
  });
  const hidden = h("input", {
    type: "text", value: arm.hidden.join(" "), size: 9, disabled: !live, title: say("hidden_hint"), "aria-label": `${say("hidden")} (${say("hidden_hint")})`,
    onchange: (event) => { const found = widths(event.target.value); if (found) set("hidden", found); else event.target.value = arm.hidden.join(" "); },
  });
  const less = h("button.small", { type: "button", disabled: !live || !arm.hidden.length, "aria-label": `${say("hidden")} −1`, onclick: () => set("hidden", arm.hidden.slice(0, -1)) }, "−");
  const more = h("button.small", { type: "button", disabled: !live || arm.hidden.length >= app.choices.limits.layers, "aria-label": `${say("hidden")} +1`, onclick: () => set("hidden", [...arm.hidden, arm.hidden.at(-1) ?? 8]) }, "+");
  const rates = RATES.includes(arm.rate) ? RATES : [...RATES, arm.rate].sort((a, b) => a - b);
  const norms = { none: say("none"), layer: say("layer_norm"), batch: say("batch_norm") };
  const seed = h("input", { type: "number", min: 0, max: 2 ** 31, value: arm.seed, disabled: !live, onchange: (event) => set("seed", Math.max(0, Math.floor(Number(event.target.value) || 0))) });

  const score = h("span.score");
  const about = h("span.score-about");
  const price = h("p.price");
  const element = h(`section.arm-head.arm${side}`, { "aria-label": say(name) },
    h("div.arm-title", {}, curve(app.run.arrays[`${name}.phi`]), function_, h("div.scores", {}, score, about)),
    h("p.formula", { title: told.formula }, told.names.length > 1 && new Set(told.names).size > 1 ? told.names.join(" → ") : `φ(x) = ${told.formula}`),
    h("div.fields", {},
      choice("rate", rates, (value) => String(value)),
      h("div.field", { role: "group" }, h("span", {}, say("hidden")), h("span.stepper", {}, less, hidden, more)),
      choice("init", app.choices.inits.includes(arm.init) ? app.choices.inits : [...app.choices.inits, arm.init], (value) => (value === "auto" ? `${say("auto")} (${told.init})` : value)),
      choice("norm", app.choices.norms, (value) => norms[value]),
      choice("optimiser", app.choices.optimisers),
      field("seed", seed)),
    price);

  function draw({ frame }) {
    const { own, bands } = app.curves[side];
    const column = app.run.fresh ? 3 : 1;
    const k = frame.state * 4 + column;
    score.textContent = percent(own[k]);
    about.textContent = say("of_seeds", { low: percent(bands[k * 3], 0), high: percent(bands[k * 3 + 2], 0) });
    const text = say("price", { parameters: told.parameters.toLocaleString("en-US"), epochs: app.price.epochs[side].toLocaleString("en-US"), seconds: short(Number(app.price.seconds[side].toPrecision(2))) });
    if (price.textContent !== text) price.textContent = text;
    score.title = say(app.run.fresh ? "fresh" : "train_only");
  }
  return { element, draw };
}

// φ (full) and φ′ (dashed), small, as a sign of the function.
function curve(phi) {
  const n = phi.shape[1];
  const at = (row) => {
    const points = [];
    for (let i = 0; i < n; i++) {
      const x = phi[i], y = phi[row * n + i];
      if (Number.isFinite(y)) points.push(`${(((x + 4) / 8) * 54 + 1).toFixed(1)},${(28 - Math.max(-1.4, Math.min(2.2, y)) * 11).toFixed(1)}`);
    }
    return points.join(" ");
  };
  return s("svg", { viewBox: "0 0 56 44", class: "phi", "aria-hidden": "true" },
    s("path", { d: "M1 28H55M28 3V42", class: "phi-axis" }),
    s("polyline", { points: at(2), class: "phi-slope" }),
    s("polyline", { points: at(1), class: "phi-value" }));
}

export function functionList(app) {
  return h("datalist", { id: "play-functions" }, [...app.choices.activations, "x*tanh(softplus(x))", "max(0.1*x, x)", "x*sigmoid(1.5*x)"].map((value) => h("option", { value })));
}

