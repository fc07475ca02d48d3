// glibc's elementary functions in three precisions: double (eight or four at a time where the machine can), the long
// double of the x87, and IEEE quadruple. Nothing here is ours: that is what makes the judge independent.
#pragma once
#include <features.h>

#include <cmath>
#include <cstdint>
#if defined(__AVX2__) && __GLIBC_PREREQ(2, 35)
#include <immintrin.h>
#endif

namespace judge {

using Quad = _Float128;

// `unit` is half a unit in the last place of 1, `tiny` the smallest normal number, `huge` far below the largest one but
// so large that nothing of interest is. Exponentials are evaluated up to ±log_huge, and erfc up to deepest: below there is
// `lost`, which is more than e^−log_huge and than erfc(deepest).
template <class T> struct Real;
template <> struct Real<double> {
  static constexpr double unit = 0x1p-53, tiny = 0x1p-1022, huge = 0x1p900, log_huge = 700, deepest = 26, lost = 0x1p-970;
};
template <> struct Real<long double> {
  static_assert(__LDBL_MANT_DIG__ >= 64, "long double must be wider than double");
  static constexpr long double unit = __LDBL_EPSILON__ / 2, tiny = __LDBL_MIN__, huge = 0x1p16000L, log_huge = 11300,
                               deepest = 105, lost = 0x1p-15900L;
};
#if __LDBL_MANT_DIG__ != 113  // elsewhere the two are one type
template <> struct Real<Quad> {
  static constexpr Quad unit = (Quad)0x1p-113L, tiny = (Quad)0x1p-16382L, huge = (Quad)0x1p16000L, log_huge = 11300,
                        deepest = 105, lost = (Quad)0x1p-15900L;
};
#define ACTLAB_QUAD(name) \
  inline Quad name(Quad x) { return ::name##f128(x); }
#else
#define ACTLAB_QUAD(name)
#endif

#define ACTLAB_LIBM(name)                                    \
  inline double name(double x) { return ::name(x); }         \
  inline long double name(long double x) { return ::name##l(x); } \
  ACTLAB_QUAD(name)
ACTLAB_LIBM(exp)
ACTLAB_LIBM(expm1)
ACTLAB_LIBM(log)
ACTLAB_LIBM(log1p)
ACTLAB_LIBM(sqrt)
ACTLAB_LIBM(tanh)
ACTLAB_LIBM(erf)
ACTLAB_LIBM(erfc)
ACTLAB_LIBM(atan)
ACTLAB_LIBM(sin)
ACTLAB_LIBM(cos)
ACTLAB_LIBM(fabs)
#undef ACTLAB_LIBM
#undef ACTLAB_QUAD
inline double pow(double x, double y) { return ::pow(x, y); }
inline long double pow(long double x, long double y) { return ::powl(x, y); }
#if __LDBL_MANT_DIG__ != 113
inline Quad pow(Quad x, Quad y) { return ::powf128(x, y); }
#endif

// name_all(a, r, n): the function at n numbers; n is a multiple of 8. The vector functions of libmvec are within 4 ULP
// (the manual of glibc), the others documented within 2, erfc within 5.
#if defined(__AVX512F__) && __GLIBC_PREREQ(2, 35)
#define ACTLAB_VECTOR(name)                                  \
  extern "C" __m512d _ZGVeN8v_##name(__m512d);               \
  inline void name##_all(const double* a, double* r, int n) { \
    for (int i = 0; i < n; i += 8) _mm512_storeu_pd(r + i, _ZGVeN8v_##name(_mm512_loadu_pd(a + i))); \
  }
#elif defined(__AVX2__) && __GLIBC_PREREQ(2, 35)
#define ACTLAB_VECTOR(name)                                  \
  extern "C" __m256d _ZGVdN4v_##name(__m256d);               \
  inline void name##_all(const double* a, double* r, int n) { \
    for (int i = 0; i < n; i += 4) _mm256_storeu_pd(r + i, _ZGVdN4v_##name(_mm256_loadu_pd(a + i))); \
  }
#else
#define ACTLAB_VECTOR(name)
#endif
#define ACTLAB_ALL(name)                                                   \
  template <class T> inline void name##_all(const T* a, T* r, int n) {     \
    for (int i = 0; i < n; i++) r[i] = name(a[i]);                         \
  }                                                                        \
  ACTLAB_VECTOR(name)
ACTLAB_ALL(exp)
ACTLAB_ALL(expm1)
ACTLAB_ALL(log)
ACTLAB_ALL(log1p)
ACTLAB_ALL(tanh)
ACTLAB_ALL(erf)
ACTLAB_ALL(erfc)
ACTLAB_ALL(atan)
ACTLAB_ALL(sin)
ACTLAB_ALL(cos)
#undef ACTLAB_ALL
#undef ACTLAB_VECTOR

}  // namespace judge
