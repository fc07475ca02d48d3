// Initial weights: normal draws that depend on a seed and a place alone.
#pragma once
#include <cstdint>

namespace actlab {

// Draws number 0 … count − 1 of layer `layer` for the net `seed`: standard normal, correct to double precision, the
// same bits on every machine.
void standard_normal(uint64_t seed, uint32_t layer, int64_t count, double* out);

}  // namespace actlab
