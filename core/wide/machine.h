// Runs a program at one x with balls of 64 N bits.
#pragma once
#include "../program.h"
#include "power.h"

namespace actlab::wide {

// What an operation does not decide is left to its operands; a comparison in doubt is noted in `run`.
template <int N> class WideMachine {
 public:
  using B = Ball<N>;
  WideMachine(const Program& program, B* registers, bool last) : program_(program), registers_(registers), run_{last} {}

  // False where a decision was in doubt and a larger precision may settle it.
  bool step_all(double x) {
    for (int k = 0; k < program_.n_registers; k++) registers_[k] = B::from(0);
    registers_[1] = B::from(x);
    for (int k = 0; k < program_.length; k++) {
      step(program_.code[k]);
      if (run_.doubtful && !run_.last) return false;
    }
    return !run_.doubtful;
  }
  const B& value() const { return registers_[1]; }
  const B& derivative() const { return registers_[2]; }
  bool saturated() const { return run_.saturated; }

 private:
  B operand(uint16_t index) const {
    return index >= first_constant ? B::from(program_.constants[index - first_constant]) : registers_[index < 1 ? 1 : index];
  }
  static B truth(bool what) { return B::from(what ? 1 : 0); }

  void step(const Instruction& q) {
    const B a = operand(q.a);
    B &d = registers_[q.d];
    switch ((Op)q.op) {
      case Op::copy: d = a; break;
      case Op::neg: d = -a; break;
      case Op::abs: d = absolute(a); break;
      case Op::sign: d = sign_of(a, run_); break;
      case Op::sqrt: d = wide::sqrt(a, run_); break;
      case Op::add: d = wide::add(a, operand(q.b)); break;
      case Op::sub: d = wide::sub(a, operand(q.b)); break;
      case Op::mul: d = wide::mul(a, operand(q.b), run_); break;
      case Op::div: d = wide::div(a, operand(q.b), run_); break;
      case Op::max: case Op::max_const: d = extreme(a, operand(q.b), 1); break;
      case Op::min: case Op::min_const: d = extreme(a, operand(q.b), -1); break;
      case Op::lt: d = truth(wide::compare(a, operand(q.b), run_) == -1); break;
      case Op::le: d = truth(wide::compare(a, operand(q.b), run_) <= 0); break;
      case Op::eq: d = truth(wide::compare(a, operand(q.b), run_) == 0); break;
      case Op::ne: d = truth(wide::compare(a, operand(q.b), run_) != 0); break;
      case Op::where: d = wide::compare(a, B::from(0), run_) != 0 ? operand(q.b) : operand(q.c); break;
      case Op::select_lt: d = wide::compare(a, operand(q.b), run_) == -1 ? operand(q.c) : operand(q.e); break;
      case Op::select_le: d = wide::compare(a, operand(q.b), run_) <= 0 ? operand(q.c) : operand(q.e); break;
      case Op::fma: d = fused(a, operand(q.b), operand(q.c), run_); break;
      case Op::fms: d = fused(a, operand(q.b), -operand(q.c), run_); break;
      case Op::fnma: d = fused(-a, operand(q.b), operand(q.c), run_); break;
      case Op::exp: d = apply<Exp<N>>(a, run_); break;
      case Op::expm1: d = apply<Expm1<N>>(a, run_); break;
      case Op::log: d = apply<Log<N>>(a, run_); break;
      case Op::log1p: d = apply<Log1p<N>>(a, run_); break;
      case Op::sigmoid: d = apply<Sigmoid<N>>(a, run_); break;
      case Op::tanh: d = apply<Tanh<N>>(a, run_); break;
      case Op::softplus: d = apply<Softplus<N>>(a, run_); break;
      case Op::erf: d = apply<Erf<N>>(a, run_); break;
      case Op::normcdf: d = apply<Normcdf<N>>(a, run_); break;
      case Op::normpdf: d = apply<Normpdf<N>>(a, run_); break;
      case Op::sech2: d = apply<Sech2<N>>(a, run_); break;
      case Op::atan: d = apply<Atan<N>>(a, run_); break;
      case Op::sin: case Op::cos: {
        B sine, cosine;
        sin_cos(a, sine, cosine);
        d = (Op)q.op == Op::sin ? sine : cosine;
        break;
      }
      case Op::pow: d = power(a, operand(q.b), run_); break;
      case Op::sigmoid_pair: two(q, apply<Sigmoid<N>>(a, run_), apply<Sigmoid<N>>(-a, run_)); break;
      case Op::tanh_sech2: two(q, apply<Tanh<N>>(a, run_), apply<Sech2<N>>(a, run_)); break;
      case Op::softplus_sigmoid: two(q, apply<Softplus<N>>(a, run_), apply<Sigmoid<N>>(a, run_)); break;
      case Op::normcdf_normpdf: two(q, apply<Normcdf<N>>(a, run_), apply<Normpdf<N>>(a, run_)); break;
      case Op::exp_expm1: two(q, apply<Exp<N>>(a, run_), apply<Expm1<N>>(a, run_)); break;
      case Op::sin_cos: {
        B sine, cosine;
        sin_cos(a, sine, cosine);
        two(q, sine, cosine);
        break;
      }
      case Op::ramp: two(q, extreme(B::from(0), a, 1), truth(wide::compare(B::from(0), a, run_) == -1)); break;
      case Op::tanh_softplus: d = apply<Tanh<N>>(apply<Softplus<N>>(a, run_), run_); break;
      case Op::tanh_softplus_pair: {
        const B inner = apply<Softplus<N>>(a, run_);
        two(q, apply<Tanh<N>>(inner, run_), wide::mul(apply<Sech2<N>>(inner, run_), apply<Sigmoid<N>>(a, run_), run_));
        break;
      }
      case Op::gate: {
        const B b = operand(q.b), slope = fused(a, operand(q.c), b, run_);
        two(q, wide::mul(a, b, run_), slope);
        break;
      }
      case Op::fma_mul: d = wide::mul(fused(a, operand(q.b), operand(q.c), run_), operand(q.e), run_); break;
      case Op::square_fma_mul: {
        const B b = operand(q.b);
        d = wide::mul(fused(a, wide::mul(b, b, run_), operand(q.c), run_), operand(q.e), run_);
        break;
      }
      case Op::sigmoid_slope: two(q, apply<Sigmoid<N>>(a, run_), wide::mul(apply<Sigmoid<N>>(a, run_), apply<Sigmoid<N>>(-a, run_), run_)); break;
      case Op::tanh_slope: two(q, apply<Tanh<N>>(a, run_), apply<Sech2<N>>(a, run_)); break;
      case Op::count: break;
    }
  }

  void two(const Instruction& q, const B& first, const B& second) {
    registers_[q.d] = first;
    registers_[q.e] = second;
  }

  const Program& program_;
  B* registers_;
  Run run_;
};

}  // namespace actlab::wide
