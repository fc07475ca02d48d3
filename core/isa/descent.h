// From gradients to steps: SGD, momentum, Adam (Kingma, Ba 2015), AdamW (Loshchilov, Hutter 2019), with clipping, weight
// decay and a course of the learning rate. Lane by lane, element by element, in PyTorch's order of operations.
#pragma once
#include "../network.h"
#include "arena.h"
#include "path.h"

namespace actlab::ACTLAB_ISA {

// How one parameter moves, a class a rule: it says by how much, and leaves a gradient of zero.
template <class V> struct Sgd {
  V *__restrict w, *__restrict g;
  V rate;
  __attribute__((always_inline)) V operator()(int64_t i) const {
    const V before = w[i], after = fnma(rate, g[i], before);
    w[i] = after;
    g[i] = V{};
    return after - before;
  }
};

template <class V> struct Momentum {
  V *__restrict w, *__restrict g, *__restrict first;
  V rate, beta;
  __attribute__((always_inline)) V operator()(int64_t i) const {
    const V before = w[i], speed = fma(beta, first[i], g[i]), after = fnma(rate, speed, before);
    first[i] = speed;
    w[i] = after;
    g[i] = V{};
    return after - before;
  }
};

template <class V> struct Adam {
  V *__restrict w, *__restrict g, *__restrict first, *__restrict second;
  V beta1, rest1, beta2, rest2, epsilon, size, unbias;
  V keep;  // of the weight, where decay is decoupled
  __attribute__((always_inline)) V operator()(int64_t i) const {
    const V before = w[i], slope = g[i], m = fma(beta1, first[i], rest1 * slope), v = fma(beta2, second[i], rest2 * slope * slope);
    const V after = fnma(size, m / fma(vsqrt(v), unbias, epsilon), before * keep);
    first[i] = m;
    second[i] = v;
    w[i] = after;
    g[i] = V{};
    return after - before;
  }
};

template <class V> class Optimiser {
 public:
  using T = scalar_t<V>;

  static int64_t scratch(const Descent& descent, int64_t parameters) { return moments(descent) * parameters; }

  Optimiser(const Descent& descent, int64_t parameters, int64_t total_steps, Arena<V>& arena)
      : descent_(descent), parameters_(parameters), total_(total_steps), first_(arena.take(scratch(descent, parameters))),
        second_(first_ + parameters) {}

  // One step with `rate` (a lane each); the gradients are zero afterwards. `path`, if any, is told how the weights move in
  // lanes that are not `over`.
  void step(V* w, V* g, V rate, Path<V>* path, int_t<V> over) {
    const double course = factor();
    steps_++;
    const V step_rate = rate * set1<V>((T)course);
    if (descent_.clip > 0) clip(g);
    const V decay = set1<V>((T)descent_.weight_decay);
    if (descent_.weight_decay > 0 && descent_.rule != Rule::adamw)
      for (int64_t i = 0; i < parameters_; i++) g[i] = fma(decay, w[i], g[i]);
    switch (descent_.rule) {
      case Rule::sgd: return move(Sgd<V>{w, g, step_rate}, path, over);
      case Rule::momentum: return move(Momentum<V>{w, g, first_, step_rate, set1<V>((T)descent_.beta1)}, path, over);
      default: return move(adam(w, g, rate, course, fnma(step_rate, decay, set1<V>(1))), path, over);
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

  template <class Rule> void move(Rule rule, Path<V>* path, int_t<V> over) const {
    if (path) return path->follow(rule, over);
    for (int64_t i = 0; i < parameters_; i++) rule(i);
  }

  Adam<V> adam(V* w, V* g, V rate, double course, V keep) {
    power1_ *= descent_.beta1;
    power2_ *= descent_.beta2;
    return {w, g, first_, second_,
            set1<V>((T)descent_.beta1), set1<V>((T)(1 - descent_.beta1)), set1<V>((T)descent_.beta2), set1<V>((T)(1 - descent_.beta2)),
            set1<V>((T)descent_.epsilon), rate * set1<V>((T)(course / (1 - power1_))),
            set1<V>((T)(1 / vsqrt(set1<vd>(1 - power2_))[0])), descent_.rule == Rule::adamw ? keep : set1<V>(1)};
  }

  const Descent& descent_;
  int64_t parameters_, total_, steps_ = 0;
  V *first_, *second_;  // running moments of the gradient
  double power1_ = 1, power2_ = 1;  // β^steps
};

}  // namespace actlab::ACTLAB_ISA
