// The vector type of one instruction set, for float and double alike.
//
// This header is compiled once per instruction set (ACTLAB_ISA is v2, v3, v4 or portable), and all of it
// lives in a namespace of that name, so that no function compiled for a newer processor can be linked into
// the path of an older one. For the same reason nothing here, or in any header under isa/, uses a template
// of the standard library.
//
// A vector is a GCC/Clang vector extension: + - * / < > ?: & | work on it directly. Contraction is off for
// the whole core; a fused multiply-add happens only where fma() is written. v3, v4 and arm64 therefore give
// the same bits. v2 has no fused multiply-add and has bits of its own.
#pragma once
#include <cstdint>
#include <cstring>

#ifndef ACTLAB_ISA
#error "compile with -DACTLAB_ISA=v2|v3|v4|portable"
#endif

#if defined(__AVX512F__) && !defined(ACTLAB_GENERIC)
#include <immintrin.h>
#define ACTLAB_VECTOR_BYTES 64
#elif defined(__AVX2__) && defined(__FMA__) && !defined(ACTLAB_GENERIC)
#include <immintrin.h>
#define ACTLAB_VECTOR_BYTES 32
#elif defined(__SSE2__) && !defined(ACTLAB_GENERIC)  // ACTLAB_GENERIC: the tests run other processors' path on x86
#include <immintrin.h>
#define ACTLAB_VECTOR_BYTES 16
#define ACTLAB_SSE 1
#elif defined(__aarch64__)
#include <arm_neon.h>
#define ACTLAB_VECTOR_BYTES 16
#else
#define ACTLAB_VECTOR_BYTES 16
#endif

#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 warns of its own _mm512_undefined_pd(), inside its own header.
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#ifdef ACTLAB_SSE
#define ACTLAB_FUSED 0
#else
#define ACTLAB_FUSED 1  // fma() rounds once
#endif

#define ACTLAB_INLINE static inline __attribute__((always_inline))
#define ACTLAB_INLINE_MEMBER inline __attribute__((always_inline))
#ifdef __clang__
#define ACTLAB_UNROLL _Pragma("clang loop unroll(full)")
#else
#define ACTLAB_UNROLL _Pragma("GCC unroll 16")
#endif

namespace actlab::ACTLAB_ISA {

template <class T> struct simd;
template <> struct simd<float> {
  typedef float V __attribute__((vector_size(ACTLAB_VECTOR_BYTES)));
  typedef int32_t I __attribute__((vector_size(ACTLAB_VECTOR_BYTES)));
  typedef uint32_t U __attribute__((vector_size(ACTLAB_VECTOR_BYTES)));
  using Bits = uint32_t;
  static constexpr int lanes = ACTLAB_VECTOR_BYTES / 4, mantissa = 23, bias = 127;
  static constexpr uint32_t sign = 0x80000000u;
};
template <> struct simd<double> {
  typedef double V __attribute__((vector_size(ACTLAB_VECTOR_BYTES)));
  typedef int64_t I __attribute__((vector_size(ACTLAB_VECTOR_BYTES)));
  typedef uint64_t U __attribute__((vector_size(ACTLAB_VECTOR_BYTES)));
  using Bits = uint64_t;
  static constexpr int lanes = ACTLAB_VECTOR_BYTES / 8, mantissa = 52, bias = 1023;
  static constexpr uint64_t sign = 0x8000000000000000ull;
};

using vf = simd<float>::V;
using vd = simd<double>::V;
template <class V> struct scalar_of;
template <> struct scalar_of<vf> { using type = float; };
template <> struct scalar_of<vd> { using type = double; };
template <class V> using scalar_t = typename scalar_of<V>::type;
template <class V> using int_t = typename simd<scalar_t<V>>::I;
template <class V> using uint_t = typename simd<scalar_t<V>>::U;

// How accurate a function is to be: its number type (about a unit in the last place), or `brief`: doubles of which only
// the leading 48 bits matter, because the end of it is a float. Shorter polynomials, and no sum is put right.
struct brief {};
template <class K> struct accuracy { static constexpr bool compensated = false; };
template <> struct accuracy<double> { static constexpr bool compensated = true; };

template <class V> ACTLAB_INLINE V set1(scalar_t<V> x) { return x - V{}; }
template <class V> ACTLAB_INLINE V load(const scalar_t<V>* p) { V v; memcpy(&v, p, sizeof v); return v; }
template <class V> ACTLAB_INLINE void store(scalar_t<V>* p, V v) { memcpy(p, &v, sizeof v); }

// a * b + c, rounded once (v2: rounded twice).
#if ACTLAB_VECTOR_BYTES == 64
ACTLAB_INLINE vf fma(vf a, vf b, vf c) { return (vf)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c); }
ACTLAB_INLINE vd fma(vd a, vd b, vd c) { return (vd)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c); }
ACTLAB_INLINE vf fnma(vf a, vf b, vf c) { return (vf)_mm512_fnmadd_ps((__m512)a, (__m512)b, (__m512)c); }
ACTLAB_INLINE vd fnma(vd a, vd b, vd c) { return (vd)_mm512_fnmadd_pd((__m512d)a, (__m512d)b, (__m512d)c); }
ACTLAB_INLINE vf vmin(vf a, vf b) { return (vf)_mm512_min_ps((__m512)a, (__m512)b); }
ACTLAB_INLINE vd vmin(vd a, vd b) { return (vd)_mm512_min_pd((__m512d)a, (__m512d)b); }
ACTLAB_INLINE vf vmax(vf a, vf b) { return (vf)_mm512_max_ps((__m512)a, (__m512)b); }
ACTLAB_INLINE vd vmax(vd a, vd b) { return (vd)_mm512_max_pd((__m512d)a, (__m512d)b); }
ACTLAB_INLINE vf vsqrt(vf a) { return (vf)_mm512_sqrt_ps((__m512)a); }
ACTLAB_INLINE vd vsqrt(vd a) { return (vd)_mm512_sqrt_pd((__m512d)a); }
#elif ACTLAB_VECTOR_BYTES == 32
ACTLAB_INLINE vf fma(vf a, vf b, vf c) { return (vf)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c); }
ACTLAB_INLINE vd fma(vd a, vd b, vd c) { return (vd)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c); }
ACTLAB_INLINE vf fnma(vf a, vf b, vf c) { return (vf)_mm256_fnmadd_ps((__m256)a, (__m256)b, (__m256)c); }
ACTLAB_INLINE vd fnma(vd a, vd b, vd c) { return (vd)_mm256_fnmadd_pd((__m256d)a, (__m256d)b, (__m256d)c); }
ACTLAB_INLINE vf vmin(vf a, vf b) { return (vf)_mm256_min_ps((__m256)a, (__m256)b); }
ACTLAB_INLINE vd vmin(vd a, vd b) { return (vd)_mm256_min_pd((__m256d)a, (__m256d)b); }
ACTLAB_INLINE vf vmax(vf a, vf b) { return (vf)_mm256_max_ps((__m256)a, (__m256)b); }
ACTLAB_INLINE vd vmax(vd a, vd b) { return (vd)_mm256_max_pd((__m256d)a, (__m256d)b); }
ACTLAB_INLINE vf vsqrt(vf a) { return (vf)_mm256_sqrt_ps((__m256)a); }
ACTLAB_INLINE vd vsqrt(vd a) { return (vd)_mm256_sqrt_pd((__m256d)a); }
#elif defined(ACTLAB_SSE)
ACTLAB_INLINE vf fma(vf a, vf b, vf c) { return a * b + c; }
ACTLAB_INLINE vd fma(vd a, vd b, vd c) { return a * b + c; }
ACTLAB_INLINE vf fnma(vf a, vf b, vf c) { return c - a * b; }
ACTLAB_INLINE vd fnma(vd a, vd b, vd c) { return c - a * b; }
ACTLAB_INLINE vf vmin(vf a, vf b) { return (vf)_mm_min_ps((__m128)a, (__m128)b); }
ACTLAB_INLINE vd vmin(vd a, vd b) { return (vd)_mm_min_pd((__m128d)a, (__m128d)b); }
ACTLAB_INLINE vf vmax(vf a, vf b) { return (vf)_mm_max_ps((__m128)a, (__m128)b); }
ACTLAB_INLINE vd vmax(vd a, vd b) { return (vd)_mm_max_pd((__m128d)a, (__m128d)b); }
ACTLAB_INLINE vf vsqrt(vf a) { return (vf)_mm_sqrt_ps((__m128)a); }
ACTLAB_INLINE vd vsqrt(vd a) { return (vd)_mm_sqrt_pd((__m128d)a); }
#else
template <class V> ACTLAB_INLINE V fma(V a, V b, V c) {
  V r;
  for (int i = 0; i < simd<scalar_t<V>>::lanes; i++) {
    if constexpr (sizeof(scalar_t<V>) == 4) r[i] = __builtin_fmaf(a[i], b[i], c[i]);
    else r[i] = __builtin_fma(a[i], b[i], c[i]);
  }
  return r;
}
template <class V> ACTLAB_INLINE V fnma(V a, V b, V c) { return fma<V>(-a, b, c); }
// As on x86: the second operand where either is NaN.
template <class V> ACTLAB_INLINE V vmin(V a, V b) { return a < b ? a : b; }
template <class V> ACTLAB_INLINE V vmax(V a, V b) { return a > b ? a : b; }
template <class V> ACTLAB_INLINE V vsqrt(V a) {
  V r;
  for (int i = 0; i < simd<scalar_t<V>>::lanes; i++) r[i] = (scalar_t<V>)__builtin_sqrt(a[i]);
  return r;
}
#endif

// The lower and the upper half of a vector of floats, as doubles.
#if ACTLAB_VECTOR_BYTES == 64
ACTLAB_INLINE vd widen_lower(vf a) { return (vd)_mm512_cvtps_pd(_mm512_castps512_ps256((__m512)a)); }
ACTLAB_INLINE vd widen_upper(vf a) { return (vd)_mm512_cvtps_pd(_mm512_extractf32x8_ps((__m512)a, 1)); }
#elif ACTLAB_VECTOR_BYTES == 32
ACTLAB_INLINE vd widen_lower(vf a) { return (vd)_mm256_cvtps_pd(_mm256_castps256_ps128((__m256)a)); }
ACTLAB_INLINE vd widen_upper(vf a) { return (vd)_mm256_cvtps_pd(_mm256_extractf128_ps((__m256)a, 1)); }
#elif defined(ACTLAB_SSE)
ACTLAB_INLINE vd widen_lower(vf a) { return (vd)_mm_cvtps_pd((__m128)a); }
ACTLAB_INLINE vd widen_upper(vf a) { return (vd)_mm_cvtps_pd(_mm_movehl_ps((__m128)a, (__m128)a)); }
#else
ACTLAB_INLINE vd widen_lower(vf a) {
  vd r;
  for (int i = 0; i < simd<double>::lanes; i++) r[i] = a[i];
  return r;
}
ACTLAB_INLINE vd widen_upper(vf a) {
  vd r;
  for (int i = 0; i < simd<double>::lanes; i++) r[i] = a[simd<double>::lanes + i];
  return r;
}
#endif

template <class V> ACTLAB_INLINE V vabs(V a) { return (V)((uint_t<V>)a & ~(simd<scalar_t<V>>::sign - uint_t<V>{})); }
template <class V> ACTLAB_INLINE V sign_bit(V a) { return (V)((uint_t<V>)a & (simd<scalar_t<V>>::sign - uint_t<V>{})); }
template <class V> ACTLAB_INLINE V copysign(V magnitude, V sign) {
  return (V)((uint_t<V>)vabs(magnitude) | (uint_t<V>)sign_bit(sign));
}

// min and max give their second operand when one is NaN: a clamp that lets NaN through.
template <class V> ACTLAB_INLINE V at_most(V x, scalar_t<V> c) { return vmin(set1<V>(c), x); }
template <class V> ACTLAB_INLINE V at_least(V x, scalar_t<V> c) { return vmax(set1<V>(c), x); }
// A comparison of vectors gives a mask: every lane all ones or all zeros.
template <class V> ACTLAB_INLINE V select(int_t<V> mask, V a, V b) { return mask ? a : b; }
template <class V> ACTLAB_INLINE uint_t<V> ubits(typename simd<scalar_t<V>>::Bits b) { return b - uint_t<V>{}; }
template <class V> ACTLAB_INLINE bool any(int_t<V> mask) {
#if ACTLAB_VECTOR_BYTES == 64
  return _mm512_test_epi32_mask((__m512i)mask, (__m512i)mask) != 0;
#elif ACTLAB_VECTOR_BYTES == 32
  return _mm256_movemask_epi8((__m256i)mask) != 0;
#elif defined(ACTLAB_SSE)
  return _mm_movemask_epi8((__m128i)mask) != 0;
#elif defined(__aarch64__)
  return vmaxvq_u32((uint32x4_t)mask) != 0;
#else
  for (int i = 0; i < simd<scalar_t<V>>::lanes; i++) if (mask[i]) return true;
  return false;
#endif
}

template <class T> struct limits;
template <> struct limits<float> {
  static constexpr float infinity = __builtin_huge_valf(), nan = __builtin_nanf(""), smallest_normal = 0x1p-126f;
  static constexpr float exp_low = -104.0f, exp_high = 89.0f;  // exp is 0 below, infinite above
  static constexpr float integers = 0x1p23f;                   // from here on every number is an integer
};
template <> struct limits<double> {
  static constexpr double infinity = __builtin_huge_val(), nan = __builtin_nan(""), smallest_normal = 0x1p-1022;
  static constexpr double exp_low = -746.0, exp_high = 710.0;
  static constexpr double integers = 0x1p52;
};

// Adding and subtracting 1.5 * 2^mantissa rounds |x| < 2^(mantissa - 1) to the nearest integer, ties to even; before
// the subtraction the integer stands in the low bits.
template <class T> struct rounding;
template <> struct rounding<float> {
  static constexpr float magic = 12582912.0f;
  static constexpr uint32_t magic_bits = 0x4b400000u;
};
template <> struct rounding<double> {
  static constexpr double magic = 6755399441055744.0;
  static constexpr uint64_t magic_bits = 0x4338000000000000u;
};

// p * 2^n rounded once, so that the way into the subnormal numbers is gradual; t = n + magic, |n| < 2^bias_bits.
// Without AVX-512 it is two factors of about 2^(n / 2): the first product is exact for the p of this library
// (1e-3 < p < 1e3), and the bits are those of the single instruction.
template <class V> ACTLAB_INLINE V scale_by(V p, V t) {
  using R = rounding<scalar_t<V>>;
#if ACTLAB_VECTOR_BYTES == 64
  if constexpr (sizeof(scalar_t<V>) == 4) return (V)_mm512_scalef_ps((__m512)p, (__m512)(t - R::magic));
  else return (V)_mm512_scalef_pd((__m512d)p, (__m512d)(t - R::magic));
#else
  using S = simd<scalar_t<V>>;
  uint_t<V> m = (uint_t<V>)t - (R::magic_bits - 2 * (typename S::Bits)S::bias);  // n + 2 bias, never negative
  uint_t<V> half = m >> 1;
  return p * (V)(half << S::mantissa) * (V)((m - half) << S::mantissa);
#endif
}

// x is m 2^k with m in [sqrt(1/2), sqrt 2); x is positive and normal.
template <class V> ACTLAB_INLINE V split_exponent(V x, scalar_t<V> sqrt_half, V& k) {
  using S = simd<scalar_t<V>>;
  using B = typename S::Bits;
  constexpr scalar_t<V> two_to_mantissa = limits<scalar_t<V>>::integers;
  const B root = __builtin_bit_cast(B, sqrt_half), one = (B)S::bias << S::mantissa;
  uint_t<V> u = (uint_t<V>)x + (one - root);
  // An integer below 2^mantissa, put under the exponent of 2^mantissa, is that number plus 2^mantissa.
  k = (V)((u >> S::mantissa) + __builtin_bit_cast(B, two_to_mantissa)) - (two_to_mantissa + S::bias);
  return (V)((u & (((B)1 << S::mantissa) - 1)) + root);
}

// a * b as the unevaluated sum of the rounded product and its exact error (barring underflow of the error).
// Without a fused multiply-add by Veltkamp's splitting and Dekker's product.
template <class V> ACTLAB_INLINE void two_product(V a, V b, V& high, V& low) {
  high = a * b;
#if ACTLAB_FUSED
  low = fma(a, b, -high);
#else
  using T = scalar_t<V>;
  constexpr T splitter = sizeof(T) == 4 ? (T)4097 : (T)134217729;
  V ca = a * splitter, cb = b * splitter;
  V ah = ca - (ca - a), bh = cb - (cb - b), al = a - ah, bl = b - bh;
  low = al * bl - (((high - ah * bh) - al * bh) - ah * bl);
#endif
}
// a + b as sum and exact error; fast_two_sum asks for |a| >= |b| or a == 0.
template <class V> ACTLAB_INLINE void fast_two_sum(V a, V b, V& high, V& low) {
  high = a + b;
  low = b - (high - a);
}
template <class V> ACTLAB_INLINE void two_sum(V a, V b, V& high, V& low) {
  high = a + b;
  V bb = high - a;
  low = (a - (high - bb)) + (b - bb);
}

// c[0] + c[1] x + c[2] x^2 + ... by Estrin's scheme: halves joined by x^2, x^4, ..., so that the chain of dependent
// operations is short.
template <int First, int N, class V, class T, int Size>
ACTLAB_INLINE V polynomial_part(const T (&c)[Size], V x, V x2, V x4, V x8, V x16) {
  if constexpr (N == 1) {
    return set1<V>(c[First]);
  } else {
    constexpr int half = N > 16 ? 16 : N > 8 ? 8 : N > 6 ? 4 : N > 2 ? 2 : 1;
    V power = half == 16 ? x16 : half == 8 ? x8 : half == 4 ? x4 : half == 2 ? x2 : x;
    return fma(power, polynomial_part<First + half, N - half>(c, x, x2, x4, x8, x16),
               polynomial_part<First, half>(c, x, x2, x4, x8, x16));
  }
}
template <class V, class T, int N> ACTLAB_INLINE V polynomial(const T (&c)[N], V x) {
  V x2 = x * x, x4 = x2 * x2, x8 = x4 * x4;
  return polynomial_part<0, N>(c, x, x2, x4, x8, x8 * x8);
}
// c[1] + c[2] x + c[3] x^2 + ..., where c[0] dominates the sum and is to be added last.
template <class V, class T, int N> ACTLAB_INLINE V polynomial_above_c0(const T (&c)[N], V x) {
  V x2 = x * x, x4 = x2 * x2, x8 = x4 * x4;
  return polynomial_part<1, N - 1>(c, x, x2, x4, x8, x8 * x8);
}

}  // namespace actlab
