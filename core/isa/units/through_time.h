// What a checkpoint records of a recurrent net whose units are in the lanes: ../through_time.h, sum by sum in the same order.
#pragma once
#include "../sums.h"
#include "panels.h"

namespace actlab::ACTLAB_ISA {

template <class V> struct UnitTraceSteps {
  using T = scalar_t<V>;
  const Network& net;
  int count;         // samples of the tile that are there
  bool start;        // the first go: origins are still to be set
  double* of_units;  // [hidden unit][unit_sums]
  double* origins;   // [layer]
  double* sums;      // [layer][layer_sums]
  double* squares;   // [layer][step]

  // Unit by unit, and then sample by sample: add(unit, its number in `from`'s row of this sample).
  template <class Add> void each(int l, const V* from, Add add) const {
    const int64_t row = vectors<V>(net.units[l + 1]) * simd<T>::lanes;
    for (int u = 0; u < net.units[l + 1]; u++)
      for (int s = 0; s < count; s++) add(u, (double)((const T*)from)[s * row + u]);
  }
  double* units_of(int l) const {
    int64_t before = 0;
    for (int k = 0; k < l; k++) before += net.units[k + 1];
    return of_units + unit_sums * before;
  }
  void before(int l, int t, const V* z) {
    if (start && !t) origins[l] = (double)z[0][0];
    double* own = sums + layer_sums * l;
    each(l, z, [&](int, double x) {
      const double away = x - origins[l];
      own[sum_abs_z] += __builtin_fabs(x);
      own[sum_z] += away;
      own[sum_square_z] += away * away;
    });
  }
  void after(int l, const V* h, const V* slope) {
    each(l, h, [&](int, double x) { sums[layer_sums * l + sum_abs_a] += __builtin_fabs(x); });
    double* units = units_of(l);
    each(l, slope, [&](int u, double d) {
      double* unit = units + unit_sums * u;
      unit[square_slope] += d * d;
      unit[least_slope] = d < unit[least_slope] ? d : unit[least_slope];
      unit[greatest_slope] = d > unit[greatest_slope] ? d : unit[greatest_slope];
    });
  }
  void back(int l, int t, const V* delta) {
    each(l, delta, [&](int, double d) { squares[(int64_t)l * net.steps + t] += d * d; });
  }
};

}  // namespace actlab::ACTLAB_ISA
