// The elementary functions of balls: the function at the midpoint, with one limb more than is kept, and what the
// argument's error can do to it.
#pragma once
#include "ball.h"
#include "normal.h"
#include "trigonometric.h"

namespace actlab::wide {

// A function is a class with
//   at(x)         its value at a finite number that is not zero, inside its domain, at M limbs
//   special(x)    its value at zero, ±∞ and outside its domain (exact)
//   slope(x, f)   a bound of |f′| within 1/16 of x, if also steepness(x) times that distance is below 1/16
//   steepness(x)  at least 1: how fast the slope itself may grow
//   monotone      whether the ends of an interval bound the values in it
template <int N> struct Everywhere {
  using W = Wide<N>;
  static constexpr bool monotone = true;
  static bool inside(const W& x) { return x.finite(); }
  static Radius steepness(const W&) { return Radius::from(1); }
};

template <int N> struct Exp : Everywhere<N> {
  using W = Wide<N>;
  template <int M> static Wide<M> at(const Wide<M>& x) { return exp_of(x); }
  static W special(const W& x) { return x.is_zero() ? W::from(1) : x.is_infinite() && x.negative ? W::zero() : x; }
  static Radius slope(const W&, const W& f) { return Radius::from(1.25) * Radius::above(f); }
};

template <int N> struct Expm1 : Everywhere<N> {
  using W = Wide<N>;
  template <int M> static Wide<M> at(const Wide<M>& x) { return expm1_of(x); }
  static W special(const W& x) { return x.is_infinite() && x.negative ? W::from(-1) : x; }
  static Radius slope(const W& x, const W& f) { return x.negative ? Radius::from(1.25) : Radius::from(1.25) * (Radius::above(f) + Radius::from(1)); }
};

template <int N> struct Log : Everywhere<N> {
  using W = Wide<N>;
  template <int M> static Wide<M> at(const Wide<M>& x) { return log_of(x); }
  static bool inside(const W& x) { return x.finite() && !x.negative; }
  static W special(const W& x) { return x.is_zero() ? W::infinity(true) : x.negative ? W::nan() : x; }
  static Radius steepness(const W& x) { return x.is_zero() ? Radius::infinity() : Radius::from(1) / Radius::below(x) + Radius::from(1); }
  static Radius slope(const W& x, const W&) { return Radius::from(1.25) / Radius::below(x); }
};

template <int N> struct Log1p : Everywhere<N> {
  using W = Wide<N>;
  static W shifted(const W& x) { return add(x, W::from(1)); }
  template <int M> static Wide<M> at(const Wide<M>& x) { return log1p_of(x); }
  static bool inside(const W& x) { return x.finite() && (!x.negative || compare(x, W::from(-1)) > 0); }
  static W special(const W& x) {
    if (x.is_zero() || x.is_nan()) return x;
    const int side = compare(x, W::from(-1));
    return side == 0 ? W::infinity(true) : side < 0 ? W::nan() : x;
  }
  static Radius steepness(const W& x) { return Log<N>::steepness(shifted(x)); }
  static Radius slope(const W& x, const W&) { return Radius::from(1.25) / Radius::below(shifted(x)); }
};

template <int N> struct Sigmoid : Everywhere<N> {
  using W = Wide<N>;
  template <int M> static Wide<M> at(const Wide<M>& x) { return sigmoid_of(x); }
  static W special(const W& x) { return x.is_nan() ? x : x.is_zero() ? W::from(0.5) : x.negative ? W::zero() : W::from(1); }
  static Radius slope(const W&, const W& f) { return smaller(Radius::from(0.25), Radius::from(1.25) * Radius::above(f)); }
};

template <int N> struct Tanh : Everywhere<N> {
  using W = Wide<N>;
  template <int M> static Wide<M> at(const Wide<M>& x) { return tanh_of(x); }
  static W special(const W& x) { return x.is_infinite() ? W::from(x.negative ? -1 : 1) : x; }
  static Radius slope(const W&, const W&) { return Radius::from(1); }
};

template <int N> struct Sech2 : Everywhere<N> {
  using W = Wide<N>;
  static constexpr bool monotone = false;
  template <int M> static Wide<M> at(const Wide<M>& x) { return sech2_of(x); }
  static W special(const W& x) { return x.is_nan() ? x : x.is_zero() ? W::from(1) : W::zero(); }
  static Radius slope(const W&, const W& f) { return Radius::from(2.5) * Radius::above(f); }
};

template <int N> struct Softplus : Everywhere<N> {
  using W = Wide<N>;
  template <int M> static Wide<M> at(const Wide<M>& x) { return softplus_of(x); }
  static W special(const W& x) {
    if (x.is_zero()) return Tables<N + 1>::get().ln2_wide.template as<N>();
    return x.is_infinite() && x.negative ? W::zero() : x;
  }
  static Radius slope(const W&, const W& f) { return smaller(Radius::from(1), Radius::from(1.25) * Radius::above(f)); }
};

template <int N> struct Erf : Everywhere<N> {
  using W = Wide<N>;
  template <int M> static Wide<M> at(const Wide<M>& x) { return erf_of(x); }
  static W special(const W& x) { return Tanh<N>::special(x); }
  static Radius slope(const W&, const W&) { return Radius::from(1.13); }
};

template <int N> struct Normcdf : Everywhere<N> {
  using W = Wide<N>;
  template <int M> static Wide<M> at(const Wide<M>& x) { return normcdf_of(x); }
  static W special(const W& x) { return Sigmoid<N>::special(x); }
  static Radius steepness(const W& x) { return Radius::above(x) + Radius::from(2); }
  // φ(x) <= (|x| + 1) Φ(x) for x < 0 (Mills' ratio)
  static Radius slope(const W& x, const W& f) { return x.negative ? Radius::from(1.25) * (Radius::above(x) + Radius::from(2)) * Radius::above(f) : Radius::from(0.4); }
};

template <int N> struct Normpdf : Everywhere<N> {
  using W = Wide<N>;
  static constexpr bool monotone = false;
  template <int M> static Wide<M> at(const Wide<M>& x) { return normpdf_of(x); }
  static W special(const W& x) { return x.is_zero() ? Tables<N + 1>::get().inverse_sqrt_two_pi.template as<N>() : x.is_nan() ? x : W::zero(); }
  static Radius steepness(const W& x) { return Radius::above(x) + Radius::from(2); }
  static Radius slope(const W& x, const W& f) { return Radius::from(1.25) * (Radius::above(x) + Radius::from(0.0625)) * Radius::above(f); }
};

template <int N> struct Atan : Everywhere<N> {
  using W = Wide<N>;
  template <int M> static Wide<M> at(const Wide<M>& x) { return atan_of(x); }
  static W special(const W& x) {
    if (!x.is_infinite()) return x;
    W r = Tables<N + 1>::get().half_pi.template as<N>();
    r.negative = x.negative;
    return r;
  }
  static Radius slope(const W& x, const W&) {
    const Radius far = Radius::below(x);
    return far.is_zero() || far < Radius::from(1) ? Radius::from(1) : Radius::from(1.25) / far / far;
  }
};

// Whether special(x) is a rounded number.
template <class F> constexpr bool rounded_at_zero = false;
template <int N> constexpr bool rounded_at_zero<Softplus<N>> = true;
template <int N> constexpr bool rounded_at_zero<Normpdf<N>> = true;
template <class F> constexpr bool rounded_at_infinity = false;
template <int N> constexpr bool rounded_at_infinity<Atan<N>> = true;

// A function's own error: its last limb is cut off, and the one below it is nearly right.
template <int N> Radius own(const Wide<N>& w) { return w.finite() ? Radius::power_of_two(w.exponent - 64 * N + 1) : Radius::zero(); }

template <class F, int N> Wide<N> point(const Wide<N>& x, Radius& error, Run& run) {
  if (!x.finite() || !F::inside(x)) {
    const Wide<N> w = F::special(x);
    error = (x.is_zero() && rounded_at_zero<F>) || (x.is_infinite() && rounded_at_infinity<F>) ? own(w) : Radius::zero();
    return w;
  }
  const Wide<N> w = F::at(x.template as<N + 1>()).template as<N>();
  if (!w.finite()) run.saturated = true;
  error = own(w);
  return w;
}

// f of an interval whose slope is not bounded near by: from its values at both ends.
template <class F, int N> Ball<N> between(const Ball<N>& a, const Wide<N>& f, Radius error, Run& run) {
  const Wide<N> low = a.low(), high = a.high();
  if (low.is_nan() || high.is_nan() || a.radius.is_infinite()) return unknown<N>(run);
  if (!F::monotone) {  // even, and falling away from zero
    const bool across = low.negative != high.negative;
    const Wide<N> nearest = across ? Wide<N>::zero() : low.negative ? high : low;
    Radius more;
    const Wide<N> most = point<F>(nearest, more, run);
    return {f, Radius::above(most) + more + error};
  }
  if (!F::inside(a.value) && !a.value.is_zero()) return unknown<N>(run);
  if ((!F::inside(low) && !low.is_zero()) || (!F::inside(high) && !high.is_zero())) {
    run.doubt();
    return {f, Radius::infinity()};
  }
  Radius below, above;
  const Wide<N> least = point<F>(low, below, run), most = point<F>(high, above, run);
  if (least.is_infinite() && most.is_infinite()) return Ball<N>::exact(f);
  if (least.is_infinite() || most.is_infinite() || !(f.finite() || f.is_zero())) {
    run.doubt();
    return {f, Radius::infinity()};
  }
  return {f, larger(Radius::above(sub(f, least)), Radius::above(sub(most, f))) + own(f) + error + below + above};
}

template <class F, int N> Ball<N> apply(const Ball<N>& a, Run& run) {
  Radius error;
  const Wide<N> f = point<F>(a.value, error, run);
  if (a.is_exact() || !(a.value.finite() || a.value.is_zero())) return {f, error};
  if (!(a.radius * F::steepness(a.value) < Radius::from(0.0625))) return between<F>(a, f, error, run);
  if (!F::inside(a.value) && !a.value.is_zero()) return {f, error};  // surely outside
  return {f, f.finite() || f.is_zero() ? F::slope(a.value, f) * a.radius + error : Radius::zero()};
}

template <int N> void sin_cos(const Ball<N>& a, Ball<N>& sin, Ball<N>& cos) {
  const Wide<N>& x = a.value;
  if (x.is_nan() || x.is_infinite()) {
    sin = cos = Ball<N>::exact(Wide<N>::nan());
    return;
  }
  if (x.is_zero()) {
    sin = {x, a.radius};
    cos = {Wide<N>::from(1), smaller(a.radius, Radius::from(2))};
    return;
  }
  Wide<N + 1> s, c;
  if (Radius::from(1) < a.radius || !sin_cos_of(x.template as<N + 1>(), s, c)) {
    sin = cos = {Wide<N>::zero(), Radius::from(1)};
    return;
  }
  sin = {s.template as<N>(), Radius::zero()};
  cos = {c.template as<N>(), Radius::zero()};
  sin.radius = a.radius + own(sin.value);
  cos.radius = a.radius * smaller(Radius::from(1), Radius::above(x) + a.radius) + own(cos.value);
}

}  // namespace actlab::wide
