// Vector math: every primitive of the expression language, for float and double vectors, in one include.
// Which form each function uses and why, and how accurate it is: core/tools/README.md.
#pragma once
#include "vmath_exp.h"
#include "vmath_log.h"
#include "vmath_normal.h"
#include "vmath_pow.h"
#include "vmath_sigmoid.h"
#include "vmath_trig.h"
