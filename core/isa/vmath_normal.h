// The normal distribution: its density, its distribution function and the error function.
#pragma once
#include "vmath_exp.h"

namespace actlab::ACTLAB_ISA {

// For a in [0, mills_cap] or NaN: 2^n density = normpdf(a) and 2^n tail = 1 - normcdf(a). a^2 is kept in two parts,
// because the relative error of e^(-a^2/2) is the absolute error of its argument. With E = e^(-a^2/2),
// 1 - normcdf(a) = (E / 2) / (1 + a S), where S = (mills(0) / mills(a) - 1) / a rises only from 0.8 to 1.25 over the
// whole half line: nothing cancels, and the rounding of S and of its variable t = (a - k) / (a + k) hardly shows.
template <class V> struct NormalParts {
  V density, tail, t;
};
template <class V, class K = scalar_t<V>> ACTLAB_INLINE NormalParts<V> normal_parts(V a) {
  using T = scalar_t<V>;
  using C = coefficients<K>;
  V high, low;
  two_product(a, a, high, low);
  ExpParts<V> p = exp_parts<V, K>(high * (T)-0.5, low * (T)-0.5);
  // c (1 + q), with the part of c = 1 / sqrt(2 pi) that a number of the type cannot hold.
  V density;
  if constexpr (sizeof(T) == 8 && !accuracy<K>::compensated) density = fma(p.q, set1<V>(C::normal_density[0]), set1<V>(C::normal_density[0]));
  else density = fma(p.q, set1<V>(C::normal_density[0]), set1<V>(C::normal_density[1])) + C::normal_density[0];
  V t = fnma(1 / (a + C::mills_shift), set1<V>(2 * C::mills_shift), set1<V>(1));
  V rest = polynomial_above_c0(C::mills, t), s = fma(t, rest, set1<V>(C::mills[0])), d = fma(a, s, set1<V>(1));
  const V one_half = set1<V>((T)0.5);
  V half = fma(p.q, one_half, one_half);  // E / 2
  if constexpr (!accuracy<K>::compensated) {
    return {density, half / d, p.t};
  } else {
    V inverse = 1 / d, tail = half * inverse;
    // What the quotient, its denominator, S and E lost.
    V d_low = fma(a, fma(t, rest, C::mills[0] - s), fma(a, s, 1 - d));
    V half_low = fma(p.b, one_half, fma(p.r, one_half, one_half - half));
    V residual = fnma(tail, d_low, fnma(tail, d, half)) + half_low;
    return {density, fma(residual, inverse, tail), p.t};
  }
}

// normcdf(x) and its derivative normpdf(x).
template <class V, class K = scalar_t<V>> ACTLAB_INLINE void vnormcdf_pdf(V x, V& P, V& p) {
  NormalParts<V> parts = normal_parts<V, K>(at_most(vabs(x), coefficients<K>::mills_cap));
  p = scale_by(parts.density, parts.t);
  V tail = scale_by(parts.tail, parts.t);
  P = select(int_t<V>(x > 0), 1 - tail, tail);
}
template <class V, class K = scalar_t<V>> ACTLAB_INLINE V vnormcdf(V x) {
  V P, p;
  vnormcdf_pdf<V, K>(x, P, p);
  return P;
}
template <class V, class K = scalar_t<V>> ACTLAB_INLINE V vnormpdf(V x) {
  V P, p;
  vnormcdf_pdf<V, K>(x, P, p);
  return p;
}

// erf(x): x times a polynomial up to |x| = 1 (brief: 1/4), beyond it 1 - 2 tail(sqrt 2 |x|), where erfc is small enough
// to lend little of its error.
template <class V, class K = scalar_t<V>> ACTLAB_INLINE V verf(V x) {
  using C = coefficients<K>;
  V a = vabs(x);
  NormalParts<V> parts = normal_parts<V, K>(at_most(a * C::sqrt2, C::mills_cap));
  V outer = copysign(1 - 2 * scale_by(parts.tail, parts.t), x);
  V inner = fma(x, polynomial(C::erf, x * x), x);
  return select(int_t<V>(a < C::erf_inner), inner, outer);
}

}  // namespace actlab
