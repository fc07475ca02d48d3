// Three ways to reach a session: a WebSocket, a notebook's widget, a recording that holds the answers.
import { unpack } from "./wire.js";

export function socketChannel() {
  const channel = { live: true, send: () => {}, onmessage: () => {}, onopen: () => {}, onclose: () => {} };
  const socket = new WebSocket(`ws://${location.host}/ws`);
  socket.binaryType = "arraybuffer";
  socket.onopen = () => channel.onopen();
  socket.onmessage = (event) => channel.onmessage(unpack(event.data));
  socket.onclose = (event) => channel.onclose(event.code);
  channel.send = (message) => { if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message)); };
  channel.close = () => socket.close();
  return channel;
}

export function modelChannel(model) {
  const channel = { live: true, onmessage: () => {}, onopen: () => {}, onclose: () => {} };
  const hear = (_, buffers) => {
    const view = buffers[0];
    const bytes = view instanceof ArrayBuffer ? new Uint8Array(view) : new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    channel.onmessage(unpack(bytes.slice().buffer));
  };
  model.on("msg:custom", hear);
  channel.send = (message) => model.send(message);
  channel.close = () => model.off("msg:custom", hear);
  queueMicrotask(() => channel.onopen());
  return channel;
}

// What was recorded answers as a session would, in the language that is asked for; what was not is left unanswered.
export function recordingChannel(held) {
  const channel = { live: false, onmessage: () => {}, onopen: () => {}, onclose: () => {}, close: () => {}, view: held.view, states: held.states };
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer;
  const [begun, grown, ...frames] = held.messages;
  let { lang } = held;
  const give = (text, edit = (message) => message) => queueMicrotask(() => channel.onmessage(edit(unpack(bytes(text)))));
  channel.send = (message) => {
    if (message.op === "open") {
      lang = message.lang ?? lang;
      give(held.words[lang]);
    }
    if (message.op === "run") {
      const labels = held.labels[lang];
      give(begun, (run) => ({ ...run, arms: run.arms.map((arm, side) => ({ ...arm, label: labels?.[side] ?? arm.label })) }));
      give(grown);
    }
    const at = message.op === "frame" ? held.states.indexOf(message.state) : -1;
    if (at >= 0) give(frames[at], (frame) => ({ ...frame, say: held.said[lang]?.[at] ?? frame.say }));
  };
  queueMicrotask(() => channel.onopen());
  return channel;
}
