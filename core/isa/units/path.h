// The way that the weights of each layer of one net go, its units in the lanes: ../path.h, sum by sum in the same order.
#pragma once
#include "../descent.h"
#include "net.h"

namespace actlab::ACTLAB_ISA {

template <class V> class UnitPath {
 public:
  using T = scalar_t<V>;
  static constexpr int64_t width = simd<T>::lanes;

  // Where it is not to be `told`, it takes no memory and must not be used.
  static int64_t scratch(const Network& net, int64_t trained, bool told) { return told ? trained + 3 * doubles(net) + widest(net) : 0; }

  UnitPath(const Units<V>& units, bool told, Arena<V>& arena) : units_(units), net_(units.net) {
    if (!told) return;
    start_ = arena.take(units.trained);
    step_ = (double*)arena.take(doubles(net_));
    length_ = (double*)arena.take(doubles(net_));
    size_ = (double*)arena.take(doubles(net_));
    square_ = arena.take(widest(net_));
  }

  // From the weights there are now.
  void begin() {
    if (!start_) return;
    memcpy((void*)start_, units_.weights, sizeof(V) * (size_t)units_.trained);
    for (int k = 0; k < net_.layers; k++) step_[k] = length_[k] = size_[k] = 0;
  }
  const V* start() const { return start_; }

  // Before the step that will be told; `row` has room for the parameters.
  void weigh(T* row) {
    write_row<V>(net_, units_.places, units_.weights, row, false);
    for (int k = 0; k < net_.layers; k++) {
      const Layer& layer = net_.layer[k];
      double square = 0;
      for (int64_t i = 0; i < inputs(layer) * layer.fan_out; i++) {
        const double w = row[layer.weights + i];
        square += w * w;
      }
      size_[k] = __builtin_sqrt(square);
    }
  }

  // Moves the weights of layer k: rule.by(i, slope) moves vector i and says by how much.
  template <class Rule> void follow(int k, const WeightGradient<V>& gradient, const Rule& rule) {
    const int64_t out = net_.layer[k].fan_out, first = units_.places[k].weights;
    memset((void*)square_, 0, sizeof(V) * (size_t)vectors<V>(out));
    gradient.to([&](Panel panel, int64_t place, int64_t count, const V* g) {
      for (int64_t v = 0; v < panel.size; v++) {
        V square = square_[panel.from + v];
        for (int64_t i = v; i < count; i += panel.size) {
          const V d = rule.by(first + place + i, g[i]);
          square = fma(d, d, square);
        }
        square_[panel.from + v] = square;
      }
    });
    T moved = 0;
    for (int64_t u = 0; u < out; u++) moved += ((const T*)square_)[u];
    const T length = vsqrt(set1<V>(moved))[0];
    step_[k] = length;
    length_[k] += length;
    begun_ = true;
  }

  double update_ratio(int k) const {
    const double step = step_[k], size = size_[k];
    return begun_ && step - step == 0 && size - size == 0 ? step / size : __builtin_nan("");
  }
  // `away` is Σ (w − w_0)².
  double efficiency(int k, double away) const {
    const double straight = __builtin_sqrt(away), way = length_[k];
    return straight - straight == 0 && way - way == 0 ? straight / way : __builtin_nan("");
  }

 private:
  static int64_t doubles(const Network& net) { return vectors<V>(net.layers * (int64_t)(sizeof(double) / sizeof(T))); }
  static int64_t widest(const Network& net) {
    int64_t most = 0;
    for (int k = 0; k < net.layers; k++) most = vectors<V>(net.layer[k].fan_out) > most ? vectors<V>(net.layer[k].fan_out) : most;
    return most;
  }

  const Units<V>& units_;
  const Network& net_;
  V *start_ = nullptr, *square_ = nullptr;  // the first weights; of the layer at hand Σ(Δw)², a lane a unit
  double *step_ = nullptr, *length_ = nullptr, *size_ = nullptr;  // ‖Δw‖ of the last step, Σ‖Δw‖, ‖w‖ before the last step that is told
  bool begun_ = false;
};

}  // namespace actlab::ACTLAB_ISA
