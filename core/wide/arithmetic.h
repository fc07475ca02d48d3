// Sum, difference, product, quotient and square root of Wide numbers. A result is cut, not rounded: less than one unit
// of its last place too small in size. `exact`, where asked for, says that nothing was cut.
#pragma once
#include "wide.h"

namespace actlab::wide {

inline void note(bool* exact, bool what) {
  if (exact) *exact = what;
}

// The sum of two finite numbers of sizes a >= b: with N + 1 limbs, the last of which guards.
template <int N> Wide<N> add_finite(const Wide<N>& a, const Wide<N>& b, bool* exact) {
  const int64_t apart = a.exponent - b.exponent;
  Wide<N> r;
  r.kind = Kind::finite;
  r.negative = a.negative;
  r.exponent = a.exponent;
  if (apart > (int64_t)64 * (N + 1)) {
    note(exact, false);
    return a;
  }
  uint64_t x[N + 1], y[N + 1];
  x[0] = y[0] = 0;
  for (int i = 0; i < N; i++) x[i + 1] = a.limb[i], y[i + 1] = b.limb[i];
  const bool lost = apart ? shift_right(y, y, N + 1, apart) : false;
  if (a.negative == b.negative) {
    if (add_limbs(x, x, y, N + 1)) {
      const bool fell = x[0] & 1;
      for (int i = 0; i < N; i++) x[i] = x[i] >> 1 | x[i + 1] << 63;
      x[N] = x[N] >> 1 | uint64_t(1) << 63;
      r.exponent++;
      note(exact, !lost && !fell && x[0] == 0);
    } else {
      note(exact, !lost && x[0] == 0);
    }
  } else {
    sub_limbs(x, x, y, N + 1);
    if (!(x[N] >> 63)) {
      const int zeros = leading_zeros(x, N + 1);
      if (zeros == 64 * (N + 1)) {
        note(exact, true);
        return Wide<N>::zero();
      }
      const int whole = zeros / 64;
      if (whole) {
        for (int i = N; i >= 0; i--) x[i] = i >= whole ? x[i - whole] : 0;
      }
      shift_left(x, x, N + 1, zeros % 64);
      r.exponent -= zeros;
    }
    note(exact, !lost && x[0] == 0);
  }
  for (int i = 0; i < N; i++) r.limb[i] = x[i + 1];
  return r.in_range();
}

template <int N> Wide<N> add(const Wide<N>& a, const Wide<N>& b, bool* exact = nullptr) {
  if (a.finite() && b.finite()) return compare_sizes(a, b) >= 0 ? add_finite(a, b, exact) : add_finite(b, a, exact);
  note(exact, true);
  if (a.is_nan() || b.is_nan()) return Wide<N>::nan();
  if (a.is_infinite() && b.is_infinite()) return a.negative == b.negative ? a : Wide<N>::nan();
  if (a.is_infinite() || b.is_zero()) return a.is_zero() ? Wide<N>::zero(a.negative && b.negative) : a;
  return b;
}

template <int N> Wide<N> sub(const Wide<N>& a, const Wide<N>& b, bool* exact = nullptr) { return add(a, -b, exact); }

// What IEEE 754 says of products with zeros, infinities and NaN.
template <int N> Wide<N> special_product(const Wide<N>& a, const Wide<N>& b) {
  const bool negative = a.negative != b.negative;
  if (a.is_nan() || b.is_nan()) return Wide<N>::nan();
  if (a.is_infinite() || b.is_infinite()) return a.is_zero() || b.is_zero() ? Wide<N>::nan() : Wide<N>::infinity(negative);
  return Wide<N>::zero(negative);
}

template <int N> Wide<N> mul(const Wide<N>& a, const Wide<N>& b, bool* exact = nullptr) {
  if (!a.finite() || !b.finite()) {
    note(exact, true);
    return special_product(a, b);
  }
  uint64_t product[2 * N];
  multiply(product, a.limb, N, b.limb, N);
  Wide<N> r;
  r.kind = Kind::finite;
  r.negative = a.negative != b.negative;
  r.exponent = a.exponent + b.exponent;
  if (product[2 * N - 1] >> 63) {
    for (int i = 0; i < N; i++) r.limb[i] = product[N + i];
    note(exact, all_zero(product, N));
  } else {
    for (int i = 0; i < N; i++) r.limb[i] = product[N + i] << 1 | product[N + i - 1] >> 63;
    r.exponent--;
    note(exact, (product[N - 1] << 1) == 0 && all_zero(product, N - 1));
  }
  return r.in_range();
}

// The product within 2 N units, at half the price: for the inside of functions.
template <int N> Wide<N> times(const Wide<N>& a, const Wide<N>& b) {
  if (!a.finite() || !b.finite()) return special_product(a, b);
  Wide<N> r;
  r.kind = Kind::finite;
  r.negative = a.negative != b.negative;
  r.exponent = a.exponent + b.exponent;
  multiply_high<N>(r.limb, a.limb, b.limb, N);
  if (!(r.limb[N - 1] >> 63)) {
    shift_left(r.limb, r.limb, N, 1);
    r.limb[N - 1] |= uint64_t(1) << 63;  // the cut may have taken the last unit of an exact power of two
    r.exponent--;
  }
  return r.in_range();
}

template <int N> Wide<N> div(const Wide<N>& a, const Wide<N>& b, bool* exact = nullptr) {
  const bool negative = a.negative != b.negative;
  note(exact, true);
  if (!a.finite() || !b.finite()) {
    if (a.is_nan() || b.is_nan() || (a.is_zero() && b.is_zero()) || (a.is_infinite() && b.is_infinite())) return Wide<N>::nan();
    return a.is_infinite() || b.is_zero() ? Wide<N>::infinity(negative) : Wide<N>::zero(negative);
  }
  uint64_t u[2 * N + 1], q[N + 1];
  for (int i = 0; i < N; i++) u[i] = 0, u[N + i] = a.limb[i];
  u[2 * N] = 0;
  divide(q, u, N, b.limb, N);
  Wide<N> r;
  r.kind = Kind::finite;
  r.negative = negative;
  r.exponent = a.exponent - b.exponent;
  bool cut = !all_zero(u, N);
  if (q[N]) {  // 1 and N limbs
    cut = cut || (q[0] & 1);
    for (int i = 0; i < N; i++) r.limb[i] = q[i] >> 1 | q[i + 1] << 63;
    r.exponent++;
  } else {
    for (int i = 0; i < N; i++) r.limb[i] = q[i];
  }
  note(exact, !cut);
  return r.in_range();
}

// The square root of a finite positive number: 1/√a by Newton's steps from a double, then one step for the root.
template <int N> Wide<N> sqrt(const Wide<N>& a, bool* exact = nullptr) {
  constexpr int M = N + 1;
  Wide<M> m = a.template as<M>();
  const int64_t half = a.exponent >= 0 ? (a.exponent + 1) / 2 : -((-a.exponent) / 2);
  m.exponent -= 2 * half;  // 1/4 <= m < 1
  Wide<M> inverse = Wide<M>::from(1 / std::sqrt(m.guess()));
  const Wide<M> one = Wide<M>::power_of_two(0);
  for (int bits = 48; bits < 64 * M; bits *= 2)
    inverse = add(inverse, times(inverse, sub(one, times(m, times(inverse, inverse)))).scaled(-1));
  Wide<M> root = times(m, inverse);
  root = add(root, Wide<M>::power_of_two(root.exponent - 64 * N - 32));  // a root that ends within the limbs is not cut below itself
  Wide<N> r = root.template as<N>();
  bool square_exact;
  const Wide<N> square = mul(r, r, &square_exact);
  r.exponent += half;
  note(exact, square_exact && compare_limbs(square.limb, a.limb, N) == 0 && square.exponent + 2 * half == a.exponent);
  return r;
}

// a · b + c as if the product were not cut.
template <int N> Wide<N> fused(const Wide<N>& a, const Wide<N>& b, const Wide<N>& c, bool* exact) {
  const Wide<2 * N> product = mul(a.template as<2 * N>(), b.template as<2 * N>());
  bool sum_exact, fits;
  const Wide<2 * N> sum = add(product, c.template as<2 * N>(), &sum_exact);
  const Wide<N> r = sum.template as<N>(&fits);
  note(exact, sum_exact && (fits || !r.finite()));
  return r;
}

}  // namespace actlab::wide
