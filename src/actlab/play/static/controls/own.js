// A file of one's own: chosen or dropped, read by the session on this machine; which columns, and which class is ◆.
import { h } from "../dom.js";
import { Picture } from "../draw/canvas.js";
import { drawPoints } from "../draw/marks.js";
import { say } from "../words.js";

export function ownDialog(app, dropped = null) {
  const { file, message } = app.choices.limits;
  const picture = new Picture(1);
  const wrong = h("p.notice", { role: "alert", hidden: true });
  const found = h("p.soft", { role: "status" });
  const input = h("input", { type: "file", accept: ".csv,.tsv,text/csv", onchange: () => { if (input.files[0]) take(input.files[0]); } });
  const drop = h("label.drop", {}, h("span", {}, say("own_file")), input);
  const choice = (key) => {
    const select = h("select", { onchange: () => ask({ ...asked(), [key]: select.value }) });
    return { key, select, field: h("label.field", {}, h("span", {}, say(`own_${key}`)), select) };
  };
  const choices = ["x", "y", "target", "one"].map(choice);
  const use = h("button.primary", { type: "button", onclick: () => { const own = app.file.found.own; dialog.close(); app.change((run) => Object.assign(run, { data: "own", own, drawn: [], noise: null, points: own.rows.length })); } }, say("own_use"));
  const chosen = h("div.chosen", { hidden: true }, h("div.fields", {}, choices.map((one) => one.field)), picture.canvas, found);
  const dialog = h("dialog.pen.own", { "aria-label": say("own"), onclose: () => { app.heardFile = null; dialog.remove(); } },
    h("p", {}, say("own_help")), drop, wrong, chosen,
    h("div.row", {}, use, h("button", { type: "button", onclick: () => dialog.close() }, say("close"))));

  const asked = () => Object.fromEntries(choices.map(({ key, select }) => [key, select.value]));
  function refuse(sentence) {
    wrong.textContent = sentence;
    wrong.hidden = !sentence;
  }
  async function take(one) {
    const large = (bytes) => refuse(say("own_large", { name: one.name, size: Math.ceil(bytes / 1000), high: Math.floor(file / 1000) }));
    app.file = null;
    show();
    if (one.size > file) { large(one.size); return; }
    let text;
    try {
      text = new TextDecoder("utf-8", { fatal: true }).decode(await one.arrayBuffer());
    } catch {
      refuse(say("own_encoding", { name: one.name }));
      return;
    }
    const bytes = new TextEncoder().encode(JSON.stringify(text)).length;
    if (bytes > message - 1500) { large(bytes); return; } // as much as names and choices may take
    app.file = { name: one.name.slice(-100), text };
    ask({});
  }
  function ask(more) {
    app.heardFile = (answer) => {
      refuse(answer.sentence ?? "");
      if (!answer.sentence) Object.assign(app.file, { found: answer });
      show();
    };
    app.channel.send({ op: "file", name: app.file.name, text: app.file.text, ...more });
  }
  function show() {
    const answer = app.file?.found;
    chosen.hidden = use.disabled = !answer;
    if (!answer) return;
    const { own } = answer;
    const options = { x: answer.numbers, y: answer.numbers, target: answer.targets, one: answer.values };
    const values = { x: own.x, y: own.y, target: own.target, one: answer.one };
    for (const { key, select } of choices) select.replaceChildren(...options[key].map((value) => h("option", { value, selected: value === values[key] }, value)));
    found.textContent = answer.said;
    preview(picture, own.rows);
  }
  for (const kind of ["dragenter", "dragover"]) drop.addEventListener(kind, () => drop.classList.add("over"));
  for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("over"));
  dialog.take = take;
  app.root.append(dialog);
  dialog.showModal();
  show();
  if (dropped) take(dropped);
  return dialog;
}

// The rows as they will be seen, from the least to the largest of each column.
function preview(picture, rows, tries = 20) {
  if (!picture.begin()) { if (tries) requestAnimationFrame(() => preview(picture, rows, tries - 1)); return; }
  const { context, width } = picture;
  const placing = (k) => {
    const values = rows.map((row) => row[k]);
    const low = Math.min(...values), high = Math.max(...values);
    return (i) => 8 + ((values[i] - low) / (high - low || 1)) * (width - 16);
  };
  const x = placing(0), y = placing(1);
  drawPoints(context, x, (i) => width - y(i), rows.map((row) => row[2]), 2.6);
}

// A file dropped anywhere on the page opens the dialog with it.
export function dropsFiles(app) {
  const files = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  app.root.addEventListener("dragover", (event) => { if (files(event)) event.preventDefault(); });
  app.root.addEventListener("drop", (event) => {
    const file = event.dataTransfer?.files[0];
    if (!file || !app.run || !app.channel.live) return;
    event.preventDefault();
    const open = app.root.querySelector("dialog.own");
    if (open) open.take(file);
    else app.openFile(file);
  });
}
