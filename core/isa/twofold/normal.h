// The normal distribution and erf of twofold arguments, within 2^-94 of their size and floor_error.
#pragma once
#include "exponential.h"

namespace actlab::ACTLAB_ISA::twofold {

// One of eight numbers a lane.
template <class V> ACTLAB_INLINE V lookup(const double* row, int_t<V> index) {
#if ACTLAB_VECTOR_BYTES == 64
  return (V)_mm512_permutexvar_pd((__m512i)index, _mm512_loadu_pd(row));
#else
  V v;
  for (int k = 0; k < simd<double>::lanes; k++) v[k] = row[index[k]];
  return v;
#endif
}

constexpr int tail_pieces = 8;
constexpr double tail_limit = tail_edges[tail_pieces];  // the density there is less than 2^-1100

// (1 - normcdf(a)) e^(a²/2) for 0 <= a <= tail_limit, by one of eight polynomials.
template <class V> ACTLAB_CALLED Twofold<V> tail_ratio(Twofold<V> a) {
  int_t<V> piece{};
  for (int k = 1; k < tail_pieces; k++) piece -= int_t<V>(a.high >= tail_edges[k]);
  const Twofold<V> u = div(add(a, -lookup<V>(tail_centres, piece)), single(lookup<V>(tail_halves, piece)));
  constexpr int twofold = sizeof tail_high / sizeof(double) / tail_pieces, rest = sizeof tail_rest / sizeof(double) / tail_pieces;
  V p = lookup<V>(tail_rest + (rest - 1) * tail_pieces, piece);
  for (int k = rest - 2; k >= 0; k--) p = fma(p, u.high, lookup<V>(tail_rest + k * tail_pieces, piece));
  Twofold<V> sum = single(p);
  for (int k = twofold - 1; k >= 0; k--)
    sum = step(sum, u, lookup<V>(tail_high + k * tail_pieces, piece), lookup<V>(tail_low + k * tail_pieces, piece));
  return joined(sum.high, sum.low);
}

// E = e^(-x²/2). Beyond the limit of exp it is taken for 0.
template <class V> ACTLAB_INLINE Twofold<V> bell(Twofold<V> x) { return exp(times_power_of_two(mul(x, x), -0.5)); }

template <class V> ACTLAB_INLINE Twofold<V> normpdf(Twofold<V> x) { return mul(bell(x), constant<V>(inverse_sqrt_two_pi)); }

template <class V> ACTLAB_INLINE Twofold<V> tail(Twofold<V> a, Twofold<V> e) {
  const int_t<V> near = int_t<V>(a.high <= tail_limit);
  return select<V>(near, mul(e, tail_ratio(select<V>(near, a, {V{}, V{}}))), {V{}, V{}});
}

template <class V> ACTLAB_INLINE void normcdf_normpdf(Twofold<V> x, Twofold<V>& P, Twofold<V>& p) {
  const Twofold<V> e = bell(x), far = tail(magnitude(x), e);
  p = mul(e, constant<V>(inverse_sqrt_two_pi));
  P = select<V>(int_t<V>(x.high > 0), add(-far, set1<V>(1)), far);
}

// A series up to |x| = 1; beyond, 1 - 2 (1 - normcdf(√2 |x|)).
template <class V> ACTLAB_INLINE Twofold<V> erf(Twofold<V> x) {
  const Twofold<V> a = mul(magnitude(x), constant<V>(sqrt2));
  const Twofold<V> outer = add(times_power_of_two(tail(a, bell(a)), -2), set1<V>(1));
  const int_t<V> inside = int_t<V>(vabs(x.high) < 1);
  const Twofold<V> y = select<V>(inside, x, {V{}, V{}}), inner = mul(y, series(erf_series, erf_series_rest, mul(y, y)));
  return select<V>(inside, inner, select<V>(int_t<V>(x.high < 0), -outer, outer));
}

}  // namespace actlab
