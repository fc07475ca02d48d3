// The page in a notebook: what anywidget asks of a module. The experiment is the model's: Python reads and sets it.
import { modelChannel } from "./channel.js";
import { mount } from "./main.js";

function render({ model, el }) {
  const channel = modelChannel(model);
  channel.lang = model.get("lang");
  channel.run = model.get("run");
  const app = mount(el, channel, {});
  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
  app.onrun = (run) => {
    if (same(run, model.get("run"))) return;
    model.set("run", run);
    model.save_changes();
  };
  const follow = () => { if (!same(model.get("run"), app.wanted)) app.begin(structuredClone(model.get("run"))); };
  model.on("change:run", follow);
  return () => { model.off("change:run", follow); app.close(); };
}

export default { render };
