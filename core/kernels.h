// The border between code compiled once and code compiled per instruction set: plain structures and a table of
// function pointers. T is float (training) or double (the precise oracle).
#pragma once
#include <cstdint>

#include "network.h"

namespace actlab {

// What a checkpoint records of one layer, in this order, as doubles.
enum Trace { trace_mean_abs_z, trace_mean_abs_a, trace_mean_z, trace_var_z, trace_dead, trace_saturated, trace_linear,
             trace_gradient_norm, trace_weight_norm, trace_update_ratio, trace_sign_agreement, trace_path_efficiency, trace_count };
// What it records of the whole net.
enum Curve { curve_train_loss, curve_train_accuracy, curve_validation_loss, curve_validation_accuracy, curve_count };
// What a score records.
enum Score { score_loss, score_accuracy, score_positive, score_largest_share, score_finite, score_count };

// Nets that train side by side, in one block of lanes or several (units in lanes: one net); every pointer has one entry (or row) a net.
template <class T> struct TrainBlock {
  const Network* network;
  const Descent* descent;
  int nets;
  const T* initial;                    // [nets][row]
  T* weights;                          // [nets][row]: those of a net that is completed
  const T* learning_rates;             // [nets]
  const uint64_t* seeds;               // [nets]
  const Rows<T>* train;                // [nets], equal n
  const Rows<T>* validation;           // [nets], equal n; n = 0: none
  int quads, batch, epochs;
  double target;                       // a net is done at the first checkpoint with at most this loss; NaN: none is
  int probe;                           // points of the training set that the measurements use (the first ones)
  const int64_t* checkpoints;          // ascending steps; 0 is before the first step
  int n_checkpoints;
  double* curves;                      // [nets][n_checkpoints][curve_count]
  double* traces;                      // [nets][n_checkpoints][layers][trace_count]
  double* through_time;                // [nets][n_checkpoints][hidden layers][steps]: norm of ∂loss/∂h over the probe
  T* snapshots;                        // [.][n_checkpoints][row]
  const int32_t* snapshot_rows;        // [nets]: row of snapshots, or −1
  int64_t* steps;                      // [nets]: how many were made before the net was done or lost
  bool* diverged;                      // [nets]
  bool* completed;                     // [nets]: set when the net's results are all there
  const bool* cancelled;               // asked once an epoch, atomically
  int64_t* epochs_done;                // summed over nets, atomically, for the progress bar
};

template <class T> struct ScoreBlock {
  const Network* network;
  int nets;
  const T* weights;     // [nets][row]
  const Rows<T>* rows;  // [nets], equal n
  int quads;
  double* scores;  // [nets][score_count]
};

// Where the fast arithmetic of a program may not do: closed intervals of finite x, pairs (low, high) in any order, for the
// value and for the derivative. There the number is computed again, slowly, one at a time.
template <class T> struct Careful {
  const T* value;
  int n_value;
  const T* derivative;
  int n_derivative;
  void (*compute)(const Program&, T x, T* value, T* derivative);  // either pointer may be null
};

// One instruction set's kernels. Each returns false where it was cancelled or ran out of memory.
struct Kernels {
  const char* name;
  int bytes;  // of one vector
  bool (*train_float)(const TrainBlock<float>&);
  bool (*train_double)(const TrainBlock<double>&);
  bool (*score_float)(const ScoreBlock<float>&);
  bool (*score_double)(const ScoreBlock<double>&);
  // Of one net, whose units are in the lanes.
  bool (*train_units_float)(const TrainBlock<float>&);
  bool (*train_units_double)(const TrainBlock<double>&);
  bool (*score_units_float)(const ScoreBlock<float>&);
  bool (*score_units_double)(const ScoreBlock<double>&);
  // Elementwise: value and derivative may be null. float is computed in double and rounded once. `ordinary` is the
  // program as ordinary.h makes it.
  bool (*evaluate_float)(const Program&, const Program& ordinary, const Careful<float>&, const float* x, float* value, float* derivative, int64_t n);
  bool (*evaluate_double)(const Program&, const Program& ordinary, const Careful<double>&, const double* x, double* value, double* derivative, int64_t n);
  // The training arithmetic of a program, float inside: what a net sees.
  bool (*evaluate_single)(const Program&, const Program& ordinary, const float* x, float* value, float* derivative, int64_t n);
  // Value and derivative as the sum of two doubles and a bound, as they are before rounding: [n][2][3].
  bool (*twofold)(const Program&, const double* x, double* balls, int64_t n);
  void (*shuffle)(uint64_t seed, int32_t n, int epochs, int32_t* order);  // [epochs][n], as the trainer visits them
};

#if defined(__x86_64__)
const Kernels* kernels_v2();
const Kernels* kernels_v3();
const Kernels* kernels_v4();
#else
const Kernels* kernels_portable();
#endif

}  // namespace actlab
