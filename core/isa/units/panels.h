// How the parameters of one net lie where lanes are its units.
//
// Units come in vectors, the last one filled up. What a layer has for every unit (biases, …) is a run of vectors. A
// matrix [rows][units] is cut into panels of a few vectors, each [row][vector]: what a product reads again and again lies
// together. What stands in the places that fill up is never used: no lane meets another.
#pragma once
#include "../arena.h"
#include "../counts.h"

namespace actlab::ACTLAB_ISA {

// Vectors that hold so many units.
template <class V> constexpr int64_t vectors(int64_t units) {
  constexpr int64_t width = simd<scalar_t<V>>::lanes;
  return (units + width - 1) / width;
}

constexpr int64_t most_in_panel = 3;  // vectors

struct Panel {
  int64_t from, size;
  // Of row r's vectors, in a matrix with so many rows.
  int64_t row(int64_t rows, int64_t r) const { return from * rows + r * size; }
};

// The panel that vector v of `all` lies in: three vectors each, but at the end rather two and two than three and one.
constexpr Panel panel_of(int64_t all, int64_t v) {
  const int64_t pairs = all % most_in_panel == 1 && all > 1 ? all - 4 : all;
  if (v >= pairs) return {pairs + (v - pairs) / 2 * 2, 2};
  const int64_t from = v / most_in_panel * most_in_panel;
  return {from, pairs - from < most_in_panel ? pairs - from : most_in_panel};
}

// Where a layer's parameters begin, in vectors; −1: it has none.
struct Places {
  int64_t weights, biases, scale, shift;
  int64_t learned;  // numbers of φ, a vector each: its first lane
  int64_t end;      // `end` of what the optimiser moves
  int64_t mean, variance;
};

// Fills places[net.layers]; returns how many vectors there are in all, and how many the optimiser moves.
template <class V> int64_t find_places(const Network& net, Places* places, int64_t& trained) {
  int64_t at = 0;
  auto run = [&](int64_t offset, int64_t length) {
    at += offset < 0 ? 0 : length;
    return offset < 0 ? -1 : at - length;
  };
  for (int k = 0; k < net.layers; k++) {
    const Layer& layer = net.layer[k];
    const int64_t each = vectors<V>(layer.fan_out);
    places[k].weights = run(layer.weights, inputs(layer) * each);
    places[k].biases = run(layer.biases, each);
    places[k].scale = run(layer.scale, each);
    places[k].shift = run(layer.shift, each);
    places[k].learned = run(layer.learned, learned_numbers(net, k));
    places[k].end = at;
  }
  trained = at;
  for (int k = 0; k < net.layers; k++) {
    const Layer& layer = net.layer[k];
    places[k].mean = run(layer.mean, vectors<V>(layer.fan_out));
    places[k].variance = run(layer.variance, vectors<V>(layer.fan_out));
  }
  return at;
}

// For every run of one unit's numbers in a row of parameters: each(first number of the row, of the vectors, rows, units);
// biases and the like are matrices of one row. `all`: with the running averages.
template <class F> void each_matrix(const Network& net, const Places* places, bool all, F each) {
  for (int k = 0; k < net.layers; k++) {
    const Layer& layer = net.layer[k];
    each(layer.weights, places[k].weights, inputs(layer), (int64_t)layer.fan_out);
    const int64_t from[] = {layer.biases, layer.scale, layer.shift, layer.mean, layer.variance};
    const int64_t to[] = {places[k].biases, places[k].scale, places[k].shift, places[k].mean, places[k].variance};
    for (int i = 0; i < (all ? 5 : 3); i++)
      if (from[i] >= 0) each(from[i], to[i], (int64_t)1, (int64_t)layer.fan_out);
    if (layer.learned >= 0) each(layer.learned, places[k].learned, (int64_t)learned_numbers(net, k), (int64_t)1);
  }
}

// each(panel, its first unit, how many there are).
template <class V, class F> void each_panel(int64_t units, F each) {
  constexpr int64_t width = simd<scalar_t<V>>::lanes;
  const int64_t all = vectors<V>(units);
  for (int64_t v = 0; v < all;) {
    const Panel panel = panel_of(all, v);
    const int64_t from = v * width, left = units - from, size = panel.size * width;
    each(panel, from, left < size ? left : size);
    v += panel.size;
  }
}

// A row of parameters, as everybody else knows it, into vectors, and back.
template <class V> void read_row(const Network& net, const Places* places, const scalar_t<V>* row, V* to) {
  each_matrix(net, places, true, [&](int64_t first, int64_t place, int64_t rows, int64_t units) {
    each_panel<V>(units, [&](Panel panel, int64_t from, int64_t size) {
      for (int64_t r = 0; r < rows; r++) memcpy((void*)(to + place + panel.row(rows, r)), row + first + r * units + from, (size_t)size * sizeof(scalar_t<V>));
    });
  });
}
template <class V> void write_row(const Network& net, const Places* places, const V* from, scalar_t<V>* row, bool all = true) {
  each_matrix(net, places, all, [&](int64_t first, int64_t place, int64_t rows, int64_t units) {
    each_panel<V>(units, [&](Panel panel, int64_t begin, int64_t size) {
      for (int64_t r = 0; r < rows; r++) memcpy(row + first + r * units + begin, from + place + panel.row(rows, r), (size_t)size * sizeof(scalar_t<V>));
    });
  });
}

// a0 b0 a1 b1 … of the first halves, or of the second.
template <class V> ACTLAB_INLINE void zip(V a, V b, V& low, V& high) {
  constexpr int width = simd<scalar_t<V>>::lanes;
#if defined(__clang__) || __GNUC__ >= 12
  if constexpr (width == 16) {
    low = __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    high = __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  } else if constexpr (width == 8) {
    low = __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
    high = __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
  } else if constexpr (width == 4) {
    low = __builtin_shufflevector(a, b, 0, 4, 1, 5);
    high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  } else {
    low = __builtin_shufflevector(a, b, 0, 2);
    high = __builtin_shufflevector(a, b, 1, 3);
  }
#else
  for (int l = 0; l < width / 2; l++) {
    low[2 * l] = a[l], low[2 * l + 1] = b[l];
    high[2 * l] = a[width / 2 + l], high[2 * l + 1] = b[width / 2 + l];
  }
#endif
}

// As many vectors as a vector has lanes become their transpose: zipping the first half with the second as often as the
// number of lanes has bits.
template <class V> ACTLAB_INLINE void transpose(V* x) {
  constexpr int width = simd<scalar_t<V>>::lanes;
  ACTLAB_UNROLL for (int bits = width; bits > 1; bits /= 2) {
    V y[width];
    ACTLAB_UNROLL for (int i = 0; i < width / 2; i++) zip(x[i], x[i + width / 2], y[2 * i], y[2 * i + 1]);
    ACTLAB_UNROLL for (int i = 0; i < width; i++) x[i] = y[i];
  }
}

// Of the matrix [rows][columns] in panels the transpose, [columns][rows] in panels: panel `target` of it. Places that fill
// up the rows become 0.
template <class V> void transpose_panel(const V* from, int64_t rows, int64_t columns, Panel target, V* to) {
  constexpr int64_t width = simd<scalar_t<V>>::lanes;
  const int64_t from_all = vectors<V>(columns);
  for (int64_t v = 0; v < from_all; v++) {
    const Panel source = panel_of(from_all, v);
    const int64_t filled = columns - v * width < width ? columns - v * width : width;
    for (int64_t t = 0; t < target.size; t++) {
      const int64_t first = (target.from + t) * width;
      V x[width];
      ACTLAB_UNROLL for (int64_t r = 0; r < width; r++)
        x[r] = first + r < rows ? from[source.row(rows, first + r) + v - source.from] : V{};
      transpose(x);
      for (int64_t c = 0; c < filled; c++) to[(v * width + c) * target.size + t] = x[c];
    }
  }
}

// All of its panels.
template <class V> void transpose_panels(const V* from, int64_t rows, int64_t columns, V* to) {
  const int64_t all = vectors<V>(rows);
  for (int64_t v = 0; v < all;) {
    const Panel target = panel_of(all, v);
    transpose_panel(from, rows, columns, target, to + v * columns);
    v += target.size;
  }
}

}  // namespace actlab::ACTLAB_ISA
