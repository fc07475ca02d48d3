// The words of the page in the session's language, and its numbers.
export const vocabulary = { lang: "en", words: {} };

export function say(key, values = {}) {
  const text = vocabulary.words[key];
  if (text === undefined) throw new Error(`no words for ${key}`);
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

export function percent(x, decimals = 1) {
  return Number.isFinite(x) ? `${(100 * x).toFixed(decimals)} %` : "–";
}

export function short(x) {
  if (!Number.isFinite(x)) return x === Infinity ? "∞" : "–";
  if (x !== 0 && (Math.abs(x) < 1e-3 || Math.abs(x) >= 1e5)) {
    const [digits, power] = x.toExponential(0).split("e");
    return `${digits}e${power.replace("+", "").replace("-", "−")}`;
  }
  return String(Number(x.toPrecision(3))).replace("-", "−");
}

export function epochText(epoch) {
  return epoch < 10 && epoch % 1 ? epoch.toFixed(1) : Math.round(epoch).toLocaleString("en-US");
}
