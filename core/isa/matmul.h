// The three products of a layer over tiles of samples, lanes being nets.
//
// Layouts, in vectors: weights [fan_in][fan_out], activations and deltas [unit][tile]. Every sum is one ascending
// chain of fused multiply-adds, whatever the register blocking: that is what makes the bits a property of the net.
#pragma once
#include "simd.h"

namespace actlab::ACTLAB_ISA {

constexpr int tile = 8;  // samples worked on at a time

// For NU outputs and NS samples held in registers: c = start(u) + Σ_k a[k][s] · w[k·wk + u·wu], then finish(u, s, c).
template <class V, int NU, int NS, class Start, class Finish>
ACTLAB_INLINE void product_block(const V* __restrict a, const V* __restrict w, int64_t K, int64_t wk, int64_t wu, Start start, Finish finish) {
  V c[NU][NS];
  ACTLAB_UNROLL for (int u = 0; u < NU; u++) {
    const V v = start(u);
    ACTLAB_UNROLL for (int s = 0; s < NS; s++) c[u][s] = v;
  }
  for (int64_t k = 0; k < K; k++) {
    V wv[NU];
    ACTLAB_UNROLL for (int u = 0; u < NU; u++) wv[u] = w[k * wk + u * wu];
    ACTLAB_UNROLL for (int s = 0; s < NS; s++) {
      const V av = a[k * tile + s];
      ACTLAB_UNROLL for (int u = 0; u < NU; u++) c[u][s] = fma(av, wv[u], c[u][s]);
    }
  }
  ACTLAB_UNROLL for (int u = 0; u < NU; u++)
    ACTLAB_UNROLL for (int s = 0; s < NS; s++) finish(u, s, c[u][s]);
}

template <class V, int NU, int NS, class Start, class Finish>
ACTLAB_INLINE void product_rows(const V* a, const V* w, int64_t u0, int64_t K, int64_t wk, int64_t wu, Start start, Finish finish) {
  for (int s0 = 0; s0 < tile; s0 += NS)
    product_block<V, NU, NS>(a + s0, w + u0 * wu, K, wk, wu, [&](int u) { return start(u0 + u); },
                             [&](int u, int s, V c) { finish(u0 + u, s0 + s, c); });
}

// All U outputs of `tiles` tiles, whose inputs lie `stride` apart: finish(t, u, s, c). A few outputs' weights are used
// for all tiles while they are in the cache. 16 accumulators where there are 32 registers, 8 where there are 16.
template <class V, class Start, class Finish>
ACTLAB_INLINE void product(const V* a, int64_t stride, int tiles, const V* w, int64_t U, int64_t K, int64_t wk, int64_t wu, Start start, Finish finish) {
  constexpr int wide = ACTLAB_VECTOR_BYTES == 64 ? 4 : 2;
  int64_t u = 0;
  for (; u + wide <= U; u += wide)
    for (int t = 0; t < tiles; t++)
      product_rows<V, wide, 4>(a + t * stride, w, u, K, wk, wu, start, [&](int64_t v, int s, V c) { finish(t, v, s, c); });
  if constexpr (wide > 2)
    for (; u + 2 <= U; u += 2)
      for (int t = 0; t < tiles; t++)
        product_rows<V, 2, tile>(a + t * stride, w, u, K, wk, wu, start, [&](int64_t v, int s, V c) { finish(t, v, s, c); });
  for (; u < U; u++)
    for (int t = 0; t < tiles; t++)
      product_rows<V, 1, tile>(a + t * stride, w, u, K, wk, wu, start, [&](int64_t v, int s, V c) { finish(t, v, s, c); });
}

// Activations and deltas of `tiles` tiles, so far apart from tile to tile.
template <class V> struct Sides {
  const V *a, *d;
  int64_t a_stride, d_stride;
  int tiles;
};

// g[i][j] += Σ_s a[i][s] · d[j][s]; with the biases' gradient, gb[j] += Σ_s d[j][s], riding along.
template <class V, int TI, int TJ, bool Bias>
ACTLAB_INLINE void gradient_block(const Sides<V>& sides, int64_t i0, int64_t j0, V* __restrict g, V* __restrict gb, int64_t fan_out) {
  V c[TI][TJ], b[TJ];
  const V *a = sides.a + i0 * tile, *d = sides.d + j0 * tile;
  g += i0 * fan_out + j0;
  gb += j0;
  ACTLAB_UNROLL for (int i = 0; i < TI; i++)
    ACTLAB_UNROLL for (int j = 0; j < TJ; j++) c[i][j] = g[i * fan_out + j];
  if constexpr (Bias) ACTLAB_UNROLL for (int j = 0; j < TJ; j++) b[j] = gb[j];
  for (int t = 0; t < sides.tiles; t++, a += sides.a_stride, d += sides.d_stride) {
    ACTLAB_UNROLL for (int s = 0; s < tile; s++) {
      V dv[TJ];
      ACTLAB_UNROLL for (int j = 0; j < TJ; j++) {
        dv[j] = d[j * tile + s];
        if constexpr (Bias) b[j] += dv[j];
      }
      ACTLAB_UNROLL for (int i = 0; i < TI; i++) {
        const V av = a[i * tile + s];
        ACTLAB_UNROLL for (int j = 0; j < TJ; j++) c[i][j] = fma(av, dv[j], c[i][j]);
      }
    }
  }
  ACTLAB_UNROLL for (int i = 0; i < TI; i++)
    ACTLAB_UNROLL for (int j = 0; j < TJ; j++) g[i * fan_out + j] = c[i][j];
  if constexpr (Bias) ACTLAB_UNROLL for (int j = 0; j < TJ; j++) gb[j] = b[j];
}

template <class V, int TI, bool Bias> ACTLAB_INLINE void gradient_rows(const Sides<V>& sides, int64_t i, V* g, V* gb, int64_t fan_out) {
  constexpr int wide = ACTLAB_VECTOR_BYTES == 64 ? (TI == 1 ? 8 : 4) : (TI == 1 ? 4 : 2);
  int64_t j = 0;
  for (; j + wide <= fan_out; j += wide) gradient_block<V, TI, wide, Bias>(sides, i, j, g, gb, fan_out);
  if constexpr (wide > 2)
    for (; j + 2 <= fan_out; j += 2) gradient_block<V, TI, 2, Bias>(sides, i, j, g, gb, fan_out);
  for (; j < fan_out; j++) gradient_block<V, TI, 1, Bias>(sides, i, j, g, gb, fan_out);
}

template <class V> ACTLAB_INLINE void weight_gradient(const Sides<V>& sides, V* g, V* gb, int64_t fan_in, int64_t fan_out) {
  int64_t i = 0;
  // One output: only many inputs make enough chains to keep the multipliers busy.
  if (fan_out == 1 && fan_in >= 8) { gradient_block<V, 8, 1, true>(sides, 0, 0, g, gb, fan_out); i = 8; }
  else if (fan_in >= 4) { gradient_rows<V, 4, true>(sides, 0, g, gb, fan_out); i = 4; }
  else if (fan_in >= 2) { gradient_rows<V, 2, true>(sides, 0, g, gb, fan_out); i = 2; }
  else { gradient_rows<V, 1, true>(sides, 0, g, gb, fan_out); i = 1; }
  if (fan_out == 1)
    for (; i + 8 <= fan_in; i += 8) gradient_block<V, 8, 1, false>(sides, i, 0, g, gb, fan_out);
  for (; i + 4 <= fan_in; i += 4) gradient_rows<V, 4, false>(sides, i, g, gb, fan_out);
  for (; i < fan_in; i++) gradient_rows<V, 1, false>(sides, i, g, gb, fan_out);
}

}  // namespace actlab::ACTLAB_ISA
