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

template <class V> class Training {
 public:
  using T = scalar_t<V>;
  static constexpr int width = simd<T>::lanes;

  static int64_t scratch(const TrainBlock<T>& block) {
    return Lanes<V>::scratch(*block.network) + order_size(block) + sums_size(*block.network);
  }

  Training(const TrainBlock<T>& block, Arena<V>& arena)
      : block_(block), net_(*block.network), lanes_(net_, arena), sums_((Sums<V>*)arena.take(sums_size(net_))),
        order_((uint32_t*)arena.take(order_size(block))), shuffle_(block.seeds, block.nets, block.train[0].n, order_) {
    for (int l = 0; l < width; l++) {
      const int net = l < block.nets ? l : 0;
      train_[l] = block.train[net];
      validation_[l] = block.validation[net];
      rate_[l] = block.learning_rates[net];
    }
    lanes_.read(block.weights, block.nets);
  }

  bool run() {
    record();
    for (int epoch = 0; epoch < block_.epochs; epoch++) {
      if (__atomic_load_n(block_.cancelled, __ATOMIC_RELAXED)) return false;
      shuffle_.epoch((uint32_t)epoch);
      for (int first = 0; first < train_[0].n; first += block_.batch) {
        descend(first, train_[0].n - first < block_.batch ? train_[0].n - first : block_.batch);
        record();
      }
      __atomic_fetch_add(block_.epochs_done, block_.nets, __ATOMIC_RELAXED);
    }
    lanes_.write(block_.weights, block_.nets);
    return true;
  }

 private:
  static int64_t order_size(const TrainBlock<T>& block) {
    return ((int64_t)block.train[0].n * width * (int64_t)sizeof(uint32_t) + (int64_t)sizeof(V) - 1) / (int64_t)sizeof(V);
  }
  static int64_t sums_size(const Network& net) {
    return trace_memory(net) * (int64_t)(sizeof(Sums<V>) / sizeof(V));
  }

  void descend(int first, int size) {
    const V sample_weight = set1<V>((T)1 / (T)size);
    for (int s = 0; s < size; s += tile) {
      lanes_.fill(train_, order_, first + s, size - s < tile ? size - s : tile, block_.features, block_.quads, sample_weight);
      lanes_.forward();
      lanes_.loss_delta();
      lanes_.backward();
    }
    lanes_.descend(rate_);
    step_++;
  }

  void record() {
    if (next_ == block_.n_checkpoints || block_.checkpoints[next_] != step_) return;
    const int64_t curve_stride = (int64_t)block_.n_checkpoints * curve_count;
    const int64_t trace_stride = (int64_t)block_.n_checkpoints * net_.layers * trace_count;
    record_scores(train_, block_.curves + (int64_t)next_ * curve_count + curve_train_loss, curve_stride);
    record_scores(validation_, block_.curves + (int64_t)next_ * curve_count + curve_validation_loss, curve_stride);
    trace_lanes<V>(lanes_, train_, block_.probe, block_.features, block_.quads, block_.nets, sums_,
                   block_.traces + (int64_t)next_ * net_.layers * trace_count, trace_stride);
    for (int l = 0; l < block_.nets; l++)
      if (block_.snapshot_rows[l] >= 0)
        lanes_.write_one(block_.snapshots + ((int64_t)block_.snapshot_rows[l] * block_.n_checkpoints + next_) * net_.parameters, l);
    next_++;
  }

  void record_scores(const Rows<T>* sets, double* curve, int64_t stride) {
    double scores[width * score_count];
    if (sets[0].n) score_lanes<V>(lanes_, sets, block_.features, block_.quads, block_.nets, scores, score_count);
    for (int l = 0; l < block_.nets; l++) {
      curve[l * stride] = sets[0].n ? scores[l * score_count + score_loss] : __builtin_nan("");
      curve[l * stride + 1] = sets[0].n ? scores[l * score_count + score_accuracy] : __builtin_nan("");
    }
  }

  const TrainBlock<T>& block_;
  const Network& net_;
  Lanes<V> lanes_;
  Sums<V>* sums_;
  uint32_t* order_;
  Shuffle<width> shuffle_;
  Rows<T> train_[width], validation_[width];
  V rate_{};
  int next_ = 0;
  int64_t step_ = 0;
};

template <class V> bool train_block(const TrainBlock<scalar_t<V>>& block) {
  Arena<V> arena(Training<V>::scratch(block));
  return arena && Training<V>(block, arena).run();
}

template <class V> bool score_block(const ScoreBlock<scalar_t<V>>& block) {
  using T = scalar_t<V>;
  constexpr int width = simd<T>::lanes;
  Arena<V> arena(Lanes<V>::scratch(*block.network));
  if (!arena) return false;
  Lanes<V> lanes(*block.network, arena);
  Rows<T> sets[width];
  for (int l = 0; l < width; l++) sets[l] = block.rows[l < block.nets ? l : 0];
  lanes.read(block.weights, block.nets);
  score_lanes<V>(lanes, sets, block.features, block.quads, block.nets, block.scores, score_count);
  return true;
}

}  // namespace actlab::ACTLAB_ISA
