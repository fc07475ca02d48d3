#include "engine.h"

#include <algorithm>
#include <cmath>
#include <new>
#include <stdexcept>
#include <thread>
#include <type_traits>
#include <utility>

#include "dispatch.h"
#include "layout.h"
#include "ordinary.h"
#include "slope.h"
#include "workers.h"

namespace actlab {

template <class T> Sets<T>::Sets(const T* X, const T* y, int64_t sets, int32_t n, int features, int targets)
    : n_(n), quads_((features + targets + 3) / 4) {
  stride_ = (int64_t)n * quads_ * 4;
  data_.assign((size_t)(sets * stride_), T(0));
  for (int64_t set = 0; set < sets; set++)
    for (int64_t r = 0; r < n; r++) {
      auto cell = [&](int column) -> T& { return data_[(size_t)(set * stride_ + ((int64_t)(column / 4) * n + r) * 4 + column % 4)]; };
      for (int c = 0; c < features; c++) cell(c) = X[(set * n + r) * features + c];
      for (int c = 0; c < targets; c++) cell(features + c) = y[(set * n + r) * targets + c];
    }
}

static void require(bool condition, const char* what) {
  if (!condition) throw std::invalid_argument(what);
}

Plan::Plan(std::string isa, int threads, Layout layout, int32_t features, int steps, const std::vector<LayerChoice>& layers, std::vector<OwnedActivation> activations, Loss loss)
    : isa(std::move(isa)), threads(threads), layout(layout), network{}, activations_(std::move(activations)) {
  require(!layers.empty(), "a net has at least one layer");
  require(features >= 1, "a layer has at least one unit");
  require(steps >= 0 && (!steps || layers.size() > 1), "a recurrent net has a hidden layer");
  require((int64_t)features * (steps ? steps : 1) < (int64_t)1 << 30, "a sequence is too long");
  units_.push_back(steps ? features * steps : features);
  int64_t place = 0;
  int free_from = 1;  // skips must not overlap: the first layer whose output may be skipped from
  auto run = [&](int64_t length) {
    place += length;
    return place - length;
  };
  for (const LayerChoice& choice : layers) {
    const int k = (int)layers_.size();
    const bool last = k + 1 == (int)layers.size(), normed = choice.norm != Norm::none;
    require(choice.units >= 1, "a layer has at least one unit");
    require(last ? choice.activation == -1 && !normed && !choice.skip : choice.activation >= 0 && choice.activation < (int)activations_.size(),
            "hidden layers have an activation, the output has none");
    const int64_t in = k ? units_.back() : features, out = choice.units;
    const int32_t again = steps && !last ? choice.units : 0;
    require(!steps || (!normed && !choice.skip), "a recurrent layer has no norm and skips nothing");
    require((in + again) * out < (int64_t)1 << 40, "a layer is too large");
    require(choice.skip >= 0 && (!choice.skip || (k + 1 - choice.skip >= free_from && units_[(size_t)(k + 1 - choice.skip)] == out)),
            "a skip must come from an earlier hidden layer of the same width, and not overlap another");
    if (choice.skip) free_from = k + 1;
    Layer layer = {(int32_t)in, choice.units, choice.activation, choice.norm, choice.skip, again, 0, -1, -1, -1, -1, -1, -1};
    layer.weights = run((in + again) * out);
    if (choice.norm != Norm::batch) layer.biases = run(out);
    if (normed) layer.scale = run(out), layer.shift = run(out);
    if (!last && !activations_[(size_t)choice.activation].by_learned.empty())
      layer.learned = run((int64_t)activations_[(size_t)choice.activation].by_learned.size());
    layers_.push_back(layer);
    units_.push_back(choice.units);
  }
  const int64_t trained = place;
  for (Layer& layer : layers_)
    if (layer.norm == Norm::batch) {
      layer.mean = run(layer.fan_out), layer.variance = run(layer.fan_out);
      network.batch_norm = true;
    }
  require(loss != Loss::binary || units_.back() == 1, "the output of a binary net is one logit");
  require(loss != Loss::classes || units_.back() >= 2, "there are at least two classes");
  for (const OwnedActivation& phi : activations_) {
    by_learned_.emplace_back();
    for (const OwnedProgram& program : phi.by_learned) by_learned_.back().push_back(program.view());
    views_.push_back({phi.value.view(), phi.value_and_derivative.view(), slope_of(phi), phi.reference_gain, (int)phi.by_learned.size(), nullptr});
  }
  for (size_t p = 0; p < views_.size(); p++) views_[p].by_learned = by_learned_[p].data();
  network.layers = (int)layers_.size();
  network.steps = steps;
  network.layer = layers_.data();
  network.units = units_.data();
  network.activations = (int)views_.size();
  network.activation = views_.data();
  network.loss = loss;
  network.targets = loss == Loss::squares ? units_.back() : 1;
  network.parameters = trained;
  network.row = place;
}

int thread_count(int threads) {
  if (threads > 0) return threads;
  const unsigned n = std::thread::hardware_concurrency();
  return n ? (int)n : 1;
}

template <class T> static int lanes_of(const Kernels& kernels) { return kernels.bytes / (int)sizeof(T); }

// How many blocks of lanes go together. Only a target ends nets at different steps as a matter of course; then nets of
// several blocks share lanes, but never so many that threads would wait for the last ones.
static int64_t blocks_together(int64_t blocks, int threads, double target) {
  constexpr int64_t most = 8, pieces_a_thread = 4;
  if (std::isnan(target)) return 1;
  return std::clamp(blocks / (threads * pieces_a_thread), (int64_t)1, most);
}

template <class T> void train(const TrainCall<T>& call) {
  const Kernels& kernels = chosen_kernels(call.plan.isa);
  const Network& network = call.plan.network;
  const bool units = units_in_lanes(call.plan, lanes_of<T>(kernels), sizeof(T), call.nets);
  const int lanes = units ? 1 : lanes_of<T>(kernels);
  const int64_t width = units ? 1 : lanes * blocks_together((call.nets + lanes - 1) / lanes, call.plan.threads, call.target);
  const int64_t checkpoints = (int64_t)call.checkpoints.size();
  bool cancelled = false;
  int64_t epochs_done = 0;
  auto work = [&](int64_t piece) {
    const int64_t first = piece * width;
    const int nets = (int)(call.nets - first < width ? call.nets - first : width);
    std::vector<Rows<T>> train_rows, validation_rows;
    for (int l = 0; l < nets; l++) {
      train_rows.push_back(call.train.rows(call.set_of_net[first + l]));
      validation_rows.push_back(call.validation.rows(call.set_of_net[first + l]));
    }
    const TrainBlock<T> block = {&network, &call.descent, nets, call.initial + first * network.row, call.weights + first * network.row, call.learning_rates + first, call.seeds + first,
                                 train_rows.data(), validation_rows.data(), call.train.quads(), call.batch, call.epochs, call.target,
                                 call.probe, call.checkpoints.data(), (int)checkpoints, call.curves + first * checkpoints * curve_count,
                                 call.traces + first * checkpoints * network.layers * trace_count,
                                 call.through_time + first * checkpoints * (network.layers - 1) * network.steps, call.snapshots,
                                 call.snapshot_rows + first, call.steps + first, call.diverged + first, call.completed + first, &cancelled, &epochs_done};
    bool done;
    if constexpr (std::is_same_v<T, float>) done = (units ? kernels.train_units_float : kernels.train_float)(block);
    else done = (units ? kernels.train_units_double : kernels.train_double)(block);
    if (!done && !__atomic_load_n(&cancelled, __ATOMIC_RELAXED)) throw std::bad_alloc();
  };
  const double all = (double)call.nets * (call.epochs ? call.epochs : 1);
  auto cancel = [&] { __atomic_store_n(&cancelled, true, __ATOMIC_RELAXED); };
  auto pulse = [&] {
    try {
      if (!call.progress(std::fmin(1.0, (double)__atomic_load_n(&epochs_done, __ATOMIC_RELAXED) / all))) cancel();
    } catch (...) {
      cancel();
      throw;
    }
  };
  run_pieces((call.nets + width - 1) / width, call.plan.threads, work, pulse);
}

template <class T>
void score(const Plan& plan, int64_t nets, const T* weights, const int64_t* set_of_net, const Sets<T>& sets, double* scores) {
  const Kernels& kernels = chosen_kernels(plan.isa);
  const Network& network = plan.network;
  const bool units = units_in_lanes(plan, lanes_of<T>(kernels), sizeof(T), nets);
  const int width = units ? 1 : lanes_of<T>(kernels);
  auto work = [&](int64_t piece) {
    const int64_t first = piece * width;
    const int count = (int)(nets - first < width ? nets - first : width);
    std::vector<Rows<T>> rows;
    for (int l = 0; l < count; l++) rows.push_back(sets.rows(set_of_net[first + l]));
    const ScoreBlock<T> block = {&network, count, weights + first * network.row, rows.data(), sets.quads(),
                                 scores + first * score_count};
    bool done;
    if constexpr (std::is_same_v<T, float>) done = (units ? kernels.score_units_float : kernels.score_float)(block);
    else done = (units ? kernels.score_units_double : kernels.score_double)(block);
    if (!done) throw std::bad_alloc();
  };
  run_pieces((nets + width - 1) / width, plan.threads, work, [] {});
}

template <class T> void evaluate(const EvaluateCall<T>& call) {
  const Kernels& kernels = chosen_kernels(call.isa);
  const Careful<T> careful = {call.careful_value.data(), (int)call.careful_value.size() / 2, call.careful_derivative.data(),
                              (int)call.careful_derivative.size() / 2, call.again};
  // Smaller pieces would not pay for a thread, larger ones leave it waiting for the last.
  constexpr int64_t piece_size = 1 << 15;
  const OwnedProgram made = ordinary(call.program);
  const Program soon = made.view();
  auto part = [&](int64_t first, int64_t count) {
    T *value = call.value ? call.value + first : nullptr, *derivative = call.derivative ? call.derivative + first : nullptr;
    const T* x = call.x + first;
    bool done;
    if constexpr (std::is_same_v<T, double>) done = kernels.evaluate_double(call.program, soon, careful, x, value, derivative, count);
    else if (call.single) done = kernels.evaluate_single(call.program, soon, x, value, derivative, count);
    else done = kernels.evaluate_float(call.program, soon, careful, x, value, derivative, count);
    if (!done) throw std::bad_alloc();
  };
  const int threads = call.n <= piece_size ? 1 : thread_count(call.threads);
  if (threads == 1) return part(0, call.n);
  share_pieces((call.n + piece_size - 1) / piece_size, threads, [&](int64_t piece) {
    const int64_t first = piece * piece_size;
    part(first, call.n - first < piece_size ? call.n - first : piece_size);
  });
}

template class Sets<float>;
template class Sets<double>;
template void train(const TrainCall<float>&);
template void train(const TrainCall<double>&);
template void score(const Plan&, int64_t, const float*, const int64_t*, const Sets<float>&, double*);
template void score(const Plan&, int64_t, const double*, const int64_t*, const Sets<double>&, double*);
template void evaluate(const EvaluateCall<float>&);
template void evaluate(const EvaluateCall<double>&);

}  // namespace actlab
