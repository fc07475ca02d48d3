// Numbers of an activation that are learned, where lanes are the units of one net: ../learned.h, and its sums in the same
// order, which goes tile by tile, in a tile unit by unit, and then sample by sample.
#pragma once
#include "../learned.h"
#include "panels.h"

namespace actlab::ACTLAB_ISA {

template <class V> class UnitLearned {
 public:
  using T = scalar_t<V>;

  static int64_t scratch(const Network& net, int64_t samples) { return LearnedSlopes<V>::scratch(net, samples, vectors<V>); }

  // Without an arena it can do nothing.
  UnitLearned(const Network& net, int64_t samples, Arena<V>* arena) : net_(net), slopes_(net, samples, vectors<V>, arena) {}

  // Before φ of layer k runs: its numbers, which begin at `numbers`, to `machine`; with `slope` ∂φ/∂p at the `samples`
  // samples z, for the way back. Of the room for samples these begin at `at`.
  void prepare(int k, const Machine<V>& machine, const V* numbers, V* z, int64_t samples, bool slope, int64_t at = 0) const {
    const int learned = learned_numbers(net_, k);
    tell(machine, numbers, learned);
    if (!slope) return;
    for (int p = 0; p < learned; p++) {
      const Machine<V>& by = slopes_.program(k, p);
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
  V* place(int k, int p, int64_t at) const { return slopes_.of(k, p) + at * vectors<V>(net_.layer[k].fan_out); }

  const Network& net_;
  LearnedSlopes<V> slopes_;  // [p][sample][vector of units]
};

}  // namespace actlab::ACTLAB_ISA
