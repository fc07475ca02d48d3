// log and log1p.
#pragma once
#include "coefficients.h"
#include "simd.h"

namespace actlab::ACTLAB_ISA {

// k ln 2 + log(1 + f) + low, for 1 + f in [sqrt(1/2), sqrt 2). With s = f / (2 + f), log(1 + f) = 2 atanh(s) =
// 2 s + s R(s^2); writing it as f - (f^2/2 - s (f^2/2 + R)) leaves the largest term, f, exact.
template <class V> ACTLAB_INLINE V log_sum(V f, V k, V low) {
  using C = coefficients<scalar_t<V>>;
  V s = f / (f + 2), z = s * s, half_square = f * f * (scalar_t<V>)0.5;
  V r = z * polynomial(C::log, z);
  V small = fma(s, half_square + r, fma(k, set1<V>(C::ln2[1]), low));
  return fma(k, set1<V>(C::ln2[0]), f - (half_square - small));
}

template <class V> ACTLAB_INLINE V vlog(V x) {
  using T = scalar_t<V>;
  using S = simd<T>;
  using L = limits<T>;
  constexpr T up = L::integers * 4;
  int_t<V> subnormal = int_t<V>(x < L::smallest_normal);
  V k, m = split_exponent(select(subnormal, x * up, x), coefficients<T>::sqrt_half, k);
  k = k - select(subnormal, set1<V>((T)(S::mantissa + 2)), V{});
  V y = log_sum(m - 1, k, V{});
  y = select(int_t<V>(x < L::infinity), y, x);  // infinity, NaN
  y = select(int_t<V>(x < 0), set1<V>(L::nan), y);
  return select(int_t<V>(x == 0), set1<V>(-L::infinity), y);
}

template <class V> ACTLAB_INLINE V vlog1p(V x) {
  using T = scalar_t<V>;
  using L = limits<T>;
  V u, lost, k;
  two_sum(set1<V>(1), x, u, lost);
  V f = split_exponent(u, coefficients<T>::sqrt_half, k) - 1;
  // Near zero x itself is the exact f; elsewhere what 1 + x lost is a small correction.
  int_t<V> near_zero = int_t<V>(k == 0);
  f = select(near_zero, x, f);
  V y = log_sum(f, k, select(near_zero, V{}, lost / u));
  y = select(int_t<V>(x < L::infinity), y, x);
  y = select(int_t<V>(x < (T)-1), set1<V>(L::nan), y);
  y = select(int_t<V>(x == (T)-1), set1<V>(-L::infinity), y);
  return select(int_t<V>(x == 0), x, y);  // keeps -0
}

}  // namespace actlab
