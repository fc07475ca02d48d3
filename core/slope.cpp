#include "slope.h"

namespace actlab {

Slope slope_of(const OwnedActivation& phi) {
  const std::vector<Instruction>&value = phi.value.code, &both = phi.value_and_derivative.code;
  const std::vector<double>&of_value = phi.value.constants, &of_both = phi.value_and_derivative.constants;
  auto number = [&](const std::vector<double>& constants, uint16_t index, double x) {
    return index >= first_constant && constants[(size_t)(index - first_constant)] == x;
  };
  auto same = [&](uint16_t a, uint16_t b) {
    return a < first_constant || b < first_constant ? a == b : of_value[(size_t)(a - first_constant)] == of_both[(size_t)(b - first_constant)];
  };
  if (!phi.by_learned.empty() || both.empty()) return Slope::stored;
  const Instruction& last = both.back();
  const Op op = (Op)last.op;
  if (value.size() == 1 && both.size() == 1 && (Op)value[0].op == Op::max_const && number(of_value, value[0].a, 0) && value[0].b == 0 &&
      value[0].d == 1 && op == Op::ramp && last.a == 0 && last.d == 1 && last.e == 2)
    return Slope::step;
  const auto is_x = [](const Instruction& q) { return (Op)q.op == Op::copy && q.d == 1 && q.a < 2; };
  if (both.size() == 1 && op == Op::copy && last.d == 2 && number(of_both, last.a, 1) && (value.empty() || (value.size() == 1 && is_x(value[0]))))
    return Slope::one;
  if (both.size() != value.size() || last.d != 1 || last.e != 2 || value.back().d != 1 || !same(value.back().a, last.a)) return Slope::stored;
  for (size_t i = 0; i + 1 < value.size(); i++) {
    const Instruction &p = value[i], &q = both[i];
    if (p.op != q.op || p.d != q.d || p.e != q.e || !same(p.a, q.a) || !same(p.b, q.b) || !same(p.c, q.c)) return Slope::stored;
  }
  const Op of_last = (Op)value.back().op;
  if (op == Op::tanh_slope && of_last == Op::tanh) return Slope::one_minus_square;
  return op == Op::sigmoid_slope && of_last == Op::sigmoid ? Slope::logistic : Slope::stored;
}

}  // namespace actlab
