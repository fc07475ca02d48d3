// Philox 4x32 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011): random numbers
// that are a function of a key and a counter. What a net draws depends on its seed alone, never on its neighbours.
#pragma once
#include <cstdint>

namespace actlab {

constexpr uint32_t philox_m0 = 0xD2511F53u, philox_m1 = 0xCD9E8D57u, philox_w0 = 0x9E3779B9u, philox_w1 = 0xBB67AE85u;
constexpr int philox_rounds = 10;
// Seven rounds pass BigCrush (table 2 of the paper); the order of the samples asks for no more.
constexpr int philox_shuffle_rounds = 7;

// The counter's third word says what the numbers are for, so that no two uses share a stream.
constexpr uint32_t stream_init = 1, stream_shuffle = 2;

struct Words {
  uint32_t x[4];
};

inline Words philox(Words counter, uint64_t key, int rounds = philox_rounds) {
  uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
  for (int r = 0; r < rounds; r++) {
    const uint64_t p0 = (uint64_t)philox_m0 * counter.x[0], p1 = (uint64_t)philox_m1 * counter.x[2];
    counter = {{(uint32_t)(p1 >> 32) ^ counter.x[1] ^ k0, (uint32_t)p1, (uint32_t)(p0 >> 32) ^ counter.x[3] ^ k1, (uint32_t)p0}};
    k0 += philox_w0;
    k1 += philox_w1;
  }
  return counter;
}

}  // namespace actlab
