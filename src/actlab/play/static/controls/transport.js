// Play, step, rewind, where in training, how fast; and new dice.
import { h, icon } from "../dom.js";
import { SPEEDS } from "../player.js";
import { epochText, say } from "../words.js";

export function transport(app) {
  const { player } = app;
  const round = (name, key, onclick, more = "") => h(`button.round${more}`, { type: "button", title: say(key), "aria-label": say(key), onclick }, icon(name));
  const play = round("play", "play", () => { player.toggle(); update(); }, ".strong");
  const slider = h("input.time", {
    type: "range", min: 0, max: 1, step: 1, value: 0, "aria-label": say("time"),
    oninput: () => { player.playing = false; player.seek(Number(slider.value)); },
  });
  const epoch = h("output.epoch", { "aria-live": "off" });
  const speeds = h("span.tabs", { role: "group", "aria-label": say("speed") }, Object.keys(SPEEDS).map((name) =>
    h("button.tab", { type: "button", "data-speed": name, onclick: () => { player.speed = name; update(); } }, say(name))));
  const element = h("section.transport", { "aria-label": say("transport") },
    h("span.buttons", {},
      round("rewind", "rewind", () => { player.playing = false; player.seek(0); }),
      round("back", "back", () => player.step(-1)),
      play,
      round("step", "step", () => player.step(1))),
    h("div.scrub", {}, slider, epoch),
    speeds,
    app.channel.live ? round("dice", "dice", () => app.change((run) => { run.left.seed = run.right.seed = (Math.max(run.left.seed, run.right.seed) + 64) % 2 ** 31; })) : null);

  let shown = null;
  function update() {
    const state = `${player.index} ${player.available} ${player.playing} ${player.speed} ${app.run?.id}`;
    if (state === shown || !app.run) return;
    shown = state;
    slider.max = Math.max(1, player.last);
    slider.value = player.index;
    const steps = app.run.arrays.steps;
    const text = epochText(steps[Math.min(player.index, steps.length - 1)] / app.run.per_epoch);
    epoch.replaceChildren(h("b", {}, text), ` ${say("epochs")}`);
    slider.setAttribute("aria-valuetext", `${text} ${say("epochs")}`);
    slider.style.setProperty("--share", `${(100 * player.index) / slider.max}%`);
    const key = player.playing ? "pause" : "play";
    if (play.dataset.key !== key) {
      play.dataset.key = key;
      play.replaceChildren(icon(key));
      play.title = say(key);
      play.setAttribute("aria-label", say(key));
    }
    for (const button of speeds.children) button.setAttribute("aria-pressed", String(button.dataset.speed === player.speed));
  }
  return { element, update };
}
