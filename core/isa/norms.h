// Layer norm (Ba, Kiros, Hinton 2016) and batch norm (Ioffe, Szegedy 2015) of a layer, forward and back.
//
// Arrays are [tile of samples][unit][sample], as everywhere; `count` samples are there, the rest of the last tile
// repeats one of them. Every sum is one ascending chain, over the units of a sample or over the samples of a unit.
// x̂ is kept for the way back, and 1/σ: one a unit (batch) or one a sample (layer).
#pragma once
#include "../network.h"
#include "matmul.h"

namespace actlab::ACTLAB_ISA {

// z, in place, becomes scale · x̂ + shift.
template <class V> struct NormLayer {
  const V *scale, *shift;
  V *hat, *inverse;  // [tiles][units][tile]; [units] or [tiles][tile]
  int64_t units;
};

template <class V> ACTLAB_INLINE V inverse_deviation(V variance) {
  return set1<V>(1) / vsqrt(variance + set1<V>((scalar_t<V>)norm_epsilon));
}

// The place of sample i of unit u.
ACTLAB_INLINE int64_t place(int64_t units, int64_t u, int64_t i) { return (i / tile * units + u) * tile + i % tile; }

template <class V> void layer_norm(const NormLayer<V>& n, V* z, int tiles) {
  const V share = set1<V>((scalar_t<V>)1 / (scalar_t<V>)n.units);
  for (int t = 0; t < tiles; t++) {
    V *x = z + t * n.units * tile, *hat = n.hat + t * n.units * tile;
    for (int s = 0; s < tile; s++) {
      V sum{}, square{};
      for (int64_t u = 0; u < n.units; u++) sum += x[u * tile + s];
      const V mean = sum * share;
      for (int64_t u = 0; u < n.units; u++) {
        const V away = x[u * tile + s] - mean;
        square = fma(away, away, square);
      }
      const V inverse = inverse_deviation(square * share);
      n.inverse[t * tile + s] = inverse;
      for (int64_t u = 0; u < n.units; u++) {
        const V h = (x[u * tile + s] - mean) * inverse;
        hat[u * tile + s] = h;
        x[u * tile + s] = fma(n.scale[u], h, n.shift[u]);
      }
    }
  }
}

// δ with respect to the norm's output becomes, in place, δ with respect to its input.
template <class V> void layer_norm_back(const NormLayer<V>& n, V* delta, V* scale_gradient, V* shift_gradient, int tiles) {
  const V share = set1<V>((scalar_t<V>)1 / (scalar_t<V>)n.units);
  for (int t = 0; t < tiles; t++) {
    V *d = delta + t * n.units * tile;
    const V* hat = n.hat + t * n.units * tile;
    for (int64_t u = 0; u < n.units; u++)
      for (int s = 0; s < tile; s++) {
        shift_gradient[u] += d[u * tile + s];
        scale_gradient[u] = fma(d[u * tile + s], hat[u * tile + s], scale_gradient[u]);
      }
    for (int s = 0; s < tile; s++) {
      V sum{}, along{};
      for (int64_t u = 0; u < n.units; u++) {
        const V g = d[u * tile + s] * n.scale[u];
        sum += g;
        along = fma(g, hat[u * tile + s], along);
      }
      sum *= share;
      along *= share;
      const V inverse = n.inverse[t * tile + s];
      for (int64_t u = 0; u < n.units; u++) {
        const V g = d[u * tile + s] * n.scale[u];
        d[u * tile + s] = fnma(hat[u * tile + s], along, g - sum) * inverse;
      }
    }
  }
}

// By the `count` samples themselves; their mean and variance (÷ count) are left in `mean` and `variance` [units].
template <class V> void batch_norm(const NormLayer<V>& n, V* z, V* mean, V* variance, int count) {
  const V share = set1<V>((scalar_t<V>)1 / (scalar_t<V>)count);
  const int64_t padded = ((int64_t)count + tile - 1) / tile * tile;
  for (int64_t u = 0; u < n.units; u++) {
    V sum{}, square{};
    for (int i = 0; i < count; i++) sum += z[place(n.units, u, i)];
    mean[u] = sum * share;
    for (int i = 0; i < count; i++) {
      const V away = z[place(n.units, u, i)] - mean[u];
      square = fma(away, away, square);
    }
    variance[u] = square * share;
    n.inverse[u] = inverse_deviation(variance[u]);
    for (int64_t i = 0; i < padded; i++) {
      const int64_t at = place(n.units, u, i);
      n.hat[at] = (z[at] - mean[u]) * n.inverse[u];
      z[at] = fma(n.scale[u], n.hat[at], n.shift[u]);
    }
  }
}

template <class V> void batch_norm_back(const NormLayer<V>& n, V* delta, V* scale_gradient, V* shift_gradient, int count) {
  const V share = set1<V>((scalar_t<V>)1 / (scalar_t<V>)count);
  const int64_t padded = ((int64_t)count + tile - 1) / tile * tile;
  for (int64_t u = 0; u < n.units; u++) {
    V sum{}, along{};
    for (int i = 0; i < count; i++) {
      const int64_t at = place(n.units, u, i);
      sum += delta[at];
      along = fma(delta[at], n.hat[at], along);
    }
    shift_gradient[u] += sum;
    scale_gradient[u] += along;
    sum *= share;
    along *= share;
    const V factor = n.scale[u] * n.inverse[u];
    for (int64_t i = 0; i < padded; i++) {
      const int64_t at = place(n.units, u, i);
      // Through mean and variance every sample feels the others; a repeated one, which is none, must not.
      delta[at] = i < count ? fnma(n.hat[at], along, delta[at] - sum) * factor : V{};
    }
  }
}

// By the running averages: what the trained net computes for any point.
template <class V> void running_norm(const NormLayer<V>& n, V* z, const V* mean, const V* variance, int tiles) {
  for (int64_t u = 0; u < n.units; u++) {
    const V inverse = inverse_deviation(variance[u]);
    for (int64_t i = 0; i < (int64_t)tiles * tile; i++) {
      V& x = z[place(n.units, u, i)];
      x = fma(n.scale[u], (x - mean[u]) * inverse, n.shift[u]);
    }
  }
}

// The batch's mean and variance go into the running averages; the variance as the estimate of a population's
// (÷ count − 1). One sample alone tells nothing of a variance: it changes neither.
template <class V> void follow(V* running_mean, V* running_variance, const V* mean, const V* variance, int64_t units, int count) {
  using T = scalar_t<V>;
  if (count < 2) return;
  const V share = set1<V>((T)running_share), rest = set1<V>((T)(1 - running_share));
  const V unbiased = set1<V>((T)((double)count / (count - 1)));
  for (int64_t u = 0; u < units; u++) {
    running_mean[u] = fma(rest, running_mean[u], share * mean[u]);
    running_variance[u] = fma(rest, running_variance[u], share * (variance[u] * unbiased));
  }
}

}  // namespace actlab::ACTLAB_ISA
