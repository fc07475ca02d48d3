// Messages from the session: a header of JSON, and arrays behind it (see wire.py).
const KINDS = { u1: Uint8Array, i2: Int16Array, f4: Float32Array, f8: Float64Array };

export function unpack(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const arrays = {};
  for (const [name, kind, shape, offset] of header.arrays) {
    const count = shape.reduce((a, b) => a * b, 1);
    const Kind = KINDS[kind];
    const from = 4 + length + offset;
    // f8 may lie off its natural boundary; a copy lies anywhere.
    const bytes = buffer.slice(from, from + count * Kind.BYTES_PER_ELEMENT);
    arrays[name] = Object.assign(new Kind(bytes), { shape });
  }
  return { ...header, arrays };
}
