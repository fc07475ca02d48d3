// Samples of a block of nets in the order of an epoch, an own one a lane.
//
// Small data sets are copied, a copy a lane, and their rows themselves are shuffled: a row of four numbers is swapped as
// fast as its index is, and is then read where it lies, next to its neighbours'. Large ones stay where they are, and an
// index is shuffled. The order is the same.
#pragma once
#include "arena.h"
#include "rows.h"
#include "shuffle.h"

namespace actlab::ACTLAB_ISA {

template <class V> class Order {
 public:
  using T = scalar_t<V>;
  static constexpr int width = simd<T>::lanes;

  static int64_t scratch(int n, int quads) {
    return moves(n, quads) ? (int64_t)n * (groups * quads + 1) : vectors((int64_t)n * width * (int64_t)sizeof(uint32_t));
  }

  // sets: of every lane, all of n rows. They stay where they are as long as this lives.
  Order(const Rows<T>* sets, const uint64_t* seeds, int nets, int quads, Arena<V>& arena)
      : sets_(sets), n_(sets[0].n), quads_(quads), rows_(moves(n_, quads) ? arena.take((int64_t)n_ * groups * quads) : nullptr),
        index_((uint32_t*)arena.take(rows_ ? n_ : scratch(n_, quads))), choices_(seeds, nets, n_), shuffle_(seeds, nets, rows_ ? 0 : n_, index_) {
    if (!rows_) return;
    for (int l = 0; l < width; l++)
      for (int q = 0; q < quads; q++)
        for (int64_t i = 0; i < n_; i++) memcpy((T*)row(l % groups, i, q) + l / groups * 4, sets[l].base + (q * n_ + i) * 4, 4 * sizeof(T));
  }

  void epoch(uint32_t epoch) {
    if (!rows_) return shuffle_.epoch(epoch);
    if constexpr (can_move) {
      // First where every row goes, in bytes; then a group of lanes after the other, whose rows stay in the cache meanwhile.
      const uint32_t step = (uint32_t)(quads_ * (int)sizeof(V));
      choices_.epoch(epoch, [to = (vu*)index_, step](int i, vu j) { to[i] = j * step; });
      for (int g = 0; g < groups; g++)
        if (quads_ == 1) swap_group<1>(g);
        else swap_group<2>(g);
    }
  }

  // Lane `to` goes on as `other`'s lane `from` would, which is as far.
  void take(const Order& other, int from, int to) {
    choices_.take(other.choices_, from, to);
    if (!rows_) return shuffle_.take(other.shuffle_, from, to);
    for (int64_t i = 0; i < n_; i++)
      for (int q = 0; q < quads_; q++)
        memcpy((T*)row(to % groups, i, q) + to / groups * 4, (const T*)other.row(from % groups, i, q) + from / groups * 4, 4 * sizeof(T));
  }

  // Sample i into a sample of a tile: column c, of features and then targets, to x[c · tile]. The columns that fill up the
  // last group of four are written too.
  ACTLAB_INLINE_MEMBER void put(int64_t i, V* x) const {
    if (!rows_) return gather_row<V>(sets_, index_ + i * width, n_, quads_, x);
    if constexpr (can_move)
      for (int q = 0; q < quads_; q++) {
        V four[groups], column[4];
        for (int g = 0; g < groups; g++) four[g] = *row(g, i, q);
        transpose_quads(four, column);
        ACTLAB_UNROLL for (int c = 0; c < 4; c++) x[(q * 4 + c) * tile] = column[c];
      }
  }

 private:
  // A vector holds a row of four numbers of every lane of a group: lanes g, g + groups, g + 2 groups …, in the order in
  // which unpacking brings them to their places.
  static constexpr int groups = 4;
  static constexpr bool can_move = sizeof(T) == 4;
  static constexpr int64_t most_bytes = 1 << 19;

  static bool moves(int64_t n, int quads) { return can_move && quads <= 2 && n * quads * groups * (int64_t)sizeof(V) <= most_bytes; }
  static int64_t vectors(int64_t bytes) { return (bytes + (int64_t)sizeof(V) - 1) / (int64_t)sizeof(V); }
  V* row(int group, int64_t i, int q) const { return rows_ + ((int64_t)group * n_ + i) * quads_ + q; }

  // The rows chosen for place i are put there by one store, for stores are what a swap waits for.
  template <int Quads> void swap_group(int g) {
    typedef float Four __attribute__((vector_size(16)));
    constexpr int members = width / groups;
    const int n = n_;
    V* here = row(g, 0, 0);
    char* const start = (char*)here;
    const uint32_t* to = index_ + g;
    for (int i = 0; i < n; i++, here += Quads, to += width)
      ACTLAB_UNROLL for (int q = 0; q < Quads; q++) {
        const float* there[members];
        ACTLAB_UNROLL for (int m = 0; m < members; m++)
          there[m] = (const float*)(start + to[m * groups] + m * sizeof(Four) + q * sizeof(V));
        const V chosen = joined<1>(there);
        ACTLAB_UNROLL for (int m = 0; m < members; m++) memcpy((void*)there[m], (const Four*)(here + q) + m, sizeof(Four));
        here[q] = chosen;
      }
  }

  const Rows<T>* sets_;
  int n_, quads_;
  V* rows_;          // [group][n][quad], or null
  uint32_t* index_;  // [n][lane]: the order, or of rows that move, where they go in this epoch
  Choices choices_;
  Shuffle<width> shuffle_;
};

}  // namespace actlab::ACTLAB_ISA
