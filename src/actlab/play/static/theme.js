// Light or dark: as the system has it, until somebody chooses.
import { readColours } from "./draw/colour.js";

export function toggleTheme(app) {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const now = app.root.dataset.theme ?? (dark ? "dark" : "light");
  app.root.dataset.theme = now === "dark" ? "light" : "dark";
  readColours(app.root);
  app.redraw();
}

export function followTheme(app) {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => { readColours(app.root); app.redraw(); };
  readColours(app.root);
  system.addEventListener("change", follow);
  // A notebook may put the page into its document after it was made: until then style sheets give it no colours.
  const placed = new ResizeObserver(() => { if (app.root.isConnected) { placed.disconnect(); follow(); } });
  if (!app.root.isConnected) placed.observe(app.root);
  return () => { placed.disconnect(); system.removeEventListener("change", follow); };
}
