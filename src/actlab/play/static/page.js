// The page by itself: of a server, or a recording that holds everything.
import { recordingChannel, socketChannel } from "./channel.js";
import { mount } from "./main.js";

const held = document.getElementById("recording");
const channel = held ? recordingChannel(JSON.parse(held.textContent)) : socketChannel();
window.actlabPlay = mount(document.getElementById("play"), channel, { address: !held });
