// Numbers of an activation that are learned: PReLU's slope, swish's β. They stand in the row of parameters, one set a
// layer, and are operands of the programs; their gradient is Σ δ·∂φ/∂p over samples and units, in one ascending chain.
#pragma once
#include "arena.h"
#include "counts.h"
#include "interpret.h"
#include "matmul.h"

namespace actlab::ACTLAB_ISA {

template <class V> class Learned {
 public:
  static int64_t scratch(const Network& net, int64_t samples) {
    int64_t size = pointers(net);
    for (int k = 0; k < net.layers; k++) size += samples * net.layer[k].fan_out * learned_numbers(net, k);
    for (int p = 0; p < net.activations; p++)
      for (int q = 0; q < net.activation[p].learned; q++) size += Machine<V>::scratch(net.activation[p].by_learned[q]);
    return size;
  }

  Learned(const Network& net, int64_t samples, Arena<V>& arena) : net_(net), samples_(samples) {
    auto* memory = (char*)arena.take(pointers(net));
    slopes_ = (V**)memory;
    machines_ = (Machine<V>**)(memory + net.layers * (int64_t)sizeof(V*));
    auto* machine = (Machine<V>*)(machines_ + net.activations);
    for (int k = 0; k < net.layers; k++) slopes_[k] = arena.take(samples * net.layer[k].fan_out * learned_numbers(net, k));
    for (int p = 0; p < net.activations; p++) {
      machines_[p] = machine;
      for (int q = 0; q < net.activation[p].learned; q++) {
        const Program& program = net.activation[p].by_learned[q];
        *machine++ = Machine<V>(program, arena.take(Machine<V>::scratch(program)));
      }
    }
  }

  // Before φ of layer k runs: its numbers to `machine`; with `slope` ∂φ/∂p at the `size` values z, for the way back. Of
  // the room for values these begin at `at`.
  void prepare(int k, const Machine<V>& machine, const V* weights, V* z, int64_t size, bool slope, int64_t at = 0) const {
    const Layer& layer = net_.layer[k];
    const int learned = learned_numbers(net_, k);
    for (int q = 0; q < learned; q++) machine.set_constant(q, weights[layer.learned + q]);
    if (!slope) return;
    for (int p = 0; p < learned; p++) {
      const Machine<V>& by = machines_[layer.activation][p];
      for (int q = 0; q < learned; q++) by.set_constant(q, weights[layer.learned + q]);
      by.run(z, place(k, p) + at, size);
    }
  }

  // What `delta`, ∂L/∂φ of layer k at those values, adds to the gradients.
  void follow(int k, const V* delta, int64_t size, V* gradients, int64_t at = 0) const {
    for (int p = 0; p < learned_numbers(net_, k); p++) {
      const V* by = place(k, p) + at;
      V sum = gradients[net_.layer[k].learned + p];
      for (int64_t i = 0; i < size; i++) sum = fma(delta[i], by[i], sum);
      gradients[net_.layer[k].learned + p] = sum;
    }
  }

 private:
  V* place(int k, int p) const { return slopes_[k] + p * samples_ * net_.layer[k].fan_out; }
  static int64_t pointers(const Network& net) {
    int64_t bytes = net.layers * (int64_t)sizeof(V*) + net.activations * (int64_t)sizeof(void*);
    for (int p = 0; p < net.activations; p++) bytes += net.activation[p].learned * (int64_t)sizeof(Machine<V>);
    return (bytes + (int64_t)sizeof(V) - 1) / (int64_t)sizeof(V);
  }

  const Network& net_;
  int64_t samples_;
  V** slopes_;             // [layer]: ∂φ/∂p, [p][value]
  Machine<V>** machines_;  // [activation][p]
};

}  // namespace actlab::ACTLAB_ISA
