// What a layer has, in numbers.
#pragma once
#include "../network.h"
#include "simd.h"

namespace actlab::ACTLAB_ISA {

// Rows of its weights.
ACTLAB_INLINE int64_t inputs(const Layer& layer) { return (int64_t)layer.fan_in + layer.recurrent; }

// How many numbers of φ weight layer k learns.
ACTLAB_INLINE int learned_numbers(const Network& net, int k) {
  return net.layer[k].activation < 0 ? 0 : net.activation[net.layer[k].activation].learned;
}

}  // namespace actlab::ACTLAB_ISA
