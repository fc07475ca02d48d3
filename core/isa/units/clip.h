// Clips the gradients of one net whose units are in the lanes: Optimiser::squares of ../descent.h, sum by sum in the same
// order.
#pragma once
#include "../descent.h"
#include "net.h"

namespace actlab::ACTLAB_ISA {

// The gradients of a vector of units at a time, weights and then bias, scale and shift; behind a layer's units its learned
// numbers: each(rows, vectors from row to row, the first, units there are, whether it is the last of these units).
template <class V, class Each> void each_trained_vector(const Units<V>& units, Each each) {
  constexpr int64_t width = simd<scalar_t<V>>::lanes;
  const Network& net = units.net;
  for (int k = 0; k < net.layers; k++) {
    const Layer& layer = net.layer[k];
    const Places& place = units.places[k];
    const int64_t all = units.wide(k + 1), others[] = {place.biases, place.scale, place.shift};
    for (int64_t v = 0; v < all; v++) {
      const Panel panel = panel_of(all, v);
      const int64_t left = layer.fan_out - v * width, filled = left < width ? left : width;
      each(inputs(layer), panel.size, units.gradients + place.weights + panel.from * inputs(layer) + v - panel.from, filled, false);
      for (int i = 0; i < 3; i++)
        if (others[i] >= 0) each(1, 1, units.gradients + others[i] + v, filled, i == 2 || others[2] < 0);
    }
    if (place.learned >= 0) each(learned_numbers(net, k), 1, units.gradients + place.learned, 1, true);
  }
}

// The optimiser knows by what, given the greatest gradient and the sum of their squares.
template <class V, class Rule> void clip_units(const Units<V>& units, const Rule& rule) {
  using T = scalar_t<V>;
  T most = 0;
  each_trained_vector(units, [&](int64_t rows, int64_t stride, const V* g, int64_t filled, bool) {
    V here{};
    for (int64_t r = 0; r < rows; r++) here = vmax(here, vabs(g[r * stride]));
    for (int64_t l = 0; l < filled; l++) most = most > here[l] ? most : here[l];
  });
  const V by = rule.factor_of(set1<V>(most), [&](V inverse) {
    T sum = 0;
    V of_units{};
    each_trained_vector(units, [&](int64_t rows, int64_t stride, const V* g, int64_t filled, bool last) {
      for (int64_t r = 0; r < rows; r++) {
        const V part = g[r * stride] * inverse;
        of_units = fma(part, part, of_units);
      }
      if (!last) return;
      for (int64_t l = 0; l < filled; l++) sum += of_units[l];
      of_units = V{};
    });
    return set1<V>(sum);
  });
  for (int64_t i = 0; i < units.trained; i++) units.gradients[i] *= by;
}

}  // namespace actlab::ACTLAB_ISA
