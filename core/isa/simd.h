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

#if defined(__AVX512F__)
#include <immintrin.h>
#define ACTLAB_VECTOR_BYTES 64
#elif defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>
#define ACTLAB_VECTOR_BYTES 32
#elif defined(__SSE2__)
#include <immintrin.h>
#define ACTLAB_VECTOR_BYTES 16
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

#define ACTLAB_INLINE static inline __attribute__((always_inline))

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
#elif defined(__SSE2__)
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
  for (int i = 0; i < simd<scalar_t<V>>::lanes; i++)
    r[i] = sizeof(a[0]) == 4 ? (scalar_t<V>)__builtin_fmaf(a[i], b[i], c[i]) : (scalar_t<V>)__builtin_fma(a[i], b[i], c[i]);
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

template <class V> ACTLAB_INLINE V vabs(V a) { return (V)((uint_t<V>)a & ~(simd<scalar_t<V>>::sign - uint_t<V>{})); }
template <class V> ACTLAB_INLINE V sign_bit(V a) { return (V)((uint_t<V>)a & (simd<scalar_t<V>>::sign - uint_t<V>{})); }
template <class V> ACTLAB_INLINE V copysign(V magnitude, V sign) { return (V)((uint_t<V>)vabs(magnitude) | (uint_t<V>)sign_bit(sign)); }
template <class V> ACTLAB_INLINE bool any(int_t<V> mask) {
  for (int i = 0; i < simd<scalar_t<V>>::lanes; i++) if (mask[i]) return true;
  return false;
}

}  // namespace actlab
