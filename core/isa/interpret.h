// Runs a program over a run of vectors, a chunk at a time: the instruction is decoded once a chunk, and the chunk's
// registers stay in the first-level cache. Constants are vectors read again and again (stride 0).
#pragma once
#include "../program.h"
#include "vmath.h"
#include "vmath_training.h"

namespace actlab::ACTLAB_ISA {

#ifdef __clang__
#define ACTLAB_BY_FOUR _Pragma("clang loop unroll_count(4)")
#else
#define ACTLAB_BY_FOUR _Pragma("GCC unroll 4")
#endif

constexpr int chunk = 32;  // vectors a register holds

template <class V> struct Operand {
  const V* p;
  int stride;
};
// An operand that is the same for a whole chunk, or not.
template <class V> struct Fixed {
  V v;
  ACTLAB_INLINE_MEMBER V operator[](int) const { return v; }
};

struct Less {
  template <class V> static ACTLAB_INLINE_MEMBER int_t<V> of(V a, V b) { return a < b; }
};
struct LessOrEqual {
  template <class V> static ACTLAB_INLINE_MEMBER int_t<V> of(V a, V b) { return a <= b; }
};

// NaN where either operand is: the hardware's min and max give their second operand.
template <class V> ACTLAB_INLINE V max_nan(V a, V b) { return a != a ? a : vmax(a, b); }
template <class V> ACTLAB_INLINE V min_nan(V a, V b) { return a != a ? a : vmin(a, b); }
template <class V> ACTLAB_INLINE V truth(int_t<V> mask) { return mask ? set1<V>(1) : set1<V>(0); }
template <class V> ACTLAB_INLINE V sign_of(V a) { return a > set1<V>(0) ? set1<V>(1) : (a < set1<V>(0) ? set1<V>(-1) : a); }

// ReLU and its derivative.
template <class V> ACTLAB_INLINE void ramp(V x, V& a, V& d) {
  a = vmax(V{}, x);
  d = truth<V>(x > V{});
}

// K: how accurate the elementary functions are; see accuracy<K>.
template <class V, class K = scalar_t<V>> class Machine {
 public:
  using T = scalar_t<V>;
  // scratch: n_registers * chunk + n_constants vectors
  static int64_t scratch(const Program& p) { return (int64_t)p.n_registers * chunk + p.n_constants; }

  Machine(const Program& program, V* memory) : program_(program), registers_(memory), constants_(memory + (int64_t)program.n_registers * chunk) {
    for (int k = 0; k < program.n_constants; k++) constants_[k] = set1<V>((T)program.constants[k]);
  }

  // A number a lane in the place of constant k.
  void set_constant(int k, V value) const { constants_[k] = value; }

  // z becomes φ(z) in place; φ′(z) goes to derivative. A program without a derivative leaves it alone (may be null).
  void run(V* z, V* derivative, int64_t n) const {
    for (int64_t t = 0; t < n; t += chunk)
      step(z + t, derivative ? derivative + t : registers_ + 2 * chunk, n - t < chunk ? (int)(n - t) : chunk);
  }

 private:
  Operand<V> operand(uint16_t index, V* z, V* derivative) const {
    if (index >= first_constant) return {constants_ + (index - first_constant), 0};
    return {place(index, z, derivative), 1};
  }
  V* place(uint16_t index, V* z, V* derivative) const {
    return index < 2 ? z : index == 2 ? derivative : registers_ + (int64_t)index * chunk;
  }

  template <class F> ACTLAB_INLINE void unary(V* d, Operand<V> a, int n, F f) {
    if (a.stride == 0) {
      const V same = f(a.p[0]);
      ACTLAB_BY_FOUR for (int i = 0; i < n; i++) d[i] = same;
    } else {
      ACTLAB_BY_FOUR for (int i = 0; i < n; i++) d[i] = f(a.p[i]);
    }
  }
  // With a loop for each kind of operands: a constant stays in a register.
  template <class F> ACTLAB_INLINE void binary(V* d, Operand<V> a, Operand<V> b, int n, F f) {
    if (a.stride == 0) {
      const V x = a.p[0];
      ACTLAB_BY_FOUR for (int i = 0; i < n; i++) d[i] = f(x, b.p[i * b.stride]);
    } else if (b.stride == 0) {
      const V y = b.p[0];
      ACTLAB_BY_FOUR for (int i = 0; i < n; i++) d[i] = f(a.p[i], y);
    } else {
      ACTLAB_BY_FOUR for (int i = 0; i < n; i++) d[i] = f(a.p[i], b.p[i]);
    }
  }
  template <class F> ACTLAB_INLINE void ternary(V* d, Operand<V> a, Operand<V> b, Operand<V> c, int n, F f) {
    if (c.stride == 0) {
      const V w = c.p[0];
      binary(d, a, b, n, [&](V x, V y) { return f(x, y, w); });
    } else if (a.stride && b.stride) {
      ACTLAB_BY_FOUR for (int i = 0; i < n; i++) d[i] = f(a.p[i], b.p[i], c.p[i]);
    } else {
      ACTLAB_BY_FOUR for (int i = 0; i < n; i++) d[i] = f(a.p[i * a.stride], b.p[i * b.stride], c.p[i]);
    }
  }
  // With a loop for each kind of operands here, too.
  template <class Test> static void select(V* d, Operand<V> a, Operand<V> b, Operand<V> c, Operand<V> e, int n) {
    if (!a.stride && !b.stride) choose<Test>(d, Fixed<V>{a.p[0]}, Fixed<V>{b.p[0]}, c, e, n);
    else if (!a.stride) choose<Test>(d, Fixed<V>{a.p[0]}, b.p, c, e, n);
    else if (!b.stride) choose<Test>(d, a.p, Fixed<V>{b.p[0]}, c, e, n);
    else choose<Test>(d, a.p, b.p, c, e, n);
  }
  template <class Test, class A, class B> ACTLAB_INLINE void choose(V* d, A a, B b, Operand<V> c, Operand<V> e, int n) {
    if (c.stride && e.stride) choose_from<Test>(d, a, b, c.p, e.p, n);
    else if (c.stride) choose_from<Test>(d, a, b, c.p, Fixed<V>{e.p[0]}, n);
    else if (e.stride) choose_from<Test>(d, a, b, Fixed<V>{c.p[0]}, e.p, n);
    else choose_from<Test>(d, a, b, Fixed<V>{c.p[0]}, Fixed<V>{e.p[0]}, n);
  }
  template <class Test, class A, class B, class C, class E> ACTLAB_INLINE void choose_from(V* d, A a, B b, C c, E e, int n) {
    ACTLAB_BY_FOUR for (int i = 0; i < n; i++) {
      const V yes = c[i], no = e[i];
      d[i] = Test::template of<V>(a[i], b[i]) ? yes : no;
    }
  }
  template <class F> ACTLAB_INLINE void pair(V* d, V* e, Operand<V> a, int n, F f) {
    ACTLAB_BY_FOUR for (int i = 0; i < n; i++) {
      V first, second;
      f(a.p[i * a.stride], first, second);
      d[i] = first;
      e[i] = second;
    }
  }

  static void gate(V* d, V* e, Operand<V> a, Operand<V> b, Operand<V> c, int n) {
    ACTLAB_BY_FOUR for (int i = 0; i < n; i++) {
      const V x = a.p[i * a.stride], y = b.p[i * b.stride], slope = fma(x, c.p[i * c.stride], y);
      d[i] = x * y;
      e[i] = slope;
    }
  }

  // (a·f(b) + c)·e
  template <class F> ACTLAB_INLINE void scaled_sum(V* d, Operand<V> a, Operand<V> b, Operand<V> c, Operand<V> e, int n, F f) {
    if (!a.stride && b.stride && !c.stride && e.stride) {
      const V slope = a.p[0], start = c.p[0];
      ACTLAB_BY_FOUR for (int i = 0; i < n; i++) d[i] = fma(slope, f(b.p[i]), start) * e.p[i];
    } else {
      ACTLAB_BY_FOUR for (int i = 0; i < n; i++) d[i] = fma(a.p[i * a.stride], f(b.p[i * b.stride]), c.p[i * c.stride]) * e.p[i * e.stride];
    }
  }

  // Four sums at a time: a product waits for the sum before it.
  void horner(V* d, Operand<V> u, const V* constants, Operand<V> start, int links, int n) const {
    constexpr int width = 4;
    for (int i = 0; i < n; i += width) {
      V x[width], sum[width];
      ACTLAB_UNROLL for (int k = 0; k < width; k++) {
        const int at = i + k < n ? i + k : n - 1;
        x[k] = u.p[at];
        sum[k] = start.p[at * start.stride];
      }
      for (int j = 0; j < links; j++) ACTLAB_UNROLL for (int k = 0; k < width; k++) sum[k] = constants[j] + sum[k] * x[k];
      ACTLAB_UNROLL for (int k = 0; k < width; k++) if (i + k < n) d[i + k] = sum[k];
    }
  }

  template <class F, class G> ACTLAB_INLINE void several(V* d, Operand<V> a, int n, F f, G rest) {
    int i = 0;
    for (; a.stride && i + together <= n; i += together) {
      V x[together];
      ACTLAB_UNROLL for (int k = 0; k < together; k++) x[k] = a.p[i + k];
      f(x);
      ACTLAB_UNROLL for (int k = 0; k < together; k++) d[i + k] = x[k];
    }
    for (; i < n; i++) d[i] = rest(a.p[i * a.stride]);
  }

  // The same with two results: f(x, d, e) and rest(x, d, e).
  template <class F, class G> ACTLAB_INLINE void several_pairs(V* d, V* e, Operand<V> a, int n, F f, G rest) {
    int i = 0;
    for (; a.stride && i + together <= n; i += together) {
      V x[together], first[together], second[together];
      ACTLAB_UNROLL for (int k = 0; k < together; k++) x[k] = a.p[i + k];
      f(x, first, second);
      ACTLAB_UNROLL for (int k = 0; k < together; k++) {
        d[i + k] = first[k];
        e[i + k] = second[k];
      }
    }
    for (; i < n; i++) {
      V first, second;
      rest(a.p[i * a.stride], first, second);
      d[i] = first;
      e[i] = second;
    }
  }

  void step(V* z, V* derivative, int n) const {
    for (int k = 0; k < program_.length; k++) {
      const Instruction& q = program_.code[k];
      V* d = place(q.d, z, derivative);
      const Operand<V> a = operand(q.a, z, derivative), b = operand(q.b, z, derivative), c = operand(q.c, z, derivative);
#define ACTLAB_UNARY(name, expression) case Op::name: unary(d, a, n, [](V x) { return expression; }); break;
#define ACTLAB_BINARY(name, expression) case Op::name: binary(d, a, b, n, [](V x, V y) { return expression; }); break;
#define ACTLAB_TERNARY(name, expression) case Op::name: ternary(d, a, b, c, n, [](V x, V y, V w) { return expression; }); break;
#define ACTLAB_SEVERAL(name) case Op::name: \
        if constexpr (sizeof(T) == 4) several(d, a, n, [](V* x) { training_##name<V, together>(x); }, [](V x) { training_##name<V, 1>(&x); return x; }); \
        else unary(d, a, n, [](V x) { return v##name<V, K>(x); }); \
        break;
#define ACTLAB_SEVERAL_PAIR(name, function) case Op::name: \
        if constexpr (sizeof(T) == 4) several_pairs(d, place(q.e, z, derivative), a, n, [](V* x, V* f, V* g) { training_##name<V, together>(x, f, g); }, \
                                                    [](V x, V& f, V& g) { training_##name<V, 1>(&x, &f, &g); }); \
        else pair(d, place(q.e, z, derivative), a, n, [](V x, V& f, V& g) { function(x, f, g); }); \
        break;
#define ACTLAB_PAIR(name, function) case Op::name: pair(d, place(q.e, z, derivative), a, n, [](V x, V& f, V& g) { function(x, f, g); }); break;
#define ACTLAB_SELECT(name, test) case Op::name: select<test>(d, a, b, c, operand(q.e, z, derivative), n); break;
      switch ((Op)q.op) {
        ACTLAB_UNARY(copy, x) ACTLAB_UNARY(neg, -x) ACTLAB_UNARY(abs, vabs(x)) ACTLAB_UNARY(sign, sign_of(x))
        ACTLAB_UNARY(sqrt, vsqrt(x))
        ACTLAB_BINARY(add, x + y) ACTLAB_BINARY(sub, x - y) ACTLAB_BINARY(mul, x * y) ACTLAB_BINARY(div, x / y)
        ACTLAB_BINARY(min, min_nan(x, y)) ACTLAB_BINARY(max, max_nan(x, y))
        ACTLAB_BINARY(min_const, vmin(x, y)) ACTLAB_BINARY(max_const, vmax(x, y))
        ACTLAB_BINARY(lt, truth<V>(x < y)) ACTLAB_BINARY(le, truth<V>(x <= y))
        ACTLAB_BINARY(eq, truth<V>(x == y)) ACTLAB_BINARY(ne, truth<V>(x != y))
        ACTLAB_TERNARY(where, x != set1<V>(0) ? y : w)
        ACTLAB_SELECT(select_lt, Less) ACTLAB_SELECT(select_le, LessOrEqual)
        ACTLAB_TERNARY(fma, fma(x, y, w)) ACTLAB_TERNARY(fms, fma(x, y, -w)) ACTLAB_TERNARY(fnma, fnma(x, y, w))
        ACTLAB_UNARY(exp, (vexp<V, K>(x))) ACTLAB_UNARY(expm1, (vexpm1<V, K>(x))) ACTLAB_UNARY(log, vlog(x)) ACTLAB_UNARY(log1p, vlog1p(x))
        ACTLAB_SEVERAL(sigmoid) ACTLAB_SEVERAL(tanh) ACTLAB_UNARY(softplus, (vsoftplus<V, K>(x)))
        ACTLAB_UNARY(erf, (verf<V, K>(x))) ACTLAB_SEVERAL(normcdf) ACTLAB_SEVERAL(normpdf)
        ACTLAB_UNARY(sech2, (vsech2<V, K>(x))) ACTLAB_UNARY(atan, (vatan<V, K>(x))) ACTLAB_UNARY(sin, (vsin<V, K>(x))) ACTLAB_UNARY(cos, (vcos<V, K>(x)))
        ACTLAB_BINARY(pow, vpow(x, y))
        ACTLAB_PAIR(sigmoid_pair, (vsigmoid_pair<V, K>)) ACTLAB_PAIR(tanh_sech2, (vtanh_sech2<V, K>))
        ACTLAB_PAIR(softplus_sigmoid, (vsoftplus_sigmoid<V, K>)) ACTLAB_SEVERAL_PAIR(normcdf_normpdf, (vnormcdf_pdf<V, K>))
        ACTLAB_PAIR(exp_expm1, (vexp_expm1<V, K>)) ACTLAB_PAIR(sin_cos, (vsincos<V, K>)) ACTLAB_PAIR(ramp, ramp)
        ACTLAB_SEVERAL_PAIR(sigmoid_slope, (sigmoid_slope<V, K>)) ACTLAB_SEVERAL_PAIR(tanh_slope, (tanh_slope<V, K>))
        ACTLAB_SEVERAL(tanh_softplus) ACTLAB_SEVERAL_PAIR(tanh_softplus_pair, (vtanh_softplus_pair<V, K>))
        case Op::gate: gate(d, place(q.e, z, derivative), a, b, c, n); break;
        case Op::fma_mul: scaled_sum(d, a, b, c, operand(q.e, z, derivative), n, [](V x) { return x; }); break;
        case Op::square_fma_mul: scaled_sum(d, a, b, c, operand(q.e, z, derivative), n, [](V x) { return x * x; }); break;
        case Op::horner: horner(d, a, b.p, c, q.e, n); break;
      }
#undef ACTLAB_UNARY
#undef ACTLAB_BINARY
#undef ACTLAB_TERNARY
#undef ACTLAB_SEVERAL
#undef ACTLAB_SEVERAL_PAIR
#undef ACTLAB_PAIR
#undef ACTLAB_SELECT
    }
  }

  Program program_;
  V* registers_;
  V* constants_;
};

}  // namespace actlab::ACTLAB_ISA
