// Radius: an upper bound on an error, m · 2^e with about 50 bits and the exponent range of Wide. Every operation rounds
// upward, generously: a bound may be a little too large, never too small.
#pragma once
#include "wide.h"

namespace actlab::wide {

struct Radius {
  double m;  // 0, infinite, or 1/2 <= m < 1
  int64_t e;

  static Radius zero() { return {0, 0}; }
  static Radius infinity() { return {HUGE_VAL, 0}; }
  static Radius power_of_two(int64_t k) { return {0.5, k + 1}; }
  // At least |w|.
  template <int N> static Radius above(const Wide<N>& w) {
    if (w.is_zero()) return zero();
    if (!w.finite()) return infinity();
    return Radius{(double)((w.limb[N - 1] >> 12) + 1) * 0x1p-52, w.exponent}.normal();
  }
  // At most |w|.
  template <int N> static Radius below(const Wide<N>& w) {
    if (w.is_zero()) return zero();
    if (!w.finite()) return infinity();
    return {(double)(w.limb[N - 1] >> 12) * 0x1p-52, w.exponent};
  }
  static Radius from(double x) { return Radius{std::fabs(x), 0}.normal(); }

  bool is_zero() const { return m == 0; }
  bool is_infinite() const { return m == HUGE_VAL; }
  Radius scaled(int64_t k) const { return {m, e + k}; }

  // m brought back to [1/2, 1); m is a normal number, zero or infinite.
  Radius normal() const {
    if (m == 0) return {0, 0};
    if (m == HUGE_VAL) return {m, 0};
    const uint64_t bits = std::bit_cast<uint64_t>(m);
    const int64_t shift = (int64_t)(bits >> 52) - 1022, exponent = e + shift;
    if (exponent > 2 * largest_exponent) return infinity();
    if (exponent < -2 * largest_exponent) return {0.5, -2 * largest_exponent};
    return {std::bit_cast<double>((bits & ((uint64_t(1) << 52) - 1)) | uint64_t(1022) << 52), exponent};
  }
  template <int N> Wide<N> wide() const {
    if (is_infinite()) return Wide<N>::infinity(false);
    Wide<N> w = Wide<N>::from(m);
    w.exponent += m == 0 ? 0 : e;
    return w.in_range();
  }
};

constexpr double upward = 1 + 0x1p-50;

inline Radius operator+(Radius a, Radius b) {
  if (a.m == 0 || b.is_infinite()) return b;
  if (b.m == 0 || a.is_infinite()) return a;
  if (a.e < b.e) {
    const Radius t = a;
    a = b;
    b = t;
  }
  const int64_t apart = a.e - b.e;
  const double small = apart > 60 ? 0x1p-60 : b.m * std::bit_cast<double>((uint64_t)(1023 - apart) << 52);
  return Radius{(a.m + small) * upward, a.e}.normal();
}

inline Radius operator*(Radius a, Radius b) {
  if (a.m == 0 || b.m == 0) return Radius::zero();
  return Radius{a.m * b.m * upward, a.e + b.e}.normal();
}

// b is a lower bound of what it stands for, and not zero.
inline Radius operator/(Radius a, Radius b) {
  if (a.m == 0) return a;
  if (a.is_infinite()) return a;
  return Radius{a.m / b.m * upward, a.e - b.e}.normal();
}

// At most a - b, zero where that is negative.
inline Radius less(Radius a, Radius b) {
  if (b.m == 0) return a;
  if (b.is_infinite() || a.m == 0 || a.e < b.e) return Radius::zero();
  const int64_t apart = a.e - b.e;
  const double small = apart > 60 ? 0x1p-60 : b.m * std::bit_cast<double>((uint64_t)(1023 - apart) << 52);
  const double rest = a.m - small * upward - 0x1p-50;
  return rest > 0 ? Radius{rest, a.e}.normal() : Radius::zero();
}

inline bool operator<(Radius a, Radius b) {
  if (a.m == 0 || b.is_infinite()) return b.m != 0 && !a.is_infinite();
  if (b.m == 0 || a.is_infinite()) return false;
  return a.e != b.e ? a.e < b.e : a.m < b.m;
}

inline Radius smaller(Radius a, Radius b) { return a < b ? a : b; }
inline Radius larger(Radius a, Radius b) { return a < b ? b : a; }

// At least the root.
inline Radius root(Radius a) {
  if (a.m == 0 || a.is_infinite()) return a;
  const bool odd = a.e & 1;
  return Radius{std::sqrt(odd ? a.m / 2 : a.m) * upward, (a.e + (odd ? 1 : 0)) / 2}.normal();
}

}  // namespace actlab::wide
