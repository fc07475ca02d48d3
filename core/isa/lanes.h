// A block of nets, one a lane: their weights, and one tile of samples going forward and back through them.
#pragma once
#include <cstdlib>

#include "../kernels.h"
#include "interpret.h"
#include "matmul.h"
#include "rows.h"

namespace actlab::ACTLAB_ISA {

// Hands out runs of vectors from one aligned allocation, which is freed with it.
template <class V> class Arena {
 public:
  explicit Arena(int64_t vectors) : size_(vectors * (int64_t)sizeof(V)) {
    memory_ = (char*)aligned_alloc(4096, (size_t)((size_ + 4095) / 4096 * 4096));
    if (memory_) memset(memory_, 0, (size_t)size_);
  }
  ~Arena() { free(memory_); }
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  explicit operator bool() const { return memory_ != nullptr; }
  V* take(int64_t vectors) {
    V* p = (V*)(memory_ + used_);
    used_ += vectors * (int64_t)sizeof(V);
    return p;
  }

 private:
  char* memory_;
  int64_t size_, used_ = 0;
};

template <class V> class Lanes {
 public:
  using T = scalar_t<V>;
  static constexpr int width = simd<T>::lanes;

  static int64_t scratch(const Network& net) {
    int64_t units = 0;
    for (int k = 0; k <= net.layers; k++) units += net.sizes[k];
    return 2 * net.parameters + 2 * tile * units + 2 * tile + 8 * (int64_t)(net.layers + 1) + Machine<V>::scratch(net.value) +
           Machine<V>::scratch(net.value_and_derivative);
  }

  Lanes(const Network& net, Arena<V>& arena)
      : net(net), weights(arena.take(net.parameters)), gradients(arena.take(net.parameters)), y(arena.take(tile)),
        weight_of_sample(arena.take(tile)), a_((V**)arena.take(net.layers + 1)), d_((V**)arena.take(net.layers + 1)),
        value_(net.value, arena.take(Machine<V>::scratch(net.value))),
        both_(net.value_and_derivative, arena.take(Machine<V>::scratch(net.value_and_derivative))) {
    for (int k = 0; k <= net.layers; k++) {
      a_[k] = arena.take(tile * net.sizes[k]);
      d_[k] = arena.take(tile * net.sizes[k]);
    }
  }

  // Rows of weights, one a net, to and from the lanes. Spare lanes repeat net 0; what they compute is thrown away.
  void read(const T* rows, int nets) {
    for (int64_t i = 0; i < net.parameters; i++) {
      V v;
      for (int l = 0; l < width; l++) v[l] = rows[(l < nets ? l : 0) * net.parameters + i];
      weights[i] = v;
    }
  }
  void write(T* rows, int nets) const {
    for (int l = 0; l < nets; l++) write_one(rows + l * net.parameters, l);
  }
  void write_one(T* row, int lane) const {
    for (int64_t i = 0; i < net.parameters; i++) row[i] = weights[i][lane];
  }

  V* activations(int layer) { return a_[layer]; }  // [unit][tile]; layer 0 is the input
  V* derivatives(int layer) { return d_[layer]; }
  V* logits() { return a_[net.layers]; }

  void linear(int k, const V* w) {  // z of weight layer k, into activations(k + 1)
    const int64_t in = net.sizes[k], out = net.sizes[k + 1];
    const V* b = w + in * out;
    V* z = a_[k + 1];
    product<V>(a_[k], w, out, in, out, 1, [&](int64_t u) { return b[u]; }, [&](int64_t u, int s, V c) { z[u * tile + s] = c; });
  }
  void activate(int layer) { both_.run(a_[layer], d_[layer], (int64_t)tile * net.sizes[layer]); }
  void activate_value(int layer) { value_.run(a_[layer], nullptr, (int64_t)tile * net.sizes[layer]); }

  void forward() {
    const V* w = weights;
    for (int k = 0; k < net.layers; k++) {
      linear(k, w);
      if (k + 1 < net.layers) activate(k + 1);
      w += layer_size(k);
    }
  }
  void forward_value() {
    const V* w = weights;
    for (int k = 0; k < net.layers; k++) {
      linear(k, w);
      if (k + 1 < net.layers) activate_value(k + 1);
      w += layer_size(k);
    }
  }

  // Binary cross-entropy on the logit: δ = (σ(z) − y) · weight of the sample. Overwrites the logits.
  void loss_delta() {
    V* z = logits();
    for (int s = 0; s < tile; s++) z[s] = (vsigmoid(z[s]) - y[s]) * weight_of_sample[s];
  }
  // Adds this tile's gradients to `gradients`. Deltas take the place of the activations on the way back.
  void backward() {
    int64_t offset = net.parameters;
    for (int k = net.layers - 1; k >= 0; k--) {
      const int64_t in = net.sizes[k], out = net.sizes[k + 1];
      offset -= layer_size(k);
      V *a = a_[k], *delta = a_[k + 1], *g = gradients + offset;
      weight_gradient<V>(a, delta, g, g + in * out, in, out);
      if (k == 0) break;
      const V* slope = d_[k];
      product<V>(delta, weights + offset, in, out, 1, out, [](int64_t) { return V{}; },
                 [&](int64_t u, int s, V c) { a[u * tile + s] = c * slope[u * tile + s]; });
    }
  }
  // w ← w − rate · gradient, and the gradients back to zero.
  void descend(V rate) {
    for (int64_t i = 0; i < net.parameters; i++) {
      weights[i] = fnma(rate, gradients[i], weights[i]);
      gradients[i] = V{};
    }
  }

  // `count` samples from `first` on into the tile, in the order given (index [sample][lane]) or as they lie in the
  // sets (index null). Places left over repeat the tile's first sample with weight zero: a repeated sample can make
  // nothing infinite that was finite before, a made-up one could.
  void fill(const Rows<T>* sets, const uint32_t* index, int first, int count, int features, int quads, V sample_weight) {
    for (int s = 0; s < tile; s++) {
      const int i = first + (s < count ? s : 0);
      uint32_t same[width];
      const uint32_t* rows = same;
      if (index) rows = index + (int64_t)i * width;
      else
        for (int l = 0; l < width; l++) same[l] = (uint32_t)i;
      gather_row<V>(sets, rows, features, quads, s, a_[0], &y[s]);
      weight_of_sample[s] = s < count ? sample_weight : V{};
    }
  }

  int64_t layer_size(int k) const { return (int64_t)net.sizes[k] * net.sizes[k + 1] + net.sizes[k + 1]; }

  const Network& net;
  V *weights, *gradients;  // as a row of parameters, in vectors
  V *y, *weight_of_sample;

 private:
  V **a_, **d_;
  Machine<V> value_, both_;
};

}  // namespace actlab::ACTLAB_ISA
