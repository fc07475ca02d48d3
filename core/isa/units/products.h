// The three products of a layer of one net, lanes being its units.
//
// All are C[r][v] = start + Σ_k A[r][k] · B[k][v], with a number of A for all lanes and vectors of B: forward is a·W,
// back is δ·Wᵀ, the gradient is aᵀ·δ. A panel of B stays in the cache while all rows go by. Every sum is one ascending
// chain of fused multiply-adds, so that the bits are those of matmul.h.
#pragma once
#include "panels.h"

namespace actlab::ACTLAB_ISA {

#if ACTLAB_VECTOR_BYTES == 64 || defined(__aarch64__)
constexpr int block_rows = 8;  // 24 accumulators of 32 registers
#else
constexpr int block_rows = 4;  // 12 of 16
#endif

// A: number (r, k) is a[r · row + k · step].
template <class T> struct Numbers {
  const T* a;
  int64_t row, step;
};

// Ahead: what stands in the next columns is fetched, for rows that lie far apart.
template <class V, int NR, int NV, bool Ahead, class Start, class Finish>
ACTLAB_INLINE void panel_block(const Numbers<scalar_t<V>>& numbers, const V* b, int64_t b_step, int64_t K, int64_t r, Start start, Finish finish) {
  const int64_t row = numbers.row, step = numbers.step;
  const scalar_t<V>* a = numbers.a + r * row;
  V c[NR][NV];
  ACTLAB_UNROLL for (int i = 0; i < NR; i++)
    ACTLAB_UNROLL for (int v = 0; v < NV; v++) c[i][v] = start(r + i, v);
  for (int64_t k = 0; k < K; k++, a += step, b += b_step) {
    if constexpr (Ahead) __builtin_prefetch(a + 2 * NR);
    V bv[NV];
    ACTLAB_UNROLL for (int v = 0; v < NV; v++) bv[v] = b[v];
    ACTLAB_UNROLL for (int i = 0; i < NR; i++) {
      const V av = set1<V>(a[i * row]);
      ACTLAB_UNROLL for (int v = 0; v < NV; v++) c[i][v] = fma(av, bv[v], c[i][v]);
    }
  }
  ACTLAB_UNROLL for (int i = 0; i < NR; i++)
    ACTLAB_UNROLL for (int v = 0; v < NV; v++) finish(r + i, v, c[i][v]);
}

template <class V, int NV, bool Ahead, class Start, class Finish>
ACTLAB_INLINE void panel_rows(const Numbers<scalar_t<V>>& numbers, int64_t rows, const V* b, int64_t b_step, int64_t K, Start start, Finish finish) {
  int64_t r = 0;
  for (; r + block_rows <= rows; r += block_rows) panel_block<V, block_rows, NV, Ahead>(numbers, b, b_step, K, r, start, finish);
  if constexpr (block_rows > 4)
    for (; r + 4 <= rows; r += 4) panel_block<V, 4, NV, Ahead>(numbers, b, b_step, K, r, start, finish);
  for (; r < rows; r++) panel_block<V, 1, NV, false>(numbers, b, b_step, K, r, start, finish);
}

// The vectors of one panel: start and finish are told row and vector of the whole.
template <class V, bool Ahead, class Start, class Finish>
ACTLAB_INLINE void panel_product(Panel panel, const Numbers<scalar_t<V>>& numbers, int64_t rows, const V* b, int64_t b_step, int64_t K, Start start, Finish finish) {
  auto from = [&](int64_t r, int v) { return start(r, panel.from + v); };
  auto to = [&](int64_t r, int v, V c) { finish(r, panel.from + v, c); };
  if (panel.size == 3) panel_rows<V, 3, Ahead>(numbers, rows, b, b_step, K, from, to);
  else if (panel.size == 2) panel_rows<V, 2, Ahead>(numbers, rows, b, b_step, K, from, to);
  else panel_rows<V, 1, Ahead>(numbers, rows, b, b_step, K, from, to);
}

// C[r][v] = start(v) + Σ_k a[r][k] · w[k][v], w [K][vectors] in panels; a row of numbers is `stride` long.
template <class V, class Start, class Finish>
void times_panels(const scalar_t<V>* a, int64_t stride, int64_t rows, const V* w, int64_t K, int64_t all, Start start, Finish finish) {
  for (Panel p = panel_of(all, 0);; p = panel_of(all, p.from + p.size)) {
    panel_product<V, false>(p, {a, stride, 1}, rows, w + p.from * K, p.size, K, [&](int64_t, int64_t v) { return start(v); }, finish);
    if (p.from + p.size == all) return;
  }
}

// g[i][v] += Σ_s a[s][i] · d[s][v], g [inputs][vectors] in panels; biases [v] += Σ_s d[s][v]. A fresh g is not read: it
// is 0, and not in the cache.
template <class V>
void add_gradient(const scalar_t<V>* a, int64_t stride, int64_t inputs, const V* d, int64_t samples, int64_t all, V* g, V* biases, bool fresh) {
  auto zero = [](int64_t, int64_t) { return V{}; };
  for (Panel p = panel_of(all, 0);; p = panel_of(all, p.from + p.size)) {
    V* panel = g + p.from * inputs;
    auto at = [&](int64_t i, int64_t v) -> V& { return panel[i * p.size + v - p.from]; };
    auto finish = [&](int64_t i, int64_t v, V c) { at(i, v) = c; };
    if (fresh) panel_product<V, true>(p, {a, 1, stride}, inputs, d + p.from, all, samples, zero, finish);
    else panel_product<V, true>(p, {a, 1, stride}, inputs, d + p.from, all, samples, at, finish);
    if (p.from + p.size == all) break;
  }
  if (!biases) return;
  for (int64_t s = 0; s < samples; s++)
    for (int64_t v = 0; v < all; v++) biases[v] += d[s * all + v];
}

}  // namespace actlab::ACTLAB_ISA
