// Wide<N>: a binary floating-point number of 64 N bits with an exponent of 64 bits, zeros with a sign, infinities and
// NaN. Arithmetic (arithmetic.h) truncates: a result is less than one unit of its last place from the truth.
#pragma once
#include <bit>
#include <cmath>
#include <limits>

#include "limbs.h"

namespace actlab::wide {

enum class Kind : uint8_t { zero, finite, infinite, nan };

// Beyond these exponents a number is taken for infinite or zero: two of them still add without overflow.
constexpr int64_t largest_exponent = int64_t(1) << 60;

template <int N> struct Wide {
  uint64_t limb[N];  // the top bit is set in a finite number, which is 0.limb · 2^exponent
  int64_t exponent;
  Kind kind;
  bool negative;

  static Wide zero(bool negative = false) {
    Wide w;
    w.kind = Kind::zero;
    w.negative = negative;
    w.exponent = 0;
    for (int i = 0; i < N; i++) w.limb[i] = 0;
    return w;
  }
  static Wide infinity(bool negative) {
    Wide w = zero(negative);
    w.kind = Kind::infinite;
    return w;
  }
  static Wide nan() {
    Wide w = zero();
    w.kind = Kind::nan;
    return w;
  }
  static Wide from(double x) {
    Wide w = zero(std::signbit(x));
    if (x != x) return nan();
    if (std::isinf(x)) return infinity(x < 0);
    if (x == 0) return w;
    const uint64_t bits = std::bit_cast<uint64_t>(x);
    const uint64_t mantissa = bits & ((uint64_t(1) << 52) - 1), field = bits >> 52 & 0x7ff;
    const uint64_t significand = field ? mantissa | uint64_t(1) << 52 : mantissa;
    const int shift = __builtin_clzll(significand);
    w.kind = Kind::finite;
    w.limb[N - 1] = significand << shift;
    w.exponent = (field ? (int64_t)field : 1) - 1075 + 64 - shift;
    return w;
  }
  // 2^k
  static Wide power_of_two(int64_t k) {
    Wide w = zero();
    w.kind = Kind::finite;
    w.limb[N - 1] = uint64_t(1) << 63;
    w.exponent = k + 1;
    return w;
  }

  bool finite() const { return kind == Kind::finite; }
  bool is_zero() const { return kind == Kind::zero; }
  bool is_nan() const { return kind == Kind::nan; }
  bool is_infinite() const { return kind == Kind::infinite; }
  Wide operator-() const {
    Wide w = *this;
    w.negative = !negative;
    return w;
  }
  Wide abs() const {
    Wide w = *this;
    w.negative = false;
    return w;
  }
  // times 2^k
  Wide scaled(int64_t k) const {
    Wide w = *this;
    if (!finite()) return w;
    w.exponent += k;
    return w.in_range();
  }
  Wide in_range() const {
    if (finite() && exponent > largest_exponent) return infinity(negative);
    if (finite() && exponent < -largest_exponent) return zero(negative);
    return *this;
  }
  // The other precision: extended with zeros, or cut; `exact` says whether nothing was cut off.
  template <int M> Wide<M> as(bool* exact = nullptr) const {
    Wide<M> w;
    w.kind = kind;
    w.negative = negative;
    w.exponent = exponent;
    for (int i = 0; i < M; i++) w.limb[i] = i + N - M >= 0 ? limb[i + N - M] : 0;
    if constexpr (M < N) {
      if (exact) *exact = all_zero(limb, N - M);
    } else if (exact) {
      *exact = true;
    }
    return w;
  }
  // To about 53 bits, toward zero, for first guesses; the exponent must be moderate.
  double guess() const {
    if (!finite()) return is_zero() ? 0.0 : is_nan() ? std::numeric_limits<double>::quiet_NaN() : negative ? -HUGE_VAL : HUGE_VAL;
    const int clamped = exponent > 2000 ? 2000 : exponent < -2000 ? -2000 : (int)exponent;
    const double size = std::ldexp((double)(limb[N - 1] >> 11), clamped - 53);
    return negative ? -size : size;
  }
  // Whether the number is a whole one; `odd` then says which.
  bool whole(bool& odd) const {
    odd = false;
    if (is_zero()) return true;
    if (!finite() || exponent <= 0) return false;
    const int64_t below = (int64_t)64 * N - exponent;  // bits after the point
    if (below <= 0) {
      odd = below == 0 && (limb[0] & 1);
      return true;
    }
    for (int64_t i = 0; i < below / 64; i++)
      if (limb[i]) return false;
    const int in = (int)(below / 64), bit = (int)(below % 64);
    if (bit && (limb[in] & ((uint64_t(1) << bit) - 1))) return false;
    odd = limb[in] >> bit & 1;
    return true;
  }
};

template <int N> int compare_sizes(const Wide<N>& a, const Wide<N>& b) {  // finite or zero
  if (a.is_zero() || b.is_zero()) return (a.is_zero() ? 0 : 1) - (b.is_zero() ? 0 : 1);
  if (a.exponent != b.exponent) return a.exponent < b.exponent ? -1 : 1;
  return compare_limbs(a.limb, b.limb, N);
}

// -1, 0, 1; neither is NaN.
template <int N> int compare(const Wide<N>& a, const Wide<N>& b) {
  const auto side = [](const Wide<N>& w) { return w.is_zero() ? 0 : w.negative ? -1 : 1; };
  const int sa = side(a), sb = side(b);
  if (sa != sb) return sa < sb ? -1 : 1;
  if (sa == 0) return 0;
  if (a.is_infinite() || b.is_infinite()) return a.is_infinite() == b.is_infinite() ? 0 : (a.is_infinite() ? sa : -sa);
  return sa * compare_sizes(a, b);
}

// The nearest T, ties to even; the number counts as exact.
template <class T, int N> T rounded(const Wide<N>& w) {
  using L = std::numeric_limits<T>;
  if (w.is_nan()) return L::quiet_NaN();
  const T sign = w.negative ? T(-1) : T(1);
  if (w.is_zero()) return sign * T(0);
  if (w.is_infinite() || w.exponent > L::max_exponent) return sign * L::infinity();
  if (w.exponent < L::min_exponent - L::digits) return sign * T(0);  // below half of the smallest
  // Bits that fit: all of the type's, fewer for a subnormal.
  const int room = w.exponent >= L::min_exponent ? L::digits : (int)(w.exponent - L::min_exponent) + L::digits;
  const uint64_t top = w.limb[N - 1];
  uint64_t kept = room == 0 ? 0 : top >> (64 - room);
  const uint64_t rest = room == 0 ? top : top << room;
  const uint64_t half = uint64_t(1) << 63;
  const bool more = (rest & (half - 1)) != 0 || !all_zero(w.limb, N - 1);
  if ((rest & half) && (more || (kept & 1))) kept++;
  return sign * std::ldexp((T)kept, (int)w.exponent - room);  // ldexp is exact here, and gives infinity above
}

}  // namespace actlab::wide
