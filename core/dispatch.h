// Which instruction sets this build has and this processor can run.
#pragma once
#include <string>
#include <vector>

#include "kernels.h"

namespace actlab {

const std::vector<const Kernels*>& available_kernels();  // best last
const Kernels& chosen_kernels(const std::string& name);  // "" is the best; throws std::invalid_argument

}  // namespace actlab
