// The page in a notebook: what anywidget asks of a module.
import { modelChannel } from "./channel.js";
import { mount } from "./main.js";

function render({ model, el }) {
  const channel = modelChannel(model);
  channel.lang = model.get("lang");
  channel.run = model.get("run");
  const app = mount(el, channel, {});
  return () => app.close();
}

export default { render };
