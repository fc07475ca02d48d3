// sin, cos and atan.
#pragma once
#include "coefficients.h"
#include "simd.h"

namespace actlab::ACTLAB_ISA {

// x = (4 j + quadrant) pi / 2 + r, |r| <= pi / 4, for any finite x: x times enough bits of 2 / pi (Payne and Hanek).
// The same for every instruction set: integers and products of doubles split by hand.
struct Reduced {
  double r, low;
  int quadrant;
};
static inline __attribute__((noinline)) Reduced reduce_large(double x) {
  __extension__ typedef unsigned __int128 Wide;
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  const int e = (int)(bits >> 52 & 2047) - 1075;  // |x| = mantissa 2^e
  const uint64_t mantissa = (bits & 0xfffffffffffffu) | 0x10000000000000u;
  // Bits of 2 / pi whose product with |x| is a multiple of 4 turns are left out; the table starts with 64 zero bits.
  const int first = e - 2 + 64, word = first >> 6, shift = first & 63;
  uint64_t w[3];
  for (int i = 0; i < 3; i++) {
    const uint64_t* bits_at = two_over_pi_bits + word + i;
    w[i] = shift ? bits_at[0] << shift | bits_at[1] >> (64 - shift) : bits_at[0];
  }
  Wide p2 = (Wide)mantissa * w[2], p1 = (Wide)mantissa * w[1] + (uint64_t)(p2 >> 64);
  uint64_t low = (uint64_t)p2, middle = (uint64_t)p1, high = mantissa * w[0] + (uint64_t)(p1 >> 64);
  // high.middle.low is now |x| / (2 pi) modulo 1.
  int quadrant = (int)(high >> 62);
  high = high << 2 | middle >> 62;
  middle = middle << 2 | low >> 62;
  low <<= 2;
  const bool negative = high >> 63;
  if (negative) {  // nearer to the next quadrant
    quadrant++;
    high = ~high;
    middle = ~middle;
    low = ~low;
  }
  // No double is nearer to a multiple of pi / 2 than 2^-62 or so: `high` is not zero.
  const int zeros = __builtin_clzll(high | 1);
  Wide fraction = ((Wide)high << 64 | middle) << zeros;
  if (zeros) fraction |= low >> (64 - zeros);
  // Two numbers of 53 bits: the fraction of a quarter turn.
  double f = (double)(uint64_t)(fraction >> 75), g = (double)((uint64_t)(fraction >> 22) & 0x1fffffffffffffu);
  uint64_t unit_bits = (uint64_t)(1023 - 53 - zeros) << 52;
  double unit;
  memcpy(&unit, &unit_bits, sizeof unit);
  f *= unit;
  g *= unit * 0x1p-53;
  // times pi / 2, by Dekker's product.
  const double pi = coefficients<double>::half_pi[0], splitter = 134217729.0;
  double cf = f * splitter, fh = cf - (cf - f), fl = f - fh, cp = pi * splitter, ph = cp - (cp - pi), pl = pi - ph;
  double product = f * pi, error = fl * pl - (((product - fh * ph) - fl * ph) - fh * pl);
  error += f * coefficients<double>::half_pi[1] + g * pi;
  double r = product + error, r_low = error - (r - product);
  if (negative) r = -r, r_low = -r_low;
  if (bits >> 63) r = -r, r_low = -r_low, quadrant = -quadrant;
  return {r, r_low, quadrant & 3};
}

template <class V, class K = scalar_t<V>> ACTLAB_INLINE void vsincos(V x, V& sine, V& cosine) {
  using T = scalar_t<V>;
  using C = coefficients<K>;
  constexpr bool brief = sizeof(T) == 8 && !accuracy<K>::compensated;
  using S = simd<T>;
  constexpr T limit = sizeof(T) == 4 ? (T)6000 : (T)800000;  // n fits the zero bits of half_pi_parts
  const T magic = rounding<T>::magic;
  V a = vabs(x);
  V t = fma(x, set1<V>(C::two_over_pi), set1<V>(magic)), n = t - magic;
  // The first three products are exact, and so is the first difference; of the others the error is kept (not in brief:
  // there it is less than the last bit, as a difference is exact wherever it cancels).
  V r = fnma(n, set1<V>(C::half_pi_parts[0]), x), low{}, more;
  if constexpr (brief) {
    ACTLAB_UNROLL for (int i = 1; i < 4; i++) r = fnma(n, set1<V>(C::half_pi_parts[i]), r);
  } else {
    V w = n * C::half_pi_parts[1];
    two_sum(r, -w, r, low);
    two_sum(r, n * -C::half_pi_parts[2], r, more);
    low = fnma(n, set1<V>(C::half_pi_parts[3]), low + more);
    two_sum(r, low, r, low);
  }
  uint_t<V> quadrant = (uint_t<V>)t;
  int_t<V> large = int_t<V>(a > limit) & int_t<V>(a < limits<T>::infinity);
  if (__builtin_expect(any<V>(large), 0)) {
    for (int i = 0; i < S::lanes; i++) {
      if (!large[i]) continue;
      Reduced reduced = reduce_large((double)x[i]);
      r[i] = (T)reduced.r;
      low[i] = (T)((reduced.r - (double)r[i]) + reduced.low);
      quadrant[i] = (typename S::Bits)reduced.quadrant;
    }
  }
  V z = r * r, s, c;
  if constexpr (brief) {
    s = fma(r * z, polynomial(C::sin, z), r);
    c = fma(z, fma(z, polynomial(C::cos, z), set1<V>((T)-0.5)), set1<V>(1));
  } else {
    // sin(r + low) = r + (r^3 S(z) + low (1 - z / 2))
    s = r + fma(r * z, polynomial(C::sin, z), fnma(low, z * (T)0.5, low));
    // cos(r + low) = 1 - z / 2 + (z^2 C(z) - r low), with the rounding of 1 - z / 2 put back
    V half = z * (T)0.5, one = 1 - half;
    c = one + (((1 - one) - half) + fnma(r, low, z * z * polynomial(C::cos, z)));
  }
  s = select(int_t<V>(x == 0), x, s);  // keeps -0
  int_t<V> odd = int_t<V>((quadrant & 1) == 1);
  sine = select(odd, c, s);
  cosine = select(odd, s, c);
  constexpr int up = (int)sizeof(T) * 8 - 2;
  sine = (V)((uint_t<V>)sine ^ ((quadrant & 2) << up));
  cosine = (V)((uint_t<V>)cosine ^ (((quadrant + 1) & 2) << up));
  int_t<V> finite = int_t<V>(a < limits<T>::infinity);
  sine = select(finite, sine, x - x);
  cosine = select(finite, cosine, x - x);
}
template <class V, class K = scalar_t<V>> ACTLAB_INLINE V vsin(V x) {
  V s, c;
  vsincos<V, K>(x, s, c);
  return s;
}
template <class V, class K = scalar_t<V>> ACTLAB_INLINE V vcos(V x) {
  V s, c;
  vsincos<V, K>(x, s, c);
  return c;
}

// atan of |x| is atan((|x| - b) / (1 + b |x|)) + atan(b) with b = 0, 1 or infinity, whichever leaves an argument of
// at most tan(pi / 8); one division serves the three. (Brief: the quotient and the sums stay as they are rounded.)
template <class V, class K = scalar_t<V>> ACTLAB_INLINE V vatan(V x) {
  using T = scalar_t<V>;
  using C = coefficients<K>;
  V a = at_most(vabs(x), (T)0x1p60);  // pi / 2 from far below there on; Dekker's product must not overflow
  int_t<V> middle = int_t<V>(a > C::tan_eighth), far = int_t<V>(a > 1 / C::tan_eighth);
  if constexpr (sizeof(T) == 8 && !accuracy<K>::compensated) {
    V top = select(far, set1<V>(-1), select(middle, a - 1, a));
    V bottom = select(far, a, select(middle, a + 1, set1<V>(1)));
    V base = select(far, set1<V>(C::half_pi[0]), select(middle, set1<V>(C::half_pi[0] / 2), V{}));
    V t = top / bottom, z = t * t;
    return copysign(base + fma(t * z, polynomial(C::atan, z), t), x);
  }
  V top, top_low, bottom, bottom_low;
  two_sum(a, set1<V>(-1), top, top_low);
  two_sum(a, set1<V>(1), bottom, bottom_low);
  top = select(far, set1<V>(-1), select(middle, top, a));
  bottom = select(far, a, select(middle, bottom, set1<V>(1)));
  int_t<V> one = middle & ~far;
  top_low = select(one, top_low, V{});
  bottom_low = select(one, bottom_low, V{});
  V inverse = 1 / bottom, t = top * inverse, product, product_low;
  two_product(t, bottom, product, product_low);
  V t_low = ((((top - product) - product_low) + top_low) - t * bottom_low) * inverse;
  V base = select(far, set1<V>(C::half_pi[0]), select(middle, set1<V>(C::half_pi[0] / 2), V{}));
  V base_low = select(far, set1<V>(C::half_pi[1]), select(middle, set1<V>(C::half_pi[1] / 2), V{}));
  V z = t * t, tail = fma(t * z, polynomial(C::atan, z), t_low + base_low);
  V sum, sum_low;
  fast_two_sum(base, t, sum, sum_low);
  V y = sum + (sum_low + tail);
  return copysign(y, x);
}

}  // namespace actlab
