// What a net is and how it is trained, as the kernels see it: plain structures, the same for all nets of one call.
#pragma once
#include <cstdint>

#include "program.h"

namespace actlab {

enum class Norm : int32_t { none, batch, layer };
// Batch norm: normalised by the batch in training and by running averages in evaluation; layer norm: by the units.
constexpr double norm_epsilon = 1e-5, running_share = 0.1;

enum class Loss : int32_t {
  binary,   // one logit, target 0 or 1: cross-entropy
  classes,  // a logit a class, target the number of the class: softmax cross-entropy
  squares,  // a target an output: squared error, mean over the outputs
};

// φ′ where it follows from a = φ(z) at once; what need not be stored in training.
enum class Slope : int32_t {
  stored,            // it does not: an array of its own
  one,               // of the identity
  step,              // a > 0: of ReLU
  one_minus_square,  // 1 − a²: of tanh
  logistic,          // a − a²: of the sigmoid
};

struct Activation {
  Program value;                 // φ
  Program value_and_derivative;  // φ and φ′
  Slope slope;                   // of the same bits as the program's φ′
  double reference_gain;         // √E[φ′²] under N(0,1): the unit gain's denominator; 0: not applicable
  int learned;                   // how many numbers of φ are learned: constants 0 … learned − 1 of all its programs
  const Program* by_learned;     // [learned]: ∂φ/∂(learned number), in the place of the derivative
};

// One weight layer and what follows it: a_out = φ(norm(a_in·W + b)) + skipped a.
struct Layer {
  int32_t fan_in, fan_out;
  int32_t activation;  // which of the network's; −1: none, the output layer
  Norm norm;
  int32_t skip;  // the output of the layer so many before is added to this one's; 0: nothing is
  int32_t recurrent;  // fan_out in a recurrent layer, whose own output of the step before is an input too; otherwise 0
  // Offsets in a row of parameters; −1: the layer has none. Batch norm takes the bias's place with its shift.
  int64_t weights;        // [fan_in + recurrent][fan_out]
  int64_t biases;         // [fan_out]
  int64_t scale, shift;   // [fan_out], of the norm
  int64_t learned;        // [activation.learned], numbers of φ that the optimiser moves, one set a layer
  int64_t mean, variance; // [fan_out], running averages of batch norm; behind all trained parameters
};

// Data only, no functions: what one instruction set compiles must not be linked into the path of another.
struct Network {
  int layers;  // weight layers, the output included
  int steps;   // of a recurrent net, whose hidden layers go along sequences and whose output sees the last step; 0: none
  const Layer* layer;
  const int32_t* units;  // [layers + 1]: of the input (of sequences: of all steps together) and of every layer
  int activations;
  const Activation* activation;
  Loss loss;
  int targets;         // columns of y: an output each for squares, otherwise 1
  bool batch_norm;     // any layer's
  int64_t parameters;  // trained ones, which come first in a row
  int64_t row;         // with the running averages
};

enum class Rule : int32_t { sgd, momentum, adam, adamw };

// How a gradient becomes a step; the arithmetic is PyTorch's.
struct Descent {
  Rule rule;
  double beta1, beta2, epsilon;  // momentum has beta1 only
  double weight_decay;           // adamw: decoupled; others: added to the gradient
  double clip;                   // greatest norm of the whole gradient; 0: no bound
  bool cosine;                   // the rate falls to 0 along half a cosine; otherwise it is constant
  int64_t warm_up;               // steps over which it rises first
};

// A data set as the kernels read it: rows of `quads` groups of four numbers, features first, then the targets; group q
// of row r starts at base[(q * n + r) * 4]. One vector load per group and net brings a row into the lanes.
template <class T> struct Rows {
  const T* base;
  int32_t n;
};

}  // namespace actlab
