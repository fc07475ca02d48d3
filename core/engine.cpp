#include "engine.h"

#include <cmath>
#include <new>
#include <thread>
#include <type_traits>

#include "dispatch.h"
#include "workers.h"

namespace actlab {

template <class T> Sets<T>::Sets(const T* X, const T* y, int64_t sets, int32_t n, int features) : n_(n), quads_((features + 1 + 3) / 4) {
  stride_ = (int64_t)n * quads_ * 4;
  data_.assign((size_t)(sets * stride_), T(0));
  for (int64_t set = 0; set < sets; set++)
    for (int64_t r = 0; r < n; r++) {
      auto cell = [&](int column) -> T& { return data_[(size_t)(set * stride_ + ((int64_t)(column / 4) * n + r) * 4 + column % 4)]; };
      for (int c = 0; c < features; c++) cell(c) = X[(set * n + r) * features + c];
      cell(features) = y[set * n + r];
    }
}

Network Plan::network() const {
  int64_t parameters = 0;
  for (size_t k = 0; k + 1 < sizes.size(); k++) parameters += (int64_t)sizes[k] * sizes[k + 1] + sizes[k + 1];
  return {(int)sizes.size() - 1, sizes.data(), parameters, value.view(), value_and_derivative.view(), reference_gain};
}

int thread_count(int threads) {
  if (threads > 0) return threads;
  const unsigned n = std::thread::hardware_concurrency();
  return n ? (int)n : 1;
}

template <class T> static int lanes_of(const Kernels& kernels) { return kernels.bytes / (int)sizeof(T); }

template <class T> void train(const TrainCall<T>& call) {
  const Kernels& kernels = chosen_kernels(call.plan.isa);
  const Network network = call.plan.network();
  const int width = lanes_of<T>(kernels);
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
    const TrainBlock<T> block = {&network, nets, call.weights + first * network.parameters, call.learning_rates + first, call.seeds + first,
                                 train_rows.data(), validation_rows.data(), call.features, call.train.quads(), call.batch, call.epochs,
                                 call.probe, call.checkpoints.data(), (int)checkpoints, call.curves + first * checkpoints * curve_count,
                                 call.traces + first * checkpoints * network.layers * trace_count, call.snapshots,
                                 call.snapshot_rows + first, &cancelled, &epochs_done};
    bool done;
    if constexpr (std::is_same_v<T, float>) done = kernels.train_float(block);
    else done = kernels.train_double(block);
    if (!done && !__atomic_load_n(&cancelled, __ATOMIC_RELAXED)) throw std::bad_alloc();
    for (int l = 0; l < nets; l++) call.completed[first + l] = done;
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
void score(const Plan& plan, int64_t nets, const T* weights, const int64_t* set_of_net, const Sets<T>& sets, int features, double* scores) {
  const Kernels& kernels = chosen_kernels(plan.isa);
  const Network network = plan.network();
  const int width = lanes_of<T>(kernels);
  auto work = [&](int64_t piece) {
    const int64_t first = piece * width;
    const int count = (int)(nets - first < width ? nets - first : width);
    std::vector<Rows<T>> rows;
    for (int l = 0; l < count; l++) rows.push_back(sets.rows(set_of_net[first + l]));
    const ScoreBlock<T> block = {&network, count, weights + first * network.parameters, rows.data(), features, sets.quads(),
                                 scores + first * score_count};
    bool done;
    if constexpr (std::is_same_v<T, float>) done = kernels.score_float(block);
    else done = kernels.score_double(block);
    if (!done) throw std::bad_alloc();
  };
  run_pieces((nets + width - 1) / width, plan.threads, work, [] {});
}

template <class T> void evaluate(const EvaluateCall<T>& call) {
  const Kernels& kernels = chosen_kernels(call.isa);
  // Smaller pieces would not pay for a thread, larger ones leave it waiting for the last.
  constexpr int64_t piece_size = 1 << 15;
  auto part = [&](int64_t first, int64_t count) {
    T *value = call.value ? call.value + first : nullptr, *derivative = call.derivative ? call.derivative + first : nullptr;
    bool done;
    if constexpr (std::is_same_v<T, float>) {
      done = (call.single ? kernels.evaluate_single : kernels.evaluate_float)(call.program, call.x + first, value, derivative, count);
    } else {
      done = kernels.evaluate_double(call.program, call.x + first, value, derivative, count);
    }
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
template void score(const Plan&, int64_t, const float*, const int64_t*, const Sets<float>&, int, double*);
template void score(const Plan&, int64_t, const double*, const int64_t*, const Sets<double>&, int, double*);
template void evaluate(const EvaluateCall<float>&);
template void evaluate(const EvaluateCall<double>&);

}  // namespace actlab
