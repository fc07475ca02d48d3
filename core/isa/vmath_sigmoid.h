// The logistic family: sigmoid, tanh, sech^2 and softplus, each pair from one exponential of a negative argument,
// so that nothing overflows and both tails keep their relative accuracy.
#pragma once
#include "vmath_exp.h"

namespace actlab::ACTLAB_ISA {

template <class V> ACTLAB_INLINE V negative_abs(V x) {
  return (V)((uint_t<V>)x | (simd<scalar_t<V>>::sign - uint_t<V>{}));
}

// For e = e^(-|x|): 1 / (1 + e) = sigmoid(|x|) and e / (1 + e) = sigmoid(-|x|). The second is 2^n (1 + q) / (1 + e)
// with one rounding for 1 + q and the product together, scaled last. e_low is what e lost (double only).
template <class V, class K = scalar_t<V>> ACTLAB_INLINE void sigmoid_parts(V x, V& e, V& e_low, V& large, V& small) {
  ExpParts<V> p = exp_parts<V, K>(at_least(negative_abs(x), limits<scalar_t<V>>::exp_low));
  V m = p.q + 1;
  e = scale_by(m, p.t);
  V d = e + 1;
  if constexpr (!accuracy<K>::compensated) {
    e_low = V{};
    large = 1 / d;
  } else {
    e_low = scale_by(p.r - (m - 1) + p.b, p.t);
    V r = 1 / d, lost = e - (d - 1) + e_low;
    large = fma(r, fnma(r, lost, fnma(r, d, set1<V>(1))), r);
  }
  small = scale_by(fma(p.q, large, large), p.t);
}

// sigmoid(x) and sigmoid(-x) = sigmoid'(x) / sigmoid(x).
template <class V, class K = scalar_t<V>> ACTLAB_INLINE void vsigmoid_pair(V x, V& s, V& c) {
  V e, e_low, large, small;
  sigmoid_parts<V, K>(x, e, e_low, large, small);
  int_t<V> negative = int_t<V>(x < 0);
  s = select(negative, small, large);
  c = select(negative, large, small);
}
template <class V, class K = scalar_t<V>> ACTLAB_INLINE V vsigmoid(V x) {
  V s, c;
  vsigmoid_pair<V, K>(x, s, c);
  return s;
}

// tanh(x) and its derivative sech^2(x). With h = expm1(-2|x|) / 2, which does not cancel near zero:
// tanh|x| = -h / (1 + h), sech^2 = e^(-2|x|) / (1 + h)^2.
template <class V, class K = scalar_t<V>> ACTLAB_INLINE void vtanh_sech2(V x, V& t, V& d) {
  using T = scalar_t<V>;
  // (1 + h)^-2 is up to 4: sech^2 is still a number a little below the limit of the exponential.
  ExpParts<V> p = exp_parts<V, K>(at_least(negative_abs(x + x), limits<T>::exp_low - 4));
  V half = scale_by(set1<V>((T)0.5), p.t);
  V below = half - (T)0.5, above = half + (T)0.5;  // exact unless they make no difference
  if constexpr (!accuracy<K>::compensated) {
    V h = fma(half, p.q, below);  // for subnormal x, q = -2|x| is even: exact
    V sum = fma(half, p.q, above);
    V r = 1 / sum, y = h / sum;  // a second quotient: the divider is idle, and tanh saves a rounding
    t = copysign(y, x);
    // (1 - tanh)(1 + tanh), with 1 - tanh = e^(-2|x|) / (1 + h): fewer roundings than a square of r.
    V w = fma(p.q, r, r);
    d = scale_by(fnma(y, w, w), p.t);
  } else {
    V h = fma(half, p.b, fma(half, p.r, below)), h_low = fma(half, p.b, fma(half, p.r, below - h));
    V sum = fma(half, p.q, above), lost = fma(half, p.q, half + ((T)0.5 - sum)), r = 1 / sum;
    V y = h * r;
    y = fma(fnma(y, lost, fnma(y, sum, h)) + h_low, r, y);
    t = copysign(y, x);
    // (1 + q) / (1 + h)^2 as r^2 + (q r^2 + what r^2 lost).
    V square, low, residual = fnma(r, lost, fnma(r, sum, set1<V>(1)));
    two_product(r, r, square, low);
    low = fma(square, residual + residual, low);
    d = scale_by(square + fma(p.q, square, fma(p.q, low, low)), p.t);
  }
}
template <class V, class K = scalar_t<V>> ACTLAB_INLINE V vtanh(V x) {
  V t, d;
  vtanh_sech2<V, K>(x, t, d);
  return t;
}
template <class V, class K = scalar_t<V>> ACTLAB_INLINE V vsech2(V x) {
  V t, d;
  vtanh_sech2<V, K>(x, t, d);
  return d;
}

// softplus(x) = max(x, 0) + log1p(e), e = e^(-|x|), and its derivative sigmoid(x).
template <class V, class K = scalar_t<V>> ACTLAB_INLINE void vsoftplus_sigmoid(V x, V& sp, V& s) {
  V e, e_low, large, small;
  sigmoid_parts<V, K>(x, e, e_low, large, small);
  s = select(int_t<V>(x < 0), small, large);
  // log1p(e) = e - e^2 Q(e); the last subtraction carries nearly all of the rounding.
  using C = coefficients<K>;
  V positive = vmax(V{}, x), square = e * e;
  if constexpr (!accuracy<K>::compensated) {
    sp = positive + fnma(square, polynomial(C::softplus, e), e);
  } else {
    // What the two sums lose is put back; from 100 on nothing is added, and infinity stays out of the differences.
    V high, low, sum, lost, q = fma(e, polynomial_above_c0(C::softplus, e), set1<V>(C::softplus[0]));
    fast_two_sum(e, fnma(square, q, e_low * large), high, low);
    two_sum(positive, high, sum, lost);
    sp = select(int_t<V>(x > 100), x, sum + (lost + low));
  }
}
template <class V, class K = scalar_t<V>> ACTLAB_INLINE V vsoftplus(V x) {
  V sp, s;
  vsoftplus_sigmoid<V, K>(x, sp, s);
  return sp;
}

}  // namespace actlab
