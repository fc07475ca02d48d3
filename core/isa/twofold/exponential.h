// exp, expm1, log, log1p and the logistic family, of twofold arguments. Each is within 2^-94 of its size, and floor_error;
// where it is not, a comment says by how much. tests/core/test_twofold.py holds them to that.
#pragma once
#include "../vmath_log.h"
#include "arithmetic.h"
#include "coefficients.h"

namespace actlab::ACTLAB_ISA::twofold {

constexpr double exp_limit = 700;  // below -700 an exponential is less than floor_error; above 700 it is NaN here

// e^x = 2^n (1 + q), q = expm1(r), |r| <= log(2) / 2; t = n + magic. |x| <= exp_limit.
template <class V> struct ExpParts {
  Twofold<V> q;
  V t;
};
template <class V> ACTLAB_INLINE ExpParts<V> exp_parts(Twofold<V> x) {
  const V t = fma(x.high, set1<V>(coefficients<double>::log2e), set1<V>(rounding<double>::magic)), n = t - rounding<double>::magic;
  const Twofold<V> first = exact_sum(x.high, n * -ln2_parts[0]), second = exact_sum(first.high, n * -ln2_parts[1]);
  const Twofold<V> r = add(second, exact_sum(x.low, fma(n, set1<V>(-ln2_parts[2]), first.low)));
  return {add(r, mul(mul(r, r), series(exp_series, exp_series_rest, r))), t};
}

// x where that is within the limit, 0 elsewhere.
template <class V> ACTLAB_INLINE Twofold<V> moderate(Twofold<V> x) {
  return select<V>(int_t<V>(vabs(x.high) <= exp_limit), x, {V{}, V{}});
}
template <class V> ACTLAB_INLINE Twofold<V> beyond_limit(Twofold<V> x, double below, Twofold<V> f) {
  f = select<V>(int_t<V>(x.high < -exp_limit), single(set1<V>(below)), f);
  return select<V>(int_t<V>(x.high <= exp_limit), f, single(set1<V>(limits<double>::nan)));
}

template <class V> ACTLAB_CALLED void exp_expm1(Twofold<V> x, Twofold<V>& e, Twofold<V>& em1) {
  const ExpParts<V> p = exp_parts(moderate(x));
  const V power = scale_by(set1<V>(1), p.t);  // n = 0 leaves q itself
  e = beyond_limit(x, 0, scaled(add(p.q, set1<V>(1)), p.t));
  em1 = beyond_limit(x, -1, add(scaled(p.q, p.t), exact_sum(power, set1<V>(-1))));
}
template <class V> ACTLAB_INLINE Twofold<V> exp(Twofold<V> x) {
  Twofold<V> e, em1;
  exp_expm1(x, e, em1);
  return e;
}
template <class V> ACTLAB_INLINE Twofold<V> expm1(Twofold<V> x) {
  Twofold<V> e, em1;
  exp_expm1(x, e, em1);
  return em1;
}

// log(1 + f), from its double y by Newton's step: y + log(1 + z) with z = (f - expm1 y) / e^y, |z| of the size of ulp(y).
// Near f = -1 the low part counts for more than that: there y is the logarithm of the sum. The difference then cancels, and
// the error is 2^-96 / (1 + f) more.
template <class V> ACTLAB_CALLED Twofold<V> log1p(Twofold<V> f) {
  const V y = f.high < -0.5 ? vlog(add(f, set1<V>(1)).high) : vlog1p(f.high);
  Twofold<V> e, em1;
  exp_expm1(single(y), e, em1);
  const Twofold<V> top = sub(f, em1);
  const V z = (top.high + top.low) / e.high;
  return joined(y, fnma(z * z, set1<V>(0.5), z));
}

// log x = k log 2 + log m for x positive and normal, NaN for others.
template <class V> ACTLAB_INLINE Twofold<V> log(Twofold<V> x) {
  const int_t<V> normal = int_t<V>(x.high >= limits<double>::smallest_normal) & int_t<V>(x.high < limits<double>::infinity);
  V k, m = split_exponent(normal ? x.high : set1<V>(1), coefficients<double>::sqrt_half, k);
  const V t = rounding<double>::magic - k, low = scale_by(x.low, t);
  const Twofold<V> y = add(mul(constant<V>(ln2), k), log1p(add(exact_sum(m, set1<V>(-1)), low)));
  return select<V>(normal, y, single(set1<V>(limits<double>::nan)));
}

// For e = e^(-|x|): 1 / (1 + e), which is sigmoid(|x|), and e.
template <class V> ACTLAB_INLINE Twofold<V> logistic(Twofold<V> x, Twofold<V>& e) {
  e = exp(-magnitude(x));
  return div(single(set1<V>(1)), add(e, set1<V>(1)));
}
template <class V> ACTLAB_INLINE void sigmoid_pair(Twofold<V> x, Twofold<V>& s, Twofold<V>& c) {
  Twofold<V> e;
  const Twofold<V> large = logistic(x, e), small = mul(e, large);
  const int_t<V> negative = int_t<V>(x.high < 0);
  s = select<V>(negative, small, large);
  c = select<V>(negative, large, small);
}

template <class V> ACTLAB_INLINE void tanh_sech2(Twofold<V> x, Twofold<V>& t, Twofold<V>& d) {
  Twofold<V> e, em1;
  exp_expm1(times_power_of_two(-magnitude(x), 2), e, em1);
  const Twofold<V> sum = add(e, set1<V>(1));
  const Twofold<V> y = div(-em1, sum);
  t = select<V>(int_t<V>(x.high < 0), -y, y);
  d = div(times_power_of_two(e, 4), mul(sum, sum));
}

template <class V> ACTLAB_INLINE void softplus_sigmoid(Twofold<V> x, Twofold<V>& sp, Twofold<V>& s) {
  Twofold<V> e;
  const Twofold<V> large = logistic(x, e), log = log1p(e);
  const int_t<V> negative = int_t<V>(x.high < 0);
  s = select<V>(negative, mul(e, large), large);
  sp = select<V>(negative, log, add(magnitude(x), log));
}

}  // namespace actlab
