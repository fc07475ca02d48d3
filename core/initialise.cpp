#include "initialise.h"

#include <cmath>
#include <cstring>

#include "philox.h"

namespace actlab {
namespace {

// The libraries' log differs from machine to machine in its last bit; this one uses + − × ÷ alone.
double natural_log(double x) {  // x normal and positive
  uint64_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  int exponent = (int)(bits >> 52) - 1022;
  bits = (bits & 0x000fffffffffffffull) | 0x3fe0000000000000ull;  // m in [½, 1)
  double m;
  std::memcpy(&m, &bits, sizeof m);
  if (m < 0.70710678118654752440) {
    m *= 2;
    exponent--;
  }
  const double s = (m - 1) / (m + 1), y = s * s;  // log m = 2 (s + s³/3 + s⁵/5 + …), |s| < 0.172
  double sum = 1.0 / 23;
  for (int k = 21; k > 0; k -= 2) sum = sum * y + 1.0 / k;
  return exponent * 0.69314718055994530942 + 2 * s * sum;
}

double rational(const double* p, const double* q, double r) {  // degree 7 over degree 7, the denominator's constant is 1
  double numerator = p[7], denominator = q[6];
  for (int k = 6; k >= 0; k--) numerator = numerator * r + p[k];
  for (int k = 5; k >= 0; k--) denominator = denominator * r + q[k];
  return numerator / (denominator * r + 1);
}

// The standard normal quantile: algorithm AS 241, PPND16 (Wichura, Applied Statistics 37, 1988), relative error 1e-16.
double normal_quantile(double u) {
  static const double a[] = {3.3871328727963666080e0,  1.3314166789178437745e+2, 1.9715909503065514427e+3, 1.3731693765509461125e+4,
                             4.5921953931549871457e+4, 6.7265770927008700853e+4, 3.3430575583588128105e+4, 2.5090809287301226727e+3};
  static const double b[] = {4.2313330701600911252e+1, 6.8718700749205790830e+2, 5.3941960214247511077e+3, 2.1213794301586595867e+4,
                             3.9307895800092710610e+4, 2.8729085735721942674e+4, 5.2264952788528545610e+3};
  static const double c[] = {1.42343711074968357734e0,   4.63033784615654529590e0,   5.76949722146069140550e0,   3.64784832476320460504e0,
                             1.27045825245236838258e0,   2.41780725177450611770e-1,  2.27238449892691845833e-2,  7.74545014278341407640e-4};
  static const double d[] = {2.05319162663775882187e0,  1.67638483018380384940e0,  6.89767334985100004550e-1, 1.48103976427480074590e-1,
                             1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9};
  static const double e[] = {6.65790464350110377720e0,  5.46378491116411436990e0,  1.78482653991729133580e0,  2.96560571828504891230e-1,
                             2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7};
  static const double f[] = {5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2, 7.86869131145613259100e-4,
                             1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15};
  const double q = u - 0.5;
  if (q >= -0.425 && q <= 0.425) return q * rational(a, b, 0.180625 - q * q);
  const double tail = q < 0 ? u : 1 - u, r = std::sqrt(-natural_log(tail));
  const double x = r <= 5 ? rational(c, d, r - 1.6) : rational(e, f, r - 5);
  return q < 0 ? -x : x;
}

double uniform(uint32_t low, uint32_t high) {  // in (0, 1), 53 bits, never an end
  const uint64_t bits = ((uint64_t)high << 32 | low) >> 11;
  return ((double)bits + 0.5) * 0x1p-53;
}

}  // namespace

void standard_normal(uint64_t seed, uint32_t layer, int64_t count, double* out) {
  for (int64_t i = 0; i < count; i += 2) {
    const uint64_t block = (uint64_t)i / 2;
    const Words w = philox({{(uint32_t)block, layer, stream_init, (uint32_t)(block >> 32)}}, seed);
    out[i] = normal_quantile(uniform(w.x[0], w.x[1]));
    if (i + 1 < count) out[i + 1] = normal_quantile(uniform(w.x[2], w.x[3]));
  }
}

}  // namespace actlab
