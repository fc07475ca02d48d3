// From gradients to steps: SGD, momentum, Adam (Kingma, Ba 2015), AdamW (Loshchilov, Hutter 2019), with clipping, weight
// decay and a course of the learning rate. Lane by lane, element by element, in PyTorch's order of operations.
#pragma once
#include "../network.h"
#include "arena.h"
#include "path.h"

namespace actlab::ACTLAB_ISA {

// How one parameter moves, a class a rule: it says by how much. Of a gradient that stands in memory it leaves zero.
template <class V, template <class> class Rule> ACTLAB_INLINE V by_and_clear(const Rule<V>& rule, int64_t i) {
  const V d = rule.by(i, rule.g[i]);
  rule.g[i] = V{};
  return d;
}

template <class V> struct Sgd {
  V *__restrict w, *__restrict g;
  V rate;
  ACTLAB_INLINE_MEMBER V by(int64_t i, V slope) const {
    const V before = w[i], after = fnma(rate, slope, before);
    w[i] = after;
    return after - before;
  }
  ACTLAB_INLINE_MEMBER V operator()(int64_t i) const { return by_and_clear(*this, i); }
};

template <class V> struct Momentum {
  V *__restrict w, *__restrict g, *__restrict first;
  V rate, beta;
  ACTLAB_INLINE_MEMBER V by(int64_t i, V slope) const {
    const V before = w[i], speed = fma(beta, first[i], slope), after = fnma(rate, speed, before);
    first[i] = speed;
    w[i] = after;
    return after - before;
  }
  ACTLAB_INLINE_MEMBER V operator()(int64_t i) const { return by_and_clear(*this, i); }
};

template <class V> struct Adam {
  V *__restrict w, *__restrict g, *__restrict first, *__restrict second;
  V beta1, rest1, beta2, rest2, epsilon, size, unbias;
  V keep;  // of the weight, where decay is decoupled
  ACTLAB_INLINE_MEMBER V by(int64_t i, V slope) const {
    const V before = w[i], m = fma(beta1, first[i], rest1 * slope), v = fma(beta2, second[i], rest2 * slope * slope);
    const V after = fnma(size, m / fma(vsqrt(v), unbias, epsilon), before * keep);
    first[i] = m;
    second[i] = v;
    w[i] = after;
    return after - before;
  }
  ACTLAB_INLINE_MEMBER V operator()(int64_t i) const { return by_and_clear(*this, i); }
};

template <class V> class Optimiser {
 public:
  using T = scalar_t<V>;

  static int64_t scratch(const Descent& descent, int64_t parameters) { return moments(descent) * parameters; }

  Optimiser(const Descent& descent, int64_t parameters, int64_t total_steps, Arena<V>& arena)
      : descent_(descent), parameters_(parameters), total_(total_steps), first_(arena.take(scratch(descent, parameters))),
        second_(first_ + parameters) {
    memset((void*)first_, 0, sizeof(V) * (size_t)scratch(descent, parameters));
  }

  // Lane `to` goes on as `other`'s lane `from` would, which has made as many steps.
  void take(const Optimiser& other, int from, int to) {
    for (int64_t i = 0; i < scratch(descent_, parameters_); i++) first_[i][to] = other.first_[i][from];
  }

  // One step with `rate` (a lane each) of the parameters `w`, which lie as `net` says; the gradients are zero afterwards.
  // `path`, if any, is told how the weights move in lanes that are not `over`.
  void step(const Network& net, V* w, V* g, V rate, Path<V>* path, int_t<V> over) {
    begin(rate);
    if (clips()) {
      V most{};
      for (int64_t i = 0; i < parameters_; i++) most = vmax(most, vabs(g[i]));
      const V by = factor_of(most, [&](V inverse) { return squares(net, g, inverse); });
      for (int64_t i = 0; i < parameters_; i++) g[i] *= by;
    }
    decay(w, g, 0, parameters_);
    by_rule(w, g, [&](const auto& rule) {
      if (path) return path->follow(rule, over);
      for (int64_t i = 0; i < parameters_; i++) rule(i);
    });
  }

  // --- the same in parts, for parameters that lie otherwise: every element is on its own ---

  void begin(V rate) {
    const double course = factor();
    steps_++;
    rate_ = rate * set1<V>((T)course);
    if (descent_.rule != Rule::adam && descent_.rule != Rule::adamw) return;
    power1_ *= descent_.beta1;
    power2_ *= descent_.beta2;
    size_ = rate * set1<V>((T)(course / (1 - power1_)));
    unbias_ = set1<V>((T)(1 / vsqrt(set1<vd>(1 - power2_))[0]));
  }
  bool clips() const { return descent_.clip > 0; }
  // What gradients are multiplied by so that their norm is at most the bound. The norm is taken of g / most, most being
  // max|g|: the squares of a gradient that explodes must not overflow. sum(1 / most) is the sum of those squares.
  template <class Sum> V factor_of(V most, Sum sum) const {
    const V inverse = set1<V>(1) / at_least(most, limits<T>::smallest_normal);
    // Not a number leaves the gradient as it is: that net is lost, and shall be seen to be.
    const V norm = most * vsqrt(sum(inverse));
    return vmin(set1<V>((T)descent_.clip) / (norm + set1<V>((T)1e-6)), set1<V>(1));
  }
  // Decay that is added to the gradient: whether there is any, and that of `count` parameters from `from` on.
  bool decays() const { return descent_.weight_decay != 0 && descent_.rule != Rule::adamw; }
  void decay(V* w, V* g, int64_t from, int64_t count) const {
    if (!decays()) return;
    const V amount = set1<V>((T)descent_.weight_decay);
    for (int64_t i = from; i < from + count; i++) g[i] = fma(amount, w[i], g[i]);
  }
  // move(rule), where rule(i) moves parameter i, and rule.by(i, slope) by a gradient that stands nowhere.
  template <class Move> void by_rule(V* w, V* g, Move move) const {
    const V beta1 = set1<V>((T)descent_.beta1), beta2 = set1<V>((T)descent_.beta2);
    if (descent_.rule == Rule::sgd) return move(Sgd<V>{w, g, rate_});
    if (descent_.rule == Rule::momentum) return move(Momentum<V>{w, g, first_, rate_, beta1});
    const V one = set1<V>(1), keep = descent_.rule == Rule::adamw ? fnma(rate_, set1<V>((T)descent_.weight_decay), one) : one;
    move(Adam<V>{w, g, first_, second_, beta1, set1<V>((T)(1 - descent_.beta1)), beta2, set1<V>((T)(1 - descent_.beta2)),
                 set1<V>((T)descent_.epsilon), size_, unbias_, keep});
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

  // Σ (g · inverse)²: what goes into one unit (its weights by ascending input, then bias, scale and shift) is one chain,
  // so are the learned numbers of a layer's activation, which follow its units; and these sums, layer by layer, are
  // another. So it can be taken many units at a time.
  static V squares(const Network& net, const V* g, V inverse) {
    V sum{};
    for (int k = 0; k < net.layers; k++) {
      const Layer& layer = net.layer[k];
      for (int64_t u = 0; u < layer.fan_out; u++) {
        V of_unit{};
        auto add = [&](int64_t i) {
          const V part = g[i] * inverse;
          of_unit = fma(part, part, of_unit);
        };
        for (int64_t i = 0; i < inputs(layer); i++) add(layer.weights + i * layer.fan_out + u);
        const int64_t others[] = {layer.biases, layer.scale, layer.shift};
        for (int64_t first : others)
          if (first >= 0) add(first + u);
        sum += of_unit;
      }
      if (layer.learned < 0) continue;
      V of_numbers{};
      for (int q = 0; q < net.activation[layer.activation].learned; q++) {
        const V part = g[layer.learned + q] * inverse;
        of_numbers = fma(part, part, of_numbers);
      }
      sum += of_numbers;
    }
    return sum;
  }

  const Descent& descent_;
  int64_t parameters_, total_, steps_ = 0;
  V *first_, *second_;  // running moments of the gradient
  double power1_ = 1, power2_ = 1;  // β^steps
  V rate_{}, size_{}, unbias_{};    // of this step
};

}  // namespace actlab::ACTLAB_ISA
