// Programs over arrays.
#pragma once
#include "lanes.h"

namespace actlab::ACTLAB_ISA {

// A vector of In with as many lanes as V, at the border of a computation in V: read and widened exactly, rounded once
// on the way out.
template <class V, class In> struct Border {
  using Outer = V;  // In is V's own type: nothing is converted
  ACTLAB_INLINE V widen(Outer x) { return x; }
  ACTLAB_INLINE Outer narrow(V x) { return x; }
};
template <> struct Border<vd, float> {
  typedef float Outer __attribute__((vector_size(ACTLAB_VECTOR_BYTES / 2)));
  ACTLAB_INLINE vd widen(Outer x) { return __builtin_convertvector(x, vd); }
  ACTLAB_INLINE Outer narrow(vd x) { return __builtin_convertvector(x, Outer); }
};

// In: numbers of type In, computed in V's type, rounded once on the way out. NaN in, NaN out (the same NaN).
// value and derivative may be null, and either may be x itself: a vector is read before it is written.
template <class V, class In> class Evaluation {
 public:
  static constexpr int lanes = simd<scalar_t<V>>::lanes;

  Evaluation(const Machine<V>& machine, V* z, V* d, const In* x, In* value, In* derivative)
      : machine_(machine), z_(z), d_(d), x_(x), value_(value), derivative_(derivative) {}

  // Whole vectors always, unaligned: results depend neither on the length nor on where the arrays lie.
  void run(int64_t n) {
    constexpr int64_t step = (int64_t)chunk * lanes;
    int64_t first = 0;
    for (; n - first >= lanes; first += step) vectors(first, n - first < step ? (int)((n - first) / lanes) : chunk);
    first = n - n % lanes;
    if (first < n) tail(first, (int)(n - first));
  }

 private:
  using B = Border<V, In>;
  using Outer = typename B::Outer;

  ACTLAB_INLINE Outer read(const In* p) {
    Outer x;
    memcpy(&x, p, sizeof x);
    return x;
  }
  ACTLAB_INLINE void write(In* p, Outer x, V y) {
    const Outer rounded = B::narrow(y), result = x != x ? x : rounded;
    memcpy(p, &result, sizeof result);
  }

  void vectors(int64_t first, int count) {
    for (int i = 0; i < count; i++) z_[i] = B::widen(read(x_ + first + (int64_t)i * lanes));
    machine_.run(z_, d_, count);
    if (value_ && derivative_) {
      for (int i = 0; i < count; i++) {
        const int64_t at = first + (int64_t)i * lanes;
        const Outer x = read(x_ + at);
        write(value_ + at, x, z_[i]);
        write(derivative_ + at, x, d_[i]);
      }
    } else if (value_ || derivative_) {
      In* out = value_ ? value_ : derivative_;
      const V* y = value_ ? z_ : d_;
      for (int i = 0; i < count; i++) {
        const int64_t at = first + (int64_t)i * lanes;
        write(out + at, read(x_ + at), y[i]);
      }
    }
  }

  // The last numbers, fewer than a vector: in a buffer filled up with one of them.
  void tail(int64_t first, int count) {
    In x[lanes], value[lanes], derivative[lanes];
    for (int i = 0; i < lanes; i++) x[i] = x_[first + (i < count ? i : 0)];
    Evaluation(machine_, z_, d_, x, value_ ? value : nullptr, derivative_ ? derivative : nullptr).vectors(0, 1);
    if (value_) memcpy(value_ + first, value, (size_t)count * sizeof(In));
    if (derivative_) memcpy(derivative_ + first, derivative, (size_t)count * sizeof(In));
  }

  const Machine<V>& machine_;
  V *z_, *d_;
  const In* x_;
  In *value_, *derivative_;
};

template <class V, class In> bool evaluate(const Program& program, const In* x, In* value, In* derivative, int64_t n) {
  Arena<V> arena(Machine<V>::scratch(program) + 2 * chunk);
  if (!arena) return false;
  V *z = arena.take(chunk), *d = arena.take(chunk);
  const Machine<V> machine(program, arena.take(Machine<V>::scratch(program)));
  Evaluation<V, In>(machine, z, d, x, value, derivative).run(n);
  return true;
}

}  // namespace actlab::ACTLAB_ISA
