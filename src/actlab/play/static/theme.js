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
  return () => system.removeEventListener("change", follow);
}
