#include "ordinary.h"

#include <cmath>

namespace actlab {
namespace {

struct Shape {
  int operands, destinations;
};
constexpr Shape shapes[] = {
#define ACTLAB_SHAPE(name, operands, destinations) {operands, destinations},
    ACTLAB_OPS(ACTLAB_SHAPE)
#undef ACTLAB_SHAPE
};

using Code = std::vector<Instruction>;
using Register = uint16_t;

Op op(const Instruction& q) { return (Op)q.op; }
bool is_constant(Register r) { return r >= first_constant; }
// x and the value are one place.
bool same(Register a, Register b) { return a == b || (a < 2 && b < 2); }

bool reads(const Instruction& q, Register r) {
  if (op(q) == Op::horner) return same(q.a, r) || same(q.c, r);
  const int n = shapes[q.op].operands;
  return same(q.a, r) || (n > 1 && same(q.b, r)) || (n > 2 && same(q.c, r)) || (n > 3 && same(q.e, r));
}
bool writes(const Instruction& q, Register r) {
  return same(q.d, r) || (op(q) != Op::horner && shapes[q.op].destinations == 2 && same(q.e, r));
}

// Nobody reads r after instruction k, before it is written again. Results are read by the caller.
bool forgotten(const Code& code, size_t k, Register r) {
  if (r < first_temporary) return false;
  for (size_t i = k + 1; i < code.size(); i++) {
    if (reads(code[i], r)) return false;
    if (writes(code[i], r)) return true;
  }
  return true;
}

// x <= -inf or inf <= x ? … : …
bool asks_for_infinity(const Instruction& q, const std::vector<double>& constants) {
  const auto is = [&](Register r, double number) { return is_constant(r) && constants[r - first_constant] == number; };
  return op(q) == Op::select_le && ((q.a == 0 && is(q.b, -INFINITY)) || (is(q.a, INFINITY) && q.b == 0));
}

// Copy k takes a temporary elsewhere that nobody else wants: whoever makes it may put it there at once. Removes the copy.
bool made_in_place(Code& code, size_t k) {
  const Register from = code[k].a, to = code[k].d;
  if (is_constant(from) || !forgotten(code, k, from)) return false;
  size_t maker = k;
  while (maker-- > 0) {
    Instruction& q = code[maker];
    if (writes(q, from)) {
      if (writes(q, to) || (shapes[q.op].destinations == 2 && q.d == q.e)) return false;
      (q.d == from ? q.d : q.e) = to;
      code.erase(code.begin() + k);
      return true;
    }
    if (reads(q, from) || reads(q, to) || writes(q, to)) return false;
  }
  return false;
}

// acc = acc u + c, as a product at k and a sum behind it; `acc` says which factor is acc. The sum's constant, or 0.
Register link(const Code& code, size_t k, Register acc, Register& u) {
  if (k + 1 >= code.size() || op(code[k]) != Op::mul || op(code[k + 1]) != Op::add) return 0;
  const Instruction &product = code[k], &sum = code[k + 1];
  if (product.a == acc) u = product.b;
  else if (product.b == acc) u = product.a;
  else return 0;
  const bool first = sum.a == product.d;
  if (first == (sum.b == product.d)) return 0;
  const Register c = first ? sum.b : sum.a;
  if (is_constant(u) || !is_constant(c) || (sum.d != product.d && !forgotten(code, k + 1, product.d))) return 0;
  return c;
}

// Puts the polynomial that begins at k, if any, into one instruction.
void join(OwnedProgram& program, size_t k) {
  Code& code = program.code;
  if (op(code[k]) != Op::mul) return;
  for (const Register start : {code[k].a, code[k].b}) {
    Register u = 0, acc = start, constants[256];
    int links = 0;
    for (size_t i = k; links < 256; i += 2) {
      Register v = 0;
      const Register c = link(code, i, acc, v);
      if (!c || (links && v != u)) break;
      // What goes on to the next product must not be wanted later. (If it is, the polynomial ends here.)
      if (links && acc != code[i].d && !forgotten(code, i, acc)) break;
      u = v;
      constants[links++] = c;
      acc = code[i + 1].d;
      if (same(acc, u)) break;  // the last one: u is overwritten
      if (same(code[i].d, u)) return;
    }
    if (links < 2 || u == start) continue;
    if (program.constants.size() + (size_t)links >= 0x10000 - first_constant) return;
    const auto first = (Register)(first_constant + program.constants.size());
    for (int j = 0; j < links; j++) program.constants.push_back(program.constants[constants[j] - first_constant]);
    const auto last = k + 2 * (size_t)links - 1;
    const Instruction whole = {(uint16_t)Op::horner, code[last].d, (Register)links, u, first, start};
    code.erase(code.begin() + k + 1, code.begin() + last + 1);
    code[k] = whole;
    return;
  }
}

}  // namespace

OwnedProgram ordinary(const Program& program) {
  OwnedProgram out;
  out.code.assign(program.code, program.code + program.length);
  out.constants.assign(program.constants, program.constants + program.n_constants);
  out.n_registers = program.n_registers;
  for (size_t k = 0; k < out.code.size();) {
    Instruction& q = out.code[k];
    if (!asks_for_infinity(q, out.constants)) {
      if (writes(q, 0)) break;  // x is there no more
      k++;
      continue;
    }
    q = {(uint16_t)Op::copy, q.d, 0, q.e, q.e, q.e};
    const bool last = writes(q, 0);
    if (q.d == q.a) out.code.erase(out.code.begin() + k);
    else if (!made_in_place(out.code, k)) k++;
    if (last) break;
  }
  for (size_t k = 0; k < out.code.size(); k++) join(out, k);
  return out;
}

}  // namespace actlab
