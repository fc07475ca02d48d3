// Which of the two layouts trains or scores so many nets sooner.
#pragma once
#include "engine.h"

namespace actlab {

// Whether one net at a time, its units in the lanes, is quicker than as many nets as there are lanes, of numbers of so many
// bytes. Where the plan says which, that.
bool units_in_lanes(const Plan& plan, int lanes, size_t bytes, int64_t nets);

}  // namespace actlab
