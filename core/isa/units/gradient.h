// The gradient of a layer's weights, where lanes are units: block by block to whoever takes it, or into memory.
//
// Of a net that is larger than the cache a gradient is used at once, block by block: written and read again, it would
// push out what is needed next.
#pragma once
#include "products.h"

namespace actlab::ACTLAB_ISA {

// g[i][v] + Σ_s a[s][i] · d[s][v], g [inputs][vectors] in panels, to take(p, place, c): a block's vectors follow each other
// from that place of g on. A fresh g is not read: it counts as 0, whatever stands there.
template <class V, class Take, class Soon>
void gradient_product(const scalar_t<V>* a, int64_t stride, int64_t inputs, const V* d, int64_t samples, int64_t all, const V* g, bool fresh, Take take, Soon soon) {
  for (Panel p = panel_of(all, 0);; p = panel_of(all, p.from + p.size)) {
    auto place = [first = p.from * inputs, size = p.size](int64_t i) { return first + i * size; };
    auto finish = [&](int64_t i, const auto& c) { take(p, place(i), c); };
    const Numbers<scalar_t<V>> columns = {a, 1, stride};
    if (fresh) panel_product<V, true>(p, columns, inputs, d + p.from, all, samples, [](int64_t, int) { return V{}; }, finish, soon(p));
    else panel_product<V, true>(p, columns, inputs, d + p.from, all, samples, [&](int64_t i, int v) { return g[place(i) + v]; }, finish, soon(p));
    if (p.from + p.size == all) return;
  }
}

// Takes it to where gradients lie.
template <class V> auto block_of_gradient_to(V* g) {
  return [=]<int NR, int NV>(Panel, int64_t place, const V (&c)[NR][NV]) {
    ACTLAB_UNROLL for (int i = 0; i < NR; i++)
      ACTLAB_UNROLL for (int v = 0; v < NV; v++) g[place + i * NV + v] = c[i][v];
  };
}

// Takes it to take(p, place, count, vectors), which is called: so the product is there once, whoever takes.
template <class V> class Taker {
 public:
  template <class F> explicit Taker(F& take) : self_(&take), take_([](void* self, Panel p, int64_t place, int64_t count, const V* c) { (*(F*)self)(p, place, count, c); }) {}
  template <int NR, int NV> void operator()(Panel p, int64_t place, const V (&c)[NR][NV]) const { take_(self_, p, place, NR * NV, c[0]); }

 private:
  void* self_;
  void (*take_)(void*, Panel, int64_t, int64_t, const V*);
};

// biases [v] += Σ_s d[s][v], a few sums at a time: in memory, each would wait for the one before.
template <class V, int N> ACTLAB_INLINE void add_bias_gradients(const V* d, int64_t samples, int64_t all, V* biases) {
  V sum[N];
  ACTLAB_UNROLL for (int v = 0; v < N; v++) sum[v] = biases[v];
  for (int64_t s = 0; s < samples; s++, d += all)
    ACTLAB_UNROLL for (int v = 0; v < N; v++) sum[v] += d[v];
  ACTLAB_UNROLL for (int v = 0; v < N; v++) biases[v] = sum[v];
}
template <class V> void add_bias_gradient(const V* d, int64_t samples, int64_t all, V* biases) {
  int64_t v = 0;
  for (; v + 4 <= all; v += 4) add_bias_gradients<V, 4>(d + v, samples, all, biases + v);
  for (; v < all; v++) add_bias_gradients<V, 1>(d + v, samples, all, biases + v);
}

// What a batch says of a matrix of weights: still to be computed, or in memory.
template <class V> class WeightGradient {
 public:
  struct Matrix {
    int64_t inputs, all;  // rows, and vectors of each
    V *gradients, *weights;
  };

  // aᵀ·δ of so many samples, `stride` numbers from a sample's inputs to the next one's; δ null: it is in memory. `fresh`:
  // nothing was added to it yet. `far`: the net is larger than the cache.
  WeightGradient(Matrix matrix, const scalar_t<V>* a, int64_t stride, const V* delta, int64_t samples, bool fresh, bool far)
      : m_(matrix), a_(a), stride_(stride), delta_(delta), samples_(samples), fresh_(fresh), far_(far) {}

  // take(panel, place in the matrix, how many vectors follow each other from there, their gradients), from the first input
  // on; it will touch the same places of the weights. Afterwards the gradient may be in memory, or not.
  template <class F> void to(F take) const {
    if (delta_ && far_) return call(take, m_.weights);
    if (delta_) return keep().to(take);
    for (Panel p = panel_of(m_.all, 0); p.from < m_.all; p = panel_of(m_.all, p.from + p.size))
      take(p, p.from * m_.inputs, p.size * m_.inputs, m_.gradients + p.from * m_.inputs);
  }

  // Into memory.
  WeightGradient keep() const {
    V* g = m_.gradients;
    auto copy = [=](Panel, int64_t place, int64_t count, const V* c) { memcpy((void*)(g + place), c, sizeof(V) * (size_t)count); };
    if (delta_ && far_) call(copy, g);
    else if (delta_) product(block_of_gradient_to(g), nothing_soon);
    return {m_, a_, stride_, nullptr, samples_, fresh_, far_};
  }

 private:
  // `touched` lies as the weights do.
  template <class F> void call(F take, const V* touched) const {
    product(Taker<V>(take), [&](Panel p) {
      Fetch fetch;
      fetch.add(touched + (p.from + p.size) * m_.inputs, most_in_panel * m_.inputs * (int64_t)sizeof(V));
      return fetch;
    });
  }
  template <class Take, class Soon> void product(Take take, Soon soon) const {
    gradient_product<V>(a_, stride_, m_.inputs, delta_, samples_, m_.all, m_.gradients, fresh_, take, soon);
  }

  Matrix m_;
  const scalar_t<V>* a_;
  int64_t stride_;
  const V* delta_;
  int64_t samples_;
  bool fresh_, far_;
};

}  // namespace actlab::ACTLAB_ISA
