// Twofold: a number as the sum of two doubles, high + low with |low| <= ulp(high) / 2: about 106 bits.
//
// With u = 2^-53 the relative errors are: sum 3 u² (also where it cancels), product 9 u², quotient and square root 16 u²;
// Joldes, Muller and Popescu, "Tight and rigorous error bounds for basic building blocks of double-word arithmetic" (2017).
// machine.h counts with `own_error`, 2^-98 = 256 u². Only where a product falls below 2^-960 is more lost than that:
// less than `floor_error`. Without a fused multiply-add a factor from 2^996 on makes NaN, and NaN is never believed.
#pragma once
#include "../simd.h"

// The large functions are called: every caller with a copy of its own would make the core twice as large.
#define ACTLAB_CALLED static __attribute__((noinline))

namespace actlab::ACTLAB_ISA::twofold {

constexpr double own_error = 0x1p-98, floor_error = 0x1p-1000;

template <class V> struct Twofold {
  V high, low;
  Twofold operator-() const { return {-high, -low}; }
};

// The sum of |a| >= |b|, or a = 0.
template <class V> ACTLAB_INLINE Twofold<V> joined(V a, V b) {
  Twofold<V> r;
  fast_two_sum(a, b, r.high, r.low);
  return r;
}
template <class V> ACTLAB_INLINE Twofold<V> exact_sum(V a, V b) {
  Twofold<V> r;
  two_sum(a, b, r.high, r.low);
  return r;
}
template <class V> ACTLAB_INLINE Twofold<V> single(V a) { return {a, V{}}; }
template <class V> ACTLAB_INLINE Twofold<V> constant(const double (&parts)[2]) { return {set1<V>(parts[0]), set1<V>(parts[1])}; }
template <class V> ACTLAB_INLINE Twofold<V> select(int_t<V> mask, Twofold<V> a, Twofold<V> b) {
  return {mask ? a.high : b.high, mask ? a.low : b.low};
}
// |a| for a that is not NaN.
template <class V> ACTLAB_INLINE Twofold<V> magnitude(Twofold<V> a) { return select<V>(int_t<V>(a.high < 0), -a, a); }
// a 2^n, t = n + magic as scale_by() takes it.
template <class V> ACTLAB_INLINE Twofold<V> scaled(Twofold<V> a, V t) { return {scale_by(a.high, t), scale_by(a.low, t)}; }
template <class V> ACTLAB_INLINE Twofold<V> times_power_of_two(Twofold<V> a, double factor) { return {a.high * factor, a.low * factor}; }

template <class V> ACTLAB_INLINE Twofold<V> add(Twofold<V> a, Twofold<V> b) {
  const Twofold<V> s = exact_sum(a.high, b.high), t = exact_sum(a.low, b.low);
  const Twofold<V> r = joined(s.high, s.low + t.high);
  return joined(r.high, r.low + t.low);
}
template <class V> ACTLAB_INLINE Twofold<V> add(Twofold<V> a, V b) {
  const Twofold<V> s = exact_sum(a.high, b);
  return joined(s.high, s.low + a.low);
}
template <class V> ACTLAB_INLINE Twofold<V> sub(Twofold<V> a, Twofold<V> b) { return add(a, -b); }

template <class V> ACTLAB_INLINE Twofold<V> mul(Twofold<V> a, Twofold<V> b) {
  V p, e;
  two_product(a.high, b.high, p, e);
  return joined(p, e + fma(a.high, b.low, a.low * b.high));
}
template <class V> ACTLAB_INLINE Twofold<V> mul(Twofold<V> a, V b) {
  V p, e;
  two_product(a.high, b, p, e);
  return joined(p, fma(a.low, b, e));
}

// A quotient to 53 bits, and another one of what it leaves.
template <class V> ACTLAB_INLINE Twofold<V> div(Twofold<V> a, Twofold<V> b) {
  const V q = a.high / b.high;
  V p, e;
  two_product(q, b.high, p, e);
  return joined(q, ((a.high - p) - e + (a.low - q * b.low)) / b.high);
}

template <class V> ACTLAB_INLINE Twofold<V> sqrt(Twofold<V> a) {
  const V s = vsqrt(a.high);
  V p, e;
  two_product(s, s, p, e);
  return joined(s, ((a.high - p) - e + a.low) / (s + s));
}

// p u + c, one step of a polynomial, where |p u| may be larger than |c|. The result is not quite normal: its low part may be
// a few ulp of the high one, which costs as many u² in the next product.
template <class V> ACTLAB_INLINE Twofold<V> step(Twofold<V> p, Twofold<V> u, V c_high, V c_low) {
  V product, e;
  two_product(p.high, u.high, product, e);
  e = e + fma(p.high, u.low, p.low * u.high);
  const Twofold<V> s = exact_sum(c_high, product);
  return {s.high, s.low + (e + c_low)};
}

// c₀ + c₁ u + …: coefficients in two parts (high, low, high, low …), then `rest` in one.
template <int N, int Rest, class V> ACTLAB_INLINE Twofold<V> series(const double (&c)[N], const double (&rest)[Rest], Twofold<V> u) {
  Twofold<V> p = single(polynomial(rest, u.high));
  for (int k = N - 2; k >= 0; k -= 2) p = step(p, u, set1<V>(c[k]), set1<V>(c[k + 1]));
  return joined(p.high, p.low);
}

}  // namespace actlab
