// What a programmer would write for one function, against the program of its expression: value and derivative of a
// layer's tile of pre-activations, in place, as the trainer asks for them. Both use the vector math of the core.
#define ACTLAB_ISA bench
#include "../../core/isa/interpret.h"

#include <chrono>
#include <cstdlib>

using namespace actlab;
using namespace actlab::bench;

namespace {

constexpr int vectors = 64;  // 8 units, 8 samples
using Layer = vf[vectors];

// a = φ(z), d = φ′(z)
struct Tanh {
  ACTLAB_INLINE void value(vf* z) { training_tanh<vf, together>(z); }
  ACTLAB_INLINE vf slope(vf a) { return fnma(a, a, set1<vf>(1)); }
};
struct Sigmoid {
  ACTLAB_INLINE void value(vf* z) { training_sigmoid<vf, together>(z); }
  ACTLAB_INLINE vf slope(vf a) { return fnma(a, a, a); }
};
struct Relu {
  ACTLAB_INLINE void both(vf z, vf& a, vf& d) {
    a = vmax(z, vf{});
    d = z > vf{} ? set1<vf>(1) : vf{};
  }
};
// z σ(p z) with p = 2 sqrt(2 / π) (1 + 0.044715 z²), and its derivative σ + z (p + z p′) σ (1 − σ).
struct GeluTanh {
  ACTLAB_INLINE void gate(const vf* z, vf* s, vf* slope) {
    constexpr float one = 1.59576912f, three = one * 0.044715f;
    vf square[together];
    ACTLAB_UNROLL for (int k = 0; k < together; k++) square[k] = z[k] * z[k];
    ACTLAB_UNROLL for (int k = 0; k < together; k++) s[k] = z[k] * fma(square[k], set1<vf>(three), set1<vf>(one));
    training_sigmoid<vf, together>(s);
    ACTLAB_UNROLL for (int k = 0; k < together; k++) slope[k] = fma(square[k], set1<vf>(3 * three), set1<vf>(one)) * fnma(s[k], s[k], s[k]);
  }
};
// z times a function that comes with its derivative.
struct Gelu {
  ACTLAB_INLINE void gate(const vf* z, vf* P, vf* p) { training_normcdf_normpdf<vf, together>(z, P, p); }
};
struct Mish {  // tanh(softplus(z)) by one exponential
  ACTLAB_INLINE void gate(const vf* z, vf* t, vf* s) { training_tanh_softplus_pair<vf, together>(z, t, s); }
};

template <class F> struct ByHand {
  void operator()(vf* z, vf* d) const {
    for (int i = 0; i < vectors; i++) {
      vf a, slope;
      F::both(z[i], a, slope);
      z[i] = a;
      d[i] = slope;
    }
  }
};
// The same for functions that work on a few vectors together, and whose derivative follows from the value.
template <class F> struct ByHandTogether {
  void operator()(vf* z, vf* d) const {
    for (int i = 0; i < vectors; i += together) {
      F::value(z + i);
      ACTLAB_UNROLL for (int k = 0; k < together; k++) d[i + k] = F::slope(z[i + k]);
    }
  }
};
template <class F> struct ByHandGated {
  void operator()(vf* z, vf* d) const {
    for (int i = 0; i < vectors; i += together) {
      vf gate[together], slope[together];
      F::gate(z + i, gate, slope);
      ACTLAB_UNROLL for (int k = 0; k < together; k++) {
        d[i + k] = fma(z[i + k], slope[k], gate[k]);
        z[i + k] *= gate[k];
      }
    }
  }
};
struct ByProgram {
  const Machine<vf>& machine;
  void operator()(vf* z, vf* d) const { machine.run(z, d, vectors); }
};

// Nanoseconds a vector, the way there included: pre-activations are laid down anew each time.
template <class F> [[gnu::noinline]] double time_of(const F& f, int repeats) {
  static Layer start, z, d;
  for (int i = 0; i < vectors; i++)
    for (int l = 0; l < (int)(sizeof(vf) / 4); l++) start[i][l] = (float)((i * (int)(sizeof(vf) / 4) + l) * 37 % 101 - 50) * 0.05f;
  const auto begin = std::chrono::steady_clock::now();
  for (int r = 0; r < repeats; r++) {
    memcpy(z, start, sizeof z);
    f(z, d);
    asm volatile("" : : "r"(z), "r"(d) : "memory");
  }
  return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count() / repeats / vectors;
}

}  // namespace

extern "C" double by_hand(const char* name, int repeats) {
  if (!strcmp(name, "tanh")) return time_of(ByHandTogether<Tanh>(), repeats);
  if (!strcmp(name, "relu")) return time_of(ByHand<Relu>(), repeats);
  if (!strcmp(name, "sigmoid")) return time_of(ByHandTogether<Sigmoid>(), repeats);
  if (!strcmp(name, "gelu_tanh")) return time_of(ByHandGated<GeluTanh>(), repeats);
  if (!strcmp(name, "gelu")) return time_of(ByHandGated<Gelu>(), repeats);
  if (!strcmp(name, "mish")) return time_of(ByHandGated<Mish>(), repeats);
  return -1;
}

extern "C" double by_program(const uint16_t* code, int length, const double* constants, int n_constants, int n_registers, int repeats) {
  const Program program = {(const Instruction*)code, length, constants, n_constants, n_registers};
  auto* memory = (vf*)aligned_alloc(64, sizeof(vf) * (size_t)Machine<vf>::scratch(program));
  const double found = time_of(ByProgram{Machine<vf>(program, memory)}, repeats);
  free(memory);
  return found;
}
