// From gradients to steps: SGD, momentum, Adam (Kingma, Ba 2015), AdamW (Loshchilov, Hutter 2019), with clipping, weight
// decay and a course of the learning rate. Lane by lane, element by element, in PyTorch's order of operations.
#pragma once
#include "../network.h"
#include "arena.h"
#include "matmul.h"
#include "vmath.h"

namespace actlab::ACTLAB_ISA {

template <class V> class Optimiser {
 public:
  using T = scalar_t<V>;

  static int64_t scratch(const Descent& descent, int64_t parameters) { return moments(descent) * parameters; }

  Optimiser(const Descent& descent, int64_t parameters, int64_t total_steps, Arena<V>& arena)
      : descent_(descent), parameters_(parameters), total_(total_steps), first_(arena.take(scratch(descent, parameters))),
        second_(first_ + parameters) {}

  // One step with `rate` (a lane each); the gradients are zero afterwards.
  void step(V* __restrict w, V* __restrict g, V rate) {
    const double course = factor();
    steps_++;
    const V step_rate = rate * set1<V>((T)course);
    if (descent_.clip > 0) clip(g);
    if (descent_.weight_decay > 0) decay(w, g, step_rate);
    switch (descent_.rule) {
      case Rule::sgd: return sgd(w, g, step_rate);
      case Rule::momentum: return momentum(w, g, step_rate);
      default: return adam(w, g, rate, course);
    }
  }

 private:
  static int64_t moments(const Descent& descent) {
    return descent.rule == Rule::sgd ? 0 : descent.rule == Rule::momentum ? 1 : 2;
  }

  // What the learning rate is multiplied by at this step: a linear rise, then 1 or half a cosine down to 0.
  double factor() const {
    if (steps_ < descent_.warm_up) return (double)(steps_ + 1) / (double)descent_.warm_up;
    if (!descent_.cosine) return 1;
    const double share = (double)(steps_ - descent_.warm_up) / (double)(total_ - descent_.warm_up);
    return 0.5 + 0.5 * vcos(set1<vd>(3.14159265358979323846 * share))[0];  // ours: the same bits on every machine
  }

  // The gradient's norm is taken of g / max|g|: the squares of a gradient that explodes must not overflow.
  void clip(V* g) const {
    V most{}, sum{};
    for (int64_t i = 0; i < parameters_; i++) most = vmax(most, vabs(g[i]));
    const V inverse = set1<V>(1) / at_least(most, limits<T>::smallest_normal);
    for (int64_t i = 0; i < parameters_; i++) {
      const V part = g[i] * inverse;
      sum = fma(part, part, sum);
    }
    // Not a number leaves the gradient as it is: that net is lost, and shall be seen to be.
    const V norm = most * vsqrt(sum), by = vmin(set1<V>((T)descent_.clip) / (norm + set1<V>((T)1e-6)), set1<V>(1));
    for (int64_t i = 0; i < parameters_; i++) g[i] *= by;
  }

  void decay(V* w, V* g, V step_rate) const {
    const V amount = set1<V>((T)descent_.weight_decay);
    if (descent_.rule == Rule::adamw) {
      const V keep = fnma(step_rate, amount, set1<V>(1));
      for (int64_t i = 0; i < parameters_; i++) w[i] *= keep;
    } else {
      for (int64_t i = 0; i < parameters_; i++) g[i] = fma(amount, w[i], g[i]);
    }
  }

  void sgd(V* __restrict w, V* __restrict g, V rate) const {
    for (int64_t i = 0; i < parameters_; i++) {
      w[i] = fnma(rate, g[i], w[i]);
      g[i] = V{};
    }
  }

  void momentum(V* __restrict w, V* __restrict g, V rate) {
    const V beta = set1<V>((T)descent_.beta1);
    for (int64_t i = 0; i < parameters_; i++) {
      first_[i] = fma(beta, first_[i], g[i]);
      w[i] = fnma(rate, first_[i], w[i]);
      g[i] = V{};
    }
  }

  void adam(V* __restrict w, V* __restrict g, V rate, double course) {
    power1_ *= descent_.beta1;
    power2_ *= descent_.beta2;
    const V beta1 = set1<V>((T)descent_.beta1), rest1 = set1<V>((T)(1 - descent_.beta1));
    const V beta2 = set1<V>((T)descent_.beta2), rest2 = set1<V>((T)(1 - descent_.beta2));
    const V epsilon = set1<V>((T)descent_.epsilon);
    const V size = rate * set1<V>((T)(course / (1 - power1_)));
    const V unbias = set1<V>((T)(1 / vsqrt(set1<vd>(1 - power2_))[0]));
    for (int64_t i = 0; i < parameters_; i++) {
      first_[i] = fma(beta1, first_[i], rest1 * g[i]);
      second_[i] = fma(beta2, second_[i], rest2 * g[i] * g[i]);
      w[i] = fnma(size, first_[i] / fma(vsqrt(second_[i]), unbias, epsilon), w[i]);
      g[i] = V{};
    }
  }

  const Descent& descent_;
  int64_t parameters_, total_, steps_ = 0;
  V *first_, *second_;  // running moments of the gradient
  double power1_ = 1, power2_ = 1;  // β^steps
};

}  // namespace actlab::ACTLAB_ISA
