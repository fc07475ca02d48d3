// sin, cos and atan of twofold arguments.
#pragma once
#include "../vmath_trig.h"
#include "arithmetic.h"
#include "coefficients.h"

namespace actlab::ACTLAB_ISA::twofold {

constexpr double largest_angle = 0x1p19;       // NaN beyond
constexpr double angle_error = 0x1p-148;       // times |x|: what the reduction loses besides its share of 2^-94
constexpr double largest_tangent = 0x1p40;     // NaN beyond

// Within 2^-94 of their size, and angle_error times |x|.
template <class V> ACTLAB_CALLED void sin_cos(Twofold<V> x, Twofold<V>& sine, Twofold<V>& cosine) {
  const int_t<V> moderate = int_t<V>(vabs(x.high) <= largest_angle);
  x = select<V>(moderate, x, single(set1<V>(limits<double>::nan)));
  const V t = fma(x.high, set1<V>(coefficients<double>::two_over_pi), set1<V>(rounding<double>::magic)), n = t - rounding<double>::magic;
  Twofold<V> r = add(exact_sum(x.high, n * -half_pi_parts[0]), exact_sum(x.low, n * -half_pi_parts[1]));
  r = add(r, exact_sum(n * -half_pi_parts[2], n * -half_pi_parts[3]));
  const Twofold<V> z = mul(r, r);
  const Twofold<V> s = add(r, mul(mul(r, z), series(sin_series, sin_series_rest, z)));
  const Twofold<V> c = add(mul(z, series(cos_series, cos_series_rest, z)), set1<V>(1));
  const uint_t<V> quadrant = (uint_t<V>)t;
  const int_t<V> odd = int_t<V>((quadrant & 1) == 1);
  sine = select<V>(odd, c, s);
  cosine = select<V>(odd, s, c);
  sine = select<V>(int_t<V>((quadrant & 2) == 2), -sine, sine);
  cosine = select<V>(int_t<V>(((quadrant + 1) & 2) == 2), -cosine, cosine);
}

// From its double y: y + atan((x cos y - sin y) / (cos y + x sin y)), the second of which is of the size of ulp(y).
template <class V> ACTLAB_INLINE Twofold<V> atan(Twofold<V> x) {
  const V y = vatan(x.high);
  Twofold<V> s, c;
  sin_cos(single(y), s, c);
  const Twofold<V> top = sub(mul(x, c), s);
  const V bottom = fma(x.high, s.high, c.high);
  const Twofold<V> r = joined(y, (top.high + top.low) / bottom);
  return select<V>(int_t<V>(vabs(x.high) <= largest_tangent), r, single(set1<V>(limits<double>::nan)));
}

}  // namespace actlab
