// Hidden layers that go along sequences (Elman 1990): h_t = φ(W·x_t + U·h_{t−1} + b), h_0 = 0, one tile of sequences at
// a time, and back through all of time.
//
// W and U are one matrix, U's rows below W's, and so are x_t and h_{t−1}: a step is one product, and the gradient of all
// steps is one, in which time takes the place of tiles. Every sum is one ascending chain: over inputs and then the units of
// the step before; gradients over tiles, then steps, then samples.
#pragma once
#include "arena.h"
#include "learned.h"
#include "matmul.h"

namespace actlab::ACTLAB_ISA {

// What is told of every layer and step on the way; here nothing is made of it.
template <class V> struct Unseen {
  void before(int, int, const V*) const {}     // z of a layer at a step, [unit][tile]
  void after(int, const V*, const V*) const {}  // h and φ′
  void back(int, int, const V*) const {}        // ∂loss/∂h of a layer at a step
};

template <class V> class Recurrent {
 public:
  static int64_t scratch(const Network& net) {
    if (!net.steps) return 0;
    int64_t size = pointers(net), widest = 0;
    for (int l = 0; l + 1 < net.layers; l++) {
      const int64_t in = net.layer[l].fan_in, out = net.layer[l].fan_out;
      size += tile * ((net.steps + 1) * (in + out) + net.steps * out + (l ? net.steps * in : 0));
      widest = out > widest ? out : widest;
    }
    return size + tile * widest;
  }

  Recurrent(const Network& net, Arena<V>& arena) : net_(net) {
    if (!net.steps) return;
    inputs_ = (V**)arena.take(pointers(net));
    slopes_ = inputs_ + net.layers;
    from_above_ = slopes_ + net.layers;
    int64_t widest = 0;
    for (int l = 0; l + 1 < net.layers; l++) {
      const int64_t in = net.layer[l].fan_in, out = net.layer[l].fan_out;
      inputs_[l] = arena.take(tile * (net.steps + 1) * (in + out));
      slopes_[l] = arena.take(tile * net.steps * out);
      from_above_[l] = arena.take(l ? tile * net.steps * in : 0);
      widest = out > widest ? out : widest;
    }
    delta_ = arena.take(tile * widest);
  }

  // From x, [step][feature][tile], to `last`: h of the last layer at the last step.
  template <class Seen>
  void forward(const V* x, const V* weights, const Machine<V>* machines, const Learned<V>& learned, bool slope, V* last, Seen& seen) const {
    const int top = net_.layers - 2;
    for (int t = 0; t < net_.steps; t++)
      for (int l = 0; l <= top; l++) {
        const Layer& layer = net_.layer[l];
        const int64_t in = layer.fan_in, out = layer.fan_out, size = out * tile;
        const V* below = l ? state(l - 1, t + 1) : x + t * in * tile;
        V *input = inputs_[l] + t * (in + out) * tile, *h = state(l, t + 1);
        for (int64_t i = 0; i < in * tile; i++) input[i] = below[i];
        const V* b = weights + layer.biases;
        product<V>(input, 0, 1, weights + layer.weights, out, in + out, out, 1, [&](int64_t u) { return b[u]; },
                   [&](int, int64_t u, int s, V c) { h[u * tile + s] = c; });
        seen.before(l, t, h);
        const Machine<V>& machine = machines[2 * layer.activation + slope];
        learned.prepare(l, machine, weights, h, size, slope, t * size);
        machine.run(h, slope ? slopes_[l] + t * size : nullptr, size);
        if (slope) seen.after(l, h, slopes_[l] + t * size);
      }
    const V* h = state(top, net_.steps);
    for (int64_t i = 0; i < (int64_t)net_.layer[top].fan_out * tile; i++) last[i] = h[i];
  }

  // Back from `last`, ∂loss/∂h of the last layer at the last step: adds to `gradients`.
  template <class Seen> void backward(const V* last, const V* weights, const Learned<V>& learned, V* gradients, Seen& seen) const {
    const int top = net_.layers - 2;
    for (int l = top; l >= 0; l--) {
      const Layer& layer = net_.layer[l];
      const int64_t in = layer.fan_in, out = layer.fan_out, size = out * tile, first = l ? 0 : in;
      const V* w = weights + layer.weights + first * out;
      for (int64_t i = 0; i < size; i++) delta_[i] = l == top ? last[i] : V{};
      for (int t = net_.steps - 1; t >= 0; t--) {
        if (l < top)
          for (int64_t i = 0; i < size; i++) delta_[i] += from_above_[l + 1][t * size + i];
        seen.back(l, t, delta_);
        learned.follow(l, delta_, size, gradients, t * size);
        V *delta = slopes_[l] + t * size, *down = from_above_[l] + t * in * tile;
        for (int64_t i = 0; i < size; i++) delta[i] *= delta_[i];
        product<V>(delta, 0, 1, w, in + out - first, out, 1, out, [](int64_t) { return V{}; }, [&](int, int64_t u, int s, V c) {
          if (u + first < in) down[u * tile + s] = c;
          else delta_[(u + first - in) * tile + s] = c;
        });
      }
      weight_gradient<V>({inputs_[l], slopes_[l], (in + out) * tile, size, net_.steps}, gradients + layer.weights, gradients + layer.biases,
                         in + out, out);
    }
  }

 private:
  // h of layer l after t steps: it lies among the inputs of the next one.
  V* state(int l, int t) const {
    const int64_t in = net_.layer[l].fan_in, out = net_.layer[l].fan_out;
    return inputs_[l] + (t * (in + out) + in) * tile;
  }
  static int64_t pointers(const Network& net) {
    return (3 * net.layers * (int64_t)sizeof(V*) + (int64_t)sizeof(V) - 1) / (int64_t)sizeof(V);
  }

  const Network& net_;
  V **inputs_ = nullptr;      // [layer]: x_t and h_{t−1}, [step][input][tile]; one step more for the last h
  V **slopes_ = nullptr;      // [layer]: φ′, on the way back δ of z, [step][unit][tile]
  V **from_above_ = nullptr;  // [layer]: δ of the layer's inputs x_t, [step][input][tile]
  V* delta_ = nullptr;        // ∂loss/∂h of the step at hand
};

}  // namespace actlab::ACTLAB_ISA
