// Runs a program at some vectors of x in twofold arithmetic, and tells which of its results are rounded beyond doubt.
//
// What is settled here is the real function of the program's instructions and constants, rounded once: the very bits of
// the careful path (wide/careful.h), some hundred times as soon. What is not is left to that path. So results cannot
// depend on the instruction set, although how many are settled may.
#pragma once
#include "../../program.h"
#include "ball.h"

namespace actlab::ACTLAB_ISA::twofold {

constexpr int operand_count[] = {
#define ACTLAB_OPERANDS(name, operands, destinations) operands,
    ACTLAB_OPS(ACTLAB_OPERANDS)
#undef ACTLAB_OPERANDS
};
constexpr int destination_count[] = {
#define ACTLAB_DESTINATIONS(name, operands, destinations) destinations,
    ACTLAB_OPS(ACTLAB_DESTINATIONS)
#undef ACTLAB_DESTINATIONS
};

template <class V> class Machine {
 public:
  using B = Ball<V>;
  static constexpr int lanes = simd<double>::lanes, together = 8, most = together * lanes;  // numbers a run
  static constexpr int wants_value = 1, wants_derivative = 2;

  // Vectors of memory. Any contents will do.
  static int64_t scratch(const Program& p) {
    return (int64_t)p.n_registers * together * 3 + ((int64_t)p.n_registers + p.length + (int64_t)sizeof(V) - 1) / (int64_t)sizeof(V);
  }
  Machine(const Program& program, V* memory)
      : program_(program), registers_((B*)memory), used_((unsigned char*)(memory + (int64_t)program.n_registers * together * 3)),
        live_(used_ + program.length) {
    for (int k = 0; k < program.length; k++) used_[k] = 0;
    mark(1, wants_value);
    mark(2, wants_derivative);
  }

  // `count` numbers, at least one and at most `most`; `wanted` says which registers are asked for.
  void run(const double* x, int count, int wanted) {
    const int n = (count + lanes - 1) / lanes;
    for (int i = 0; i < n; i++) {
      V at;
      for (int k = 0; k < lanes; k++) at[k] = x[i * lanes + k < count ? i * lanes + k : 0];
      registers_[together + i] = exactly(at);
      known_[i] = ~int_t<V>{};
    }
    for (int k = 0; k < program_.length; k++)
      if (used_[k] & wanted) step(program_.code[k], n);
  }

  // Number k of register 1 or 2, if it is certain: the truth, rounded to T.
  template <class T> bool settled(int index, int k, T& result) const {
    const B& ball = registers_[index * together + k / lanes];
    const int lane = k % lanes;
    if (!known_[k / lanes][lane]) return false;
    const double high = ball.value.high[lane], low = ball.value.low[lane];
    const double radius = 1.01 * ball.radius[lane] + 0x1p-51 * (low < 0 ? -low : low);
    double from = high + (low - radius), to = high + (low + radius);
    if constexpr (sizeof(T) == 4) {  // `from` and `to` are rounded once already: what is rounded again must not be half way
      from -= 0x1p-51 * (from < 0 ? -from : from);
      to += 0x1p-51 * (to < 0 ? -to : to);
      if (!(from > -0x1p127 && to < 0x1p127)) return false;
    }
    result = (T)from;
    return result == (T)to && result != 0;  // not where either is NaN
  }
  // Value, its low part and the bound.
  void show(int index, int k, double* three) const {
    const B& ball = registers_[index * together + k / lanes];
    three[0] = ball.value.high[k % lanes];
    three[1] = ball.value.low[k % lanes];
    three[2] = known_[k / lanes][k % lanes] ? ball.radius[k % lanes] : limits<double>::infinity;
  }

 private:
  static int place(uint16_t index) { return index < 1 ? 1 : index; }  // x and the value are one

  // Marks what register `result` depends on.
  void mark(int result, int wanted) {
    for (int r = 0; r < program_.n_registers; r++) live_[r] = r == result;
    for (int k = program_.length - 1; k >= 0; k--) {
      const Instruction& q = program_.code[k];
      const int d = place(q.d), e = destination_count[q.op] == 2 ? place(q.e) : d;
      if (!live_[d] && !live_[e]) continue;
      used_[k] |= (unsigned char)wanted;
      live_[d] = live_[e] = 0;
      const uint16_t operands[] = {q.a, q.b, q.c, q.e};
      for (int j = 0; j < operand_count[q.op]; j++)
        if (operands[j] < first_constant) live_[place(operands[j])] = 1;
    }
  }

  B operand(uint16_t index, int i) const {
    return index >= first_constant ? exactly(set1<V>(program_.constants[index - first_constant])) : registers_[place(index) * together + i];
  }
  static B truth(int_t<V> mask) { return exactly(mask ? set1<V>(1) : V{}); }
  Order<V> ordered(B a, B b, int i) {
    const Order<V> order = compare(a, b);
    known_[i] &= order.known;
    return order;
  }
  bool whole_exponent(uint16_t index, int& n) const {
    if (index < first_constant) return false;
    const double b = program_.constants[index - first_constant];
    n = b >= -64 && b <= 64 ? (int)b : 0;
    return n == b;
  }

  void step(const Instruction& q, int n) {
#define ACTLAB_EACH(name, ...) \
  case Op::name: \
    for (int i = 0; i < n; i++) { \
      const B a = operand(q.a, i); \
      B &d = registers_[place(q.d) * together + i]; \
      __VA_ARGS__; \
    } \
    break;
#define ACTLAB_UNARY(name, f) ACTLAB_EACH(name, d = f)
#define ACTLAB_BINARY(name, f) ACTLAB_EACH(name, const B b = operand(q.b, i); d = f)
#define ACTLAB_BOTH(name, f) ACTLAB_EACH(name, B first; B second; f(a, first, second); d = first; registers_[place(q.e) * together + i] = second)
#define ACTLAB_FIRST(name, f) ACTLAB_EACH(name, B first; B second; f(a, first, second); d = first)
#define ACTLAB_SECOND(name, f) ACTLAB_EACH(name, B first; B second; f(a, first, second); d = second)
    switch ((Op)q.op) {
      ACTLAB_UNARY(copy, a) ACTLAB_UNARY(neg, -a) ACTLAB_UNARY(abs, magnitude(a)) ACTLAB_UNARY(sqrt, sqrt(a))
      ACTLAB_EACH(sign, const Order<V> o = ordered(a, exactly(V{}), i); d = exactly(o.equal ? V{} : o.less ? set1<V>(-1) : set1<V>(1)))
      ACTLAB_BINARY(add, add(a, b)) ACTLAB_BINARY(sub, add(a, -b)) ACTLAB_BINARY(mul, mul(a, b)) ACTLAB_BINARY(div, div(a, b))
      ACTLAB_BINARY(min, (extreme<false, V>(a, b))) ACTLAB_BINARY(min_const, (extreme<false, V>(a, b)))
      ACTLAB_BINARY(max, (extreme<true, V>(a, b))) ACTLAB_BINARY(max_const, (extreme<true, V>(a, b)))
      ACTLAB_BINARY(lt, truth(ordered(a, b, i).less)) ACTLAB_BINARY(eq, truth(ordered(a, b, i).equal))
      ACTLAB_BINARY(ne, truth(~ordered(a, b, i).equal))
      ACTLAB_EACH(le, const Order<V> o = ordered(a, operand(q.b, i), i); d = truth(o.less | o.equal))
      ACTLAB_EACH(where, d = choose<V>(ordered(a, exactly(V{}), i).equal, operand(q.c, i), operand(q.b, i)))
      ACTLAB_EACH(select_lt, d = choose<V>(ordered(a, operand(q.b, i), i).less, operand(q.c, i), operand(q.e, i)))
      ACTLAB_EACH(select_le, const Order<V> o = ordered(a, operand(q.b, i), i); d = choose<V>(o.less | o.equal, operand(q.c, i), operand(q.e, i)))
      ACTLAB_BINARY(fma, add(mul(a, b), operand(q.c, i))) ACTLAB_BINARY(fms, add(mul(a, b), -operand(q.c, i)))
      ACTLAB_BINARY(fnma, add(mul(-a, b), operand(q.c, i)))
      ACTLAB_FIRST(exp, exp_expm1) ACTLAB_SECOND(expm1, exp_expm1) ACTLAB_BOTH(exp_expm1, exp_expm1)
      ACTLAB_UNARY(log, log(a)) ACTLAB_UNARY(log1p, log1p(a))
      ACTLAB_FIRST(sigmoid, sigmoid_pair) ACTLAB_BOTH(sigmoid_pair, sigmoid_pair)
      ACTLAB_FIRST(tanh, tanh_sech2) ACTLAB_SECOND(sech2, tanh_sech2) ACTLAB_BOTH(tanh_sech2, tanh_sech2) ACTLAB_BOTH(tanh_slope, tanh_sech2)
      ACTLAB_EACH(sigmoid_slope, B s; B rest; sigmoid_pair(a, s, rest); d = s; registers_[place(q.e) * together + i] = mul(s, rest))
      ACTLAB_FIRST(softplus, softplus_sigmoid) ACTLAB_BOTH(softplus_sigmoid, softplus_sigmoid)
      ACTLAB_UNARY(erf, erf(a)) ACTLAB_UNARY(atan, atan(a))
      ACTLAB_FIRST(normcdf, normcdf_normpdf) ACTLAB_SECOND(normpdf, normcdf_normpdf) ACTLAB_BOTH(normcdf_normpdf, normcdf_normpdf)
      ACTLAB_FIRST(sin, sin_cos) ACTLAB_SECOND(cos, sin_cos) ACTLAB_BOTH(sin_cos, sin_cos)
      ACTLAB_EACH(ramp, const B zero = exactly(V{}); const Order<V> o = ordered(zero, a, i);
                  d = choose<V>(o.less, a, zero); registers_[place(q.e) * together + i] = truth(o.less))
      ACTLAB_FIRST(tanh_softplus, tanh_softplus) ACTLAB_BOTH(tanh_softplus_pair, tanh_softplus)
      ACTLAB_EACH(gate, const B b = operand(q.b, i); const B slope = add(mul(a, operand(q.c, i)), b); d = mul(a, b);
                  registers_[place(q.e) * together + i] = slope)
      ACTLAB_EACH(fma_mul, d = mul(add(mul(a, operand(q.b, i)), operand(q.c, i)), operand(q.e, i)))
      ACTLAB_EACH(square_fma_mul, const B b = operand(q.b, i); d = mul(add(mul(a, mul(b, b)), operand(q.c, i)), operand(q.e, i)))
      case Op::pow: power_of(q, n); break;
      case Op::horner: break;  // only `ordinary` makes it
    }
#undef ACTLAB_EACH
#undef ACTLAB_UNARY
#undef ACTLAB_BINARY
#undef ACTLAB_BOTH
#undef ACTLAB_FIRST
#undef ACTLAB_SECOND
  }

  void power_of(const Instruction& q, int n) {
    int exponent = 0;
    const bool whole = whole_exponent(q.b, exponent);
    for (int i = 0; i < n; i++) {
      const B a = operand(q.a, i), r = whole ? power(a, exponent) : power(a, operand(q.b, i));
      registers_[place(q.d) * together + i] = r;
    }
  }

  Program program_;
  B* registers_;
  unsigned char *used_, *live_;
  int_t<V> known_[together];
};

}  // namespace actlab
