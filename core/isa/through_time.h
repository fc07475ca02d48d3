// What a checkpoint records of a recurrent net: the same sums as of any layer, over all steps, and the gradient at each of
// them (measure/gradient.py, gradient_through_time).
#pragma once
#include "path.h"

namespace actlab::ACTLAB_ISA {

// What became of the hidden layers of a recurrent net in one go: the same sums over all steps, and on the way back the
// squares of ∂loss/∂h at each.
template <class V> struct TraceSteps {
  static constexpr int width = simd<scalar_t<V>>::lanes;
  const Network& net;
  int count;         // samples of the tile that are there
  bool start;        // the first go: origins are still to be set
  Sums<V>* of_units;  // [hidden unit][3]
  Sums<V>* origins;   // [layer]
  Sums<V>* sums;      // [layer][4]
  Sums<V>* squares;   // [layer][step]

  Sums<V>* units_of(int l) const {
    int64_t before = 0;
    for (int k = 0; k < l; k++) before += net.units[k + 1];
    return of_units + 3 * before;
  }
  void before(int l, int t, const V* z) {
    if (start && !t)
      for (int i = 0; i < width; i++) origins[l].at[i] = (double)z[0][i];
    for (int u = 0; u < net.units[l + 1]; u++)
      for (int s = 0; s < count; s++) {
        const V x = z[u * tile + s];
        sums[4 * l].add(x, [](double v) { return __builtin_fabs(v); });
        for (int i = 0; i < width; i++) {
          const double away = (double)x[i] - origins[l].at[i];
          sums[4 * l + 1].at[i] += away;
          sums[4 * l + 2].at[i] += away * away;
        }
      }
  }
  void after(int l, const V* h, const V* slope) {
    Sums<V>* own = units_of(l);
    for (int u = 0; u < net.units[l + 1]; u++)
      for (int s = 0; s < count; s++) {
        const V d = slope[u * tile + s];
        sums[4 * l + 3].add(h[u * tile + s], [](double v) { return __builtin_fabs(v); });
        own[3 * u].add(d, [](double v) { return v * v; });
        double *low = own[3 * u + 1].at, *high = own[3 * u + 2].at;
        for (int i = 0; i < width; i++) {
          low[i] = (double)d[i] < low[i] ? (double)d[i] : low[i];
          high[i] = (double)d[i] > high[i] ? (double)d[i] : high[i];
        }
      }
  }
  void back(int l, int t, const V* delta) {
    for (int u = 0; u < net.units[l + 1]; u++)
      for (int s = 0; s < count; s++) squares[l * net.steps + t].add(delta[u * tile + s], [](double v) { return v * v; });
  }
};

}  // namespace actlab::ACTLAB_ISA
