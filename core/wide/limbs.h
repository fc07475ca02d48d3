// Natural numbers and fractions as arrays of 64-bit limbs, the least significant first. A fraction of n limbs is
// its limbs read as a whole number, divided by 2^(64 n).
#pragma once
#include <cstdint>
#include <cstring>

namespace actlab::wide {

__extension__ typedef unsigned __int128 Pair;  // two limbs

#define ACTLAB_ALWAYS inline __attribute__((always_inline))

// r = a + b, the carry out of the top limb is returned.
ACTLAB_ALWAYS uint64_t add_limbs(uint64_t* r, const uint64_t* a, const uint64_t* b, int n) {
  unsigned long long carry = 0;
  for (int i = 0; i < n; i++) {
    unsigned long long sum;
    const bool first = __builtin_add_overflow((unsigned long long)a[i], (unsigned long long)b[i], &sum);
    const bool second = __builtin_add_overflow(sum, carry, &sum);
    r[i] = sum;
    carry = first | second;
  }
  return carry;
}

// r = a - b, the borrow out of the top limb is returned.
ACTLAB_ALWAYS uint64_t sub_limbs(uint64_t* r, const uint64_t* a, const uint64_t* b, int n) {
  unsigned long long borrow = 0;
  for (int i = 0; i < n; i++) {
    unsigned long long rest;
    const bool first = __builtin_sub_overflow((unsigned long long)a[i], (unsigned long long)b[i], &rest);
    const bool second = __builtin_sub_overflow(rest, borrow, &rest);
    r[i] = rest;
    borrow = first | second;
  }
  return borrow;
}

ACTLAB_ALWAYS int compare_limbs(const uint64_t* a, const uint64_t* b, int n) {
  for (int i = n - 1; i >= 0; i--)
    if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
  return 0;
}

ACTLAB_ALWAYS bool all_zero(const uint64_t* a, int n) {
  uint64_t any = 0;
  for (int i = 0; i < n; i++) any |= a[i];
  return any == 0;
}

// r = a << bits, 0 <= bits < 64; what falls out at the top is lost. r may be a.
ACTLAB_ALWAYS void shift_left(uint64_t* r, const uint64_t* a, int n, int bits) {
  if (bits == 0) {
    if (r != a) std::memmove(r, a, sizeof(uint64_t) * (size_t)n);
    return;
  }
  for (int i = n - 1; i > 0; i--) r[i] = a[i] << bits | a[i - 1] >> (64 - bits);
  r[0] = a[0] << bits;
}

// r = a >> bits for any bits >= 0; returns whether a one fell out at the bottom. r may be a.
ACTLAB_ALWAYS bool shift_right(uint64_t* r, const uint64_t* a, int n, int64_t bits) {
  const int whole = bits >= (int64_t)64 * n ? n : (int)(bits / 64), rest = whole == n ? 0 : (int)(bits % 64);
  uint64_t lost = 0;
  for (int i = 0; i < whole; i++) lost |= a[i];
  if (rest && whole < n) lost |= a[whole] << (64 - rest);
  for (int i = 0; i < n; i++) {
    const int from = i + whole;
    const uint64_t low = from < n ? a[from] : 0, high = from + 1 < n ? a[from + 1] : 0;
    r[i] = rest ? low >> rest | high << (64 - rest) : low;
  }
  return lost != 0;
}

// Leading zero bits; 64 n for zero.
ACTLAB_ALWAYS int leading_zeros(const uint64_t* a, int n) {
  for (int i = n - 1; i >= 0; i--)
    if (a[i]) return 64 * (n - 1 - i) + __builtin_clzll(a[i]);
  return 64 * n;
}

// r[0 .. n + m) = a[0 .. n) b[0 .. m); r overlaps neither.
ACTLAB_ALWAYS void multiply(uint64_t* r, const uint64_t* a, int n, const uint64_t* b, int m) {
  for (int i = 0; i < m; i++) r[i] = 0;
  for (int i = 0; i < n; i++) {
    uint64_t carry = 0;
    for (int j = 0; j < m; j++) {
      const Pair t = (Pair)a[i] * b[j] + r[i + j] + carry;
      r[i + j] = (uint64_t)t;
      carry = (uint64_t)(t >> 64);
    }
    r[i + m] = carry;
  }
}

// The product of two fractions of n limbs, too small by less than n units of its last place. r may be a or b.
// Columns that cannot reach the result are left out: half the work.
template <int Most> ACTLAB_ALWAYS void multiply_high(uint64_t* r, const uint64_t* a, const uint64_t* b, int n) {
  uint64_t sum[Most + 1];
  for (int i = 0; i <= n; i++) sum[i] = 0;
  for (int i = 0; i < n; i++) {
    uint64_t carry = 0;
    for (int j = n - 1 - i; j < n; j++) {
      const int k = i + j - (n - 1);
      const Pair t = (Pair)a[i] * b[j] + sum[k] + carry;
      sum[k] = (uint64_t)t;
      carry = (uint64_t)(t >> 64);
    }
    sum[i + 1] = carry;
  }
  for (int i = 0; i < n; i++) r[i] = sum[i + 1];
}

// a *= factor; the limb that sticks out at the top is returned.
ACTLAB_ALWAYS uint64_t multiply_small(uint64_t* a, int n, uint64_t factor) {
  uint64_t carry = 0;
  for (int i = 0; i < n; i++) {
    const Pair t = (Pair)a[i] * factor + carry;
    a[i] = (uint64_t)t;
    carry = (uint64_t)(t >> 64);
  }
  return carry;
}

// (high, low) / divisor for high < divisor.
ACTLAB_ALWAYS uint64_t divide_pair(uint64_t high, uint64_t low, uint64_t divisor, uint64_t& remainder) {
#if defined(__x86_64__)
  uint64_t quotient;
  __asm__("divq %4" : "=a"(quotient), "=d"(remainder) : "a"(low), "d"(high), "r"(divisor) : "cc");
  return quotient;
#else
  const Pair whole = (Pair)high << 64 | low;
  remainder = (uint64_t)(whole % divisor);
  return (uint64_t)(whole / divisor);
#endif
}

// a /= divisor; the remainder is returned.
ACTLAB_ALWAYS uint64_t divide_small(uint64_t* a, int n, uint64_t divisor) {
  uint64_t remainder = 0;
  for (int i = n - 1; i >= 0; i--) a[i] = divide_pair(remainder, a[i], divisor, remainder);
  return remainder;
}

// Long division (Knuth, The Art of Computer Programming 2, 4.3.1 D). u has m + n + 1 limbs of which the top is below
// v's top limb, v has n limbs and its top bit set; q gets m + 1 limbs and u's low n limbs become the remainder.
inline void divide(uint64_t* q, uint64_t* u, int m, const uint64_t* v, int n) {
  const uint64_t top = v[n - 1], next = n > 1 ? v[n - 2] : 0;
  for (int j = m; j >= 0; j--) {
    uint64_t guess, rest;
    bool rest_fits = true;
    if (u[j + n] >= top) {  // equal: the quotient's limb does not fit
      guess = ~uint64_t(0);
      rest = u[j + n - 1] + top;
      rest_fits = rest >= top;
    } else {
      guess = divide_pair(u[j + n], u[j + n - 1], top, rest);
    }
    const uint64_t below = n > 1 ? u[j + n - 2] : 0;
    while (rest_fits && (Pair)guess * next > ((Pair)rest << 64 | below)) {
      guess--;
      rest += top;
      rest_fits = rest >= top;
    }
    uint64_t carry = 0, borrow = 0;
    for (int i = 0; i < n; i++) {
      const Pair t = (Pair)guess * v[i] + carry;
      carry = (uint64_t)(t >> 64);
      const Pair rest_of = (Pair)u[i + j] - (uint64_t)t - borrow;
      u[i + j] = (uint64_t)rest_of;
      borrow = (uint64_t)(rest_of >> 64) & 1;
    }
    const Pair last = (Pair)u[j + n] - carry - borrow;
    u[j + n] = (uint64_t)last;
    if ((uint64_t)(last >> 64)) {  // one too many: rare
      guess--;
      u[j + n] += add_limbs(u + j, u + j, v, n);
    }
    q[j] = guess;
  }
}

}  // namespace actlab::wide
