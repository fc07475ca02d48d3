// Vector math as plain functions of arrays, for the tests (tests/core/vmath_library.py), and a sweep over bit patterns
// that compares every float function with its double version.
#include "../../core/isa/vmath.h"
#include "../../core/isa/vmath_training.h"

using namespace actlab::ACTLAB_ISA;

// name, the expression that sets a (and b, for a pair) from x and y; K is the accuracy that is asked for
#define FUNCTIONS(F)                                                                                                \
  F(exp, (a = vexp<V, K>(x))) F(expm1, (a = vexpm1<V, K>(x))) F(log, a = vlog(x)) F(log1p, a = vlog1p(x))            \
  F(sigmoid, (a = vsigmoid<V, K>(x))) F(tanh, (a = vtanh<V, K>(x))) F(sech2, (a = vsech2<V, K>(x)))                  \
  F(softplus, (a = vsoftplus<V, K>(x))) F(erf, (a = verf<V, K>(x))) F(normcdf, (a = vnormcdf<V, K>(x)))              \
  F(normpdf, (a = vnormpdf<V, K>(x))) F(sin, (a = vsin<V, K>(x))) F(cos, (a = vcos<V, K>(x)))                                           \
  F(atan, (a = vatan<V, K>(x)))                                                                                     \
  F(training_tanh, a = tanh_in_training(x)) F(training_sigmoid, a = sigmoid_in_training(x)) F(pow, a = vpow(x, y))   \
  F(training_normcdf, a = normcdf_in_training(x)) F(training_normpdf, a = normpdf_in_training(x))                    \
  F(training_tanh_softplus, a = tanh_softplus_in_training(x))                                                        \
  F(training_normcdf_normpdf, (normcdf_normpdf_in_training(x, a, b)))                                                \
  F(training_tanh_softplus_pair, (tanh_softplus_pair_in_training(x, a, b)))                                          \
  F(sigmoid_pair, (vsigmoid_pair<V, K>(x, a, b)))                                             \
  F(tanh_sech2, (vtanh_sech2<V, K>(x, a, b))) F(softplus_sigmoid, (vsoftplus_sigmoid<V, K>(x, a, b)))                \
  F(normcdf_pdf, (vnormcdf_pdf<V, K>(x, a, b))) F(exp_expm1, (vexp_expm1<V, K>(x, a, b)))                            \
  F(sincos, (vsincos<V, K>(x, a, b)))

// Every function has the same signature; ys is read and bs written for nothing where there is no second one.
template <class T, class Body>
static inline void run(const T* xs, const T* ys, T* as, T* bs, int64_t n, Body body) {
  typedef typename simd<T>::V V;
  constexpr int lanes = simd<T>::lanes;
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    V a{}, b{};
    body(load<V>(xs + i), load<V>(ys + i), a, b);
    store<V>(as + i, a);
    store<V>(bs + i, b);
  }
  if (i == n) return;
  T tail[4][lanes] = {};
  memcpy(tail[0], xs + i, (n - i) * sizeof(T));
  memcpy(tail[1], ys + i, (n - i) * sizeof(T));
  V a{}, b{};
  body(load<V>(tail[0]), load<V>(tail[1]), a, b);
  store<V>(tail[2], a);
  store<V>(tail[3], b);
  memcpy(as + i, tail[2], (n - i) * sizeof(T));
  memcpy(bs + i, tail[3], (n - i) * sizeof(T));
}

#define DEFINE(KIND, T, NAME, BODY)                                                                                 \
  extern "C" void KIND##_##NAME(const T* xs, const T* ys, T* as, T* bs, int64_t n) {                                 \
    typedef simd<T>::V V;                                                                                            \
    typedef KIND K [[maybe_unused]];                                                                                 \
    run(xs, ys, as, bs, n, [](V x, [[maybe_unused]] V y, V& a, [[maybe_unused]] V& b) { BODY; });                    \
  }
#define DEFINE_ALL(NAME, BODY)                                                                                      \
  DEFINE(float, float, NAME, BODY) DEFINE(double, double, NAME, BODY) DEFINE(brief, double, NAME, BODY)
FUNCTIONS(DEFINE_ALL)

// The distance in float ULPs; 1e9 where only one of the two is NaN or overflows.
static double ulps(float got, double want) {
  const float nearest = (float)want;
  if (got == nearest && got - got != 0) return 0;
  if (got != got || want != want) return got != got && want != want ? 0 : 1e9;
  if (got - got != 0 || nearest - nearest != 0) return 1e9;
  const int exponent = __builtin_fabs(want) < 0x1p-126 ? -126 : __builtin_ilogb(want);
  return __builtin_fabs((double)got - want) / __builtin_ldexp(1, exponent - 23);
}

typedef void (*FloatFunction)(const float*, const float*, float*, float*, int64_t);
typedef void (*DoubleFunction)(const double*, const double*, double*, double*, int64_t);
struct Entry {
  const char* name;
  FloatFunction f;
  DoubleFunction d;
};
#define ENTRY(NAME, BODY) {#NAME, float_##NAME, double_##NAME},
static const Entry entries[] = {FUNCTIONS(ENTRY)};

// Over the bit patterns first, first + step, ...: the largest distance (of a single function) and where it is.
extern "C" double sweep(const char* name, uint32_t first, uint32_t step, int64_t count, float* where) {
  const Entry* e = entries;
  while (__builtin_strcmp(e->name, name)) e++;
  constexpr int block = 1024;
  static thread_local float x[block], a[block], b[block];
  static thread_local double xd[block], ad[block], bd[block];
  double worst = 0;
  uint32_t bits = first;
  for (int64_t done = 0; done < count; done += block) {
    int n = count - done < block ? (int)(count - done) : block;
    for (int i = 0; i < n; i++, bits += step) {
      memcpy(x + i, &bits, 4);
      xd[i] = x[i];
    }
    e->f(x, x, a, b, n);
    e->d(xd, xd, ad, bd, n);
    for (int i = 0; i < n; i++) {
      double u = ulps(a[i], ad[i]);
      if (u > worst) worst = u, *where = x[i];
    }
  }
  return worst;
}
