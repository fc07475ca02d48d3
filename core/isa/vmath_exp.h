// exp and expm1. Everything that contains an exponential is built on exp_parts().
#pragma once
#include "coefficients.h"
#include "simd.h"

namespace actlab::ACTLAB_ISA {

// e^x = 2^n (1 + q) with q = expm1(r) in [-0.30, 0.42]. n is kept as t = n + magic, the form scale_by() takes.
// In double, q = r + b before rounding, for sums in which that rounding would show.
template <class V> struct ExpParts {
  V q, t, r, b;
};

// x in [1.5 exp_low, 1.5 exp_high] or NaN. In double, what the rounding of r loses is kept; in float it is a tenth of
// a ULP that training does not pay for.
template <class V, class K = scalar_t<V>> ACTLAB_INLINE ExpParts<V> exp_parts(V x) {
  using T = scalar_t<V>;
  using C = coefficients<K>;
  V t = fma(x, set1<V>(C::log2e), set1<V>(rounding<T>::magic)), n = t - rounding<T>::magic;
  V a = fnma(n, set1<V>(C::ln2[0]), x);  // exact
  V r = fnma(n, set1<V>(C::ln2[1]), a);
  V p = polynomial(C::exp, r);
  if constexpr (!accuracy<K>::compensated) {
    return {fma(r * r, p, r), t, r, V{}};
  } else {
    V b = fma(r * r, p, fnma(n, set1<V>(C::ln2[1]), a - r));
    return {r + b, t, r, b};
  }
}

// The same for x + low, where low may be as large as half a ULP of x.
template <class V, class K = scalar_t<V>> ACTLAB_INLINE ExpParts<V> exp_parts(V x, V low) {
  using T = scalar_t<V>;
  using C = coefficients<K>;
  V t = fma(x, set1<V>(C::log2e), set1<V>(rounding<T>::magic)), n = t - rounding<T>::magic;
  V a = fnma(n, set1<V>(C::ln2[0]), x);  // exact
  V r = fnma(n, set1<V>(C::ln2[1]), a);
  if constexpr (!accuracy<K>::compensated) {
    r = r + low;
    return {fma(r * r, polynomial(C::exp, r), r), t, r, V{}};
  } else {
    V lost = fnma(n, set1<V>(C::ln2[1]), a - r) + low;
    V sum = r + lost;
    V b = fma(sum * sum, polynomial(C::exp, sum), lost - (sum - r));
    return {sum + b, t, sum, b};
  }
}

// e^x and e^x - 1 from one exponential.
template <class V, class K = scalar_t<V>> ACTLAB_INLINE void vexp_expm1(V x, V& e, V& em1) {
  using L = limits<scalar_t<V>>;
  ExpParts<V> p = exp_parts<V, K>(at_most(at_least(x, L::exp_low), L::exp_high));
  e = scale_by(p.q + 1, p.t);
  // 2^n q + (2^n - 1): the bracket is exact wherever it matters, and n = 0 gives q itself.
  V s = scale_by(set1<V>(1), p.t);
  em1 = !accuracy<K>::compensated ? fma(s, p.q, s - 1) : fma(s, p.b, fma(s, p.r, s - 1));
  em1 = select(int_t<V>(x > (scalar_t<V>)40), e, em1);
  em1 = select(int_t<V>(x == 0), x, em1);  // keeps -0
}
template <class V, class K = scalar_t<V>> ACTLAB_INLINE V vexp(V x) {
  V e, em1;
  vexp_expm1<V, K>(x, e, em1);
  return e;
}
template <class V, class K = scalar_t<V>> ACTLAB_INLINE V vexpm1(V x) {
  V e, em1;
  vexp_expm1<V, K>(x, e, em1);
  return em1;
}

}  // namespace actlab
