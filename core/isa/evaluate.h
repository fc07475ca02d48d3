// Programs over arrays.
#pragma once
#include "lanes.h"
#include "twofold/machine.h"

namespace actlab::ACTLAB_ISA {

// A vector of In with as many lanes as V, at the border of a computation in V: read and widened exactly, rounded once
// on the way out.
template <class V, class In> struct Border {
  using Outer = V;  // In is V's own type: nothing is converted
  using Bits = int_t<V>;
  ACTLAB_INLINE V widen(Outer x) { return x; }
  ACTLAB_INLINE Outer narrow(V x) { return x; }
};
template <> struct Border<vd, float> {
  typedef float Outer __attribute__((vector_size(ACTLAB_VECTOR_BYTES / 2)));
  typedef int32_t Bits __attribute__((vector_size(ACTLAB_VECTOR_BYTES / 2)));
  ACTLAB_INLINE vd widen(Outer x) { return __builtin_convertvector(x, vd); }
  ACTLAB_INLINE Outer narrow(vd x) { return __builtin_convertvector(x, Outer); }
};

// The doubtful numbers of a chunk: found before the results are written, as those may take the place of x.
template <class In> class Doubts {
 public:
  using W = typename simd<In>::V;  // whole vectors of In, whatever the arithmetic is done in
  static constexpr int wide = simd<In>::lanes, most = chunk * wide;

  using Twofold = twofold::Machine<vd>;

  // `machine` may be null where there are no intervals.
  Doubts(const Careful<In>& careful, Twofold* machine) : careful_(careful), machine_(machine) {}

  // x: `count` numbers, at most `most`.
  void find(const In* x, int count) {
    found_ = 0;
    if (careful_.n_value + careful_.n_derivative == 0) return;
    int i = 0;
    for (; i + wide <= count; i += wide) look(load<W>(x + i), x + i, i, wide);
    if (i < count) {
      In rest[wide];
      for (int k = 0; k < wide; k++) rest[k] = x[i + (i + k < count ? k : 0)];
      look(load<W>(rest), rest, i, count - i);
    }
  }

  // Computes those again, and puts them where the fast results are: in twofold arithmetic, a few vectors at a time, and
  // with as many bits as it takes where that does not settle them.
  void settle(const Program& program, In* value, In* derivative) const {
    for (int first = 0; first < found_; first += Twofold::most) {
      const int count = found_ - first < Twofold::most ? found_ - first : Twofold::most;
      double x[Twofold::most];
      bool wanted[2][Twofold::most];
      int wants = 0;
      for (int k = 0; k < count; k++) {
        const In at = x_[first + k];
        x[k] = (double)at;
        wanted[0][k] = value && inside(at, careful_.value, careful_.n_value);
        wanted[1][k] = derivative && inside(at, careful_.derivative, careful_.n_derivative);
        wants |= (wanted[0][k] ? Twofold::wants_value : 0) | (wanted[1][k] ? Twofold::wants_derivative : 0);
      }
      if (!wants) continue;
      machine_->run(x, count, wants);
      for (int k = 0; k < count; k++) {
        const int place = place_[first + k];
        In *v = wanted[0][k] ? value + place : nullptr, *d = wanted[1][k] ? derivative + place : nullptr;
        if (v && machine_->settled(1, k, *v)) v = nullptr;
        if (d && machine_->settled(2, k, *d)) d = nullptr;
        if (v || d) careful_.compute(program, x_[first + k], v, d);
      }
    }
  }

 private:
  ACTLAB_INLINE int_t<W> within(W x, const In* intervals, int n, int_t<W> mask) {
    for (int k = 0; k < n; k++) mask |= int_t<W>(x >= intervals[2 * k]) & int_t<W>(x <= intervals[2 * k + 1]);
    return mask;
  }
  static bool inside(In x, const In* intervals, int n) {
    for (int k = 0; k < n; k++)
      if (intervals[2 * k] <= x && x <= intervals[2 * k + 1]) return true;
    return false;
  }

  ACTLAB_INLINE int_t<W> doubtful(const Careful<In>& careful, W x) {
    return within(x, careful.derivative, careful.n_derivative, within(x, careful.value, careful.n_value, int_t<W>{}));
  }

  void look(W vector, const In* x, int at, int count) {
    const int_t<W> mask = doubtful(careful_, vector);
    if (__builtin_expect(!any<W>(mask), 1)) return;
    for (int k = 0; k < count; k++) {
      if (!mask[k]) continue;
      x_[found_] = x[k];
      place_[found_++] = at + k;
    }
  }

  const Careful<In>& careful_;
  Twofold* machine_;
  In x_[most];
  int place_[most];
  int found_ = 0;
};

// In: numbers of type In, computed in V's type, rounded once on the way out. NaN in, NaN out (the same NaN).
// value and derivative may be null, and either may be x itself: a number is read before it is written. `ordinary` is the
// program in the form for chunks in which no x is infinite or NaN.
template <class V, class K, class In> class Evaluation {
 public:
  static constexpr int lanes = simd<scalar_t<V>>::lanes;

  Evaluation(const Program& program, const Machine<V, K>& machine, const Machine<V, K>& ordinary, const Careful<In>& careful,
             twofold::Machine<vd>* twofold, V* z, V* d, In* value, In* derivative)
      : program_(program), machine_(machine), ordinary_(ordinary), doubts_(careful, twofold), z_(z), d_(d), value_(value), derivative_(derivative) {}

  // Whole vectors always, unaligned: results depend neither on the length nor on where the arrays lie.
  void run(const In* x, int64_t n) {
    constexpr int64_t step = (int64_t)chunk * lanes;
    const int64_t whole = n - n % lanes;
    for (int64_t first = 0; first < whole; first += step) {
      const int count = (int)(whole - first < step ? whole - first : step);
      vectors(x + first, value_ ? value_ + first : nullptr, derivative_ ? derivative_ + first : nullptr, count, count);
    }
    if (whole < n) tail(x, whole, (int)(n - whole));
  }

 private:
  using B = Border<V, In>;
  using Outer = typename B::Outer;
  using Bits = typename B::Bits;
  static constexpr auto magnitude = (typename simd<In>::Bits)~simd<In>::sign;  // all bits but the sign

  // Of numbers whose bits without the sign are at most these, none is infinite or NaN.
  static bool ordinary(Bits most) {
    constexpr auto infinity = __builtin_bit_cast(typename simd<In>::Bits, limits<In>::infinity);
    bool all = true;
    for (int k = 0; k < lanes; k++) all &= (typename simd<In>::Bits)most[k] < infinity;
    return all;
  }

  ACTLAB_INLINE Outer read(const In* p) {
    Outer x;
    memcpy(&x, p, sizeof x);
    return x;
  }
  ACTLAB_INLINE void write(In* p, Outer result) { memcpy(p, &result, sizeof result); }
  ACTLAB_INLINE void write(In* p, Outer x, V y) {
    const Outer rounded = B::narrow(y);
    write(p, x != x ? x : rounded);
  }

  // count: a multiple of the lanes; `real` of them are looked after.
  void vectors(const In* x, In* value, In* derivative, int count, int real) {
    doubts_.find(x, real);
    const int n = count / lanes;
    Bits most{};
    for (int i = 0; i < n; i++) {
      const Outer at = read(x + i * lanes);
      const Bits size = (Bits)at & magnitude;
      most = size > most ? size : most;
      z_[i] = B::widen(at);
    }
    if (__builtin_expect(ordinary(most), 1)) {
      ordinary_.run(z_, d_, n);
      if (value) for (int i = 0; i < n; i++) write(value + i * lanes, B::narrow(z_[i]));
      if (derivative) for (int i = 0; i < n; i++) write(derivative + i * lanes, B::narrow(d_[i]));
      doubts_.settle(program_, value, derivative);
      return;
    }
    machine_.run(z_, d_, n);
    for (int i = 0; i < n; i++) {  // either may take the place of x
      const Outer at = read(x + i * lanes);
      if (value) write(value + i * lanes, at, z_[i]);
      if (derivative) write(derivative + i * lanes, at, d_[i]);
    }
    doubts_.settle(program_, value, derivative);
  }

  // The last numbers, fewer than a vector: in a buffer filled up with one of them.
  void tail(const In* from, int64_t first, int count) {
    In x[lanes], value[lanes], derivative[lanes];
    for (int i = 0; i < lanes; i++) x[i] = from[first + (i < count ? i : 0)];
    vectors(x, value_ ? value : nullptr, derivative_ ? derivative : nullptr, lanes, count);
    if (value_) memcpy(value_ + first, value, (size_t)count * sizeof(In));
    if (derivative_) memcpy(derivative_ + first, derivative, (size_t)count * sizeof(In));
  }

  const Program& program_;
  const Machine<V, K>&machine_, &ordinary_;
  Doubts<In> doubts_;
  V *z_, *d_;
  In *value_, *derivative_;
};

// K: the accuracy of elementary functions, see accuracy<K>.
template <class V, class K, class In>
bool evaluate(const Program& program, const Program& ordinary, const Careful<In>& careful, const In* x, In* value, In* derivative, int64_t n) {
  using M = Machine<V, K>;
  using Twofold = twofold::Machine<vd>;
  const bool doubtful = careful.n_value + careful.n_derivative > 0;
  Arena<V> arena(M::scratch(program) + M::scratch(ordinary) + 2 * chunk);
  Arena<vd> more(doubtful ? Twofold::scratch(program) : 1, false);
  if (!arena || !more) return false;
  V *z = arena.take(chunk), *d = arena.take(chunk);
  const M machine(program, arena.take(M::scratch(program))), soon(ordinary, arena.take(M::scratch(ordinary)));
  Twofold twofold(doubtful ? program : Program{}, more.take(0));
  Evaluation<V, K, In>(program, machine, soon, careful, &twofold, z, d, value, derivative).run(x, n);
  return true;
}

// The results of a program in twofold arithmetic before they are rounded: [n][2][3], of value and derivative the high part,
// the low one and the bound on the error of their sum.
inline bool twofold_balls(const Program& program, const double* x, double* balls, int64_t n) {
  using Twofold = twofold::Machine<vd>;
  Arena<vd> arena(Twofold::scratch(program), false);
  if (!arena) return false;
  Twofold machine(program, arena.take(0));
  for (int64_t first = 0; first < n; first += Twofold::most) {
    const int count = n - first < Twofold::most ? (int)(n - first) : Twofold::most;
    machine.run(x + first, count, Twofold::wants_value | Twofold::wants_derivative);
    for (int k = 0; k < count; k++)
      for (int r = 0; r < 2; r++) machine.show(1 + r, k, balls + ((first + k) * 2 + r) * 3);
  }
  return true;
}

}  // namespace actlab::ACTLAB_ISA
