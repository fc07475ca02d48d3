// a^b for balls, with the special values of C99's pow.
#pragma once
#include "functions.h"

namespace actlab::wide {

constexpr int largest_chain = 64;  // whole exponents up to here are products: exact where the result fits

template <int N> Ball<N> chain(Ball<N> a, int exponent, Run& run) {
  Ball<N> r = Ball<N>::from(1);
  for (int left = exponent; left; left >>= 1) {
    if (left & 1) r = mul(r, a, run);
    if (left > 1) a = mul(a, a, run);
  }
  return r;
}

// a^b for exact zeros and infinities and whole or fractional b; a is not 1 and b not 0, neither is NaN.
template <int N> Ball<N> special_power(const Wide<N>& a, const Wide<N>& b) {
  using W = Wide<N>;
  bool odd;
  b.whole(odd);
  if (b.is_infinite()) {
    const int side = compare_sizes(a.abs(), W::from(1));
    if (a.finite() && side == 0) return Ball<N>::from(1);  // (-1)^±∞
    const bool large = a.is_infinite() || (a.finite() && side > 0);
    return Ball<N>::exact(large != b.negative ? W::infinity(false) : W::zero());
  }
  const bool negative = a.negative && odd;
  return Ball<N>::exact(a.is_infinite() != b.negative ? W::infinity(negative) : W::zero(negative));
}

template <int N> Ball<N> power(const Ball<N>& a, const Ball<N>& b, Run& run) {
  using W = Wide<N>;
  constexpr int M = N + 1;
  const W &x = a.value, &y = b.value;
  const bool one = a.is_exact() && x.finite() && compare(x, W::from(1)) == 0;
  if ((b.is_exact() && y.is_zero()) || one) return Ball<N>::from(1);
  if (x.is_nan() || y.is_nan()) return Ball<N>::exact(W::nan());
  bool odd;
  const bool whole = y.whole(odd);
  if (b.is_exact() && whole && y.finite() && y.exponent <= 7) {
    const int n = (int)std::fabs(y.guess());
    if (n <= largest_chain) {
      const Ball<N> r = chain(a, n, run);
      return y.negative ? div(Ball<N>::from(1), r, run) : r;
    }
  }
  if (a.may_be_zero()) return unknown<N>(run);
  if (x.is_zero() || x.is_infinite() || y.is_infinite()) {
    if (!y.is_infinite() && b.may_be_zero()) return unknown<N>(run);
    if (y.is_infinite() && x.finite() && !a.is_exact() && compare_sizes(x, W::from(1)) == 0) return unknown<N>(run);
    return special_power(x, y);
  }
  if (x.negative) {
    if (!b.is_exact()) run.doubt();  // the truth may or may not be a whole number
    if (!whole) return Ball<N>::exact(W::nan());
  }
  const Wide<M> exponent = y.template as<M>();
  const Wide<M> log = log_of(x.abs().template as<M>()), product = mul(log, exponent);
  W r = W::from(1);
  if (!product.is_zero()) r = exp_of(product).template as<N>();
  if (!r.finite()) run.saturated = true;
  r.negative = x.negative && odd;
  if (!r.finite()) {  // beyond all exponents, unless the errors are as large as the logarithm
    return Ball<N>::exact(r);
  }
  // The product is right to 64 M - 12 bits; its size times that is a relative error.
  const Radius size = Radius::above(product), relative_log = Radius::above(log);
  Radius relative = (size + Radius::from(1)) * Radius::power_of_two(-64 * M + 16);
  if (!a.is_exact() || !b.is_exact()) {
    const Radius a_part = a.is_exact() ? Radius::zero() : a.radius / less(Radius::below(x), a.radius);
    relative = relative + (Radius::above(y) + b.radius) * a_part + (relative_log + a_part) * b.radius;
  }
  if (!(relative < Radius::from(0.25))) return unknown<N>(run);
  return {r, Radius::above(r) * relative * Radius::from(1.25) + own(r)};
}

}  // namespace actlab::wide
