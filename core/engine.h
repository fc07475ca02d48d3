// Nets by the thousand: packs data sets, forms blocks of lanes, hands them to threads.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "kernels.h"

namespace actlab {

// Data sets of equal size, packed as the kernels read them: y is [set][n][targets].
template <class T> class Sets {
 public:
  Sets(const T* X, const T* y, int64_t sets, int32_t n, int features, int targets);
  Rows<T> rows(int64_t set) const { return {data_.data() + set * stride_, n_}; }
  int quads() const { return quads_; }

 private:
  int32_t n_;
  int quads_;
  int64_t stride_;
  std::vector<T> data_;
};

// What 0 threads stands for: one a processor.
int thread_count(int threads);

struct OwnedProgram {
  std::vector<Instruction> code;
  std::vector<double> constants;
  int n_registers;
  Program view() const { return {code.data(), (int)code.size(), constants.data(), (int)constants.size(), n_registers}; }
};

struct OwnedActivation {
  OwnedProgram value, value_and_derivative;
  double reference_gain;
  std::vector<OwnedProgram> by_learned;
};

// What of a weight layer is chosen; where its parameters lie follows.
struct LayerChoice {
  int32_t units, activation;
  Norm norm;
  int32_t skip;
};

// What lies side by side in a vector; the results are the same. `any`: whichever is quicker.
enum class Layout { any, nets, units };

class Plan {
 public:
  // Throws std::invalid_argument where the layers make no net.
  Plan(std::string isa, int threads, Layout layout, int32_t features, int steps, const std::vector<LayerChoice>& layers, std::vector<OwnedActivation> activations, Loss loss);
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  std::string isa;
  int threads;
  Layout layout;
  Network network;  // points into what follows

 private:
  std::vector<OwnedActivation> activations_;
  std::vector<Activation> views_;
  std::vector<std::vector<Program>> by_learned_;
  std::vector<Layer> layers_;
  std::vector<int32_t> units_;
};

template <class T> struct TrainCall {
  const Plan& plan;
  const Descent& descent;
  int64_t nets;
  const T* initial;  // not to be changed meanwhile
  T* weights;        // of a net that is not completed anything
  const T* learning_rates;
  const uint64_t* seeds;
  const int64_t* set_of_net;
  const Sets<T>&train, &validation;
  int batch, epochs, probe;
  double target;
  const std::vector<int64_t>& checkpoints;
  double *curves, *traces, *through_time;
  T* snapshots;
  const int32_t* snapshot_rows;
  int64_t* steps;
  bool* diverged;
  bool* completed;  // [nets]
  // Told the share of the work that is done; false stops the work, and nets that are not done stay incomplete.
  std::function<bool(double)> progress;
};
template <class T> void train(const TrainCall<T>& call);

// scores is [nets][score_count]
template <class T> void score(const Plan& plan, int64_t nets, const T* weights, const int64_t* set_of_net, const Sets<T>& sets, double* scores);

// Elementwise: value and derivative may be null, and either may be x.
template <class T> struct EvaluateCall {
  Program program;
  const T* x;
  T *value, *derivative;
  int64_t n;
  // Where the result is computed again with care: finite pairs (low, high), low <= high. Not for `single`.
  std::vector<T> careful_value, careful_derivative;
  void (*again)(const Program&, T x, T* value, T* derivative);  // how
  std::string isa;
  int threads;  // 0: as many as there are processors
  bool single;  // float only: the arithmetic of training
};
template <class T> void evaluate(const EvaluateCall<T>& call);

}  // namespace actlab
