// A program: what an activation's expression becomes. A straight line of vector instructions over registers.
//
// The Python side (functions/compile.py) writes it, core/isa/interpret.h runs it. One instruction is six uint16:
//   op, d, e, a, b, c      d: destination; e: second destination of a pair, or the fourth operand of those that have one
// An operand below 256 is a register, 256 + k is constant k. Register 0 holds x on entry; register 1 is the value and
// register 2 the derivative on exit. Register 1 is the same memory as register 0: the instruction that writes it must
// be the last that reads x (an instruction may read and write one register). Every instruction reads its operands
// before it writes its destinations.
#pragma once
#include <cstdint>

namespace actlab {

// ACTLAB_OP(name, operands, destinations)
#define ACTLAB_OPS(ACTLAB_OP)                                                                          \
  ACTLAB_OP(copy, 1, 1) /* d = a */                                                                    \
  ACTLAB_OP(neg, 1, 1) ACTLAB_OP(abs, 1, 1) ACTLAB_OP(sign, 1, 1) ACTLAB_OP(sqrt, 1, 1)                \
  ACTLAB_OP(add, 2, 1) ACTLAB_OP(sub, 2, 1) ACTLAB_OP(mul, 2, 1) ACTLAB_OP(div, 2, 1)                  \
  ACTLAB_OP(min, 2, 1) ACTLAB_OP(max, 2, 1) /* NaN where either is NaN */                              \
  ACTLAB_OP(max_const, 2, 1) ACTLAB_OP(min_const, 2, 1) /* a is known not to be NaN: one instruction */ \
  ACTLAB_OP(lt, 2, 1) ACTLAB_OP(le, 2, 1) ACTLAB_OP(eq, 2, 1) ACTLAB_OP(ne, 2, 1) /* 1.0 or 0.0 */      \
  ACTLAB_OP(where, 3, 1) /* d = a != 0 ? b : c */                                                      \
  ACTLAB_OP(select_lt, 4, 1) ACTLAB_OP(select_le, 4, 1) /* d = a < b ? c : e */                        \
  ACTLAB_OP(fma, 3, 1) ACTLAB_OP(fms, 3, 1) ACTLAB_OP(fnma, 3, 1) /* a*b+c, a*b-c, c-a*b */            \
  ACTLAB_OP(exp, 1, 1) ACTLAB_OP(expm1, 1, 1) ACTLAB_OP(log, 1, 1) ACTLAB_OP(log1p, 1, 1)              \
  ACTLAB_OP(sigmoid, 1, 1) ACTLAB_OP(tanh, 1, 1) ACTLAB_OP(softplus, 1, 1) ACTLAB_OP(erf, 1, 1)        \
  ACTLAB_OP(normcdf, 1, 1) ACTLAB_OP(normpdf, 1, 1) ACTLAB_OP(sech2, 1, 1) ACTLAB_OP(atan, 1, 1)       \
  ACTLAB_OP(sin, 1, 1) ACTLAB_OP(cos, 1, 1) ACTLAB_OP(pow, 2, 1)                                       \
  /* pairs: two functions of a for one exponential */                                                  \
  ACTLAB_OP(sigmoid_pair, 1, 2) /* d = sigmoid(a), e = sigmoid(-a) */                                  \
  ACTLAB_OP(tanh_sech2, 1, 2) ACTLAB_OP(softplus_sigmoid, 1, 2) ACTLAB_OP(normcdf_normpdf, 1, 2)       \
  ACTLAB_OP(exp_expm1, 1, 2) ACTLAB_OP(sin_cos, 1, 2)                                                   \
  ACTLAB_OP(ramp, 1, 2) /* d = max(0, a), e = a > 0 ? 1 : 0 */                                           \
  ACTLAB_OP(tanh_softplus, 1, 1) ACTLAB_OP(tanh_softplus_pair, 1, 2) /* and its derivative */          \
  ACTLAB_OP(gate, 3, 2) /* d = a*b, e = a*c+b: x s(x) and its derivative from s and s' */               \
  ACTLAB_OP(fma_mul, 4, 1) ACTLAB_OP(square_fma_mul, 4, 1) /* d = (a*b+c)*e, (a*b*b+c)*e: b*b is rounded */ \
  ACTLAB_OP(sigmoid_slope, 1, 2) ACTLAB_OP(tanh_slope, 1, 2) /* the derivative is made from the value: d - d*d, 1 - d*d */

enum class Op : uint16_t {
#define ACTLAB_ENUM(name, operands, destinations) name,
  ACTLAB_OPS(ACTLAB_ENUM)
#undef ACTLAB_ENUM
      horner,  // d = (c a + b₀) a + b₁ …, e constants from b on: only `ordinary` makes it
      count = horner
};

struct Instruction {
  uint16_t op, d, e, a, b, c;
};

constexpr int first_constant = 256, first_temporary = 3;

struct Program {
  const Instruction* code;
  int length;
  const double* constants;
  int n_constants;
  int n_registers;  // 3 and the temporaries
};

}  // namespace actlab
