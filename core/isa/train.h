// Mini-batch stochastic gradient descent for a block of nets, each with its own order of the samples.
#pragma once
#include "measure.h"
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

template <class T> bool train_block(const TrainBlock<T>& block) {
  using V = typename simd<T>::V;
  constexpr int width = simd<T>::lanes;
  const Network& net = *block.network;
  const int n = block.train[0].n, nets = block.nets;
  int64_t hidden = 1;
  for (int k = 1; k < net.layers; k++) hidden += net.sizes[k];

  Arena<V> arena(Lanes<V>::scratch(net) + ((int64_t)n * width * 4 + (int64_t)sizeof(V) - 1) / (int64_t)sizeof(V) +
                 3 * hidden * (int64_t)(sizeof(Sums<V>) / sizeof(V)) + 4);
  if (!arena) return false;
  Lanes<V> lanes(net, arena);
  auto* sums = (Sums<V>*)arena.take(3 * hidden * (int64_t)(sizeof(Sums<V>) / sizeof(V)));
  auto* order = (uint32_t*)arena.take(((int64_t)n * width * 4 + (int64_t)sizeof(V) - 1) / (int64_t)sizeof(V));

  Rows<T> train[width], validation[width];
  V rate;
  for (int l = 0; l < width; l++) {
    train[l] = block.train[l < nets ? l : 0];
    validation[l] = block.validation[l < nets ? l : 0];
    rate[l] = block.learning_rates[l < nets ? l : 0];
  }
  lanes.read(block.weights, nets);
  Shuffle<width> shuffle(block.seeds, nets, n, order);

  int next = 0;
  int64_t step = 0;
  auto record = [&] {
    const int64_t curve_stride = (int64_t)block.n_checkpoints * curve_count;
    const int64_t trace_stride = (int64_t)block.n_checkpoints * net.layers * trace_count;
    for (; next < block.n_checkpoints && block.checkpoints[next] == step; next++) {
      double scores[width * score_count];
      for (int which = 0; which < 2; which++) {
        const Rows<T>* sets = which ? validation : train;
        if (sets[0].n) score_lanes<V>(lanes, sets, block.features, block.quads, nets, scores, score_count);
        for (int l = 0; l < nets; l++) {
          double* curve = block.curves + l * curve_stride + (int64_t)next * curve_count + 2 * which;
          curve[0] = sets[0].n ? scores[l * score_count + score_loss] : __builtin_nan("");
          curve[1] = sets[0].n ? scores[l * score_count + score_accuracy] : __builtin_nan("");
        }
      }
      trace_lanes<V>(lanes, train, block.probe, block.features, block.quads, nets, sums,
                     block.traces + (int64_t)next * net.layers * trace_count, trace_stride);
      for (int l = 0; l < nets; l++)
        if (block.snapshot_rows[l] >= 0)
          lanes.write_one(block.snapshots + ((int64_t)block.snapshot_rows[l] * block.n_checkpoints + next) * net.parameters, l);
    }
  };

  record();
  for (int epoch = 0; epoch < block.epochs; epoch++) {
    if (__atomic_load_n(block.cancelled, __ATOMIC_RELAXED)) return false;
    shuffle.epoch((uint32_t)epoch);
    for (int first = 0; first < n; first += block.batch) {
      const int size = n - first < block.batch ? n - first : block.batch;
      const V sample_weight = set1<V>((T)1 / (T)size);
      for (int s = 0; s < size; s += tile) {
        lanes.fill(train, order, first + s, size - s < tile ? size - s : tile, block.features, block.quads, sample_weight);
        lanes.forward();
        lanes.loss_delta();
        lanes.backward();
      }
      lanes.descend(rate);
      step++;
      if (next < block.n_checkpoints && block.checkpoints[next] == step) record();
    }
    __atomic_fetch_add(block.epochs_done, nets, __ATOMIC_RELAXED);
  }
  lanes.write(block.weights, nets);
  return true;
}

template <class T> bool score_block(const ScoreBlock<T>& block) {
  using V = typename simd<T>::V;
  constexpr int width = simd<T>::lanes;
  Arena<V> arena(Lanes<V>::scratch(*block.network) + 4);
  if (!arena) return false;
  Lanes<V> lanes(*block.network, arena);
  Rows<T> sets[width];
  for (int l = 0; l < width; l++) sets[l] = block.rows[l < block.nets ? l : 0];
  lanes.read(block.weights, block.nets);
  score_lanes<V>(lanes, sets, block.features, block.quads, block.nets, block.scores, score_count);
  return true;
}

}  // namespace actlab::ACTLAB_ISA
