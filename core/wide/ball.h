// Ball<N>: a number with a bound on its error, and the arithmetic of such numbers. The truth lies within the radius of
// the value; a radius of 0 means that the value is the truth.
#pragma once
#include "arithmetic.h"
#include "radius.h"

namespace actlab::wide {

template <int N> struct Ball {
  Wide<N> value;
  Radius radius;

  static Ball exact(const Wide<N>& value) { return {value, Radius::zero()}; }
  static Ball from(double x) { return exact(Wide<N>::from(x)); }
  bool is_exact() const { return radius.m == 0; }
  Ball operator-() const { return {-value, radius}; }
  // Both signs are possible, or zero and another number.
  bool may_be_zero() const { return !is_exact() && value.kind != Kind::nan && !(radius < Radius::below(value)); }
  Wide<N> low() const { return sub(value, radius.scaled(1).template wide<N>()); }
  Wide<N> high() const { return add(value, radius.scaled(1).template wide<N>()); }
};

// What a run at one precision must remember.
struct Run {
  bool last;              // the largest precision: decide as the midpoints say
  bool doubtful = false;  // a decision could not be made: the next precision is needed
  bool saturated = false;  // a number left the range of exponents
  void doubt() { doubtful = true; }
};

// One unit of the last place, where the value was cut.
template <int N> Radius unit(const Wide<N>& w, bool exact) {
  if (exact || !w.finite()) return Radius::zero();
  return Radius::power_of_two(w.exponent - 64 * N);
}

// A result without a certain value; NaN, so that nothing is built on it.
template <int N> Ball<N> unknown(Run& run) {
  run.doubt();
  return {Wide<N>::nan(), Radius::zero()};
}

template <int N> Ball<N> add(const Ball<N>& a, const Ball<N>& b) {
  bool exact;
  const Wide<N> r = add(a.value, b.value, &exact);
  return {r, r.finite() || r.is_zero() ? a.radius + b.radius + unit(r, exact) : Radius::zero()};
}

template <int N> Ball<N> sub(const Ball<N>& a, const Ball<N>& b) { return add(a, -b); }

template <int N> Radius product_radius(const Ball<N>& a, const Ball<N>& b) {
  if (a.is_exact() && b.is_exact()) return Radius::zero();
  return Radius::above(a.value) * b.radius + Radius::above(b.value) * a.radius + a.radius * b.radius;
}

template <int N> Ball<N> mul(const Ball<N>& a, const Ball<N>& b, Run& run) {
  bool exact;
  const Wide<N> r = mul(a.value, b.value, &exact);
  if ((r.is_infinite() || r.is_nan()) && (a.may_be_zero() || b.may_be_zero()) && !a.value.is_nan() && !b.value.is_nan()) return unknown<N>(run);
  if (!r.finite() && a.value.finite() && b.value.finite()) run.saturated = true;
  return {r, r.finite() || r.is_zero() ? product_radius(a, b) + unit(r, exact) : Radius::zero()};
}

template <int N> Ball<N> div(const Ball<N>& a, const Ball<N>& b, Run& run) {
  if (b.may_be_zero()) {
    run.doubt();
    if (!run.last) return {Wide<N>::nan(), Radius::zero()};
  }
  bool exact;
  const Wide<N> r = div(a.value, b.value, &exact);
  if (!r.finite() && a.value.finite() && b.value.finite()) run.saturated = true;
  Radius error = Radius::zero();
  if ((r.finite() || r.is_zero()) && !(a.is_exact() && b.is_exact()) && !b.value.is_infinite()) {
    const Radius smallest = less(Radius::below(b.value), b.radius);
    error = smallest.is_zero() ? Radius::infinity()
                               : (a.radius + (Radius::above(r) + unit(r, false)) * b.radius) / smallest;
  }
  return {r, r.finite() || r.is_zero() ? error + unit(r, exact) : Radius::zero()};
}

template <int N> Ball<N> sqrt(const Ball<N>& a, Run& run) {
  const Wide<N>& v = a.value;
  if (!a.is_exact() && !v.is_nan() && (v.negative || v.is_zero())) {
    if (v.is_zero() || a.may_be_zero()) run.doubt();
    return {v.is_zero() ? v : Wide<N>::nan(), v.is_zero() ? root(a.radius) : Radius::zero()};
  }
  if (v.is_nan() || v.is_zero() || (v.is_infinite() && !v.negative)) return Ball<N>::exact(v);
  if (v.negative) return Ball<N>::exact(Wide<N>::nan());
  bool exact;
  const Wide<N> r = sqrt(v, &exact);
  if (a.is_exact()) return {r, unit(r, exact)};
  return {r, smaller(a.radius / Radius::below(r), root(a.radius)) + unit(r, exact)};
}

template <int N> Ball<N> fused(const Ball<N>& a, const Ball<N>& b, const Ball<N>& c, Run& run) {
  if (!(a.value.finite() && b.value.finite())) return add(mul(a, b, run), c);
  bool exact;
  const Wide<N> r = fused(a.value, b.value, c.value, &exact);
  return {r, r.finite() || r.is_zero() ? product_radius(a, b) + c.radius + unit(r, exact) : Radius::zero()};
}

// -1, 0 or 1 as `a` is below, at or above `b`; 2 with NaN. Doubtful where the balls overlap.
template <int N> int compare(const Ball<N>& a, const Ball<N>& b, Run& run) {
  if (a.value.is_nan() || b.value.is_nan()) return 2;
  const int sign = compare(a.value, b.value);
  if (a.is_exact() && b.is_exact()) return sign;
  if (a.value.is_infinite() || b.value.is_infinite()) return sign;
  const Wide<N> apart = sub(a.value, b.value);
  if (!(a.radius + b.radius < Radius::below(apart))) run.doubt();
  return sign;
}

// The larger (want = 1) or smaller (want = -1) of two. Where the balls overlap either is near the truth.
template <int N> Ball<N> extreme(const Ball<N>& a, const Ball<N>& b, int want) {
  if (a.value.is_nan() || b.value.is_nan()) return Ball<N>::exact(Wide<N>::nan());
  Ball<N> r = compare(a.value, b.value) == want ? a : b;
  if (a.is_exact() && b.is_exact()) return r;
  const Wide<N> apart = sub(a.value, b.value);
  if (!apart.is_infinite() && !(a.radius + b.radius < Radius::below(apart))) r.radius = larger(a.radius, b.radius);
  return r;
}

template <int N> Ball<N> absolute(const Ball<N>& a) { return {a.value.abs(), a.radius}; }

template <int N> Ball<N> sign_of(const Ball<N>& a, Run& run) {
  if (a.value.is_nan()) return a;
  if (a.may_be_zero()) run.doubt();
  if (a.value.is_zero()) return Ball<N>::exact(a.value);
  return Ball<N>::from(a.value.negative ? -1 : 1);
}

}  // namespace actlab::wide
