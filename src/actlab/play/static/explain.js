// One quiet line at the foot of the page: what the panel that is pointed at says now.
import { h } from "./dom.js";
import { sentence } from "./panels/panel.js";
import { say } from "./words.js";

export function explainer(app) {
  const name = h("strong"), moment = h("span.moment"), about = h("span.about");
  const element = h("aside.explain", { "aria-hidden": "true" }, h("p", {}, name, " ", moment, " ", about));
  let shown = null;
  const put = (place, text) => { if (place.textContent !== text) place.textContent = text; };

  function update(frame) {
    const what = shown ?? { key: "boundary", side: null, about: "headline" };
    element.className = `explain${what.side === null || what.side === undefined ? "" : ` arm${what.side}`}`;
    if (!shown) {
      put(name, ""); put(moment, ""); put(about, say("hint"));
      return;
    }
    let text = sentence(frame, what);
    if (what.unit) {
      const state = frame?.arms[what.side].layers[what.unit.layer]?.states[what.unit.n];
      text = `${say("unit", { n: what.unit.n + 1, layer: what.unit.layer + 1, state: say(`state_${state ?? 5}`) })}. ${text}`;
    }
    if (what.at) text = `${what.at} ${text}`;
    if (app.pointed && what.key === "boundary") text = `${app.pointed} ${text}`;
    put(name, say(what.key));
    put(moment, text);
    put(about, say(`${what.key}_about`));
  }
  // A panel that is left takes back only what it has shown itself.
  function show(what, owner = null) {
    if (what === null && owner && shown && !owner.classList.contains(shown.key)) return;
    shown = what;
    update(app.player.shown);
  }
  return { element, show, update };
}
