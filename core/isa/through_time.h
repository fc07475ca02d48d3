// What a checkpoint records of a recurrent net: the same sums as of any layer, over all steps, and the gradient at each of
// them (measure/gradient.py, gradient_through_time).
#pragma once
#include "sums.h"

namespace actlab::ACTLAB_ISA {

// What became of the hidden layers of a recurrent net in one go: the same sums over all steps, and on the way back the
// squares of ∂loss/∂h at each.
template <class V> struct TraceSteps {
  const Network& net;
  int count;         // samples of the tile that are there
  bool start;        // the first go: origins are still to be set
  Sums<V>* of_units;  // [hidden unit][unit_sums]
  Sums<V>* origins;   // [layer]
  Sums<V>* sums;      // [layer][layer_sums]
  Sums<V>* squares;   // [layer][step]

  Sums<V>* units_of(int l) const {
    int64_t before = 0;
    for (int k = 0; k < l; k++) before += net.units[k + 1];
    return of_units + unit_sums * before;
  }
  void before(int l, int t, const V* z) {
    if (start && !t) origins[l] = widen(z[0]);
    sum_up_z(z, net.units[l + 1], count, origins[l], sums + layer_sums * l);
  }
  void after(int l, const V* h, const V* slope) { sum_up_a(h, slope, net.units[l + 1], count, sums + layer_sums * l, units_of(l)); }
  void back(int l, int t, const V* delta) {
    Sums<V> square = squares[l * net.steps + t];
    for (int u = 0; u < net.units[l + 1]; u++)
      for (int s = 0; s < count; s++) {
        const Doubles<V> d = widen(delta[u * tile + s]);
        square += d * d;
      }
    squares[l * net.steps + t] = square;
  }
};

}  // namespace actlab::ACTLAB_ISA
