// The normal distribution and erf. As exponential.h: finite arguments that are not zero.
#pragma once
#include "exponential.h"

namespace actlab::wide {

// φ(x) = e^(-x²/2) / √(2π); zero for |x| >= 2^29. The rounding of x² costs 2 log2 |x| bits.
template <int M> Wide<M> normpdf_of(const Wide<M>& x) {
  if (x.exponent > 29) return Wide<M>::zero();
  const Wide<M> square = mul(x, x).scaled(-1);
  return times(exp_of(-square), Tables<M>::get().inverse_sqrt_two_pi);
}

// Σ t^k / (2k+1)!! = 1 + t/3 + t²/15 + … for 0 < t < 2^13: all terms positive. They are kept as fractions that begin
// with 2^-start, so that the largest, below e^(t/2), still fits.
template <int M> Wide<M> double_factorial_series(const Wide<M>& t) {
  constexpr int most = 2 * M + 2 + 94 * 2;
  const int up = t.exponent > 0 ? (int)t.exponent : 0;
  const int start = (t.exponent > 0 ? (int)(t.guess() * 0.7214) + 3 : 2) + up;
  const int n = std::min(most, M + (start + 63) / 64);
  uint64_t term[most], sum[most], ratio[most];
  for (int i = 0; i < n; i++) term[i] = 0, ratio[i] = i + M - n >= 0 ? t.limb[i + M - n] : 0;
  if (t.exponent <= 0) shift_right(ratio, ratio, n, -t.exponent);
  term[n - 1 - start / 64] = uint64_t(1) << (63 - start % 64);
  for (int i = 0; i < n; i++) sum[i] = term[i];
  int used = n;  // limbs of the term that are not zero
  for (uint64_t k = 1;; k++) {
    while (used > 0 && term[used - 1] == 0) used--;
    if (used == 0) break;
    // the product of the term's used limbs with as many of the ratio
    const int skip = n - used;
    multiply_high<most>(term, term, ratio + skip, used);
    shift_left(term, term, n, up);
    divide_small(term, std::min(n, used + 1), 2 * k + 1);
    if (used < n) used++;
    const uint64_t carry = add_limbs(sum, sum, term, used);
    for (int i = used; carry && i < n; i++)
      if (++sum[i]) break;
  }
  const int zeros = leading_zeros(sum, n), whole = zeros / 64, rest = zeros % 64;
  Wide<M> w = Wide<M>::zero();
  w.kind = Kind::finite;
  w.exponent = start + 1 - zeros;
  for (int i = 0; i < M; i++) {
    const int at = n - 1 - whole - i;
    const uint64_t high = at >= 0 ? sum[at] : 0, low = at >= 1 ? sum[at - 1] : 0;
    w.limb[M - 1 - i] = rest ? high << rest | low >> (64 - rest) : high;
  }
  return w;
}

// Φ(|x|) - 1/2 = φ(x) |x| Σ
template <int M> Wide<M> half_normal(const Wide<M>& x) {
  const Wide<M> a = x.abs(), square = mul(a, a);
  return times(times(normpdf_of(a), a), double_factorial_series(square));
}

// 1 - Φ(a) for large a by its asymptotic series φ(a)/a Σ (-1)^k (2k-1)!! / a^2k, whose error is below the first term
// left out: `bits` right bits, or false where the series cannot give them.
template <int M> bool asymptotic_tail(const Wide<M>& a, int bits, Wide<M>& tail) {
  if (a.exponent > 29) {
    tail = Wide<M>::zero();
    return true;
  }
  const double square = a.guess() * a.guess();
  int terms = 0;
  for (double size = 0; size > -bits - 2; terms++) {
    if (2 * terms + 1 > 0.98 * square) return false;
    size += std::log2((2 * terms + 1) / square);
  }
  const Wide<M> inverse = div(one<M>(), mul(a, a));
  const Fraction<M> w = Fraction<M>::of(inverse);
  Fraction<M> sum;
  for (int i = 0; i < M; i++) sum.limb[i] = ~uint64_t(0);
  for (int k = terms; k >= 1; k--) {  // 1 - (2k-1)/a² · sum
    multiply_high<M>(sum.limb, sum.limb, w.limb, M);
    multiply_small(sum.limb, M, (uint64_t)(2 * k - 1));
    for (int i = 0; i < M; i++) sum.limb[i] = ~sum.limb[i];
  }
  tail = times(div(normpdf_of(a), a), sum.wide(0));
  return true;
}

// 1 - Φ(a), a > 0, to about 64 (M - 1) bits: from the asymptotic series, or from 1/2 - …, which cancels, with as many
// limbs again as that may take.
template <int M> Wide<M> normal_tail(const Wide<M>& a) {
  Wide<M> tail;
  if (asymptotic_tail(a, 64 * (M - 1) + 24, tail)) return tail;
  const double lost = a.guess() * a.guess() * 0.7214;
  if (lost < 40) return sub(Wide<M>::power_of_two(-1), half_normal(a));
  constexpr int L = 2 * M - 1;
  return sub(Wide<L>::power_of_two(-1), half_normal(a.template as<L>())).template as<M>();
}

template <int M> Wide<M> normcdf_of(const Wide<M>& x) {
  if (x.negative) return normal_tail(x.abs());
  if (x.exponent > 12 || x.guess() * x.guess() * 0.7213 > 64 * M) return one<M>();  // the rest is below the last place
  return add(Wide<M>::power_of_two(-1), half_normal(x));
}

template <int M> Wide<M> erf_of(const Wide<M>& x) {
  Wide<M> r = one<M>();
  const Wide<M> square = mul(x, x);
  // e^-x² / x below the last place: one, less something that is not seen
  if (x.exponent <= 12 && square.guess() * 1.4427 < 64 * M)
    r = times(times(times(exp_of(-square), x.abs()), double_factorial_series(square.scaled(1))), Tables<M>::get().two_over_sqrt_pi);
  r.negative = x.negative;
  return r;
}

}  // namespace actlab::wide
