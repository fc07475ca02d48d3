// The constants that the elementary functions read, once for each number of limbs, made when first needed.
#pragma once
#include <vector>

#include "arithmetic.h"

namespace actlab::wide {

template <int M> struct Fraction {
  uint64_t limb[M];

  // |x| for |x| < 1
  static Fraction of(const Wide<M>& x) {
    Fraction f;
    if (x.is_zero()) {
      for (int i = 0; i < M; i++) f.limb[i] = 0;
    } else {
      shift_right(f.limb, x.limb, M, -x.exponent);
    }
    return f;
  }
  // The number times 2^k.
  Wide<M> wide(int64_t k, bool negative = false) const {
    Wide<M> w = Wide<M>::zero(negative);
    const int zeros = leading_zeros(limb, M);
    if (zeros == 64 * M) return w;
    const int whole = zeros / 64;
    for (int i = M - 1; i >= whole; i--) w.limb[i] = limb[i - whole];
    shift_left(w.limb, w.limb, M, zeros % 64);
    w.kind = Kind::finite;
    w.exponent = k - zeros;
    return w;
  }
};

// sum of s^k / ((2k + 1) q^(2k+1)), s = 1 or -1: atanh(1/q) or atan(1/q) as a fraction of n limbs.
inline std::vector<uint64_t> arc_of_inverse(uint64_t q, bool alternate, int n) {
  std::vector<uint64_t> power((size_t)n, 0), sum((size_t)n, 0), term;
  // 1/q: the division of 1.000…, whose leading limb is the remainder to begin with
  uint64_t remainder = 1;
  for (int i = n - 1; i >= 0; i--) power[(size_t)i] = divide_pair(remainder, 0, q, remainder);
  for (uint64_t k = 0; !all_zero(power.data(), n); k++) {
    term = power;
    divide_small(term.data(), n, 2 * k + 1);
    if (alternate && (k & 1)) sub_limbs(sum.data(), sum.data(), term.data(), n);
    else add_limbs(sum.data(), sum.data(), term.data(), n);
    divide_small(power.data(), n, q * q);
  }
  return sum;
}

// π/4 = 4 atan(1/5) - atan(1/239) (Machin), right but for a few hundred units of the lowest limb.
inline std::vector<uint64_t> quarter_pi(int n) {
  std::vector<uint64_t> a = arc_of_inverse(5, true, n);
  const std::vector<uint64_t> b = arc_of_inverse(239, true, n);
  multiply_small(a.data(), n, 4);
  sub_limbs(a.data(), a.data(), b.data(), n);
  return a;
}

// log 2 = 18 atanh(1/26) - 2 atanh(1/4801) + 8 atanh(1/8749).
inline std::vector<uint64_t> log_two(int n) {
  std::vector<uint64_t> a = arc_of_inverse(26, false, n), b = arc_of_inverse(4801, false, n), c = arc_of_inverse(8749, false, n);
  multiply_small(a.data(), n, 18);
  multiply_small(b.data(), n, 2);
  multiply_small(c.data(), n, 8);
  add_limbs(a.data(), a.data(), c.data(), n);
  sub_limbs(a.data(), a.data(), b.data(), n);
  return a;
}

// 2/π as a fraction of n limbs.
inline std::vector<uint64_t> two_over_pi(int n) {
  const std::vector<uint64_t> divisor = quarter_pi(n);
  std::vector<uint64_t> u((size_t)(2 * n + 1), 0), q((size_t)(n + 1));
  u[(size_t)(2 * n - 1)] = uint64_t(1) << 63;
  divide(q.data(), u.data(), n, divisor.data(), n);
  q.resize((size_t)n);
  return q;
}

constexpr int exp_steps = 256, exp_entries = 178;     // e^(i/256) for i/256 < log 2
constexpr int angle_steps = 128, angle_entries = 104;  // sin and cos of i/128 up to π/4 and a little more

template <int M> class Tables {
 public:
  static const Tables& get() {
    static const Tables tables;
    return tables;
  }

  uint64_t ln2[M + 1];                              // a fraction
  Wide<M> ln2_wide, half_pi, inverse_sqrt_two_pi, two_over_sqrt_pi;
  std::vector<Fraction<M>> inverse_factorial;       // 1 / (2 k!)
  std::vector<Fraction<M>> inverse_odd;             // 1 / (2 (2k + 1))
  std::vector<int> factorial_zeros, odd_zeros;      // their leading zeros
  std::vector<Fraction<M>> exp;                     // e^(i/256) / 2
  std::vector<Fraction<M>> sin, cos;                // of i/128; cos[0] is not used

 private:
  Tables() {
    const std::vector<uint64_t> log = log_two(M + 2), quarter = quarter_pi(M + 1);
    for (int i = 0; i <= M; i++) ln2[i] = log[(size_t)i + 1];
    Fraction<M> f;
    for (int i = 0; i < M; i++) f.limb[i] = ln2[i + 1];
    ln2_wide = f.wide(0);
    for (int i = 0; i < M; i++) f.limb[i] = quarter[(size_t)i + 1];
    half_pi = f.wide(1);
    const Wide<M> root_two_pi = wide::sqrt(half_pi.scaled(2));
    inverse_sqrt_two_pi = div(Wide<M>::power_of_two(0), root_two_pi);
    two_over_sqrt_pi = div(Wide<M>::power_of_two(1), wide::sqrt(half_pi.scaled(1)));
    f = half();
    for (uint64_t k = 1; (int)inverse_factorial.size() * 7 + leading_zeros(f.limb, M) < 64 * M + 16; k++) {
      inverse_factorial.push_back(f);
      divide_small(f.limb, M, k);
    }
    for (uint64_t k = 0; k * 14 < 64 * M + 32; k++) {
      f = half();
      divide_small(f.limb, M, 2 * k + 1);
      inverse_odd.push_back(f);
    }
    for (const Fraction<M>& c : inverse_factorial) factorial_zeros.push_back(leading_zeros(c.limb, M));
    for (const Fraction<M>& c : inverse_odd) odd_zeros.push_back(leading_zeros(c.limb, M));
    Fraction<M> step, growth;
    for (int i = 0; i < M; i++) step.limb[i] = 0;
    step.limb[M - 1] = uint64_t(1) << 56;
    growth = series(&inverse_factorial[1], &factorial_zeros[1], 1, (int)inverse_factorial.size() - 1, step, false);
    multiply_high<M>(growth.limb, growth.limb, step.limb, M);
    shift_left(growth.limb, growth.limb, M, 1);  // e^(1/256) - 1
    exp.push_back(half());
    for (int i = 1; i < exp_entries; i++) {
      multiply_high<M>(f.limb, exp.back().limb, growth.limb, M);
      add_limbs(f.limb, f.limb, exp.back().limb, M);
      exp.push_back(f);
    }
    make_angles();
  }

  static Fraction<M> half() {
    Fraction<M> f;
    for (int i = 0; i < M; i++) f.limb[i] = 0;
    f.limb[M - 1] = uint64_t(1) << 63;
    return f;
  }

  void make_angles();

 public:
  // Σ c[k · stride] (±t)^k, too small by a few units at most, while all partial sums are in [0, 1). With t < 2^-s
  // term k needs but 64 M - k s bits, and an early limb of it is no work.
  static Fraction<M> series(const Fraction<M>* c, const int* zeros, int stride, int count, const Fraction<M>& t, bool alternate) {
    const int small = leading_zeros(t.limb, M);
    int terms = 1;
    while (terms * stride < count && terms * small + zeros[terms * stride] < 64 * M + 2) terms++;
    Fraction<M> sum = c[(terms - 1) * stride];
    for (int k = terms - 2; k >= 0; k--) {
      int n = M;
      if constexpr (M > 5) n = std::max(1, std::min(M, M - k * small / 64 + 1));
      uint64_t *s = sum.limb + (M - n);
      multiply_high<M>(s, s, t.limb + (M - n), n);
      const uint64_t* d = c[k * stride].limb + (M - n);
      if (alternate) sub_limbs(s, d, s, n);
      else add_limbs(s, s, d, n);
    }
    return sum;
  }
};

// e^±t, sin t and cos t of a small t as series.
template <int M> struct SmallAngle {
  Wide<M> sin, cos;
  Fraction<M> half_cos, half_sin_ratio;  // cos t / 2, sin t / (2 t)
  explicit SmallAngle(const Fraction<M>& t, const Tables<M>& k) {
    Fraction<M> square;
    multiply_high<M>(square.limb, t.limb, t.limb, M);
    const int count = (int)k.inverse_factorial.size();
    half_sin_ratio = Tables<M>::series(&k.inverse_factorial[1], &k.factorial_zeros[1], 2, count - 1, square, true);
    half_cos = Tables<M>::series(&k.inverse_factorial[0], &k.factorial_zeros[0], 2, count, square, true);
    cos = half_cos.wide(1);
    sin = times(t.wide(0), half_sin_ratio.wide(1));
  }
};

template <int M> void Tables<M>::make_angles() {
  Fraction<M> step;
  for (int i = 0; i < M; i++) step.limb[i] = 0;
  step.limb[M - 1] = uint64_t(1) << 57;
  const SmallAngle<M> one(step, *this);
  Wide<M> s = Wide<M>::zero(), c = Wide<M>::power_of_two(0);
  for (int i = 0; i < angle_entries; i++) {
    sin.push_back(Fraction<M>::of(s));
    cos.push_back(i ? Fraction<M>::of(c) : half());
    const Wide<M> next = wide::add(times(s, one.cos), times(c, one.sin));
    c = wide::sub(times(c, one.cos), times(s, one.sin));
    s = next;
  }
}

}  // namespace actlab::wide
