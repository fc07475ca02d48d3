// Trains a block of nets in mini-batches, each net with its own order of the samples, and measures it at checkpoints.
#pragma once
#include "descent.h"
#include "measure.h"
#include "order.h"

namespace actlab::ACTLAB_ISA {

// A block of nets, one a lane, that goes on from checkpoint to checkpoint. A net that is done or lost is written down and
// leaves its lane free for one of another block that is at the same step (herd.h).
template <class V> class Training {
 public:
  using T = scalar_t<V>;
  static constexpr int width = simd<T>::lanes;

  static int64_t scratch(const TrainBlock<T>& block) {
    const Network& net = *block.network;
    return Lanes<V>::scratch(net, tiles(block)) + Optimiser<V>::scratch(*block.descent, net.parameters) +
           Order<V>::scratch(block.train[0].n, block.quads) + sums_size(net) + net.row + Path<V>::scratch(net, block.n_checkpoints > 0) +
           record_size(block);
  }
  static void* operator new(size_t, void* where) { return where; }

  // Of the block's nets `first` … first + count − 1, at most one a lane.
  Training(const TrainBlock<T>& block, int first, int count, Arena<V>& arena)
      : block_(block), net_(*block.network), lanes_(net_, tiles(block), arena), total_((int64_t)block.epochs * steps_an_epoch(block)),
        optimiser_(*block.descent, net_.parameters, total_, arena), sums_((Sums<V>*)arena.take(sums_size(net_))),
        path_(net_, block.n_checkpoints > 0, arena), frozen_(arena.take(net_.row)), record_((double*)arena.take(record_size(block))),
        train_(block.train + first, count), validation_(block.validation + first, count),
        order_(train_.sets, block.seeds + first, count, block.quads, arena), running_(count) {
    lanes_.read(block.initial + first * net_.row, count);
    for (int l = 0; l < width; l++) {
      rate_[l] = block.learning_rates[first + (l < count ? l : 0)];
      of_lane_[l] = l < count ? first + l : nobody;
      over_[l] = l < count ? 0 : -1;
    }
    memcpy((void*)frozen_, lanes_.weights, sizeof(V) * (size_t)net_.row);
    path_.start(lanes_.weights);
  }

  int running() const { return running_; }
  bool runs(int lane) const { return !over_[lane]; }

  // Goes on until checkpoint `stop` is recorded, or there is no epoch left; false: cancelled.
  bool run_to(int stop) {
    record();  // before the first step
    while (next_ <= stop && running_ > 0 && epoch_ < block_.epochs) {
      if (first_ == 0) {
        if (__atomic_load_n(block_.cancelled, __ATOMIC_RELAXED)) return false;
        order_.epoch((uint32_t)epoch_);
      }
      const int n = train_.sets[0].n;
      descend(first_, n - first_ < block_.batch ? n - first_ : block_.batch);
      record();
      first_ += block_.batch;
      if (first_ >= n) end_epoch();
    }
    // Lost since the last checkpoint, all of them: what the next one would see is what is there now.
    if (running_ == 0 && next_ <= stop && measured(next_)) record_now();
    settle();
    return true;
  }

  // Into a free lane: the net of another block's lane, as it is after the same step. That lane is free from now on.
  void take(Training& other, int from) {
    int to = 0;
    while (of_lane_[to] != nobody) to++;
    for (int64_t i = 0; i < net_.row; i++) lanes_.weights[i][to] = other.lanes_.weights[i][from];
    optimiser_.take(other.optimiser_, from, to);
    path_.take(other.path_, from, to);
    order_.take(other.order_, from, to);
    train_.sets[to] = other.train_.sets[from];
    validation_.sets[to] = other.validation_.sets[from];
    rate_[to] = other.rate_[from];
    of_lane_[to] = other.of_lane_[from];
    over_[to] = 0;
    running_++;
    other.of_lane_[from] = nobody;
    other.over_[from] = -1;
    other.running_--;
  }
  bool has_room() const { return running_ < width; }

 private:
  static constexpr int nobody = -1;

  static int tiles(const TrainBlock<T>& block) {
    const int n = block.train[0].n, batch = block.batch < n ? block.batch : n;
    if (!block.network->batch_norm) return Lanes<V>::tiles_for(*block.network, batch);
    return ((batch > block.probe ? batch : block.probe) + tile - 1) / tile;  // a whole batch, or the probe as one
  }
  static int64_t steps_an_epoch(const TrainBlock<T>& block) { return (block.train[0].n + block.batch - 1) / block.batch; }
  static int64_t sums_size(const Network& net) {
    const int64_t traces = trace_memory(net), scores = score_memory(net);
    return (traces > scores ? traces : scores) * (int64_t)(sizeof(Sums<V>) / sizeof(V));
  }
  // Of one net, in doubles.
  static int64_t trace_size(const Network& net) { return (int64_t)net.layers * trace_count; }
  static int64_t time_size(const Network& net) { return (int64_t)(net.layers - 1) * net.steps; }
  static int64_t record_size(const TrainBlock<T>& block) {
    const int64_t bytes = (trace_size(*block.network) + time_size(*block.network)) * width * (int64_t)sizeof(double);
    return block.n_checkpoints > 0 ? (bytes + (int64_t)sizeof(V) - 1) / (int64_t)sizeof(V) : 0;
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
    if (running_ == width) return;
    for (int64_t i = 0; i < net_.row; i++) lanes_.weights[i] = select(over_, frozen_[i], lanes_.weights[i]);
  }

  void end_epoch() {
    freeze_lost();
    __atomic_fetch_add(block_.epochs_done, running_, __ATOMIC_RELAXED);
    first_ = 0;
    epoch_++;
  }

  // From now on the lane keeps its parameters. A net may reach its target with one that is not finite (a running
  // variance that no answer shows): it is lost all the same.
  void freeze(int lane) {
    over_[lane] = -1;
    running_--;
    const int net = of_lane_[lane];
    block_.steps[net] = step_;
    __atomic_fetch_add(block_.epochs_done, (int64_t)(block_.epochs - epoch_), __ATOMIC_RELAXED);
    for (int64_t i = 0; i < net_.row; i++) {
      const T w = frozen_[i][lane] = lanes_.weights[i][lane];
      if (!(w - w == 0)) block_.diverged[net] = true;
    }
  }
  // Looked for once an epoch, whatever the checkpoints are: measuring must not change what is measured.
  void freeze_lost() {
    V lost{};
    for (int64_t i = 0; i < net_.row; i++) lost += lanes_.weights[i] - lanes_.weights[i];
    for (int l = 0; l < width; l++)
      if (!over_[l] && lost[l] != 0) freeze(l);
  }

  bool measured(int checkpoint) const { return checkpoint < block_.n_checkpoints && block_.checkpoints[checkpoint] <= total_; }
  void record() {
    if (next_ < block_.n_checkpoints && block_.checkpoints[next_] == step_) record_now();
  }

  void record_now() {
    double train[width * score_count], validation[width * score_count];
    const bool judged = validation_.sets[0].n > 0;
    score_lanes<V>(lanes_, train_.sets, block_.quads, width, sums_, train, score_count);
    if (judged) score_lanes<V>(lanes_, validation_.sets, block_.quads, width, sums_, validation, score_count);
    double* const through_time = record_ + width * trace_size(net_);
    trace_lanes<V>(lanes_, path_, train_.sets, block_.probe, block_.quads, width, sums_, record_, trace_size(net_), through_time, time_size(net_));
    for (int l = 0; l < width; l++) {
      if (of_lane_[l] == nobody) continue;
      double* curve = curve_of(of_lane_[l], next_);
      const double *mine = train + l * score_count, *other = validation + l * score_count;
      curve[curve_train_loss] = mine[score_loss];
      curve[curve_train_accuracy] = mine[score_accuracy];
      curve[curve_validation_loss] = judged ? other[score_loss] : __builtin_nan("");
      curve[curve_validation_accuracy] = judged ? other[score_accuracy] : __builtin_nan("");
      memcpy(traces_of(of_lane_[l], next_), record_ + l * trace_size(net_), sizeof(double) * (size_t)trace_size(net_));
      if (net_.steps) memcpy(times_of(of_lane_[l], next_), through_time + l * time_size(net_), sizeof(double) * (size_t)time_size(net_));
      if (T* snapshot = snapshot_of(of_lane_[l], next_)) lanes_.write_one(snapshot, l);
    }
    for (int l = 0; l < width; l++)
      if (!over_[l] && curve_of(of_lane_[l], next_)[judged ? curve_validation_loss : curve_train_loss] <= block_.target) freeze(l);
    next_++;
  }

  // Writes down the nets that are done or lost, and lets them go. They have been measured since, and what later
  // checkpoints would see is what the last one saw.
  void settle() {
    const bool ended = epoch_ >= block_.epochs;
    for (int l = 0; l < width; l++) {
      const int net = of_lane_[l];
      if (net == nobody || !(ended || over_[l])) continue;
      if (!over_[l]) block_.steps[net] = step_;
      for (int c = next_; next_ && measured(c); c++) repeat(net, next_ - 1, c);
      lanes_.write_one(block_.weights + net * net_.row, l);
      block_.completed[net] = true;
      of_lane_[l] = nobody;
      if (!over_[l]) {
        over_[l] = -1;
        running_--;
      }
    }
  }
  void repeat(int net, int from, int to) {
    memcpy(curve_of(net, to), curve_of(net, from), sizeof(double) * curve_count);
    memcpy(traces_of(net, to), traces_of(net, from), sizeof(double) * (size_t)trace_size(net_));
    if (net_.steps) memcpy(times_of(net, to), times_of(net, from), sizeof(double) * (size_t)time_size(net_));
    if (T* snapshot = snapshot_of(net, to)) memcpy(snapshot, snapshot_of(net, from), sizeof(T) * (size_t)net_.row);
  }

  int64_t place(int net, int checkpoint) const { return (int64_t)net * block_.n_checkpoints + checkpoint; }
  double* curve_of(int net, int checkpoint) const { return block_.curves + place(net, checkpoint) * curve_count; }
  double* traces_of(int net, int checkpoint) const { return block_.traces + place(net, checkpoint) * trace_size(net_); }
  double* times_of(int net, int checkpoint) const { return block_.through_time + place(net, checkpoint) * time_size(net_); }
  T* snapshot_of(int net, int checkpoint) const {
    const int64_t row = block_.snapshot_rows[net];
    return row < 0 ? nullptr : block_.snapshots + (row * block_.n_checkpoints + checkpoint) * net_.row;
  }

  const TrainBlock<T>& block_;
  const Network& net_;
  Lanes<V> lanes_;
  const int64_t total_;  // steps, if nothing ends a net before
  Optimiser<V> optimiser_;
  Sums<V>* sums_;
  Path<V> path_;  // only where there are checkpoints at which it is told
  V* frozen_;       // parameters of lanes that are over
  double* record_;  // of a checkpoint, lane by lane
  // A set a lane; spare lanes read the first one's.
  struct OfLanes {
    OfLanes(const Rows<T>* of_nets, int nets) {
      for (int l = 0; l < width; l++) sets[l] = of_nets[l < nets ? l : 0];
    }
    Rows<T> sets[width];
  };
  OfLanes train_, validation_;
  Order<V> order_;
  V rate_{};
  int_t<V> over_{};    // all ones: the lane's net is done or lost, or there is none
  int of_lane_[width];  // which of the block's nets; nobody: the lane is free
  int next_ = 0, running_, epoch_ = 0, first_ = 0;
  int64_t step_ = 0;
};

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
