// x^y as e^(y log x), with the logarithm and the product to about one and a half times the type's precision.
#pragma once
#include "vmath_exp.h"
#include "vmath_log.h"

namespace actlab::ACTLAB_ISA {

// log(x) = high + low for x positive and finite. With 1 + f = m and s = f / (2 + f) to twice the precision:
// log m = 2 s + s^3 (2/3 + s^2 R(s^2)).
template <class V> ACTLAB_INLINE void log_two_parts(V x, V& high, V& low) {
  using T = scalar_t<V>;
  using S = simd<T>;
  using C = coefficients<T>;
  int_t<V> subnormal = int_t<V>(x < limits<T>::smallest_normal);
  V k, m = split_exponent(select(subnormal, x * (limits<T>::integers * 4), x), C::sqrt_half, k);
  k = k - select(subnormal, set1<V>((T)(S::mantissa + 2)), V{});
  V f = m - 1, d, d_low;
  fast_two_sum(set1<V>(2), f, d, d_low);
  V inverse = 1 / d, s = f * inverse, p, p_low;
  two_product(s, d, p, p_low);
  V s_low = (((f - p) - p_low) - s * d_low) * inverse;
  V z, z_low, cube, cube_low, u, u_low, w, w_low;
  two_product(s, s, z, z_low);
  z_low = fma(s + s, s_low, z_low);
  two_product(z, s, cube, cube_low);
  cube_low = fma(z, s_low, fma(z_low, s, cube_low));
  fast_two_sum(set1<V>(C::two_thirds[0]), z * polynomial(C::log_tail, z), u, u_low);
  u_low = u_low + C::two_thirds[1];
  two_product(cube, u, w, w_low);
  w_low = fma(cube, u_low, fma(cube_low, u, w_low));
  V a, a_low, b, b_low;
  fast_two_sum(s + s, w, a, a_low);
  a_low = a_low + (fma(set1<V>(2), s_low, w_low));
  two_sum(k * C::ln2[0], a, b, b_low);
  fast_two_sum(b, fma(k, set1<V>(C::ln2[1]), b_low + a_low), high, low);
}

// As C99's pow, for every special value.
template <class V> ACTLAB_INLINE V vpow(V x, V y) {
  using T = scalar_t<V>;
  using L = limits<T>;
  V a = vabs(x), log_high, log_low, high, low;
  int_t<V> endpoint = int_t<V>(a == 0) | int_t<V>(a == L::infinity);
  log_two_parts(select(endpoint, set1<V>(1), a), log_high, log_low);
  // Beyond 2^70 only the sign of y matters: |log a| is at least 2^-54.
  V bounded = at_most(at_least(y, (T)-0x1p70), (T)0x1p70);
  two_product(bounded, log_high, high, low);
  low = fma(bounded, log_low, low);
  V clamped = at_most(at_least(high, L::exp_low - 4), L::exp_high + 1);
  low = select(int_t<V>(clamped == high), low, V{});
  fast_two_sum(clamped, low, high, low);
  ExpParts<V> p = exp_parts(high, low);
  V result = scale_by(p.q + 1, p.t);
  result = select(endpoint, select(int_t<V>(y > 0), a, 1 / a), result);

  // The sign: y is an odd integer. From 2^mantissa on every number is an integer, from twice that an even one.
  V b = vabs(y), half = b * (T)0.5;
  int_t<V> big = int_t<V>(b >= L::integers), half_big = int_t<V>(half >= L::integers);
  int_t<V> whole = big | int_t<V>((b + L::integers) - L::integers == b);
  int_t<V> even = half_big | int_t<V>((half + L::integers) - L::integers == half);
  result = select(int_t<V>((int_t<V>)x < 0) & whole & ~even, -result, result);
  result = select(int_t<V>(x < 0) & ~whole & int_t<V>(a < L::infinity), set1<V>(L::nan), result);
  result = select(int_t<V>(x != x) | int_t<V>(y != y), x + y, result);
  // x = -1 with an infinite y falls out of the arithmetic: log 1 = 0.
  return select(int_t<V>(y == 0) | int_t<V>(x == 1), set1<V>(1), result);
}

}  // namespace actlab
