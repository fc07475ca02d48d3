// Philox in 32-bit lanes: one key (one net) a lane.
//
// A product of two 32-bit numbers takes a 64-bit lane, so the even and the odd lanes go separate ways, each number in the
// low half of a 64-bit lane. What stands in the high half is anybody's.
#pragma once
#include "../philox.h"
#include "simd.h"

namespace actlab::ACTLAB_ISA {

using vu = simd<float>::U;
using vw = simd<double>::U;
constexpr int lanes32 = simd<float>::lanes;

// The products of the low halves.
ACTLAB_INLINE vw multiply_low(vw a, vw b) {
#if ACTLAB_VECTOR_BYTES == 64
  return (vw)_mm512_mul_epu32((__m512i)a, (__m512i)b);
#elif ACTLAB_VECTOR_BYTES == 32
  return (vw)_mm256_mul_epu32((__m256i)a, (__m256i)b);
#elif defined(ACTLAB_SSE)
  return (vw)_mm_mul_epu32((__m128i)a, (__m128i)b);
#else
  return (a & 0xffffffffu) * (b & 0xffffffffu);
#endif
}

struct Halves {
  vw even, odd;
};
ACTLAB_INLINE Halves halves(vu a) { return {(vw)a, (vw)a >> 32}; }

// ⌊a m / 2^32⌋
ACTLAB_INLINE vu multiply_high(Halves a, uint32_t m) {
  const vw k = (uint64_t)m - vw{}, upper = 0xffffffff00000000u - vw{};
  return (vu)((multiply_low(a.even, k) >> 32) | (multiply_low(a.odd, k) & upper));
}

// Four words a lane for each of the counters (c0 + i, c1, c2, 0), i < N, which all lanes share.
template <int Rounds, int N> ACTLAB_INLINE void philox_lanes(uint32_t c0, uint32_t c1, uint32_t c2, Halves k0, Halves k1, Halves (*out)[4]) {
  const vw m0 = (uint64_t)philox_m0 - vw{}, m1 = (uint64_t)philox_m1 - vw{};
  // The first round's products are the same for all lanes.
  ACTLAB_UNROLL for (int i = 0; i < N; i++) {
    const uint64_t p0 = (uint64_t)(c0 + (uint32_t)i) * philox_m0, p1 = (uint64_t)c2 * philox_m1;
    const uint64_t p1_high = (p1 >> 32) ^ c1, p0_high = p0 >> 32;
    out[i][0] = {p1_high ^ k0.even, p1_high ^ k0.odd};
    out[i][1] = {p1 - vw{}, p1 - vw{}};
    out[i][2] = {p0_high ^ k1.even, p0_high ^ k1.odd};
    out[i][3] = {p0 - vw{}, p0 - vw{}};
  }
  ACTLAB_UNROLL for (int r = 1; r < Rounds; r++) {
    k0 = {k0.even + philox_w0, k0.odd + philox_w0};
    k1 = {k1.even + philox_w1, k1.odd + philox_w1};
    ACTLAB_UNROLL for (int i = 0; i < N; i++) {
      Halves* x = out[i];
      const Halves p0 = {multiply_low(x[0].even, m0), multiply_low(x[0].odd, m0)}, p1 = {multiply_low(x[2].even, m1), multiply_low(x[2].odd, m1)};
      x[0] = {(p1.even >> 32) ^ x[1].even ^ k0.even, (p1.odd >> 32) ^ x[1].odd ^ k0.odd};
      x[2] = {(p0.even >> 32) ^ x[3].even ^ k1.even, (p0.odd >> 32) ^ x[3].odd ^ k1.odd};
      x[1] = p1;
      x[3] = p0;
    }
  }
}

}  // namespace actlab::ACTLAB_ISA
