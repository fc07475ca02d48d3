// φ′ of a layer laid over the error that comes back to it, where lanes are units.
#pragma once
#include "../lanes.h"

namespace actlab::ACTLAB_ISA {

// to[i] *= φ′ for `rows` rows of `vectors` each, from `first` on and `all` apart: what is `stored`, or follows from φ = `a`.
// It stands alone, behind a block of the product that wrote `to`: in the product, other slopes than the one asked for would
// take its registers.
template <class V>
__attribute__((noinline)) void times_slopes(Slope slope, V* to, const V* a, const V* stored, int64_t first, int64_t rows, int64_t vectors, int64_t all) {
  auto each = [=](auto times) {
    for (int64_t r = first; r < first + rows * all; r += all)
      for (int64_t i = r; i < r + vectors; i++) to[i] = times(to[i], i);
  };
  switch (slope) {
    case Slope::stored: return each([=](V x, int64_t i) { return x * stored[i]; });
    case Slope::one: return;
    case Slope::step: return each([=](V x, int64_t i) { return times_slope<Slope::step>(x, a[i]); });
    case Slope::one_minus_square: return each([=](V x, int64_t i) { return times_slope<Slope::one_minus_square>(x, a[i]); });
    case Slope::logistic: return each([=](V x, int64_t i) { return times_slope<Slope::logistic>(x, a[i]); });
  }
}

}  // namespace actlab::ACTLAB_ISA
