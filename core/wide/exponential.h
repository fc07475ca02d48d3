// exp, expm1, log, log1p and what is made of them. All take finite numbers that are not zero, and are right but for a
// few bits of their lowest limb: functions.h gives them one limb more than it believes.
#pragma once
#include <algorithm>

#include "tables.h"

namespace actlab::wide {

template <int M> Wide<M> one() { return Wide<M>::power_of_two(0); }

// e^x; beyond |x| >= 2^59 infinity or zero.
template <int M> Wide<M> exp_of(const Wide<M>& x) {
  if (x.exponent > 59) return x.negative ? Wide<M>::zero() : Wide<M>::infinity(false);
  if (x.exponent < -64 * M) return one<M>();
  const Tables<M>& table = Tables<M>::get();
  // |x| with one limb before the point, and r = ±(|x| - k log 2) in [0, log 2)
  uint64_t whole[M + 1], product[M + 1];
  whole[0] = 0;
  for (int i = 0; i < M; i++) whole[i + 1] = x.limb[i];
  uint64_t fixed[M + 1];
  shift_right(fixed, whole, M + 1, 64 - x.exponent);
  constexpr uint64_t inverse = 0xB8AA3B295C17F0BBu;  // 2^63 / log 2
  const Pair estimate = (Pair)fixed[M] * inverse + (uint64_t)((Pair)fixed[M - 1] * inverse >> 64);
  int64_t k = (int64_t)(uint64_t)(estimate >> 63);
  uint64_t rest[M + 1];
  {
    uint64_t scratch[M + 1];  // ln2 · k, one limb before the point and M after it; ln2 has M + 1
    uint64_t carry = 0;
    for (int i = 0; i <= M; i++) {
      const Pair t = (Pair)table.ln2[i] * (uint64_t)k + carry;
      scratch[i] = (uint64_t)t;
      carry = (uint64_t)(t >> 64);
    }
    for (int i = 0; i < M; i++) product[i] = scratch[i + 1];
    product[M] = carry;
  }
  sub_limbs(rest, fixed, product, M + 1);
  uint64_t log2[M + 1];
  for (int i = 0; i < M; i++) log2[i] = table.ln2[i + 1];
  log2[M] = 0;
  while (rest[M] >> 63) {  // negative: the estimate was one too many
    add_limbs(rest, rest, log2, M + 1);
    k--;
  }
  while (rest[M] || compare_limbs(rest, log2, M) >= 0) {
    sub_limbs(rest, rest, log2, M + 1);
    k++;
  }
  if (x.negative && !all_zero(rest, M)) {
    sub_limbs(rest, log2, rest, M + 1);
    k++;
  }
  Fraction<M> r;
  for (int i = 0; i < M; i++) r.limb[i] = rest[i];
  const int index = std::min((int)(r.limb[M - 1] >> 56), exp_entries - 1);
  r.limb[M - 1] -= (uint64_t)index << 56;
  Fraction<M> e = Tables<M>::series(&table.inverse_factorial[0], &table.factorial_zeros[0], 1, (int)table.inverse_factorial.size(), r, false);
  multiply_high<M>(e.limb, e.limb, table.exp[(size_t)index].limb, M);
  return e.wide((x.negative ? -k : k) + 2);
}

template <int M> Wide<M> expm1_of(const Wide<M>& x) {
  if (x.exponent > -8) return sub(exp_of(x), one<M>());
  const Tables<M>& table = Tables<M>::get();
  const Fraction<M> s = Tables<M>::series(&table.inverse_factorial[1], &table.factorial_zeros[1], 1, (int)table.inverse_factorial.size() - 1,
                                          Fraction<M>::of(x), x.negative);
  return times(x, s.wide(1));
}

// u (1 ± u²/3 + u⁴/5 ± …): atanh u or atan u for |u| < 2^-7; u may be zero.
template <int M> Wide<M> arc_series(const Wide<M>& u, bool alternate) {
  if (u.is_zero()) return u;
  const Tables<M>& table = Tables<M>::get();
  const Fraction<M> s =
      Tables<M>::series(table.inverse_odd.data(), table.odd_zeros.data(), 1, (int)table.inverse_odd.size(), Fraction<M>::of(times(u, u)), alternate);
  return times(u, s.wide(1));
}

// log(1 + d) for |d| < 2^-7
template <int M> Wide<M> log_near_one(const Wide<M>& d) {
  return arc_series(div(d, add(d, Wide<M>::power_of_two(1))), false).scaled(1);
}

// log x for x > 0
template <int M> Wide<M> log_of(const Wide<M>& x) {
  const Tables<M>& table = Tables<M>::get();
  Wide<M> m = x;
  int64_t e = x.exponent;
  m.exponent = 0;
  if (m.limb[M - 1] < 0xB504F333F9DE6484u) {  // below √½
    m.exponent = 1;
    e--;
  }
  const Wide<M> d = sub(m, one<M>());
  Wide<M> log;
  if (d.is_zero() || d.exponent <= -7) {
    log = log_near_one(d);
  } else {  // log m = y + log(m e^-y)
    const double y = std::log(m.guess());
    log = add(log_near_one(sub(times(m, exp_of(Wide<M>::from(-y))), one<M>())), Wide<M>::from(y));
  }
  return e ? add(times(table.ln2_wide, Wide<M>::from((double)e)), log) : log;
}

// log(1 + x) for x > -1
template <int M> Wide<M> log1p_of(const Wide<M>& x) {
  return x.exponent <= -7 ? log_near_one(x) : log_of(add(x, one<M>()));
}

template <int M> Wide<M> sigmoid_of(const Wide<M>& x) {
  const Wide<M> t = exp_of(x.negative ? x : -x);
  return div(x.negative ? t : one<M>(), add(t, one<M>()));
}

template <int M> Wide<M> tanh_of(const Wide<M>& x) {
  if (x.exponent > 60) return x.negative ? -one<M>() : one<M>();
  const Wide<M> t = expm1_of(x.abs().scaled(1));
  Wide<M> r = t.is_infinite() ? one<M>() : div(t, add(t, Wide<M>::power_of_two(1)));
  r.negative = x.negative;
  return r;
}

template <int M> Wide<M> sech2_of(const Wide<M>& x) {
  const Wide<M> t = exp_of((-x.abs()).scaled(1)), u = add(t, one<M>());
  return div(t.scaled(2), mul(u, u));
}

template <int M> Wide<M> softplus_of(const Wide<M>& x) {
  const Wide<M> t = exp_of(x.negative ? x : -x);
  const Wide<M> log = t.is_zero() ? t : log1p_of(t);
  return x.negative ? log : add(x, log);
}

}  // namespace actlab::wide
