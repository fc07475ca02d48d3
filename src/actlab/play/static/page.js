// The page by itself: of a server, or a recording that holds everything.
import { recordingChannel, socketChannel } from "./channel.js";
import { mount } from "./main.js";

const held = document.getElementById("recording");
const channel = held ? recordingChannel(JSON.parse(held.textContent)) : socketChannel();
const place = document.getElementById("play");
window.actlabPlay = mount(place, channel, { address: !held, keyboard: document });
const lost = channel.onclose;
channel.onclose = (code) => {
  const why = place.getAttribute(`data-closed-${code}`);
  if (why) window.actlabPlay.refuse(why);
  else lost(code);
};
