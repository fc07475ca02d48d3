// The functions of training in float; their derivatives follow from the value, or come with it. Largest errors in ULP:
// sigmoid 2.5 (0 below -88.7), tanh 3.7 (v2: 4), tanh(softplus) 4, normpdf 2, normcdf 5.6 (v2: 8; 4.2 from -1.4 on).
//
// They work on N vectors at a time, step by step: the chain of one is as long as the processor's scheduler is deep, and
// the others fill the gaps. Multiplications are what they wait for (two a cycle, with the fused ones): so tables of 16
// numbers, which a permutation looks up, take the place of the larger half of the polynomials, and additions that of
// fused multiply-adds. Double and everything but training keep the functions of vmath_sigmoid.h and vmath_normal.h.
#pragma once
#include "vmath_normal.h"
#include "vmath_sigmoid.h"

#define ACTLAB_EACH ACTLAB_UNROLL for (int i = 0; i < N; i++)

namespace actlab::ACTLAB_ISA {

constexpr int together = ACTLAB_VECTOR_BYTES == 64 ? 4 : 2;  // vectors that are worth computing step by step

// c[0] + c[1] x + ... for N vectors.
template <class V, int N, class T, int Size> ACTLAB_INLINE void polynomial_each(const T (&c)[Size], const V* x, V* sum) {
  ACTLAB_EACH sum[i] = fma(set1<V>(c[Size - 1]), x[i], set1<V>(c[Size - 2]));
  ACTLAB_UNROLL for (int k = Size - 3; k >= 0; k--) ACTLAB_EACH sum[i] = fma(sum[i], x[i], set1<V>(c[k]));
}

// table[the low four bits of t]
template <class V> ACTLAB_INLINE V looked_up(const float (&table)[16], V t) {
#if ACTLAB_VECTOR_BYTES == 64
  return (V)_mm512_permutexvar_ps((__m512i)t, _mm512_loadu_ps(table));
#elif ACTLAB_VECTOR_BYTES == 32
  const __m256i index = (__m256i)t;
  const __m256 low = _mm256_permutevar8x32_ps(_mm256_loadu_ps(table), index), high = _mm256_permutevar8x32_ps(_mm256_loadu_ps(table + 8), index);
  return (V)_mm256_blendv_ps(low, high, (__m256)_mm256_slli_epi32(index, 28));  // the fourth bit, where blending asks for a sign
#else
  const uint_t<V> index = (uint_t<V>)t & 15u;
  V found;
  for (int l = 0; l < simd<float>::lanes; l++) found[l] = table[index[l]];
  return found;
#endif
}

// x without the integer next to it; t = x + magic.
template <class V> ACTLAB_INLINE V without_integer(V x, [[maybe_unused]] V t) {
#if ACTLAB_VECTOR_BYTES == 64
  return (V)_mm512_reduce_ps((__m512)x, 0);
#else
  return x - (t - rounding<scalar_t<V>>::magic);
#endif
}

// |x| = j + r, and tanh|x| = (k + s) / (1 + k s) with k = tanh(j) from a table and s = tanh(r) by a polynomial. For j = 0
// it is s, and x itself where x is tiny; from 8.5 on k is 1, and so is the quotient, which never exceeds it.
template <class V, int N> ACTLAB_INLINE void training_tanh(V* x) {
  using T = scalar_t<V>;
  using C = coefficients<T>;
  V t[N], r[N], square[N], p[N], k[N];
  ACTLAB_EACH r[i] = at_most(vabs(x[i]), (T)9);
  ACTLAB_EACH t[i] = r[i] + rounding<T>::magic;
  ACTLAB_EACH r[i] = without_integer(r[i], t[i]);
  ACTLAB_EACH k[i] = looked_up<V>(C::tanh_nodes, t[i]);
  ACTLAB_EACH square[i] = r[i] * r[i];
  polynomial_each<V, N>(C::tanh, square, p);
  ACTLAB_EACH square[i] = square[i] * r[i];
  ACTLAB_EACH p[i] = fma(square[i], p[i], r[i]);
  ACTLAB_EACH k[i] = (k[i] + p[i]) / fma(k[i], p[i], set1<V>(1));  // not negative: x's sign can be laid over it
  ACTLAB_EACH x[i] = (V)((uint_t<V>)k[i] | (uint_t<V>)sign_bit(x[i]));
}

template <class V, int N> ACTLAB_INLINE void training_tanh_slope(const V* x, V* t, V* d) {
  ACTLAB_EACH t[i] = x[i];
  training_tanh<V, N>(t);
  ACTLAB_EACH d[i] = fnma(t[i], t[i], set1<V>(1));
}

// Sums with it are rounded to sixteenths, and hold 16 times the other summand in their low bits.
constexpr float magic_16 = rounding<float>::magic / 16;

// m 2^floor(n), rounded once; n = t - magic_16.
template <class V> ACTLAB_INLINE V scale_by_floor(V m, [[maybe_unused]] V t, [[maybe_unused]] V n) {
#if ACTLAB_VECTOR_BYTES == 64
  return (V)_mm512_scalef_ps((__m512)m, (__m512)n);
#else
  using S = simd<float>;
  const uint_t<V> k = ((uint_t<V>)t >> 4) - ((__builtin_bit_cast(uint32_t, magic_16) >> 4) - 2 * S::bias);  // floor(n) + 2 bias
  const uint_t<V> half = k >> 1;
  return m * (V)(half << S::mantissa) * (V)((k - half) << S::mantissa);
#endif
}

// e^x for N vectors: 2^frac(n) is from a table. Infinite where it is above float's range; x is at least exp_low.
template <class V, int N> ACTLAB_INLINE void exp_each(const V* x, V* e) {
  using C = coefficients<float>;
  V t[N], n[N], r[N], m[N];
  ACTLAB_EACH t[i] = fma(x[i], set1<V>(C::log2e), set1<V>(magic_16));
  ACTLAB_EACH n[i] = t[i] - magic_16;
  ACTLAB_EACH r[i] = fnma(n[i], set1<V>(C::ln2_of_sixteenths[0]), x[i]);
  ACTLAB_EACH r[i] = fnma(n[i], set1<V>(C::ln2_of_sixteenths[1]), r[i]);
  ACTLAB_EACH e[i] = looked_up<V>(C::exp_nodes, t[i]);
  ACTLAB_EACH m[i] = fma(set1<V>(C::exp_sixteenth[1]), r[i], set1<V>(C::exp_sixteenth[0]));
  ACTLAB_EACH m[i] = fma(m[i], r[i] * r[i], r[i]);
  ACTLAB_EACH e[i] = scale_by_floor(fma(e[i], m[i], e[i]), t[i], n[i]);
}

// 1 / (1 + e^(-x)): 1 beyond x = 20, and 0 below -88.7, where e^(-x) is infinite.
template <class V, int N> ACTLAB_INLINE void training_sigmoid(V* x) {
  V e[N];
  ACTLAB_EACH x[i] = at_most(at_least(-x[i], (scalar_t<V>)-20), limits<scalar_t<V>>::exp_high);
  exp_each<V, N>(x, e);
  ACTLAB_EACH x[i] = 1 / (e[i] + 1);
}

template <class V, int N> ACTLAB_INLINE void training_sigmoid_slope(const V* x, V* s, V* d) {
  ACTLAB_EACH s[i] = x[i];
  training_sigmoid<V, N>(s);
  ACTLAB_EACH d[i] = fnma(s[i], s[i], s[i]);
}

// normcdf(x) and normpdf(x). With a = |x|: normpdf = 2^n (1 + q) / sqrt(2 pi), where 2^frac(n) / sqrt(2 pi) is from a table,
// and 1 - normcdf(a) = normpdf(a) A(a) / B(a), so that the relative accuracy holds far out. What a^2 loses is put back.
template <class V, int N> ACTLAB_INLINE void training_normcdf_normpdf(const V* x, V* P, V* p) {
  using T = scalar_t<V>;
  using C = coefficients<T>;
  V a[N], r[N], t[N], n[N], low[N], ratio[N];
  ACTLAB_EACH a[i] = at_most(vabs(x[i]), C::mills_cap);
  polynomial_each<V, N>(C::mills_top, a, ratio);
  polynomial_each<V, N>(C::mills_bottom, a, r);
  ACTLAB_EACH ratio[i] = ratio[i] / r[i];
  ACTLAB_EACH two_product(a[i], a[i], r[i], low[i]);
  ACTLAB_EACH t[i] = fma(r[i], set1<V>((T)-0.5 * C::log2e), set1<V>(magic_16));
  ACTLAB_EACH n[i] = t[i] - magic_16;
  ACTLAB_EACH r[i] = fma(n[i], set1<V>(2 * C::ln2_of_sixteenths[0]), r[i]);
  ACTLAB_EACH r[i] = fma(n[i], set1<V>(2 * C::ln2_of_sixteenths[1]), r[i]);
  ACTLAB_EACH r[i] = r[i] + low[i];  // a^2 + 2 n ln 2
  ACTLAB_EACH p[i] = looked_up<V>(C::density_nodes, t[i]);
  ACTLAB_EACH low[i] = fma(set1<V>(C::exp_sixteenth[1] * (T)-0.125), r[i], set1<V>(C::exp_sixteenth[0] * (T)0.25));
  ACTLAB_EACH low[i] = fma(low[i], r[i], set1<V>((T)-0.5));
  ACTLAB_EACH low[i] = low[i] * r[i];
  ACTLAB_EACH p[i] = scale_by_floor(fma(p[i], low[i], p[i]), t[i], n[i]);
  ACTLAB_EACH ratio[i] = ratio[i] * p[i];
  ACTLAB_EACH P[i] = select(int_t<V>(x[i] > 0), 1 - ratio[i], ratio[i]);
}

// tanh(softplus(x)) and its derivative: with e = e^x and m = e (e / 2 + 1) they are m / (m + 1) and (e + e^2) / (m + 1)^2.
// From x = 20 on they stay what they are there, 1 and next to nothing.
template <class V, int N> ACTLAB_INLINE void training_tanh_softplus_pair(const V* x, V* P, V* p) {
  using T = scalar_t<V>;
  V e[N], m[N], n[N];
  ACTLAB_EACH n[i] = at_most(at_least(x[i], limits<T>::exp_low), (T)20);
  exp_each<V, N>(n, e);
  ACTLAB_EACH m[i] = fma(e[i] * (T)0.5, e[i], e[i]);
  ACTLAB_EACH n[i] = 1 / (m[i] + 1);
  ACTLAB_EACH P[i] = m[i] * n[i];
  ACTLAB_EACH p[i] = fma(e[i], e[i], e[i]) * (n[i] * n[i]);
}

// A pair's half alone.
template <class V, int N> ACTLAB_INLINE void training_normcdf(V* x) {
  V P[N], p[N];
  training_normcdf_normpdf<V, N>(x, P, p);
  ACTLAB_EACH x[i] = P[i];
}
template <class V, int N> ACTLAB_INLINE void training_normpdf(V* x) {
  V P[N], p[N];
  training_normcdf_normpdf<V, N>(x, P, p);
  ACTLAB_EACH x[i] = p[i];
}
template <class V, int N> ACTLAB_INLINE void training_tanh_softplus(V* x) {
  V t[N], d[N];
  training_tanh_softplus_pair<V, N>(x, t, d);
  ACTLAB_EACH x[i] = t[i];
}

// tanh(softplus(x)) as double has it.
template <class V, class K = scalar_t<V>> ACTLAB_INLINE void vtanh_softplus_pair(V x, V& t, V& d) {
  using T = scalar_t<V>;
  const V e = vexp<V, K>(at_most(x, (T)20)), m = e * fma(e, set1<V>((T)0.5), set1<V>(1)), inverse = 1 / (m + 1);
  t = m * inverse;
  d = fma(e, e, e) * (inverse * inverse);
}
template <class V, class K = scalar_t<V>> ACTLAB_INLINE V vtanh_softplus(V x) {
  V t, d;
  vtanh_softplus_pair<V, K>(x, t, d);
  return t;
}

// As double has them.
template <class V, class K = scalar_t<V>> ACTLAB_INLINE void sigmoid_slope(V x, V& s, V& d) {
  s = vsigmoid<V, K>(x);
  d = fnma(s, s, s);
}
template <class V, class K = scalar_t<V>> ACTLAB_INLINE void tanh_slope(V x, V& t, V& d) {
  t = vtanh<V, K>(x);
  d = fnma(t, t, set1<V>(1));
}

// One vector of any type: what the interpreter's double gives is the function of vmath_sigmoid.h or vmath_normal.h.
#define ACTLAB_IN_TRAINING(name) \
  template <class V> ACTLAB_INLINE V name##_in_training(V x) { \
    if constexpr (sizeof(scalar_t<V>) == 8) return v##name(x); \
    else training_##name<V, 1>(&x); \
    return x; \
  }
ACTLAB_IN_TRAINING(tanh)
ACTLAB_IN_TRAINING(sigmoid)
ACTLAB_IN_TRAINING(normcdf)
ACTLAB_IN_TRAINING(normpdf)
ACTLAB_IN_TRAINING(tanh_softplus)
#undef ACTLAB_IN_TRAINING
template <class V> ACTLAB_INLINE void normcdf_normpdf_in_training(V x, V& P, V& p) {
  if constexpr (sizeof(scalar_t<V>) == 8) vnormcdf_pdf(x, P, p);
  else training_normcdf_normpdf<V, 1>(&x, &P, &p);
}
template <class V> ACTLAB_INLINE void tanh_softplus_pair_in_training(V x, V& t, V& d) {
  if constexpr (sizeof(scalar_t<V>) == 8) vtanh_softplus_pair(x, t, d);
  else training_tanh_softplus_pair<V, 1>(&x, &t, &d);
}

// In place, `together` vectors.
template <class V> ACTLAB_INLINE void sigmoid_of_several(V* x) {
  if constexpr (sizeof(scalar_t<V>) == 4) training_sigmoid<V, together>(x);
  else
    for (int i = 0; i < together; i++) x[i] = vsigmoid(x[i]);
}

}  // namespace actlab::ACTLAB_ISA

#undef ACTLAB_EACH
