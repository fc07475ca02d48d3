// What is recorded is summed up in doubles: a sum a lane, each one ascending chain, several of them at a time in registers.
#pragma once
#include "matmul.h"

namespace actlab::ACTLAB_ISA {

// One double per lane: one vector of them, or two where the lanes are floats, the lower lanes' first.
template <class V> struct Doubles {
  static constexpr int parts = sizeof(double) / sizeof(scalar_t<V>);
  vd part[parts] = {};

  double& operator[](int lane) { return ((double*)part)[lane]; }
  double operator[](int lane) const { return ((const double*)part)[lane]; }

#define ACTLAB_OPERATOR(name)                                                           \
  ACTLAB_INLINE_MEMBER Doubles& operator name##=(const Doubles& b) {                    \
    ACTLAB_UNROLL for (int p = 0; p < parts; p++) part[p] = part[p] name b.part[p];     \
    return *this;                                                                       \
  }                                                                                     \
  ACTLAB_INLINE_MEMBER friend Doubles operator name(Doubles a, const Doubles& b) { return a name##= b; }
  ACTLAB_OPERATOR(+) ACTLAB_OPERATOR(-) ACTLAB_OPERATOR(*) ACTLAB_OPERATOR(/)
#undef ACTLAB_OPERATOR
};
template <class V> using Sums = Doubles<V>;

template <class V> ACTLAB_INLINE Doubles<V> widen(V v) {
  Doubles<V> r;
  if constexpr (Doubles<V>::parts == 1) {
    r.part[0] = v;
  } else {
    r.part[0] = widen_lower(v);
    r.part[1] = widen_upper(v);
  }
  return r;
}
template <class V> ACTLAB_INLINE Doubles<V> everywhere(double x) {
  Doubles<V> r;
  ACTLAB_UNROLL for (int p = 0; p < Doubles<V>::parts; p++) r.part[p] = set1<vd>(x);
  return r;
}
template <class V> ACTLAB_INLINE Doubles<V> vabs(Doubles<V> a) {
  ACTLAB_UNROLL for (int p = 0; p < Doubles<V>::parts; p++) a.part[p] = vabs(a.part[p]);
  return a;
}
template <class V> ACTLAB_INLINE Doubles<V> vsqrt(Doubles<V> a) {
  ACTLAB_UNROLL for (int p = 0; p < Doubles<V>::parts; p++) a.part[p] = vsqrt(a.part[p]);
  return a;
}
// As the hardware's: the second operand where either is NaN.
template <class V> ACTLAB_INLINE Doubles<V> vmin(Doubles<V> a, const Doubles<V>& b) {
  ACTLAB_UNROLL for (int p = 0; p < Doubles<V>::parts; p++) a.part[p] = vmin(a.part[p], b.part[p]);
  return a;
}
template <class V> ACTLAB_INLINE Doubles<V> vmax(Doubles<V> a, const Doubles<V>& b) {
  ACTLAB_UNROLL for (int p = 0; p < Doubles<V>::parts; p++) a.part[p] = vmax(a.part[p], b.part[p]);
  return a;
}

// Σx² of n numbers.
template <class V> Doubles<V> sum_of_squares(const V* x, int64_t n) {
  Doubles<V> sum;
  for (int64_t i = 0; i < n; i++) {
    const Doubles<V> d = widen(x[i]);
    sum += d * d;
  }
  return sum;
}

// --- of `samples` samples of a tile, unit by unit and then sample by sample: [unit][tile] ---

// What a layer's z add up to, of which the moments are taken about an origin, and its |a|.
enum LayerSum { sum_abs_z, sum_z, sum_square_z, sum_abs_a, layer_sums };

template <class V> void sum_up_z(const V* z, int units, int samples, const Doubles<V>& origin, Doubles<V>* sums) {
  const Doubles<V> from = origin;
  Doubles<V> size = sums[sum_abs_z], sum = sums[sum_z], square = sums[sum_square_z];
  for (int u = 0; u < units; u++, z += tile)
    for (int s = 0; s < samples; s++) {
      const Doubles<V> x = widen(z[s]), away = x - from;
      size += vabs(x);
      sum += away;
      square += away * away;
    }
  sums[sum_abs_z] = size;
  sums[sum_z] = sum;
  sums[sum_square_z] = square;
}

// Of each unit's φ′: Σφ′², the least and the greatest.
enum UnitSum { square_slope, least_slope, greatest_slope, unit_sums };

template <class V> void begin_units(Doubles<V>* of_units, int64_t units) {
  for (int64_t u = 0; u < units; u++, of_units += unit_sums) {
    of_units[square_slope] = {};
    of_units[least_slope] = everywhere<V>(__builtin_inf());
    of_units[greatest_slope] = everywhere<V>(-__builtin_inf());
  }
}
template <class V> void sum_up_a(const V* a, const V* slope, int units, int samples, Doubles<V>* sums, Doubles<V>* of_units) {
  Doubles<V> size = sums[sum_abs_a];
  for (int u = 0; u < units; u++, a += tile, slope += tile, of_units += unit_sums) {
    Doubles<V> square = of_units[square_slope];
    V least = set1<V>(limits<scalar_t<V>>::infinity), greatest = -least;
    for (int s = 0; s < samples; s++) {
      const Doubles<V> d = widen(slope[s]);
      size += vabs(widen(a[s]));
      square += d * d;
      least = vmin(slope[s], least);  // NaN is passed over
      greatest = vmax(slope[s], greatest);
    }
    of_units[square_slope] = square;
    of_units[least_slope] = vmin(widen(least), of_units[least_slope]);
    of_units[greatest_slope] = vmax(widen(greatest), of_units[greatest_slope]);
  }
  sums[sum_abs_a] = size;
}

}  // namespace actlab::ACTLAB_ISA
