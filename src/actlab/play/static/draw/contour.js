// The line where a map of side n crosses 127.5, as a path over a square of `size`: marching squares.
export function contour(values, n, size, between = null, share = 0) {
  const path = new Path2D();
  const cell = size / n;
  const at = (r, c) => {
    const k = r * n + c;
    return (between ? values[k] + (between[k] - values[k]) * share : values[k]) - 127.5;
  };
  for (let r = 0; r < n - 1; r++) {
    for (let c = 0; c < n - 1; c++) {
      const a = at(r, c), b = at(r, c + 1), d = at(r + 1, c), e = at(r + 1, c + 1);
      const cut = [];
      const x = (c + 0.5) * cell, y = (r + 0.5) * cell;
      if (a < 0 !== b < 0) cut.push([x + (cell * a) / (a - b), y]);
      if (b < 0 !== e < 0) cut.push([x + cell, y + (cell * b) / (b - e)]);
      if (d < 0 !== e < 0) cut.push([x + (cell * d) / (d - e), y + cell]);
      if (a < 0 !== d < 0) cut.push([x, y + (cell * a) / (a - d)]);
      for (let k = 0; k + 1 < cut.length; k += 2) {
        path.moveTo(...cut[k]);
        path.lineTo(...cut[k + 1]);
      }
    }
  }
  return path;
}
