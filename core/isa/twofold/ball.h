// A twofold number with a bound on its error, and the arithmetic of such numbers; wide/ball.h in vectors.
//
// The truth lies within the radius of the value. A radius of 0 means that the value is the truth; an infinite one, or NaN
// anywhere, that nothing is known. Radii are computed with 53 bits: what their own roundings come to, less than 2^-30 of
// them, is added where they are used.
#pragma once
#include "normal.h"
#include "trigonometric.h"

namespace actlab::ACTLAB_ISA::twofold {

constexpr double function_error = 0x1p-94;  // of the elementary functions
constexpr double log1p_error = 0x1p-96;     // and over 1 + f
constexpr double safely = 1 - 0x1p-30;      // a size times this is below the true one

template <class V> struct Ball {
  Twofold<V> value;
  V radius;
  Ball operator-() const { return {-value, radius}; }
  V size() const { return vabs(value.high); }
};

template <class V> ACTLAB_INLINE V infinite() { return set1<V>(limits<double>::infinity); }
template <class V> ACTLAB_INLINE Ball<V> exactly(V x) { return {single(x), V{}}; }
template <class V> ACTLAB_INLINE Ball<V> rounded(Twofold<V> r, V error) { return {r, error + vabs(r.high) * own_error + floor_error}; }
template <class V> ACTLAB_INLINE Ball<V> choose(int_t<V> mask, Ball<V> a, Ball<V> b) {
  return {select<V>(mask, a.value, b.value), mask ? a.radius : b.radius};
}

template <class V> ACTLAB_INLINE Ball<V> add(Ball<V> a, Ball<V> b) { return rounded<V>(add(a.value, b.value), a.radius + b.radius); }
template <class V> ACTLAB_INLINE Ball<V> mul(Ball<V> a, Ball<V> b) {
  return rounded<V>(mul(a.value, b.value), a.size() * b.radius + b.size() * a.radius + a.radius * b.radius);
}
// Quotients and roots mend their first double by what its product leaves of `a`: of a smaller one that is no longer exact.
template <class V> ACTLAB_INLINE int_t<V> leaves_a_rest(Twofold<V> a) { return int_t<V>(vabs(a.high) >= set1<V>(0x1p-900)); }
template <class V> ACTLAB_INLINE Ball<V> div(Ball<V> a, Ball<V> b) {
  const Twofold<V> q = div(a.value, b.value);
  const V smallest = b.size() * safely - b.radius;
  return rounded<V>(q, int_t<V>(smallest > 0) & leaves_a_rest<V>(a.value) ? (a.radius + vabs(q.high) * b.radius) / smallest : infinite<V>());
}
template <class V> ACTLAB_INLINE Ball<V> sqrt(Ball<V> a) {
  const Twofold<V> s = sqrt(a.value);
  return rounded<V>(s, leaves_a_rest<V>(a.value) ? a.radius / s.high : infinite<V>());
}

// What is known of a - b: whether its sign is, and then that.
template <class V> struct Order {
  int_t<V> known, less, equal;
};
template <class V> ACTLAB_INLINE Order<V> compare(Ball<V> a, Ball<V> b) {
  const V rough = a.value.high - b.value.high;  // of an infinity: that
  const V apart = vabs(rough) == infinite<V>() ? rough : sub(a.value, b.value).high, doubt = a.radius + b.radius;
  return {int_t<V>(vabs(apart) * safely > doubt) | (int_t<V>(doubt == 0) & int_t<V>(apart == apart)), int_t<V>(apart < 0), int_t<V>(apart == 0)};
}

// The larger (or smaller) of two: where the balls overlap either is near the truth.
template <bool Larger, class V> ACTLAB_INLINE Ball<V> extreme(Ball<V> a, Ball<V> b) {
  const Order<V> order = compare(a, b);
  Ball<V> r = Larger ? choose<V>(order.less, b, a) : choose<V>(order.less, a, b);
  r.radius = order.known ? r.radius : a.radius + b.radius + vabs(sub(a.value, b.value).high);
  return r;
}

template <class V> ACTLAB_INLINE Ball<V> magnitude(Ball<V> a) { return {magnitude(a.value), a.radius}; }

// f with |f′| <= slope within 1/16 of a, and within 1/16 of 1 / steepness.
template <class V> ACTLAB_INLINE Ball<V> carried(Ball<V> a, Twofold<V> f, V slope, V steepness, V more) {
  const int_t<V> near = int_t<V>(a.radius * steepness < 0x1p-4) & int_t<V>(a.value.high == a.value.high);
  return {f, near ? slope * a.radius + more + vabs(f.high) * function_error + floor_error : infinite<V>()};
}
template <class V> ACTLAB_INLINE Ball<V> carried(Ball<V> a, Twofold<V> f, V slope) { return carried<V>(a, f, slope, set1<V>(1), V{}); }

template <class V> ACTLAB_INLINE V lesser(V a, V b) { return a < b ? a : b; }

template <class V> ACTLAB_INLINE void exp_expm1(Ball<V> a, Ball<V>& e, Ball<V>& em1) {
  Twofold<V> f, g;
  exp_expm1(a.value, f, g);
  e = carried<V>(a, f, 1.25 * f.high);
  em1 = carried<V>(a, g, 1.25 * f.high);
}
template <class V> ACTLAB_INLINE Ball<V> log(Ball<V> a) {
  const V inverse = 1 / a.size();
  return carried<V>(a, log(a.value), 1.25 * inverse, 1 + inverse, V{});
}
template <class V> ACTLAB_INLINE Ball<V> log1p(Ball<V> a) {
  const V inverse = vabs(1 / add(a.value, set1<V>(1)).high);
  return carried<V>(a, log1p(a.value), 1.25 * inverse, 1 + inverse, log1p_error * inverse);
}
template <class V> ACTLAB_INLINE void sigmoid_pair(Ball<V> a, Ball<V>& s, Ball<V>& c) {
  Twofold<V> f, g;
  sigmoid_pair(a.value, f, g);
  const V slope = 1.25 * lesser<V>(f.high, g.high);  // s c is less than either
  s = carried<V>(a, f, slope);
  c = carried<V>(a, g, slope);
}
template <class V> ACTLAB_INLINE void tanh_sech2(Ball<V> a, Ball<V>& t, Ball<V>& d) {
  Twofold<V> f, g;
  tanh_sech2(a.value, f, g);
  t = carried<V>(a, f, set1<V>(1));
  d = carried<V>(a, g, 2.5 * g.high);
}
template <class V> ACTLAB_INLINE void softplus_sigmoid(Ball<V> a, Ball<V>& sp, Ball<V>& s) {
  Twofold<V> f, g;
  softplus_sigmoid(a.value, f, g);
  sp = carried<V>(a, f, 1.25 * g.high);
  s = carried<V>(a, g, 1.25 * g.high);
}
template <class V> ACTLAB_INLINE void tanh_softplus(Ball<V> a, Ball<V>& t, Ball<V>& d) {
  Ball<V> inner, s, outer;
  softplus_sigmoid(a, inner, s);
  tanh_sech2(inner, t, outer);
  d = mul(outer, s);
}
template <class V> ACTLAB_INLINE Ball<V> erf(Ball<V> a) { return carried<V>(a, erf(a.value), set1<V>(1.13)); }
template <class V> ACTLAB_INLINE void normcdf_normpdf(Ball<V> a, Ball<V>& P, Ball<V>& p) {
  Twofold<V> f, g;
  normcdf_normpdf(a.value, f, g);
  const V far = a.size() + 2;
  // φ(x) <= (|x| + 1) Φ(x) for x < 0 (Mills' ratio)
  P = carried<V>(a, f, a.value.high < 0 ? 1.25 * far * f.high : set1<V>(0.4), far, V{});
  p = carried<V>(a, g, 1.25 * far * g.high, far, V{});
}
template <class V> ACTLAB_INLINE void sin_cos(Ball<V> a, Ball<V>& s, Ball<V>& c) {
  Twofold<V> f, g;
  sin_cos(a.value, f, g);
  const V more = angle_error * a.size();
  s = carried<V>(a, f, set1<V>(1), set1<V>(1), more);
  c = carried<V>(a, g, set1<V>(1), set1<V>(1), more);
}
template <class V> ACTLAB_INLINE Ball<V> atan(Ball<V> a) {
  return carried<V>(a, atan(a.value), lesser<V>(set1<V>(1), 1.25 / (a.size() * a.size())));
}

// a^n for a whole n, by products.
template <class V> ACTLAB_INLINE Ball<V> power(Ball<V> a, int n) {
  Ball<V> r = exactly(set1<V>(1));
  for (int left = n < 0 ? -n : n; left; left >>= 1) {
    if (left & 1) r = mul(r, a);
    if (left > 1) a = mul(a, a);
  }
  return n < 0 ? div(exactly(set1<V>(1)), r) : r;
}
// a^b for a > 0; not known for others.
template <class V> ACTLAB_INLINE Ball<V> power(Ball<V> a, Ball<V> b) {
  Ball<V> e, em1;
  exp_expm1(mul(b, log(a)), e, em1);
  return e;
}

}  // namespace actlab
