// Hidden layers that go along sequences where lanes are the units of one net: ../recurrent.h, and its sums in the same order.
//
// One tile of sequences at a time, as there: gradients are summed over tiles, then steps, then samples. x_t and h_{t−1} of a
// sample are one row of numbers, for W and U are one matrix.
#pragma once
#include "gradient.h"
#include "learned.h"

namespace actlab::ACTLAB_ISA {

template <class V> class UnitRecurrent {
 public:
  using T = scalar_t<V>;
  static constexpr int64_t width = simd<T>::lanes;

  static int64_t scratch(const Network& net) {
    if (!net.steps) return 0;
    const Most most(net);
    int64_t size = pointers(net) + tile * (2 * most.units + most.inputs) + most.transposed;
    for (int l = 0; l + 1 < net.layers; l++) size += tile * net.steps * (wide_in(net, l) + wide_out(net, l) + wide_below(net, l));
    return size;
  }

  // Without an arena it can do nothing.
  UnitRecurrent(const Network& net, Arena<V>* arena) : net_(net) {
    if (!net.steps || !arena) return;
    const Most most(net);
    inputs_ = (V**)arena->take(pointers(net));
    slopes_ = inputs_ + net.layers;
    from_above_ = slopes_ + net.layers;
    for (int l = 0; l + 1 < net.layers; l++) {
      inputs_[l] = arena->take(tile * net.steps * wide_in(net, l));
      slopes_[l] = arena->take(tile * net.steps * wide_out(net, l));
      from_above_[l] = arena->take(tile * net.steps * wide_below(net, l));
    }
    h_ = arena->take(tile * most.units);
    delta_ = arena->take(tile * most.units);
    back_ = arena->take(tile * most.inputs);
    transposed_ = arena->take(most.transposed);
  }

  // From x, of every sample [step][feature], `stride` numbers from sample to sample, to `last`: h of the last layer at the
  // last step.
  template <class Seen>
  void forward(const T* x, int64_t stride, const Places* places, const V* weights, const Machine<V>* machines, const UnitLearned<V>& learned, bool slope, V* last, Seen& seen) const {
    const int top = net_.layers - 2;
    for (int t = 0; t < net_.steps; t++)
      for (int l = 0; l <= top; l++) {
        const Layer& layer = net_.layer[l];
        const int64_t in = layer.fan_in, out = layer.fan_out, all = wide_out(net_, l), row = wide_in(net_, l);
        V *input = inputs_[l] + t * tile * row, *h = h_;
        for (int64_t s = 0; s < tile; s++) {
          T* numbers = (T*)(input + s * row);
          memcpy(numbers, l ? (const T*)(h + s * wide_out(net_, l - 1)) : x + s * stride + t * in, (size_t)in * sizeof(T));
          if (!t) memset(numbers + in, 0, (size_t)out * sizeof(T));
        }
        const V* b = weights + places[l].biases;
        times_panels<V>((const T*)input, row * width, tile, in_place(weights + places[l].weights, in + out), in + out, all, [&](int64_t v) { return b[v]; },
                        block_to(h, all), nothing_soon);
        seen.before(l, t, h);
        const Machine<V>& machine = machines[2 * layer.activation + slope];
        V* by = slopes_[l] + t * tile * all;
        learned.prepare(l, machine, weights + places[l].learned, h, tile, slope, t * tile);
        machine.run(h, slope ? by : nullptr, tile * all);
        if (slope) seen.after(l, h, by);
        if (t + 1 == net_.steps) continue;
        for (int64_t s = 0; s < tile; s++) memcpy((T*)(input + (tile + s) * row) + in, h + s * all, (size_t)out * sizeof(T));
      }
    memcpy((void*)last, h_, sizeof(V) * (size_t)(tile * wide_out(net_, top)));
  }

  // Back from `last`, ∂loss/∂h of the last layer at the last step: adds to `gradients` (`fresh`: those of weights are 0).
  template <class Seen>
  void backward(const V* last, const Places* places, const V* weights, const UnitLearned<V>& learned, V* gradients, bool fresh, Seen& seen) const {
    const int top = net_.layers - 2;
    for (int l = top; l >= 0; l--) {
      const Layer& layer = net_.layer[l];
      const int64_t in = layer.fan_in, out = layer.fan_out, all = wide_out(net_, l), row = wide_in(net_, l), below = wide_below(net_, l), size = tile * all;
      transpose_panels<V>(weights + places[l].weights, in + out, out, transposed_);
      if (l == top) memcpy((void*)delta_, last, sizeof(V) * (size_t)size);
      else memset((void*)delta_, 0, sizeof(V) * (size_t)size);
      for (int t = net_.steps - 1; t >= 0; t--) {
        if (l < top)
          for (int64_t i = 0; i < size; i++) delta_[i] += from_above_[l + 1][t * size + i];
        seen.back(l, t, delta_);
        learned.follow(l, delta_, tile, gradients + places[l].learned, t * tile);
        V *delta = slopes_[l] + t * size, *back = back_;
        for (int64_t i = 0; i < size; i++) delta[i] *= delta_[i];
        if (!l && !t) break;
        times_panels<V>((const T*)delta, all * width, tile, in_place(transposed_, out), out, row, [](int64_t) { return V{}; },
                        block_to(back, row), nothing_soon);
        for (int64_t s = 0; s < tile; s++) {
          const T* numbers = (const T*)(back + s * row);
          if (l) memcpy((void*)(from_above_[l] + (t * tile + s) * below), numbers, (size_t)in * sizeof(T));
          memcpy((void*)(delta_ + s * all), numbers + in, (size_t)out * sizeof(T));
        }
      }
      V* g = gradients + places[l].weights;
      gradient_product<V>((const T*)inputs_[l], row * width, in + out, slopes_[l], tile * net_.steps, all, g, fresh, block_of_gradient_to(g), nothing_soon);
      add_bias_gradient(slopes_[l], tile * net_.steps, all, gradients + places[l].biases);
    }
  }

 private:
  // Vectors of a sample: x_t with h_{t−1}, h_t, and of what a layer above the first reads of the one below.
  static int64_t wide_in(const Network& net, int l) { return vectors<V>(inputs(net.layer[l])); }
  static int64_t wide_out(const Network& net, int l) { return vectors<V>(net.layer[l].fan_out); }
  static int64_t wide_below(const Network& net, int l) { return l ? vectors<V>(net.layer[l].fan_in) : 0; }
  static int64_t pointers(const Network& net) {
    return (3 * net.layers * (int64_t)sizeof(V*) + (int64_t)sizeof(V) - 1) / (int64_t)sizeof(V);
  }
  struct Most {
    explicit Most(const Network& net) {
      for (int l = 0; l + 1 < net.layers; l++) {
        const int64_t in = wide_in(net, l), out = wide_out(net, l), back = net.layer[l].fan_out * in;
        inputs = in > inputs ? in : inputs;
        units = out > units ? out : units;
        transposed = back > transposed ? back : transposed;
      }
    }
    int64_t inputs = 0, units = 0, transposed = 0;
  };

  const Network& net_;
  V **inputs_ = nullptr;      // [layer]: x_t and h_{t−1}, [step][sample][vector of inputs]
  V **slopes_ = nullptr;      // [layer]: φ′, on the way back δ of z, [step][sample][vector of units]
  V **from_above_ = nullptr;  // [layer]: δ of the layer's inputs x_t, [step][sample][vector of inputs]
  V *h_ = nullptr, *delta_ = nullptr;  // of the step at hand: h_t; ∂loss/∂h
  V *back_ = nullptr, *transposed_ = nullptr;
};

}  // namespace actlab::ACTLAB_ISA
