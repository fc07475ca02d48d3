// Blocks of nets that go side by side from checkpoint to checkpoint. Some nets are done early or lost: the others move
// together, so that lanes do not run empty. Nets move only between blocks that are at the same step, so measuring stays
// one pass for a whole block; and a net's numbers are the same in every lane.
#pragma once
#include "train.h"

namespace actlab::ACTLAB_ISA {

template <class V> class Herd {
 public:
  using T = scalar_t<V>;
  static constexpr int width = simd<T>::lanes;

  static int blocks(const TrainBlock<T>& block) { return (block.nets + width - 1) / width; }
  static int64_t scratch(const TrainBlock<T>& block) { return (Training<V>::scratch(block) + vectors(sizeof(Training<V>)) + 1) * blocks(block); }

  Herd(const TrainBlock<T>& block, Arena<V>& arena) : block_(block), blocks_(blocks(block)), at_((Training<V>**)arena.take(blocks_)) {
    for (int b = 0; b < blocks_; b++) {
      const int first = b * width;
      at_[b] = new (arena.take(vectors(sizeof(Training<V>)))) Training<V>(block, first, block.nets - first < width ? block.nets - first : width, arena);
    }
  }

  // False: cancelled.
  bool run() {
    for (int stop = 0; stop <= block_.n_checkpoints; stop++) {
      for (int b = 0; b < blocks_; b++)
        if (!at_[b]->run_to(stop)) return false;
      move_together();
    }
    return true;
  }

 private:
  static_assert(alignof(Training<V>) <= sizeof(V), "a block lies at the beginning of a vector");
  static int64_t vectors(size_t bytes) { return (int64_t)((bytes + sizeof(V) - 1) / sizeof(V)); }

  // Into as few blocks as hold the nets that run: the emptiest ones are given up.
  void move_together() {
    int running = 0;
    for (int b = 0; b < blocks_; b++) running += at_[b]->running();
    while (blocks_ > (running + width - 1) / width) {
      int least = 0;
      for (int b = 1; b < blocks_; b++)
        if (at_[b]->running() < at_[least]->running()) least = b;
      Training<V>* left = at_[least];
      at_[least] = at_[--blocks_];
      for (int l = 0, b = 0; l < width; l++) {
        if (!left->runs(l)) continue;
        while (!at_[b]->has_room()) b++;
        at_[b]->take(*left, l);
      }
    }
  }

  const TrainBlock<T>& block_;
  int blocks_;
  Training<V>** at_;
};

template <class V> bool train_block(const TrainBlock<scalar_t<V>>& block) {
  Arena<V> arena(Herd<V>::scratch(block));
  return arena && Herd<V>(block, arena).run();
}

}  // namespace actlab::ACTLAB_ISA
