// Colours of the page as numbers, from the style sheet's variables: they follow the theme.
export const colours = { version: 0 };

export function readColours(root) {
  const style = getComputedStyle(root);
  for (const name of ["paper", "card", "ink", "soft", "rule", "class-0", "class-1", "arm-0", "arm-1"]) {
    colours[name] = style.getPropertyValue(`--${name}`).trim();
  }
  colours.dark = brightness(colours.paper) < 128;
  colours.ramp = ramp(rgb(colours["class-0"]), rgb(colours.paper), rgb(colours["class-1"]), colours.dark ? 0.62 : 0.5);
  colours.tile = ramp(rgb(colours["class-0"]), rgb(colours.paper), rgb(colours["class-1"]), 0.95);
  colours.version++;
}

function rgb(text) {
  return [1, 3, 5].map((k) => parseInt(text.slice(k, k + 2), 16));
}

function brightness(text) {
  const [r, g, b] = rgb(text);
  return 0.3 * r + 0.59 * g + 0.11 * b;
}

// 256 colours as the bytes of a picture: from one hue through the page's own to the other.
function ramp(low, middle, high, strength) {
  const table = new Uint32Array(256);
  const bytes = new Uint8ClampedArray(table.buffer);
  for (let k = 0; k < 256; k++) {
    const t = (k - 127.5) / 127.5;
    const share = strength * Math.abs(t) ** 0.85;
    const hue = t < 0 ? low : high;
    for (let c = 0; c < 3; c++) bytes[4 * k + c] = middle[c] + (hue[c] - middle[c]) * share;
    bytes[4 * k + 3] = 255;
  }
  return table;
}
