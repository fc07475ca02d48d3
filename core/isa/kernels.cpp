// One instruction set's table of kernels. Compiled once for each, with its own ACTLAB_ISA.
#include "../kernels.h"

#include "evaluate.h"
#include "herd.h"
#include "units/train.h"

namespace actlab {
namespace ACTLAB_ISA {

static void shuffle_order(uint64_t seed, int32_t n, int epochs, int32_t* order) {
  Arena<vf> arena(n + 1);
  auto* lanes = (uint32_t*)arena.take(n);
  Shuffle<lanes32> shuffle(&seed, 1, n, lanes);
  for (int e = 0; e < epochs; e++) {
    shuffle.epoch((uint32_t)e);
    for (int32_t i = 0; i < n; i++) order[(int64_t)e * n + i] = (int32_t)lanes[(int64_t)i * lanes32];
  }
}

static bool evaluate_single(const Program& program, const Program& ordinary, const float* x, float* value, float* derivative, int64_t n) {
  return evaluate<vf, float, float>(program, ordinary, {}, x, value, derivative, n);
}

#define ACTLAB_TEXT(x) #x
#define ACTLAB_NAME(x) ACTLAB_TEXT(x)
static const Kernels table = {ACTLAB_NAME(ACTLAB_ISA), ACTLAB_VECTOR_BYTES, train_block<vf>, train_block<vd>,
                              score_block<vf>, score_block<vd>,
                              train_unit_block<vf>, train_unit_block<vd>, score_unit_block<vf>, score_unit_block<vd>,
                              evaluate<vd, brief, float>, evaluate<vd, double, double>, evaluate_single, twofold_balls, shuffle_order};

}  // namespace ACTLAB_ISA

#define ACTLAB_JOIN2(a, b) a##b
#define ACTLAB_JOIN(a, b) ACTLAB_JOIN2(a, b)
const Kernels* ACTLAB_JOIN(kernels_, ACTLAB_ISA)() { return &ACTLAB_ISA::table; }

}  // namespace actlab
