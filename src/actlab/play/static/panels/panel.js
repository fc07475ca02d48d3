// What every panel is: a group with a title that explains itself when it is pointed at, focused or tapped.
import { h } from "../dom.js";
import { say } from "../words.js";

export const SIDES = ["left", "right"];

// key: whose words it has. side: 0, 1, or none where it shows both nets. about: key of the moment's sentence.
export function panel(app, key, { side = null, about = key, tools = null, title = true } = {}, ...content) {
  const id = `play-${key}${side ?? ""}`;
  const told = h("p.told", { id: `${id}-told` });
  const element = h(
    `div.panel.${key}${side === null ? "" : `.arm${side}`}`,
    { tabIndex: 0, role: "group", "aria-labelledby": `${id}-title`, "aria-describedby": `${id}-told` },
    h("div.panel-head", {}, h(title ? "h2" : "h2.told", { id: `${id}-title` }, say(key)), tools),
    ...content,
    told,
  );
  const show = () => app.explain({ key, side, about });
  element.addEventListener("pointerenter", show);
  element.addEventListener("focusin", show);
  element.addEventListener("pointerleave", () => app.explain(null, element));
  element.addEventListener("focusout", () => app.explain(null, element));
  // For readers by ear: what the panel would say, brought up to date when it is asked for or at rest.
  const tell = (frame) => { told.textContent = `${sentence(frame, { about, side })} ${say(`${key}_about`)}`; };
  return { element, tell };
}

export function sentence(frame, { about, side }) {
  const found = frame?.say[about];
  return (Array.isArray(found) ? found[side] : found) ?? "";
}
