// The careful path: a program at single numbers, in arithmetic of as many bits as the answer takes.
#pragma once
#include <cstdint>

#include "../program.h"

namespace actlab {

// Value and derivative of `program` at x, the real function of its instructions and constants rounded once to T; either
// pointer may be null. x is finite. Every operation carries a bound on its error, and the precision is doubled, from
// 128 bits to 4096, until the rounding is certain; a truth that is within 2^-64 of a unit of half way between two
// neighbours, on an unknown side, counts as half way. Infinities and NaN come about as IEEE 754 has them. Returns the
// bits that were needed; 0 where 4096 did not settle the result, which is then what the midpoints say. Any number of
// threads may call this at once.
int careful(const Program& program, float x, float* value, float* derivative);
int careful(const Program& program, double x, double* value, double* derivative);

// The same for n numbers, on a few threads; `value`, `derivative` and `bits` may be null.
template <class T> void careful_all(const Program& program, const T* x, T* value, T* derivative, int32_t* bits, int64_t n, int threads);

}  // namespace actlab
