// sin, cos with a full range reduction, atan. As exponential.h: finite arguments that are not zero.
#pragma once
#include "exponential.h"

namespace actlab::wide {

// Arguments up to 2^(this) are reduced; that is x³ for any double x, and more.
constexpr int largest_angle = 3328;

// sin and cos of r, 0 < r < 0.8; sin has its full relative precision.
template <int M> void first_octant(const Wide<M>& r, Wide<M>& sin, Wide<M>& cos) {
  const Tables<M>& table = Tables<M>::get();
  if (r.exponent < -32 * M - 8) {
    sin = r;
    cos = one<M>();
    return;
  }
  Fraction<M> t = Fraction<M>::of(r);
  const size_t index = (size_t)(t.limb[M - 1] >> 57);
  t.limb[M - 1] -= (uint64_t)index << 57;
  const SmallAngle<M> small(t, table);
  if (index == 0) {
    sin = times(r, small.half_sin_ratio.wide(1));
    cos = small.cos;
    return;
  }
  const Wide<M> s = table.sin[index].wide(0), c = table.cos[index].wide(0);
  sin = add(times(s, small.cos), times(c, small.sin));
  cos = sub(times(c, small.cos), times(s, small.sin));
}

// The bits of 2/π that an argument of this size needs: `limbs` of them, as a fraction.
inline const uint64_t* two_over_pi_limbs(int limbs) {
  constexpr int few = 32, many = largest_angle / 64 + 2 * 132;
  static const std::vector<uint64_t> short_one = two_over_pi(few + 1);
  if (limbs <= few) return short_one.data() + (short_one.size() - (size_t)limbs);
  static const std::vector<uint64_t> long_one = two_over_pi(many + 1);
  if (limbs > many) return nullptr;
  return long_one.data() + (long_one.size() - (size_t)limbs);
}

// |x| = (quadrant + turn) π/2 with |turn| <= 1/2, and r = |turn| π/2, `flipped` where the turn is negative.
template <int M> bool reduce_angle(const Wide<M>& x, Wide<M>& r, int& quadrant, bool& flipped) {
  if (x.exponent > largest_angle) return false;
  const int64_t e = std::max<int64_t>(x.exponent, 0);
  int spare = 2;
  for (;;) {
    const int limbs = (int)(e / 64) + M + 1 + spare, total = M + limbs;
    const uint64_t* inverse = two_over_pi_limbs(limbs);
    if (!inverse) return false;
    std::vector<uint64_t> product((size_t)total + 1);
    multiply(product.data(), x.limb, M, inverse, limbs);
    product[(size_t)total] = 0;
    const int64_t point = (int64_t)64 * total - x.exponent;  // the place of the units in the product
    const auto bit = [&](int64_t at) { return at < 64 * (int64_t)total ? (int)(product[(size_t)(at / 64)] >> (at % 64) & 1) : 0; };
    quadrant = bit(point) | bit(point + 1) << 1;
    flipped = bit(point - 1);
    // The fraction, at the top of an array of its own; where it is above 1/2, one minus it.
    const int size = (int)((point + 63) / 64);
    std::vector<uint64_t> part((size_t)size);
    for (int i = 0; i < size; i++) part[(size_t)i] = i < total ? product[(size_t)i] : 0;
    shift_left(part.data(), part.data(), size, (int)((int64_t)64 * size - point));
    if (flipped) {
      quadrant = (quadrant + 1) & 3;
      uint64_t carry = 1;
      for (int i = 0; i < size; i++) {
        part[(size_t)i] = ~part[(size_t)i] + carry;
        carry = carry && part[(size_t)i] == 0;
      }
    }
    const int zeros = leading_zeros(part.data(), size);
    if (zeros > 64 * (spare - 1)) {  // nearly a multiple of π/2: more bits
      if (zeros >= 64 * size) return false;
      spare += zeros / 64 + 1;
      continue;
    }
    Wide<M> turn = Wide<M>::zero();
    turn.kind = Kind::finite;
    turn.exponent = -zeros;
    const int whole = zeros / 64;
    for (int i = 0; i < M; i++) {
      const int at = size - 1 - whole - i;
      const int shift = zeros % 64;
      const uint64_t high = at >= 0 ? part[(size_t)at] : 0, low = at >= 1 ? part[(size_t)at - 1] : 0;
      turn.limb[M - 1 - i] = shift ? high << shift | low >> (64 - shift) : high;
    }
    r = times(turn, Tables<M>::get().half_pi);
    return true;
  }
}

// False for an argument too large to reduce.
template <int M> bool sin_cos_of(const Wide<M>& x, Wide<M>& sin, Wide<M>& cos) {
  Wide<M> r = x.abs(), s, c;
  int quadrant = 0;
  bool flipped = false;
  if (x.exponent > 0 || (x.exponent == 0 && x.limb[M - 1] >= 0xC000000000000000u))
    if (!reduce_angle(x, r, quadrant, flipped)) return false;
  first_octant(r, s, c);
  if (flipped) s.negative = true;
  sin = quadrant & 1 ? c : s;
  cos = quadrant & 1 ? s : c;
  if (quadrant & 2) sin = -sin;
  if (quadrant == 1 || quadrant == 2) cos = -cos;
  if (x.negative) sin = -sin;
  return true;
}

template <int M> Wide<M> atan_of(const Wide<M>& x) {
  if (x.exponent > 0 && compare_sizes(x, one<M>()) > 0) {
    Wide<M> r = sub(Tables<M>::get().half_pi, atan_of(div(one<M>(), x.abs())));
    r.negative = x.negative;
    return r;
  }
  if (x.exponent <= -7) return arc_series(x, true);
  // atan x = y + atan((x cos y - sin y) / (cos y + x sin y))
  const Wide<M> y = Wide<M>::from(std::atan(x.guess()));
  Wide<M> s, c;
  sin_cos_of(y, s, c);
  return add(y, arc_series(div(sub(times(x, c), s), add(c, times(x, s))), true));
}

}  // namespace actlab::wide
