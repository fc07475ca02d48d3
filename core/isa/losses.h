// What a net's outputs are measured by: losses, their derivatives, and answers. Outputs are [output][sample of a tile].
#pragma once
#include "../network.h"
#include "matmul.h"
#include "vmath.h"
#include "vmath_training.h"

namespace actlab::ACTLAB_ISA {

template <class V> ACTLAB_INLINE V greatest(const V* z, int outputs, int s) {
  V m = z[s];
  for (int j = 1; j < outputs; j++) m = vmax(m, z[j * tile + s]);
  return m;
}

// Softmax of one tile's outputs, in place; the sum over the classes is one ascending chain.
template <class V> void softmax(V* z, int outputs) {
  for (int s = 0; s < tile; s++) {
    const V most = greatest(z, outputs, s);
    V sum{};
    for (int j = 0; j < outputs; j++) {
      z[j * tile + s] = vexp(z[j * tile + s] - most);
      sum += z[j * tile + s];
    }
    for (int j = 0; j < outputs; j++) z[j * tile + s] = z[j * tile + s] / sum;
  }
}

// δ = ∂loss/∂z · weight of the sample, in place of the outputs of one tile; y is [target][tile].
template <class V> ACTLAB_INLINE void loss_delta(Loss loss, V* z, int outputs, const V* y, const V* weight) {
  using T = scalar_t<V>;
  if (loss == Loss::binary) {
    for (int s = 0; s < tile; s += together) {
      sigmoid_of_several<V>(z + s);
      ACTLAB_UNROLL for (int i = s; i < s + together; i++) z[i] = (z[i] - y[i]) * weight[i];
    }
  } else if (loss == Loss::classes) {
    softmax(z, outputs);
    for (int j = 0; j < outputs; j++) {
      const V own = set1<V>((T)j);
      for (int s = 0; s < tile; s++) {
        const V target = y[s] == own ? set1<V>(1) : V{};
        z[j * tile + s] = (z[j * tile + s] - target) * weight[s];
      }
    }
  } else {
    const V factor = set1<V>((T)2 / (T)outputs);
    for (int j = 0; j < outputs; j++)
      for (int s = 0; s < tile; s++) z[j * tile + s] = (z[j * tile + s] - y[j * tile + s]) * (weight[s] * factor);
  }
}

// The loss of sample s of a tile.
template <class V> ACTLAB_INLINE V loss_of(Loss loss, const V* z, int outputs, const V* y, int s) {
  using T = scalar_t<V>;
  if (loss == Loss::binary) return vsoftplus((set1<V>(1) - y[s] - y[s]) * z[s]);
  V sum{};
  if (loss == Loss::squares) {
    for (int j = 0; j < outputs; j++) {
      const V away = z[j * tile + s] - y[j * tile + s];
      sum = fma(away, away, sum);
    }
    return sum * set1<V>((T)1 / (T)outputs);
  }
  const V most = greatest(z, outputs, s);
  V own{};
  for (int j = 0; j < outputs; j++) {
    sum += vexp(z[j * tile + s] - most);
    own = y[s] == set1<V>((T)j) ? z[j * tile + s] : own;
  }
  return vlog(sum) + (most - own);
}

// The class that sample s is given, as a number: the first of the greatest outputs; of one logit, 1 where it is positive.
template <class V> ACTLAB_INLINE V answer(Loss loss, const V* z, int outputs, int s) {
  using T = scalar_t<V>;
  if (loss == Loss::binary) return z[s] > V{} ? set1<V>(1) : V{};
  V most = z[s], which{};
  for (int j = 1; j < outputs; j++) {
    which = z[j * tile + s] > most ? set1<V>((T)j) : which;
    most = vmax(most, z[j * tile + s]);
  }
  return which;
}

}  // namespace actlab::ACTLAB_ISA
