// Lessons: an idea, an experiment to set up, a question to be answered by trying.
import { h } from "./dom.js";
import { toText } from "./experiment.js";
import { say, vocabulary } from "./words.js";

export function lessonMenu(app) {
  if (!app.channel.live) return null;
  const details = h("details.menu", {}, h("summary.quiet", {}, say("lessons")),
    h("ol.sheet", {}, app.lessons.map((lesson) => h("li", {}, h("button", { type: "button", onclick: () => { details.open = false; open(app, lesson); } }, lesson.title)))));
  const now = app.lesson && app.lessons.find((lesson) => lesson.name === app.lesson.name);
  app.lessonPanel = now ? page(app, now) : null;
  return details;
}

function open(app, lesson) {
  app.lesson = lesson;
  app.answerShown = app.tried = false;
  app.begin(structuredClone(lesson.run), { until: lesson.epoch });
}

// The lesson that an address names.
export function lessonOf(app, view) {
  app.lesson = app.lessons.find((lesson) => lesson.name === view.lesson) ?? null;
  return app.lesson;
}

function close(app) {
  app.lesson = null;
  if (app.address) history.replaceState(null, "", `#${toText(app.run.run)}`);
  app.lessonPanel?.remove();
  app.lessonPanel = null;
  app.root.querySelectorAll(".look").forEach((one) => one.classList.remove("look"));
}

function page(app, lesson) {
  const number = app.lessons.indexOf(lesson);
  const turn = (by) => app.lessons[number + by] && h("button.quiet", { type: "button", onclick: () => open(app, app.lessons[number + by]) }, by > 0 ? `${app.lessons[number + by].title} →` : `← ${app.lessons[number + by].title}`);
  return h("section.lesson", { "aria-labelledby": "play-lesson" },
    h("button.quiet.closing", { type: "button", onclick: () => close(app) }, say("lesson_close")),
    h("div.lesson-head", {}, h("p.soft", {}, `${say("lessons")} ${number + 1} / ${app.lessons.length}`), h("h2", { id: "play-lesson" }, lesson.title)),
    h("p", {}, lesson.text),
    h("div", {},
      h("p", {}, h("strong", {}, `${say("lesson_question")} `), lesson.question),
      h("details", { open: app.answerShown, ontoggle: (event) => { app.answerShown = event.target.open; } },
        h("summary", {}, say(app.tried ? "lesson_answer" : "lesson_answer_early")), h("p", {}, lesson.answer),
        h("div.row.tries", {}, h("span.soft", {}, say("lesson_tries")), lesson.tries.map((one) =>
          h("button", { type: "button", onclick: () => app.begin(structuredClone(one.run), { until: one.epoch, play: true }) }, one.label))))),
    claimList(app, lesson),
    h("div.row", {}, h("button.primary", { type: "button", onclick: () => open(app, lesson) }, say("lesson_try")), turn(-1), turn(1)));
}

// Whoever has let it run once need not be told to.
export function hasTried(app) {
  if (app.tried || !app.lessonPanel) return;
  app.tried = true;
  app.lessonPanel.querySelector("summary").textContent = say("lesson_answer");
}

// The claims that carry a lesson; what became of them is asked for once, and told when it is there.
function claimList(app, lesson) {
  if (!app.claims) {
    app.claims = {};
    app.channel.send({ op: "claims" });
  }
  return h("div.claims", {}, h("p.soft", {}, say("lesson_claims")),
    h("ul", {}, lesson.claims.map((name) => {
      const { says, verdict, told } = app.claims[name] ?? {};
      return h("li", {}, h("b", {}, name), verdict && ` ${says} `, verdict && h("em", { title: told }, verdict), " ", h("code", {}, `actlab claims ${name}`));
    })));
}

export function hearClaims(app, message) {
  app.claims = message.lang === vocabulary.lang ? message.claims : null;
  const now = app.lesson && app.lessons.find((lesson) => lesson.name === app.lesson.name);
  if (now) app.lessonPanel?.querySelector(".claims").replaceWith(claimList(app, now));
}
