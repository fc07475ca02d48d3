// Numbers of an activation that are learned, where lanes are the units of one net: ../learned.h, and its sums in the same
// order, which goes tile by tile, in a tile unit by unit, and then sample by sample.
#pragma once
#include "../learned.h"
#include "panels.h"

namespace actlab::ACTLAB_ISA {

template <class V> class UnitLearned {
 public:
  using T = scalar_t<V>;

  static int64_t scratch(const Network& net, int64_t samples) {
    int64_t size = pointers(net);
    for (int k = 0; k < net.layers; k++) size += room(net, k, samples) * learned_numbers(net, k);
    for (int p = 0; p < net.activations; p++)
      for (int q = 0; q < net.activation[p].learned; q++) size += Machine<V>::scratch(net.activation[p].by_learned[q]);
    return size;
  }

  // Without an arena it can do nothing.
  UnitLearned(const Network& net, int64_t samples, Arena<V>* arena) : net_(net), samples_(samples) {
    if (!arena) return;
    char* memory = (char*)arena->take(pointers(net));
    slopes_ = (V**)memory;
    machines_ = (Machine<V>**)(memory + net.layers * (int64_t)sizeof(V*));
    auto* machine = (Machine<V>*)(machines_ + net.activations);
    for (int k = 0; k < net.layers; k++) slopes_[k] = arena->take(room(net, k, samples) * learned_numbers(net, k));
    for (int p = 0; p < net.activations; p++) {
      machines_[p] = machine;
      for (int q = 0; q < net.activation[p].learned; q++) {
        const Program& program = net.activation[p].by_learned[q];
        *machine++ = Machine<V>(program, arena->take(Machine<V>::scratch(program)));
      }
    }
  }

  // Before φ of layer k runs: its numbers, which begin at `numbers`, to `machine`; with `slope` ∂φ/∂p at the `samples`
  // samples z, for the way back. Of the room for samples these begin at `at`.
  void prepare(int k, const Machine<V>& machine, const V* numbers, V* z, int64_t samples, bool slope, int64_t at = 0) const {
    const int learned = learned_numbers(net_, k);
    tell(machine, numbers, learned);
    if (!slope) return;
    for (int p = 0; p < learned; p++) {
      const Machine<V>& by = machines_[net_.layer[k].activation][p];
      tell(by, numbers, learned);
      by.run(z, place(k, p, at), samples * vectors<V>(net_.layer[k].fan_out));
    }
  }

  // What `delta`, ∂L/∂φ of layer k at those samples, adds to the gradients of its numbers.
  void follow(int k, const V* delta, int64_t samples, V* gradients, int64_t at = 0) const {
    const int64_t units = net_.layer[k].fan_out, row = vectors<V>(units) * simd<T>::lanes;
    for (int p = 0; p < learned_numbers(net_, k); p++) {
      T sum = gradients[p][0];
      for (int64_t s = 0; s < samples; s += tile)
        for (int64_t u = 0; u < units; u++) {
          const T *d = (const T*)delta + s * row + u, *by = (const T*)place(k, p, at) + s * row + u;
          ACTLAB_UNROLL for (int i = 0; i < tile; i++) sum = fma_one(d[i * row], by[i * row], sum);
        }
      gradients[p][0] = sum;
    }
  }

 private:
  static int64_t room(const Network& net, int k, int64_t samples) { return samples * vectors<V>(net.layer[k].fan_out); }
  // fma() of one number: of vectors whose other lanes nobody reads.
  static T fma_one(T a, T b, T c) {
#if ACTLAB_FUSED
    if constexpr (sizeof(T) == 4) return __builtin_fmaf(a, b, c);
    else return __builtin_fma(a, b, c);
#else
    return a * b + c;
#endif
  }
  static void tell(const Machine<V>& machine, const V* numbers, int learned) {
    for (int q = 0; q < learned; q++) machine.set_constant(q, set1<V>(numbers[q][0]));
  }
  V* place(int k, int p, int64_t at) const { return slopes_[k] + p * room(net_, k, samples_) + room(net_, k, at); }
  static int64_t pointers(const Network& net) {
    int64_t bytes = net.layers * (int64_t)sizeof(V*) + net.activations * (int64_t)sizeof(void*);
    for (int p = 0; p < net.activations; p++) bytes += net.activation[p].learned * (int64_t)sizeof(Machine<V>);
    return (bytes + (int64_t)sizeof(V) - 1) / (int64_t)sizeof(V);
  }

  const Network& net_;
  int64_t samples_;
  V** slopes_ = nullptr;             // [layer]: ∂φ/∂p, [p][sample][vector of units]
  Machine<V>** machines_ = nullptr;  // [activation][p]
};

}  // namespace actlab::ACTLAB_ISA
