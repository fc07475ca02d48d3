#include "layout.h"

#include <cmath>

namespace actlab {

bool units_in_lanes(const Plan& plan, int lanes, size_t bytes, int64_t nets) {
  if (plan.layout != Layout::any) return plan.layout == Layout::units;
  const Network& network = plan.network;
  double together = 35, alone = 12;
  for (int k = 0; k < network.layers; k++) {
    const double in = network.units[k], out = network.units[k + 1], in_vectors = std::ceil(in / lanes), out_vectors = std::ceil(out / lanes);
    together += 0.2 * (k ? 3 : 2) * in * out + 2 * out;
    alone += 5 + 0.19 * (2 * in * out_vectors + (k ? out * in_vectors : 0)) + 2 * out_vectors;
  }
  // The gradient of a learned number is one chain of sums, whatever lies side by side.
  for (int k = 0; k < network.layers; k++)
    if (network.layer[k].learned >= 0) {
      const double chain = network.activation[network.layer[k].activation].learned * network.units[k + 1] * 1.0;
      together += chain, alone += chain;
    }
  constexpr int64_t cached = 256 * 1024;  // a block's weights in the second-level cache
  if (network.parameters * lanes * (int64_t)bytes > cached) together *= 1.3;
  const int64_t blocks = (nets + lanes - 1) / lanes;
  auto rounds = [&](int64_t pieces) { return (double)((pieces + plan.threads - 1) / plan.threads); };
  return rounds(nets) * alone < rounds(blocks) * together;
}

}  // namespace actlab
