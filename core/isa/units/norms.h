// Layer norm and batch norm where lanes are the units of one net: the arithmetic of ../norms.h, operation by operation.
//
// Arrays are [sample][vector of units]; `samples` are in them, of which the first `count` are there and the rest repeat
// one. A sum over the units of a sample, which batch norm does not need, is one ascending chain all the same: squares
// of numbers are transposed, and then the lanes are samples.
#pragma once
#include "../norms.h"
#include "panels.h"

namespace actlab::ACTLAB_ISA {

// z, in place, becomes scale · x̂ + shift; x̂ is kept for the way back.
template <class V> struct UnitNorm {
  const V *scale, *shift;  // [vectors]
  V* hat;                  // [samples][vectors]
  V *mean, *variance;      // of a batch: [vectors]
  V* inverse;              // 1/σ, [vectors] of a batch
  scalar_t<V>* of_sample;  // [samples] of layer norm
  int64_t units;
};

// Goes over the units of `width` samples from s on in ascending order: each(x), x being unit u of them all, one a lane.
template <class V, class Value, class Each>
ACTLAB_INLINE void over_units(int64_t units, int64_t s, int64_t samples, Value value, Each each) {
  constexpr int64_t width = simd<scalar_t<V>>::lanes;
  for (int64_t v = 0; v * width < units; v++) {
    V x[width];
    for (int64_t l = 0; l < width; l++) x[l] = value(s + l < samples ? s + l : s, v);
    transpose(x);
    for (int64_t u = 0; u < width && v * width + u < units; u++) each(x[u]);
  }
}

template <class V> void unit_layer_norm(const UnitNorm<V>& n, V* z, int64_t samples) {
  using T = scalar_t<V>;
  constexpr int64_t width = simd<T>::lanes;
  const int64_t all = vectors<V>(n.units);
  const V share = set1<V>((T)1 / (T)n.units);
  for (int64_t s = 0; s < samples; s += width) {
    V sum{}, square{};
    auto at = [&](int64_t i, int64_t v) { return z[i * all + v]; };
    over_units<V>(n.units, s, samples, at, [&](V x) { sum += x; });
    const V mean = sum * share;
    over_units<V>(n.units, s, samples, at, [&](V x) {
      const V away = x - mean;
      square = fma(away, away, square);
    });
    const V inverse = inverse_deviation(square * share);
    for (int64_t l = 0; l < width && s + l < samples; l++) {
      const V here_mean = set1<V>(mean[l]), here_inverse = set1<V>(inverse[l]);
      n.of_sample[s + l] = inverse[l];
      V *x = z + (s + l) * all, *hat = n.hat + (s + l) * all;
      for (int64_t v = 0; v < all; v++) {
        hat[v] = (x[v] - here_mean) * here_inverse;
        x[v] = fma(n.scale[v], hat[v], n.shift[v]);
      }
    }
  }
}

template <class V> void unit_layer_norm_back(const UnitNorm<V>& n, V* delta, V* scale_gradient, V* shift_gradient, int64_t samples) {
  using T = scalar_t<V>;
  constexpr int64_t width = simd<T>::lanes;
  const int64_t all = vectors<V>(n.units);
  const V share = set1<V>((T)1 / (T)n.units);
  for (int64_t i = 0; i < samples; i++)
    for (int64_t v = 0; v < all; v++) {
      const V d = delta[i * all + v];
      shift_gradient[v] += d;
      scale_gradient[v] = fma(d, n.hat[i * all + v], scale_gradient[v]);
    }
  for (int64_t s = 0; s < samples; s += width) {
    V sum{}, along{};
    for (int64_t v = 0; v < all; v++) {
      V g[width], hat[width];
      for (int64_t l = 0; l < width; l++) {
        const int64_t at = (s + l < samples ? s + l : s) * all + v;
        g[l] = delta[at] * n.scale[v];
        hat[l] = n.hat[at];
      }
      transpose(g);
      transpose(hat);
      for (int64_t u = 0; u < width && v * width + u < n.units; u++) {
        sum += g[u];
        along = fma(g[u], hat[u], along);
      }
    }
    sum *= share;
    along *= share;
    for (int64_t l = 0; l < width && s + l < samples; l++) {
      const V here_sum = set1<V>(sum[l]), here_along = set1<V>(along[l]), inverse = set1<V>(n.of_sample[s + l]);
      V* d = delta + (s + l) * all;
      const V* hat = n.hat + (s + l) * all;
      for (int64_t v = 0; v < all; v++) d[v] = fnma(hat[v], here_along, d[v] * n.scale[v] - here_sum) * inverse;
    }
  }
}

template <class V> void unit_batch_norm(const UnitNorm<V>& n, V* z, int64_t samples, int count) {
  const int64_t all = vectors<V>(n.units);
  const V share = set1<V>((scalar_t<V>)1 / (scalar_t<V>)count);
  for (int64_t v = 0; v < all; v++) n.mean[v] = n.variance[v] = V{};
  for (int64_t i = 0; i < count; i++)
    for (int64_t v = 0; v < all; v++) n.mean[v] += z[i * all + v];
  for (int64_t v = 0; v < all; v++) n.mean[v] *= share;
  for (int64_t i = 0; i < count; i++)
    for (int64_t v = 0; v < all; v++) {
      const V away = z[i * all + v] - n.mean[v];
      n.variance[v] = fma(away, away, n.variance[v]);
    }
  for (int64_t v = 0; v < all; v++) {
    n.variance[v] *= share;
    n.inverse[v] = inverse_deviation(n.variance[v]);
  }
  for (int64_t i = 0; i < samples; i++)
    for (int64_t v = 0; v < all; v++) {
      V &x = z[i * all + v], &hat = n.hat[i * all + v];
      hat = (x - n.mean[v]) * n.inverse[v];
      x = fma(n.scale[v], hat, n.shift[v]);
    }
}

// `sums` has room for two runs of vectors.
template <class V>
void unit_batch_norm_back(const UnitNorm<V>& n, V* delta, V* scale_gradient, V* shift_gradient, int64_t samples, int count, V* sums) {
  const int64_t all = vectors<V>(n.units);
  const V share = set1<V>((scalar_t<V>)1 / (scalar_t<V>)count);
  V *sum = sums, *along = sums + all;
  for (int64_t v = 0; v < 2 * all; v++) sums[v] = V{};
  for (int64_t i = 0; i < count; i++)
    for (int64_t v = 0; v < all; v++) {
      const V d = delta[i * all + v];
      sum[v] += d;
      along[v] = fma(d, n.hat[i * all + v], along[v]);
    }
  for (int64_t v = 0; v < all; v++) {
    shift_gradient[v] += sum[v];
    scale_gradient[v] += along[v];
    sum[v] *= share;
    along[v] *= share;
  }
  for (int64_t i = 0; i < samples; i++)
    for (int64_t v = 0; v < all; v++) {
      V& d = delta[i * all + v];
      d = i < count ? fnma(n.hat[i * all + v], along[v], d - sum[v]) * (n.scale[v] * n.inverse[v]) : V{};
    }
}

// By the running averages.
template <class V> void unit_running_norm(const UnitNorm<V>& n, V* z, const V* mean, const V* variance, int64_t samples) {
  const int64_t all = vectors<V>(n.units);
  for (int64_t v = 0; v < all; v++) n.inverse[v] = inverse_deviation(variance[v]);
  for (int64_t i = 0; i < samples; i++)
    for (int64_t v = 0; v < all; v++) {
      V& x = z[i * all + v];
      x = fma(n.scale[v], (x - mean[v]) * n.inverse[v], n.shift[v]);
    }
}

}  // namespace actlab::ACTLAB_ISA
