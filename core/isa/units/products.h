// The three products of a layer of one net, lanes being its units.
//
// All are C[r][v] = start + Σ_k A[r][k] · B[k][v], with a number of A for all lanes and vectors of B: forward is a·W,
// back is δ·Wᵀ, the gradient is aᵀ·δ. A panel of B stays in the cache while all rows go by. Every sum is one ascending
// chain of fused multiply-adds, so that the bits are those of matmul.h.
#pragma once
#include "fetch.h"
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

// finish(r, c) gets a block of sums, c[row − r][vector of the panel]. `wanted` is what the list of fetch.h has for it.
// Ahead: what stands in the next columns is fetched, for rows that lie far apart.
template <class V, int NR, int NV, bool Ahead, class Start, class Finish, class Lines>
ACTLAB_INLINE void panel_block(const Numbers<scalar_t<V>>& numbers, const V* b, int64_t b_step, int64_t K, int64_t r, Start start, Finish finish, Lines wanted) {
  const int64_t row = numbers.row, step = numbers.step;
  const scalar_t<V>* a = numbers.a + r * row;
  V c[NR][NV];
  ACTLAB_UNROLL for (int i = 0; i < NR; i++)
    ACTLAB_UNROLL for (int v = 0; v < NV; v++) c[i][v] = start(r + i, v);
  for (int64_t k = 0; k < K; k++, a += step, b += b_step) {
    wanted.fetch_one();
    if constexpr (Ahead) __builtin_prefetch(a + 2 * NR);
    V bv[NV];
    ACTLAB_UNROLL for (int v = 0; v < NV; v++) bv[v] = b[v];
    ACTLAB_UNROLL for (int i = 0; i < NR; i++) {
      const V av = set1<V>(a[i * row]);
      ACTLAB_UNROLL for (int v = 0; v < NV; v++) c[i][v] = fma(av, bv[v], c[i][v]);
    }
  }
  finish(r, c);
}

template <class V, int NV, bool Ahead, class Start, class Finish, class Fetches>
ACTLAB_INLINE void panel_rows(const Numbers<scalar_t<V>>& numbers, int64_t rows, const V* b, int64_t b_step, int64_t K, Start start, Finish finish, Fetches fetch) {
  int64_t r = 0;
  for (; r + block_rows <= rows; r += block_rows) panel_block<V, block_rows, NV, Ahead>(numbers, b, b_step, K, r, start, finish, fetch.take(K));
  if constexpr (block_rows > 4)
    for (; r + 4 <= rows; r += 4) panel_block<V, 4, NV, Ahead>(numbers, b, b_step, K, r, start, finish, NoFetch::Lines());
  for (; r < rows; r++) panel_block<V, 1, NV, false>(numbers, b, b_step, K, r, start, finish, NoFetch::Lines());
}

template <class V, bool Ahead, class Start, class Finish, class Fetches>
ACTLAB_INLINE void panel_product(Panel panel, const Numbers<scalar_t<V>>& numbers, int64_t rows, const V* b, int64_t b_step, int64_t K, Start start, Finish finish, const Fetches& fetch) {
  if (panel.size == 3) panel_rows<V, 3, Ahead>(numbers, rows, b, b_step, K, start, finish, fetch);
  else if (panel.size == 2) panel_rows<V, 2, Ahead>(numbers, rows, b, b_step, K, start, finish, fetch);
  else panel_rows<V, 1, Ahead>(numbers, rows, b, b_step, K, start, finish, fetch);
}

inline NoFetch nothing_soon(Panel) { return {}; }

// C[r][v] = start(v) + Σ_k a[r][k] · w[k][v], w [K][vectors] in panels, each where panel(p) says; a row of numbers is
// `stride` long. finish(p, r, c) gets a block of it, and soon(p) is the list of what is wanted when panel p is done.
template <class V, class Which, class Start, class Finish, class Soon>
void times_panels(const scalar_t<V>* a, int64_t stride, int64_t rows, Which panel, int64_t K, int64_t all, Start start, Finish finish, Soon soon) {
  for (Panel p = panel_of(all, 0);; p = panel_of(all, p.from + p.size)) {
    panel_product<V, false>(p, {a, stride, 1}, rows, panel(p), p.size, K, [&](int64_t, int v) { return start(p.from + v); },
                            [&](int64_t r, const auto& c) { finish(p, r, c); }, soon(p));
    if (p.from + p.size == all) return;
  }
}

// As a panel of w: of a matrix with K rows that is there.
template <class V> auto in_place(const V* w, int64_t K) {
  return [=](Panel p) { return w + p.from * K; };
}

// Takes a block of C to C [row][all].
template <class V> auto block_to(V* C, int64_t all) {
  return [=]<int NR, int NV>(Panel p, int64_t r, const V (&c)[NR][NV]) {
    ACTLAB_UNROLL for (int i = 0; i < NR; i++)
      ACTLAB_UNROLL for (int v = 0; v < NV; v++) C[(r + i) * all + p.from + v] = c[i][v];
  };
}

}  // namespace actlab::ACTLAB_ISA
