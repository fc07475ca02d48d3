// Numbers of an activation that are learned: PReLU's slope, swish's β. They stand in the row of parameters, one set a
// layer, and are operands of the programs; their gradient is Σ δ·∂φ/∂p over samples and units, in one ascending chain.
#pragma once
#include "arena.h"
#include "counts.h"
#include "interpret.h"
#include "matmul.h"

namespace actlab::ACTLAB_ISA {

// Room for ∂φ/∂p of every layer at so many samples, and the programs that compute it. row(units): vectors that the values of
// one sample take.
template <class V> class LearnedSlopes {
 public:
  using Row = int64_t (*)(int64_t units);

  static int64_t scratch(const Network& net, int64_t samples, Row row) {
    int64_t size = pointers(net);
    for (int k = 0; k < net.layers; k++) size += samples * row(net.layer[k].fan_out) * learned_numbers(net, k);
    for (int p = 0; p < net.activations; p++)
      for (int q = 0; q < net.activation[p].learned; q++) size += Machine<V>::scratch(net.activation[p].by_learned[q]);
    return size;
  }

  // Without an arena it can do nothing.
  LearnedSlopes(const Network& net, int64_t samples, Row row, Arena<V>* arena) : net_(net), samples_(samples), row_(row) {
    if (!arena) return;
    auto* memory = (char*)arena->take(pointers(net));
    slopes_ = (V**)memory;
    machines_ = (Machine<V>**)(memory + net.layers * (int64_t)sizeof(V*));
    auto* machine = (Machine<V>*)(machines_ + net.activations);
    for (int k = 0; k < net.layers; k++) slopes_[k] = arena->take(samples * row(net.layer[k].fan_out) * learned_numbers(net, k));
    for (int p = 0; p < net.activations; p++) {
      machines_[p] = machine;
      for (int q = 0; q < net.activation[p].learned; q++) {
        const Program& program = net.activation[p].by_learned[q];
        *machine++ = Machine<V>(program, arena->take(Machine<V>::scratch(program)));
      }
    }
  }

  // By number p of layer k: the place of the slopes, and the program.
  V* of(int k, int p) const { return slopes_[k] + p * samples_ * row_(net_.layer[k].fan_out); }
  const Machine<V>& program(int k, int p) const { return machines_[net_.layer[k].activation][p]; }

 private:
  static int64_t pointers(const Network& net) {
    int64_t bytes = net.layers * (int64_t)sizeof(V*) + net.activations * (int64_t)sizeof(void*);
    for (int p = 0; p < net.activations; p++) bytes += net.activation[p].learned * (int64_t)sizeof(Machine<V>);
    return (bytes + (int64_t)sizeof(V) - 1) / (int64_t)sizeof(V);
  }

  const Network& net_;
  int64_t samples_;
  Row row_;
  V** slopes_ = nullptr;             // [layer]: [p][value]
  Machine<V>** machines_ = nullptr;  // [activation][p]
};

template <class V> class Learned {
 public:
  static int64_t scratch(const Network& net, int64_t samples) { return LearnedSlopes<V>::scratch(net, samples, row); }

  Learned(const Network& net, int64_t samples, Arena<V>& arena) : net_(net), slopes_(net, samples, row, &arena) {}

  // Before φ of layer k runs: its numbers to `machine`; with `slope` ∂φ/∂p at the `size` values z, for the way back. Of
  // the room for values these begin at `at`.
  void prepare(int k, const Machine<V>& machine, const V* weights, V* z, int64_t size, bool slope, int64_t at = 0) const {
    const Layer& layer = net_.layer[k];
    const int learned = learned_numbers(net_, k);
    for (int q = 0; q < learned; q++) machine.set_constant(q, weights[layer.learned + q]);
    if (!slope) return;
    for (int p = 0; p < learned; p++) {
      const Machine<V>& by = slopes_.program(k, p);
      for (int q = 0; q < learned; q++) by.set_constant(q, weights[layer.learned + q]);
      by.run(z, slopes_.of(k, p) + at, size);
    }
  }

  // What `delta`, ∂L/∂φ of layer k at those values, adds to the gradients.
  void follow(int k, const V* delta, int64_t size, V* gradients, int64_t at = 0) const {
    for (int p = 0; p < learned_numbers(net_, k); p++) {
      const V* by = slopes_.of(k, p) + at;
      V sum = gradients[net_.layer[k].learned + p];
      for (int64_t i = 0; i < size; i++) sum = fma(delta[i], by[i], sum);
      gradients[net_.layer[k].learned + p] = sum;
    }
  }

 private:
  static int64_t row(int64_t units) { return units; }

  const Network& net_;
  LearnedSlopes<V> slopes_;
};

}  // namespace actlab::ACTLAB_ISA
