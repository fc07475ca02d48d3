// Trains one net in mini-batches, its units in the lanes: the same steps as ../train.h, bit by bit.
#pragma once
#include "../descent.h"
#include "../shuffle.h"
#include "clip.h"
#include "measure.h"

namespace actlab::ACTLAB_ISA {

template <class V> class UnitTraining {
 public:
  using T = scalar_t<V>;
  static constexpr int64_t width = simd<T>::lanes;

  static int64_t scratch(const TrainBlock<T>& block) {
    const Network& net = *block.network;
    const auto size = Units<V>::size(net, room(block));
    return size.scratch + Optimiser<V>::scratch(*block.descent, size.trained) + UnitPath<V>::scratch(net, size.trained, block.n_checkpoints > 0) +
           row_size(block) + in_vectors(block.train[0].n * (int64_t)sizeof(uint32_t)) + in_vectors(doubles(net) * (int64_t)sizeof(double));
  }

  UnitTraining(const TrainBlock<T>& block, Arena<V>& arena)
      : block_(block), net_(*block.network), room_(room(block)), units_(net_, room_, arena),
        optimiser_(*block.descent, units_.trained, (int64_t)block.epochs * steps_an_epoch(block), arena),
        path_(units_, block.n_checkpoints > 0, arena), row_((T*)arena.take(row_size(block))), order_((uint32_t*)arena.take(in_vectors(block.train[0].n * (int64_t)sizeof(uint32_t)))),
        sums_((double*)arena.take(in_vectors(doubles(net_) * (int64_t)sizeof(double)))), shuffle_(block.seeds, 1, block.train[0].n, order_) {
    units_.read(block.initial);
    path_.begin();
  }

  bool run() {
    const int n = block_.train[0].n;
    record();
    int epoch = 0;
    for (; epoch < block_.epochs && !over_; epoch++) {
      if (__atomic_load_n(block_.cancelled, __ATOMIC_RELAXED)) return false;
      shuffle_.epoch((uint32_t)epoch);
      for (int first = 0; first < n; first += block_.batch) {
        if (!over_) descend(first, n - first < block_.batch ? n - first : block_.batch);
        step_++;
        record();
      }
      if (!over_ && !units_.finite()) end();
      __atomic_fetch_add(block_.epochs_done, 1, __ATOMIC_RELAXED);
    }
    if (!over_) block_.steps[0] = step_;
    __atomic_fetch_add(block_.epochs_done, (int64_t)(block_.epochs - epoch), __ATOMIC_RELAXED);
    step_ += (int64_t)(block_.epochs - epoch) * steps_an_epoch(block_);
    while (next_ < block_.n_checkpoints && block_.checkpoints[next_] <= step_) record_now();
    units_.write(block_.weights);
    block_.completed[0] = true;
    return true;
  }

 private:
  static int room(const TrainBlock<T>& block) {
    const int n = block.train[0].n, batch = block.batch < n ? block.batch : n;
    const int whole = batch > block.probe ? batch : block.probe;
    return Units<V>::room_for(*block.network, whole, whole);
  }
  static int64_t steps_an_epoch(const TrainBlock<T>& block) { return (block.train[0].n + block.batch - 1) / block.batch; }
  static int64_t in_vectors(int64_t bytes) { return (bytes + (int64_t)sizeof(V) - 1) / (int64_t)sizeof(V); }
  static int64_t row_size(const TrainBlock<T>& block) { return block.n_checkpoints > 0 ? vectors<V>(3 * block.network->row) : 0; }
  static int64_t doubles(const Network& net) {
    const int64_t traces = trace_memory(net), scores = score_memory(net);
    return traces > scores ? traces : scores;
  }

  // A layer is moved as soon as its gradient is there, while it is in the cache, unless the whole gradient's norm is
  // asked for first. (Its weights have then passed the error on to the layer before.)
  void descend(int first, int size) {
    const T sample_weight = (T)1 / (T)size;
    optimiser_.begin(set1<V>(block_.learning_rates[0]));
    if (next_ < block_.n_checkpoints && block_.checkpoints[next_] == step_ + 1) path_.weigh(row_);
    const bool at_once = !optimiser_.clips();
    for (int from = 0; from < size; from += room_) {
      const int count = size - from < room_ ? size - from : room_;
      const bool last = from + count == size;
      units_.fill(block_.train[0], order_, first + from, count, block_.quads, sample_weight);
      units_.forward();
      units_.backward(from == 0, [&](int k, const auto& gradient) {
        if (last && at_once) move(k, gradient);
        else gradient.keep();
      });
    }
    units_.follow_batch();
    if (at_once) return;
    clip_units(units_, optimiser_);
    for (int k = 0; k < net_.layers; k++) move(k, units_.kept(k));
  }
  void move(int k, const WeightGradient<V>& gradient) {
    const int64_t from = units_.places[k].weights, end = units_.places[k].end;
    if (optimiser_.decays()) {
      const auto kept = gradient.keep();
      optimiser_.decay(units_.weights, units_.gradients, from, end - from);
      move_by(k, kept);
    } else {
      move_by(k, gradient);
    }
  }
  void move_by(int k, const WeightGradient<V>& gradient) {
    optimiser_.by_rule(units_.weights, units_.gradients, [&](const auto& rule) {
      if (block_.n_checkpoints) path_.follow(k, gradient, rule);
      else gradient.to([&, from = units_.places[k].weights](Panel, int64_t place, int64_t count, const V* g) {
        for (int64_t i = 0; i < count; i++) rule.by(from + place + i, g[i]);
      });
      for (int64_t i = units_.behind_weights(k); i < units_.places[k].end; i++) rule(i);
    });
  }

  // From now on the net keeps its parameters.
  void end() {
    over_ = true;
    block_.steps[0] = step_;
    if (!units_.finite()) block_.diverged[0] = true;
  }

  void record() {
    if (next_ < block_.n_checkpoints && block_.checkpoints[next_] == step_) record_now();
  }
  void record_now() {
    double* curve = block_.curves + (int64_t)next_ * curve_count;
    record_scores(block_.train[0], curve + curve_train_loss);
    record_scores(block_.validation[0], curve + curve_validation_loss);
    trace_unit_net<V>(units_, path_, room_, block_.train[0], block_.probe, block_.quads, sums_, row_,
                      block_.traces + (int64_t)next_ * net_.layers * trace_count, block_.through_time + (int64_t)next_ * (net_.layers - 1) * net_.steps);
    if (block_.snapshot_rows[0] >= 0) units_.write(block_.snapshots + ((int64_t)block_.snapshot_rows[0] * block_.n_checkpoints + next_) * net_.row);
    if (!over_ && curve[block_.validation[0].n ? curve_validation_loss : curve_train_loss] <= block_.target) end();
    next_++;
  }
  void record_scores(const Rows<T>& set, double* curve) {
    double scores[score_count];
    if (set.n) score_unit_net<V>(units_, room_, set, block_.quads, sums_, scores);
    curve[0] = set.n ? scores[score_loss] : __builtin_nan("");
    curve[1] = set.n ? scores[score_accuracy] : __builtin_nan("");
  }

  const TrainBlock<T>& block_;
  const Network& net_;
  const int room_;
  Units<V> units_;
  Optimiser<V> optimiser_;
  UnitPath<V> path_;  // only where there are checkpoints at which it is told
  T* row_;
  uint32_t* order_;
  double* sums_;
  Shuffle<1> shuffle_;
  bool over_ = false;
  int next_ = 0;
  int64_t step_ = 0;
};

template <class V> bool train_unit_block(const TrainBlock<scalar_t<V>>& block) {
  Arena<V> arena(UnitTraining<V>::scratch(block), false);
  return arena && UnitTraining<V>(block, arena).run();
}

template <class V> bool score_unit_block(const ScoreBlock<scalar_t<V>>& block) {
  const Network& net = *block.network;
  const int n = block.rows[0].n, room = Units<V>::room_for(net, n, n < 256 ? n : 256);
  const int64_t counts = vectors<V>(score_memory(net) * (int64_t)(sizeof(double) / sizeof(scalar_t<V>)));
  Arena<V> arena(Units<V>::size(net, room).scratch + counts, false);
  if (!arena) return false;
  Units<V> units(net, room, arena);
  units.read(block.weights);
  score_unit_net<V>(units, room, block.rows[0], block.quads, (double*)arena.take(counts), block.scores);
  return true;
}

}  // namespace actlab::ACTLAB_ISA
