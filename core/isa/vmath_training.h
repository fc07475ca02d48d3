// tanh and sigmoid as training asks for them: float, value alone (the derivative follows from it), at most 2.5 ULP.
//
// They work on N vectors at a time, step by step: the chain of one is as long as the processor's scheduler is deep, and
// the others fill the gaps. Double and everything but training keep the functions of vmath_sigmoid.h.
#pragma once
#include "vmath_sigmoid.h"

#define ACTLAB_EACH ACTLAB_UNROLL for (int i = 0; i < N; i++)

namespace actlab::ACTLAB_ISA {

constexpr int together = ACTLAB_VECTOR_BYTES == 64 ? 4 : 2;  // vectors that are worth computing step by step

// e^x = 2^n (1 + q) for N vectors; t = n + magic. As exp_parts(), in steps.
template <class V, int N> ACTLAB_INLINE void exp_parts_each(const V* x, V* q, V* t, V* n) {
  using T = scalar_t<V>;
  using C = coefficients<T>;
  static_assert(sizeof(C::exp) == 5 * sizeof(T), "the polynomial below has five coefficients");
  V r[N], square[N], low[N];
  ACTLAB_EACH t[i] = fma(x[i], set1<V>(C::log2e), set1<V>(rounding<T>::magic));
  ACTLAB_EACH n[i] = t[i] - rounding<T>::magic;
  ACTLAB_EACH r[i] = fnma(n[i], set1<V>(C::ln2[0]), x[i]);
  ACTLAB_EACH r[i] = fnma(n[i], set1<V>(C::ln2[1]), r[i]);
  ACTLAB_EACH square[i] = r[i] * r[i];
  ACTLAB_EACH q[i] = fma(set1<V>(C::exp[4]), r[i], set1<V>(C::exp[3]));
  ACTLAB_EACH low[i] = fma(set1<V>(C::exp[1]), r[i], set1<V>(C::exp[0]));
  ACTLAB_EACH q[i] = fma(q[i], r[i], set1<V>(C::exp[2]));
  ACTLAB_EACH q[i] = fma(q[i], square[i], low[i]);
  ACTLAB_EACH q[i] = fma(square[i], q[i], r[i]);
}

// With E = e^(2x) - 1 = 2^n q + (2^n - 1), which cancels for neither sign: E / (E + 2). From |x| = 10 on it is 1.
template <class V, int N> ACTLAB_INLINE void training_tanh(V* x) {
  using T = scalar_t<V>;
  using S = simd<T>;
  V q[N], t[N], n[N], E[N];
  ACTLAB_EACH x[i] = at_most(at_least(x[i] + x[i], (T)-20), (T)20);
  exp_parts_each<V, N>(x, q, t, n);
  ACTLAB_EACH n[i] = (V)(((uint_t<V>)t[i] << S::mantissa) + ((typename S::Bits)S::bias << S::mantissa));  // 2^n
  ACTLAB_EACH E[i] = fma(n[i], q[i], n[i] - 1);
  ACTLAB_EACH x[i] = E[i] / (E[i] + 2);
}

// With e^(-x) = 2^n (1 + q): 2^-n / (2^-n + 1 + q), scaled last, so that the way into the subnormal numbers is gradual
// and nothing exceeds 1. Beyond x = 20 it is 1, below exp_low it is 0.
template <class V, int N> ACTLAB_INLINE void training_sigmoid(V* x) {
  using T = scalar_t<V>;
  V q[N], t[N], n[N];
  ACTLAB_EACH x[i] = at_most(at_least(-x[i], (T)-20), -limits<T>::exp_low);
  exp_parts_each<V, N>(x, q, t, n);
#if ACTLAB_VECTOR_BYTES == 64
  ACTLAB_EACH n[i] = -n[i];
  ACTLAB_EACH t[i] = (V)_mm512_scalef_ps((__m512)set1<V>(1), (__m512)n[i]);
  ACTLAB_EACH x[i] = 1 / (t[i] + (q[i] + 1));
  ACTLAB_EACH x[i] = (V)_mm512_scalef_ps((__m512)x[i], (__m512)n[i]);
#else
  using S = simd<T>;
  using R = rounding<T>;
  ACTLAB_EACH t[i] = vmin(set1<V>(R::magic + 100), t[i]);  // 2^-100 is nothing beside 1; less may have no such form
  ACTLAB_EACH t[i] = (V)((R::magic_bits + S::bias - (uint_t<V>)t[i]) << S::mantissa);
  ACTLAB_EACH x[i] = 1 / (t[i] + (q[i] + 1));
  ACTLAB_EACH x[i] = scale_by(x[i], R::magic - n[i]);
#endif
}

// One vector of any type: what the interpreter's double gives is the function of vmath_sigmoid.h.
template <class V> ACTLAB_INLINE V tanh_in_training(V x) {
  if constexpr (sizeof(scalar_t<V>) == 8) return vtanh(x);
  else training_tanh<V, 1>(&x);
  return x;
}
template <class V> ACTLAB_INLINE V sigmoid_in_training(V x) {
  if constexpr (sizeof(scalar_t<V>) == 8) return vsigmoid(x);
  else training_sigmoid<V, 1>(&x);
  return x;
}

// In place, `together` vectors.
template <class V> ACTLAB_INLINE void sigmoid_of_several(V* x) {
  if constexpr (sizeof(scalar_t<V>) == 4) training_sigmoid<V, together>(x);
  else
    for (int i = 0; i < together; i++) x[i] = vsigmoid(x[i]);
}

}  // namespace actlab::ACTLAB_ISA

#undef ACTLAB_EACH
