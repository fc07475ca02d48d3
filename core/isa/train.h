// Trains a block of nets in mini-batches, each net with its own order of the samples, and measures it at checkpoints.
#pragma once
#include "descent.h"
#include "measure.h"
#include "order.h"

namespace actlab::ACTLAB_ISA {

template <class V> class Training {
 public:
  using T = scalar_t<V>;
  static constexpr int width = simd<T>::lanes;

  static int64_t scratch(const TrainBlock<T>& block) {
    const Network& net = *block.network;
    return Lanes<V>::scratch(net, tiles(block)) + Optimiser<V>::scratch(*block.descent, net.parameters) +
           Order<V>::scratch(block.train[0].n, block.quads) + sums_size(net) + net.row + Path<V>::scratch(net, block.n_checkpoints > 0);
  }

  Training(const TrainBlock<T>& block, Arena<V>& arena)
      : block_(block), net_(*block.network), lanes_(net_, tiles(block), arena),
        optimiser_(*block.descent, net_.parameters, (int64_t)block.epochs * ((block.train[0].n + block.batch - 1) / block.batch), arena),
        sums_((Sums<V>*)arena.take(sums_size(net_))), path_(net_, block.n_checkpoints > 0, arena), frozen_(arena.take(net_.row)),
        train_(block.train, block.nets), validation_(block.validation, block.nets),
        order_(train_.sets, block.seeds, block.nets, block.quads, arena) {
    for (int l = 0; l < width; l++) {
      const int net = l < block.nets ? l : 0;
      rate_[l] = block.learning_rates[net];
    }
    lanes_.read(block.weights, block.nets);
    path_.start(lanes_.weights);
  }

  bool run() {
    record();
    int epoch = 0;
    for (; epoch < block_.epochs && running_ > 0; epoch++) {
      if (__atomic_load_n(block_.cancelled, __ATOMIC_RELAXED)) return false;
      order_.epoch((uint32_t)epoch);
      for (int first = 0; first < train_.sets[0].n; first += block_.batch) {
        descend(first, train_.sets[0].n - first < block_.batch ? train_.sets[0].n - first : block_.batch);
        record();
      }
      freeze_lost();
      __atomic_fetch_add(block_.epochs_done, block_.nets, __ATOMIC_RELAXED);
    }
    for (int l = 0; l < block_.nets; l++)
      if (!over_[l]) block_.steps[l] = step_;
    // All are done or lost: what later checkpoints would see is what is there now.
    __atomic_fetch_add(block_.epochs_done, (int64_t)block_.nets * (block_.epochs - epoch), __ATOMIC_RELAXED);
    step_ += (int64_t)(block_.epochs - epoch) * ((train_.sets[0].n + block_.batch - 1) / block_.batch);
    while (next_ < block_.n_checkpoints && block_.checkpoints[next_] <= step_) record_now();
    lanes_.write(block_.weights, block_.nets);
    return true;
  }

 private:
  static int tiles(const TrainBlock<T>& block) {
    const int n = block.train[0].n, batch = block.batch < n ? block.batch : n;
    if (!block.network->batch_norm) return Lanes<V>::tiles_for(*block.network, batch);
    return ((batch > block.probe ? batch : block.probe) + tile - 1) / tile;  // a whole batch, or the probe as one
  }
  static int64_t sums_size(const Network& net) {
    const int64_t traces = trace_memory(net), scores = score_memory(net);
    return (traces > scores ? traces : scores) * (int64_t)(sizeof(Sums<V>) / sizeof(V));
  }

  void descend(int first, int size) {
    const V sample_weight = set1<V>((T)1 / (T)size);
    const int together = net_.batch_norm ? size : lanes_.tiles * tile;
    for (int from = 0; from < size; from += together) {
      const int count = size - from < together ? size - from : together, tiles = (count + tile - 1) / tile;
      for (int t = 0; t < tiles; t++)
        lanes_.fill(first + from + t * tile, count - t * tile < tile ? count - t * tile : tile, sample_weight, t,
                    [&](int64_t i, V* x) { order_.put(i, x); });
      lanes_.forward(tiles, count);
      lanes_.loss_delta(tiles);
      lanes_.backward(tiles, count);
    }
    if (net_.batch_norm) lanes_.follow_batch(size);
    if (next_ < block_.n_checkpoints && block_.checkpoints[next_] == step_ + 1) path_.weigh(lanes_.weights, over_);
    optimiser_.step(net_, lanes_.weights, lanes_.gradients, rate_, block_.n_checkpoints ? &path_ : nullptr, over_);
    step_++;
    if (running_ == block_.nets) return;
    for (int64_t i = 0; i < net_.row; i++) lanes_.weights[i] = select(over_, frozen_[i], lanes_.weights[i]);
  }

  // From now on the lane keeps its parameters. A net may reach its target with one that is not finite (a running
  // variance that no answer shows): it is lost all the same.
  void freeze(int lane) {
    over_[lane] = -1;
    running_--;
    block_.steps[lane] = step_;
    for (int64_t i = 0; i < net_.row; i++) {
      const T w = frozen_[i][lane] = lanes_.weights[i][lane];
      if (!(w - w == 0)) block_.diverged[lane] = true;
    }
  }
  // Looked for once an epoch, whatever the checkpoints are: measuring must not change what is measured.
  void freeze_lost() {
    V lost{};
    for (int64_t i = 0; i < net_.row; i++) lost += lanes_.weights[i] - lanes_.weights[i];
    for (int l = 0; l < block_.nets; l++)
      if (!over_[l] && lost[l] != 0) freeze(l);
  }

  void record() {
    if (next_ < block_.n_checkpoints && block_.checkpoints[next_] == step_) record_now();
  }

  void record_now() {
    const int64_t curve_stride = (int64_t)block_.n_checkpoints * curve_count;
    const int64_t trace_stride = (int64_t)block_.n_checkpoints * net_.layers * trace_count;
    record_scores(train_.sets, block_.curves + (int64_t)next_ * curve_count + curve_train_loss, curve_stride);
    record_scores(validation_.sets, block_.curves + (int64_t)next_ * curve_count + curve_validation_loss, curve_stride);
    trace_lanes<V>(lanes_, path_, train_.sets, block_.probe, block_.quads, block_.nets, sums_,
                   block_.traces + (int64_t)next_ * net_.layers * trace_count, trace_stride,
                   block_.through_time + (int64_t)next_ * (net_.layers - 1) * net_.steps,
                   (int64_t)block_.n_checkpoints * (net_.layers - 1) * net_.steps);
    for (int l = 0; l < block_.nets; l++)
      if (block_.snapshot_rows[l] >= 0)
        lanes_.write_one(block_.snapshots + ((int64_t)block_.snapshot_rows[l] * block_.n_checkpoints + next_) * net_.row, l);
    const int judge = validation_.sets[0].n ? curve_validation_loss : curve_train_loss;
    for (int l = 0; l < block_.nets; l++)
      if (!over_[l] && block_.curves[l * curve_stride + (int64_t)next_ * curve_count + judge] <= block_.target) freeze(l);
    next_++;
  }

  void record_scores(const Rows<T>* sets, double* curve, int64_t stride) {
    double scores[width * score_count];
    if (sets[0].n) score_lanes<V>(lanes_, sets, block_.quads, block_.nets, sums_, scores, score_count);
    for (int l = 0; l < block_.nets; l++) {
      curve[l * stride] = sets[0].n ? scores[l * score_count + score_loss] : __builtin_nan("");
      curve[l * stride + 1] = sets[0].n ? scores[l * score_count + score_accuracy] : __builtin_nan("");
    }
  }

  const TrainBlock<T>& block_;
  const Network& net_;
  Lanes<V> lanes_;
  Optimiser<V> optimiser_;
  Sums<V>* sums_;
  Path<V> path_;  // only where there are checkpoints at which it is told
  V* frozen_;  // parameters of lanes that are over
  // A set a lane; spare lanes read net 0's.
  struct OfLanes {
    OfLanes(const Rows<T>* of_nets, int nets) {
      for (int l = 0; l < width; l++) sets[l] = of_nets[l < nets ? l : 0];
    }
    Rows<T> sets[width];
  };
  OfLanes train_, validation_;
  Order<V> order_;
  V rate_{};
  int_t<V> over_{};  // all ones: the lane's net is done or lost
  int next_ = 0, running_ = block_.nets;
  int64_t step_ = 0;
};

template <class V> bool train_block(const TrainBlock<scalar_t<V>>& block) {
  Arena<V> arena(Training<V>::scratch(block));
  return arena && Training<V>(block, arena).run();
}

template <class V> bool score_block(const ScoreBlock<scalar_t<V>>& block) {
  using T = scalar_t<V>;
  constexpr int width = simd<T>::lanes;
  const int tiles = Lanes<V>::tiles_for(*block.network, block.rows[0].n);
  Arena<V> arena(Lanes<V>::scratch(*block.network, tiles) + score_memory(*block.network) * (int64_t)(sizeof(Sums<V>) / sizeof(V)));
  if (!arena) return false;
  Lanes<V> lanes(*block.network, tiles, arena);
  Rows<T> sets[width];
  for (int l = 0; l < width; l++) sets[l] = block.rows[l < block.nets ? l : 0];
  lanes.read(block.weights, block.nets);
  auto* counts = (Sums<V>*)arena.take(score_memory(*block.network) * (int64_t)(sizeof(Sums<V>) / sizeof(V)));
  score_lanes<V>(lanes, sets, block.quads, block.nets, counts, block.scores, score_count);
  return true;
}

}  // namespace actlab::ACTLAB_ISA
