// The way that the weights of each layer go, step by step: what path efficiency and update ratio are made of
// (measure/path.py, measure/gradient.py). Biases and norms are no part of it, as they are none of the other norms.
#pragma once
#include "arena.h"
#include "counts.h"
#include "matmul.h"
#include "sums.h"
#include "vmath.h"

namespace actlab::ACTLAB_ISA {

// The squares are summed unit by unit, over its incoming weights and then over the units, both ascending, in the
// precision of the training; lengths add up in double. That order is a promise: another layout gives the same bits.
template <class V> class Path {
 public:
  using T = scalar_t<V>;
  static constexpr int width = simd<T>::lanes;

  // Where it is not to be `told`, it takes no memory, and must not be used.
  static int64_t scratch(const Network& net, bool told) {
    return told ? net.parameters + net.layers + 2 * sums(net) : 0;
  }

  Path(const Network& net, bool told, Arena<V>& arena) : net_(net) {
    if (!told) return;
    start_ = arena.take(net.parameters);
    step_ = arena.take(net.layers);
    length_ = (Sums<V>*)arena.take(sums(net));
    size_ = (Sums<V>*)arena.take(sums(net));
  }

  void start(const V* w) {
    if (!start_) return;
    memcpy((void*)start_, w, sizeof(V) * (size_t)net_.parameters);
    for (int k = 0; k < net_.layers; k++) {
      step_[k] = V{};
      length_[k] = size_[k] = Sums<V>();
    }
  }

  // Lane `to` goes on as `other`'s lane `from` would, which has made as many steps.
  void take(const Path& other, int from, int to) {
    if (!start_) return;
    for (int64_t p = 0; p < net_.parameters; p++) start_[p][to] = other.start_[p][from];
    for (int k = 0; k < net_.layers; k++) {
      step_[k][to] = other.step_[k][from];
      length_[k][to] = other.length_[k][from];
      size_[k][to] = other.size_[k][from];
    }
  }

  // Before the step that will be told.
  void weigh(const V* w, int_t<V> over) {
    for (int k = 0; k < net_.layers; k++) {
      const Doubles<V> size = vsqrt(sum_of_squares(w + first(k), last(k) - first(k)));
      for (int l = 0; l < width; l++)
        if (!over[l]) size_[k][l] = size[l];
    }
  }

  // Makes a step: rule(i) moves parameter i and says by how much. Lanes that are `over` (all ones) go no further.
  template <class Rule> void follow(const Rule& rule, int_t<V> over) {
    int64_t next = 0;
    for (int k = 0; k < net_.layers; k++) {
      for (; next < first(k); next++) rule(next);
      const int64_t out = net_.layer[k].fan_out;
      V moved{};
      int64_t u = 0;
      for (; u + 8 <= out; u += 8) units<8>(rule, next + u, last(k), out, moved);
      for (; u < out; u++) units<1>(rule, next + u, last(k), out, moved);
      next = last(k);
      const V length = vsqrt(moved);
      step_[k] = select(over, step_[k], length);
      length_[k] += widen(select(over, V{}, length));
    }
    for (; next < net_.parameters; next++) rule(next);
    steps_++;
  }

  // ‖Δw‖ / ‖w‖ of the last step; before the first there is none.
  double update_ratio(int k, int lane) const {
    const double step = step_[k][lane], size = size_[k][lane];
    return steps_ && step - step == 0 && size - size == 0 ? step / size : __builtin_nan("");
  }
  // ‖w − w_0‖ / Σ‖Δw‖ so far, of all lanes at once.
  void efficiency(const V* w, int k, double* result) const {
    Doubles<V> square;
    for (int64_t p = first(k); p < last(k); p++) {
      const Doubles<V> away = widen(w[p]) - widen(start_[p]);
      square += away * away;
    }
    const Doubles<V> straight = vsqrt(square), way = length_[k], share = straight / way;
    for (int l = 0; l < width; l++)
      result[l] = straight[l] - straight[l] == 0 && way[l] - way[l] == 0 ? share[l] : __builtin_nan("");
  }

 private:
  // Of layer k's weights.
  int64_t first(int k) const { return net_.layer[k].weights; }
  int64_t last(int k) const { return first(k) + inputs(net_.layer[k]) * net_.layer[k].fan_out; }
  static int64_t sums(const Network& net) { return net.layers * (int64_t)(sizeof(Sums<V>) / sizeof(V)); }

  // Moves the weights of `count` units, from the first one's first on, and adds their squares.
  template <int count, class Rule> static __attribute__((always_inline)) void units(const Rule& rule, int64_t from, int64_t end, int64_t stride, V& moved) {
    V square[count] = {};
    for (; from < end; from += stride)
      ACTLAB_UNROLL for (int u = 0; u < count; u++) {
        const V d = rule(from + u);
        square[u] = fma(d, d, square[u]);
      }
    for (int u = 0; u < count; u++) moved += square[u];
  }

  const Network& net_;
  V *start_ = nullptr, *step_ = nullptr;                // the first weights; ‖Δw‖ of the last step, a layer each
  Sums<V>*length_ = nullptr, *size_ = nullptr;          // Σ‖Δw‖, and ‖w‖ before the last step that is told
  int64_t steps_ = 0;
};

// Of one layer's weight gradients [fan_in][fan_out]: mean over the units with at least two signs of the share of the
// commoner one (measure/path.py); NaN where there is no such unit.
template <class V> void sign_agreement(const V* g, int64_t in, int64_t out, double* result) {
  const V one = set1<V>(1);
  const Doubles<V> two = everywhere<V>(2);
  Doubles<V> share, units;
  for (int64_t u = 0; u < out; u++) {
    V positive{}, negative{};
    for (int64_t i = 0; i < in; i++) {
      const V v = g[i * out + u];
      positive += select(v > V{}, one, V{});
      negative += select(v < V{}, one, V{});
    }
    const int_t<V> several = positive + negative >= set1<V>(2);
    units += widen(select(several, one, V{}));
    // Where there are not, 0 / 2 is added.
    share += widen(select(several, vmax(positive, negative), V{})) / vmax(widen(positive + negative), two);
  }
  const Doubles<V> mean = share / units;
  for (int l = 0; l < simd<scalar_t<V>>::lanes; l++) result[l] = mean[l];
}

}  // namespace actlab::ACTLAB_ISA
