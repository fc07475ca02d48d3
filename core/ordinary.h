// A program in the form in which it is run on ordinary numbers, neither infinite nor NaN: the same bits, sooner.
#pragma once
#include "engine.h"

namespace actlab {

// Selects that only ask whether x is infinite are gone, and a polynomial (mul, add, mul, add …) is one `horner`.
OwnedProgram ordinary(const Program& program);

}  // namespace actlab
