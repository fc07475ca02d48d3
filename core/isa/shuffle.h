// In what order a net meets its samples.
#pragma once
#include "philox_lanes.h"

namespace actlab::ACTLAB_ISA {

// Every lane's random choices of a Fisher–Yates shuffle: place i is swapped with a place from i on, driven by the counter
// (i / 4, epoch, stream) under the net's seed as key.
class Choices {
 public:
  Choices(const uint64_t* seeds, int nets, int n) : n_(n) {
    vu low, high;
    for (int l = 0; l < lanes32; l++) {
      const uint64_t seed = seeds[l < nets ? l : 0];
      low[l] = (uint32_t)seed;
      high[l] = (uint32_t)(seed >> 32);
    }
    k0_ = halves(low);
    k1_ = halves(high);
  }
  int size() const { return n_; }
  // Lane `to` chooses as `other`'s lane `from`.
  void take(const Choices& other, int from, int to) {
    move(other.k0_, from, k0_, to);
    move(other.k1_, from, k1_, to);
  }
  // Calls each(i, j) for i = 0 … n − 1: j are the places, one a lane.
  template <class Each> void epoch(uint32_t epoch, Each each) const {
    const int n = n_;
    const Halves k0 = k0_, k1 = k1_;
    for (int i = 0; i < n; i += 4 * counters) {
      Halves words[counters][4];
      philox_lanes<philox_shuffle_rounds, counters>((uint32_t)i / 4, epoch, stream_shuffle, k0, k1, words);
      // ⌊r (n − i) / 2^32⌋ is uniform below n − i but for n / 2^32
      auto place = [&](int q) { each(i + q, multiply_high(words[q / 4][q % 4], (uint32_t)(n - i - q)) + (uint32_t)(i + q)); };
      if (i + 4 * counters <= n) ACTLAB_UNROLL for (int q = 0; q < 4 * counters; q++) place(q);
      else
        for (int q = 0; i + q < n; q++) place(q);
    }
  }

 private:
  static constexpr int counters = 2;  // worked on at a time: each is a chain of products
  static void move(const Halves& source, int from, Halves& target, int to) {
    const uint64_t word = from % 2 ? source.odd[from / 2] : source.even[from / 2];
    if (to % 2) target.odd[to / 2] = word;
    else target.even[to / 2] = word;
  }
  int n_;
  Halves k0_, k1_;
};

// The shuffle of numbers 0 … n − 1, going on from epoch to epoch: order is [n][lane].
template <int Width> class Shuffle {
 public:
  Shuffle(const uint64_t* seeds, int nets, int n, uint32_t* order) : choices_(seeds, nets, n), order_(order) {
    for (int i = 0; i < n; i++)
      for (int l = 0; l < Width; l++) order[(int64_t)i * Width + l] = (uint32_t)i;
  }
  // Lane `to` goes on as `other`'s lane `from` would, which is as far.
  void take(const Shuffle& other, int from, int to) {
    choices_.take(other.choices_, from, to);
    for (int64_t i = 0; i < choices_.size(); i++) order_[i * Width + to] = other.order_[i * Width + from];
  }
  void epoch(uint32_t epoch) {
    choices_.epoch(epoch, [order = order_](int i, vu j) {
      alignas(64) uint32_t other[lanes32];
      j *= (uint32_t)Width;
      memcpy(other, &j, sizeof other);
      uint32_t* here = order + (int64_t)i * Width;
      ACTLAB_UNROLL for (int l = 0; l < Width; l++) {
        uint32_t* there = order + other[l] + l;
        const uint32_t chosen = *there;
        *there = here[l];
        here[l] = chosen;
      }
    });
  }

 private:
  Choices choices_;
  uint32_t* order_;
};

}  // namespace actlab::ACTLAB_ISA
