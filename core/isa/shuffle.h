// In what order a net meets its samples.
#pragma once
#include "philox_lanes.h"

namespace actlab::ACTLAB_ISA {

// Every lane's order of the samples: a Fisher–Yates shuffle that goes on from epoch to epoch, driven by the counter
// (i / 4, epoch, stream) under the net's seed as key. order is [n][lane].
template <int Width> class Shuffle {
 public:
  Shuffle(const uint64_t* seeds, int nets, int n, uint32_t* order) : n_(n), order_(order) {
    for (int l = 0; l < lanes32; l++) {
      const uint64_t seed = seeds[l < nets ? l : 0];
      k0_[l] = (uint32_t)seed;
      k1_[l] = (uint32_t)(seed >> 32);
    }
    for (int i = 0; i < n; i++)
      for (int l = 0; l < Width; l++) order[(int64_t)i * Width + l] = (uint32_t)i;
  }
  void epoch(uint32_t epoch) {
    for (int i = 0; i < n_; i += 4) {
      vu words[4];
      philox_lanes<philox_shuffle_rounds>((uint32_t)i / 4, epoch, stream_shuffle, k0_, k1_, words);
      for (int q = 0; q < 4 && i + q < n_; q++) {
        // ⌊r (n − i) / 2^32⌋ is uniform below n − i but for n / 2^32
        alignas(64) uint32_t other[lanes32];
        const vu j = (multiply_wide(words[q], (uint32_t)(n_ - i - q)).hi + (uint32_t)(i + q)) * (uint32_t)Width;
        memcpy(other, &j, sizeof other);
        uint32_t* here = order_ + (int64_t)(i + q) * Width;
        ACTLAB_UNROLL for (int l = 0; l < Width; l++) {
          uint32_t* there = order_ + other[l] + l;
          const uint32_t chosen = *there;
          *there = here[l];
          here[l] = chosen;
        }
      }
    }
  }

 private:
  int n_;
  uint32_t* order_;
  vu k0_, k1_;
};

}  // namespace actlab::ACTLAB_ISA
