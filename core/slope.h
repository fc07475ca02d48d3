// How φ′ follows from a = φ(z), read off the two programs.
#pragma once
#include "engine.h"

namespace actlab {

// What the program of φ and φ′ does behind the program of φ, if that is one instruction on the value; otherwise `stored`.
Slope slope_of(const OwnedActivation& phi);

}  // namespace actlab
