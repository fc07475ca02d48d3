// The playground: a channel to a session in, a page out.
import { armControls, functionList } from "./controls/arm.js";
import { dataControls } from "./controls/data.js";
import { dropsFiles, ownDialog } from "./controls/own.js";
import { pen } from "./controls/pen.js";
import { transport } from "./controls/transport.js";
import { h, icon } from "./dom.js";
import { explainer } from "./explain.js";
import { fresh, fromText, toText } from "./experiment.js";
import { hasTried, hearClaims, lessonMenu, lessonOf } from "./lessons.js";
import { boundaryPanel } from "./panels/boundary.js";
import { hiddenPanel } from "./panels/hidden.js";
import { gradientPanel, signalPanel } from "./panels/layers.js";
import { lossPanel } from "./panels/loss.js";
import { netPanel } from "./panels/net.js";
import { pathPanel } from "./panels/path.js";
import { SIDES } from "./panels/panel.js";
import { Player } from "./player.js";
import { saveMenu, share } from "./save.js";
import { followTheme, toggleTheme } from "./theme.js";
import { say, vocabulary } from "./words.js";

// Panels drawn in a frame beside the boundaries while it plays.
const TURN = 3;

export function mount(el, channel, { address = false, keyboard = null } = {}) {
  // A notebook keeps its shortcuts to itself while the focus is here.
  const root = h(`div.actlab-play${address ? "" : ".inside"}`, { "data-lm-suppress-shortcuts": "true" });
  el.append(root);
  const app = {
    root, channel, address,
    player: new Player(channel),
    wanted: fresh(), run: null, curves: [], signals: null, pointed: "", choices: null, lessons: [], lesson: null, claims: null,
    statistics: { drawn: 0, states: 0, first: null },
  };
  let parts = [], time = null, changed = true, number = 0, alive = true, seekTo = 0, playNext = false, why = "";
  app.redraw = () => { changed = true; };
  app.explain = (what, owner) => app.explainer?.show(what, owner);
  app.refuse = (text) => {
    app.notice ??= root.appendChild(h("p.notice", { role: "alert", hidden: true }));
    app.notice.textContent = text;
    app.notice.hidden = !text;
  };

  // Ask for an experiment; `edit` changes a copy of the present one. Playing goes on with the new nets.
  app.change = (edit, at = 0) => {
    const next = structuredClone(app.wanted);
    edit(next);
    app.begin(next, { at, play: app.player.playing });
  };
  app.begin = (run, { at = 0, play = false, until = null } = {}) => {
    app.until = until;
    app.wanted = run;
    seekTo = at;
    playNext = play;
    channel.send({ op: "run", id: ++number, run });
  };
  app.point = (point) => {
    app.player.point = point;
    changed = true;
    if (!point) { app.signals = null; app.pointed = ""; return; }
    if (channel.live && app.run && !app.pointing && app.player.frames.has(app.player.index)) {
      app.pointing = true;
      channel.send({ op: "point", id: app.run.id, state: app.player.index, point });
    }
  };
  app.openPen = () => {
    const dialog = pen(app, (drawn) => { dialog.close(); app.change((run) => Object.assign(run, { data: "drawn", drawn, own: null, points: drawn.length })); });
  };
  app.openFile = (dropped) => ownDialog(app, dropped);
  app.speak = (lang) => channel.send({ op: "open", lang });

  const hear = {
    words(message) {
      Object.assign(vocabulary, { lang: message.lang, words: message.words });
      app.choices = message.choices;
      app.lessons = message.lessons;
      app.claims = null;
      root.lang = message.lang;
      if (address || !channel.live) { document.documentElement.lang = message.lang; document.title = say("title"); } // a page of our own
      if (app.run) { // another language: the same experiment, whose sentences must be said anew
        build();
        app.begin(app.wanted, { at: app.player.index, play: app.player.playing });
        return;
      }
      const from = address ? fromText(location.hash) : { run: channel.run ?? channel.view?.run ?? fresh(), view: {} };
      const lesson = lessonOf(app, from.view); // its own experiment, unless the address holds another
      app.begin(lesson && from.view.alone ? structuredClone(lesson.run) : from.run, { at: from.view.state ?? 0, until: lesson ? lesson.epoch : null });
    },
    run(message) {
      if (message.id !== number && channel.live) return;
      app.run = message;
      app.wanted = message.run;
      app.curves = [];
      app.signals = null;
      app.player.forget(message.id);
      app.player.total = message.states;
      if (address) history.replaceState(null, "", `#${toText(message.run, app.lesson)}`);
      app.onrun?.(message.run);
      build();
    },
    grown(message) {
      if (!app.run || message.id !== app.run.id) return;
      app.curves = SIDES.map((side, k) => {
        const old = message.first ? app.curves[k] : { own: new Float32Array(0), bands: new Float32Array(0), path_states: new Float32Array(0) };
        const join = (a, b) => { const both = new Float32Array(a.length + b.length); both.set(a); both.set(b, a.length); return both; };
        return {
          own: join(old.own, message.arrays[`${side}.curves`]),
          bands: join(old.bands, message.arrays[`${side}.bands`]),
          path_states: join(old.path_states, message.arrays[`${side}.path_states`]),
          path: message.arrays[`${side}.path`] ?? old.path,
        };
      });
      app.price = message;
      app.player.available = message.states;
      if (message.complete) app.player.total = message.states;
      if (seekTo && (message.states > seekTo || message.complete)) { app.player.seek(seekTo); seekTo = 0; }
      if (playNext) { app.player.toggle(true); playNext = false; }
      app.player.want();
      changed = true;
    },
    frame(message) {
      if (!app.run || message.id !== app.run.id) return;
      app.player.hear(message);
      app.statistics.states++;
      app.statistics.first ??= performance.now();
    },
    point(message) {
      app.pointing = false;
      if (!app.player.point) return;
      app.signals = message.signals;
      app.pointed = message.say;
      changed = true;
      if (String(message.point) !== String(app.player.point)) app.point(app.player.point);
    },
    refused(message) {
      app.pointing = false;
      if (message.about === "file") app.heardFile?.(message);
      if (message.about !== "run" && message.about !== "record") return;
      app.refuse(message.sentence);
      if (app.run) { app.wanted = app.run.run; number = app.run.id; build(); return; }
      // An address that cannot be: what of it can be, below the sentence that says what could not.
      why = message.sentence;
      const lost = app.wanted.data === "own";
      app.begin(lost ? { ...app.wanted, data: "moons", points: 300 } : fresh());
    },
    claims(message) { hearClaims(app, message); },
    file(message) { app.heardFile?.(message); },
    recorded(message) { app.recorded?.(message.arrays.page); },
  };

  function build() {
    if (app.run) app.refuse(app.lastRun === app.run ? app.notice.textContent : why);
    why = "";
    app.lastRun = app.run;
    const focus = document.activeElement?.getAttribute("aria-label");
    const arms = [0, 1].map((side) => {
      const panels = [armControls(app, side), boundaryPanel(app, side), netPanel(app, side), hiddenPanel(app, side)];
      return { panels, element: h(`div.column.arm${side}`, {}, panels.map((one) => one.element)) };
    });
    const data = dataControls(app);
    const headline = h("p.headline", { role: "status", "aria-live": "off" });
    const middle = [lossPanel(app), gradientPanel(app), signalPanel(app)];
    const paths = [pathPanel(app, 0), pathPanel(app, 1)];
    time = transport(app);
    app.explainer = explainer(app);
    const bar = (text, onclick, more = {}) => h("button.quiet", { type: "button", onclick, ...more }, text);
    root.replaceChildren(
      h("a.skip", { href: "#play-stage" }, say("skip")),
      h("header.top", {},
        h("h1", {}, "actlab ", h("span", {}, say("tagline"))),
        h("nav", { "aria-label": "actlab" },
          lessonMenu(app),
          channel.live ? bar(say("share"), (event) => share(app, event.target)) : null,
          saveMenu(app),
          bar(say("language"), () => app.speak(vocabulary.lang === "ko" ? "en" : "ko"), { lang: vocabulary.lang === "ko" ? "en" : "ko" }),
          h("button.round", { type: "button", title: say("theme"), "aria-label": say("theme"), onclick: () => toggleTheme(app) }, icon("theme")))),
      channel.live ? "" : h("p.notice.calm", {}, say("recording_note")),
      app.notice,
      time.element,
      app.lessonPanel ?? "",
      h("main.stage", { id: "play-stage", tabIndex: -1 },
        arms[0].element,
        h("div.column.middle", {}, headline, data.element, middle.map((one) => one.element), h("div.pair", {}, paths.map((one) => one.element))),
        arms[1].element),
      functionList(app),
      app.explainer.element);
    parts = [...arms.flatMap((arm) => arm.panels), data, ...middle, ...paths, {
      draw({ frame }) { if (headline.textContent !== frame.say.headline) headline.textContent = frame.say.headline; time.update(); app.explainer.update(frame); },
    }, { always: true, draw: () => time.update() }];
    if (app.lesson) root.querySelectorAll(`.panel.${app.lesson.look}`).forEach((one) => one.classList.add("look"));
    if (focus) root.querySelector(`[aria-label="${CSS.escape(focus)}"]`)?.focus();
    changed = true;
  }

  let before = performance.now(), told = 0, shown = null, stale = new Set();
  function tick(now) {
    if (!alive) return;
    requestAnimationFrame(tick);
    const seconds = Math.min(0.1, (now - before) / 1000);
    before = now;
    if (!app.run || !app.player.available) return;
    const view = app.player.advance(seconds);
    if (app.player.index > 0) hasTried(app);
    if (app.until !== null && app.player.playing && app.run.arrays.steps[app.player.index] >= app.until * app.run.per_epoch) {
      app.player.playing = false; // a lesson stops where there is something to be seen; play goes on from there
      app.until = null;
      time.update();
    }
    if (!view.frame || app.curves.length < 2) return;
    const fresh_ = changed || view.frame !== shown;
    const moving = view.following !== null && view.following !== undefined;
    if (!fresh_ && !moving && !stale.size) return;
    // While it plays the boundaries are drawn every time, the other panels in turn: none is later than a few frames.
    if (fresh_) stale = app.player.playing && !changed ? new Set([...stale, ...parts]) : new Set(parts);
    const turn = app.player.playing && !changed ? TURN : parts.length;
    let drawn = 0;
    for (const part of parts) if (part.always) { part.draw(view); stale.delete(part); }
    for (const part of stale) {
      if (drawn++ >= turn) break;
      part.draw(view);
      stale.delete(part);
    }
    app.statistics.drawn++;
    changed = false;
    shown = view.frame;
    if (!app.player.playing || now - told > 2000) { told = now; for (const part of parts) part.tell?.(view.frame); }
  }

  channel.onmessage = (message) => hear[message.kind]?.(message);
  channel.onopen = () => channel.send({ op: "open", ...(channel.lang ? { lang: channel.lang } : {}) });
  channel.onclose = () => {
    if (!app.choices) return;
    app.refuse(say("lost_connection"));
    app.notice.append(" ", h("button.quiet", { type: "button", onclick: () => location.reload() }, say("reconnect")));
  };
  const unfollow = followTheme(app);
  dropsFiles(app);
  const observer = new ResizeObserver(() => app.redraw());
  observer.observe(root);
  const keys = (event) => {
    if (event.target.closest?.("input, select, textarea, button, summary, dialog") || event.metaKey || event.ctrlKey || event.altKey) return;
    const act = { " ": () => app.player.toggle(), ArrowRight: () => app.player.step(1), ArrowLeft: () => app.player.step(-1), Home: () => { app.player.playing = false; app.player.seek(0); } }[event.key];
    if (act) { event.preventDefault(); act(); changed = true; }
  };
  const hearing = keyboard ?? root; // a page of its own hears every key, before anything has been clicked, too
  hearing.addEventListener("keydown", keys);
  requestAnimationFrame(tick);
  app.close = () => { alive = false; hearing.removeEventListener("keydown", keys); unfollow(); observer.disconnect(); channel.close(); root.remove(); };
  return app;
}
