// Brings rows of a data set into the lanes: lane l reads its own row of its own set.
#pragma once
#include "../network.h"
#include "matmul.h"

namespace actlab::ACTLAB_ISA {

// For float vectors of rows of four, x[c] = all numbers c: in every 128 bits, the transpose.
ACTLAB_INLINE void transpose_quads(const vf* r, vf* x) {
#if ACTLAB_VECTOR_BYTES == 64
  const __m512d a = _mm512_castps_pd(_mm512_unpacklo_ps((__m512)r[0], (__m512)r[1])), b = _mm512_castps_pd(_mm512_unpackhi_ps((__m512)r[0], (__m512)r[1]));
  const __m512d c = _mm512_castps_pd(_mm512_unpacklo_ps((__m512)r[2], (__m512)r[3])), d = _mm512_castps_pd(_mm512_unpackhi_ps((__m512)r[2], (__m512)r[3]));
  x[0] = (vf)_mm512_unpacklo_pd(a, c);
  x[1] = (vf)_mm512_unpackhi_pd(a, c);
  x[2] = (vf)_mm512_unpacklo_pd(b, d);
  x[3] = (vf)_mm512_unpackhi_pd(b, d);
#elif ACTLAB_VECTOR_BYTES == 32
  const __m256d a = _mm256_castps_pd(_mm256_unpacklo_ps((__m256)r[0], (__m256)r[1])), b = _mm256_castps_pd(_mm256_unpackhi_ps((__m256)r[0], (__m256)r[1]));
  const __m256d c = _mm256_castps_pd(_mm256_unpacklo_ps((__m256)r[2], (__m256)r[3])), d = _mm256_castps_pd(_mm256_unpackhi_ps((__m256)r[2], (__m256)r[3]));
  x[0] = (vf)_mm256_unpacklo_pd(a, c);
  x[1] = (vf)_mm256_unpackhi_pd(a, c);
  x[2] = (vf)_mm256_unpacklo_pd(b, d);
  x[3] = (vf)_mm256_unpackhi_pd(b, d);
#else
  for (int c = 0; c < 4; c++) {
    vf v;
    for (int k = 0; k < 4; k++) v[k] = r[k][c];
    x[c] = v;
  }
#endif
}

// The rows of four at p[0], p[Step], p[2 Step] … in one vector.
template <int Step> ACTLAB_INLINE vf joined(const float* const* p) {
#if ACTLAB_VECTOR_BYTES == 64
  __m512 t = _mm512_castps128_ps512(_mm_loadu_ps(p[0]));
  t = _mm512_insertf32x4(t, _mm_loadu_ps(p[Step]), 1);
  t = _mm512_insertf32x4(t, _mm_loadu_ps(p[2 * Step]), 2);
  return (vf)_mm512_insertf32x4(t, _mm_loadu_ps(p[3 * Step]), 3);
#elif ACTLAB_VECTOR_BYTES == 32
  return (vf)_mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(p[0])), _mm_loadu_ps(p[Step]), 1);
#else
  return load<vf>(p[0]);
#endif
}

// x[c][l] = p[l][c] for four columns c.
ACTLAB_INLINE void transpose_rows(const double* const* p, vd* x) {
  for (int c = 0; c < 4; c++) {
    vd v;
    for (int l = 0; l < simd<double>::lanes; l++) v[l] = p[l][c];
    x[c] = v;
  }
}
ACTLAB_INLINE void transpose_rows(const float* const* p, vf* x) {
  vf r[4];
  for (int q = 0; q < 4; q++) r[q] = joined<4>(p + q);
  transpose_quads(r, x);
}

// Puts row index[l] of sets[l], which all have n rows, into a sample of a tile: column c, of features and then targets,
// to x[c · tile]. The columns that fill up the last group are written too.
template <class V> ACTLAB_INLINE void gather_row(const Rows<scalar_t<V>>* sets, const uint32_t* index, int64_t n, int quads, V* x) {
  using T = scalar_t<V>;
  for (int q = 0; q < quads; q++) {
    const T* p[simd<T>::lanes];
    V four[4];
    for (int l = 0; l < simd<T>::lanes; l++) p[l] = sets[l].base + (q * n + index[l]) * 4;
    transpose_rows(p, four);
    ACTLAB_UNROLL for (int c = 0; c < 4; c++) x[(q * 4 + c) * tile] = four[c];
  }
}

}  // namespace actlab::ACTLAB_ISA
