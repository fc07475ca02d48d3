// Philox in 32-bit lanes: one key (one net) a lane.
#pragma once
#include "../philox.h"
#include "simd.h"

namespace actlab::ACTLAB_ISA {

using vu = simd<float>::U;
constexpr int lanes32 = simd<float>::lanes;

struct Wide {
  vu lo, hi;
};

// The 64-bit products of the lanes with one constant, as low and high halves.
ACTLAB_INLINE Wide multiply_wide(vu a, uint32_t m) {
#if ACTLAB_VECTOR_BYTES == 64
  const __m512i k = _mm512_set1_epi64(m), x = (__m512i)a;
  const __m512i even = _mm512_mul_epu32(x, k), odd = _mm512_mul_epu32(_mm512_srli_epi64(x, 32), k);
  return {(vu)_mm512_mask_blend_epi32(0xaaaa, even, _mm512_slli_epi64(odd, 32)),
          (vu)_mm512_mask_blend_epi32(0xaaaa, _mm512_srli_epi64(even, 32), odd)};
#elif ACTLAB_VECTOR_BYTES == 32
  const __m256i k = _mm256_set1_epi64x(m), x = (__m256i)a;
  const __m256i even = _mm256_mul_epu32(x, k), odd = _mm256_mul_epu32(_mm256_srli_epi64(x, 32), k);
  return {(vu)_mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xaa),
          (vu)_mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xaa)};
#else
  Wide w;
  for (int l = 0; l < lanes32; l++) {
    const uint64_t p = (uint64_t)a[l] * m;
    w.lo[l] = (uint32_t)p;
    w.hi[l] = (uint32_t)(p >> 32);
  }
  return w;
#endif
}

// Four words a lane for the counter (c0, c1, c2, 0), which all lanes share.
template <int Rounds> ACTLAB_INLINE void philox_lanes(uint32_t c0, uint32_t c1, uint32_t c2, vu k0, vu k1, vu out[4]) {
  vu x0 = c0 - vu{}, x1 = c1 - vu{}, x2 = c2 - vu{}, x3 = vu{};
  for (int r = 0; r < Rounds; r++) {
    const Wide p0 = multiply_wide(x0, philox_m0), p1 = multiply_wide(x2, philox_m1);
    x0 = p1.hi ^ x1 ^ k0;
    x2 = p0.hi ^ x3 ^ k1;
    x1 = p1.lo;
    x3 = p0.lo;
    k0 += philox_w0;
    k1 += philox_w1;
  }
  out[0] = x0;
  out[1] = x1;
  out[2] = x2;
  out[3] = x3;
}

}  // namespace actlab::ACTLAB_ISA
