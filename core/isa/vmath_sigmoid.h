// The logistic family: sigmoid, tanh, sech^2 and softplus, each pair from one exponential of a negative argument,
// so that nothing overflows and both tails keep their relative accuracy.
#pragma once
#include "vmath_exp.h"

namespace actlab::ACTLAB_ISA {

template <class V> ACTLAB_INLINE V negative_abs(V x) {
  return (V)((uint_t<V>)x | (simd<scalar_t<V>>::sign - uint_t<V>{}));
}

// 1 / (1 + e), with what 1 + e lost put back.
template <class V> ACTLAB_INLINE V reciprocal_of_one_plus(V e) {
  V d = e + 1, lost = e - (d - 1), r = 1 / d;
  return fnma(r * r, lost, r);
}

// sigmoid(x) and sigmoid(-x) = sigmoid'(x) / sigmoid(x).
template <class V> ACTLAB_INLINE void vsigmoid_pair(V x, V& s, V& c) {
  ExpParts<V> p = exp_parts(at_least(negative_abs(x), limits<scalar_t<V>>::exp_low));
  V e = scale_by(p.q + 1, p.t), large = reciprocal_of_one_plus(e), small = e * large;
  int_t<V> negative = int_t<V>(x < 0);
  s = select(negative, small, large);
  c = select(negative, large, small);
}
template <class V> ACTLAB_INLINE V vsigmoid(V x) {
  V s, c;
  vsigmoid_pair(x, s, c);
  return s;
}

// tanh(x) and its derivative sech^2(x). With e = e^(-2|x|): tanh = (1 - e) / (1 + e), sech^2 = 4 e / (1 + e)^2, and
// 1 - e = -expm1(-2|x|), which does not cancel near zero.
template <class V> ACTLAB_INLINE void vtanh_sech2(V x, V& t, V& d) {
  // 4 e is still a number a little below the limit of e.
  ExpParts<V> p = exp_parts(at_least(negative_abs(x + x), limits<scalar_t<V>>::exp_low - 4));
  V e4 = scale_by(fma(p.q, set1<V>(4), set1<V>(4)), p.t);
  V s = scale_by(set1<V>(1), p.t);
  V em1 = fma(s, p.q, s - 1);
  V sum = em1 + 2, lost = em1 - (sum - 2), r = 1 / sum;
  r = fnma(r * r, lost, r);
  t = copysign(em1 * r, x);
  d = e4 * r * r;
}
template <class V> ACTLAB_INLINE V vtanh(V x) {
  V t, d;
  vtanh_sech2(x, t, d);
  return t;
}
template <class V> ACTLAB_INLINE V vsech2(V x) {
  V t, d;
  vtanh_sech2(x, t, d);
  return d;
}

// softplus(x) = max(x, 0) + log1p(e), e = e^(-|x|), and its derivative sigmoid(x).
template <class V> ACTLAB_INLINE void vsoftplus_sigmoid(V x, V& sp, V& s) {
  using T = scalar_t<V>;
  ExpParts<V> p = exp_parts(at_least(negative_abs(x), limits<T>::exp_low));
  V e = scale_by(p.q + 1, p.t), large = reciprocal_of_one_plus(e);
  s = select(int_t<V>(x < 0), e * large, large);
  // log1p(e) = e - e^2 Q(e); the last subtraction carries nearly all of the rounding.
  sp = vmax(V{}, x) + fnma(e * e, polynomial(coefficients<T>::softplus, e), e);
}
template <class V> ACTLAB_INLINE V vsoftplus(V x) {
  V sp, s;
  vsoftplus_sigmoid(x, sp, s);
  return sp;
}

}  // namespace actlab
