#include "layout.h"

#include <cmath>

namespace actlab {

namespace {

// What the functions of a layer cost, in instructions on all its units.
double instructions(const Network& network, const Layer& layer) {
  if (layer.activation < 0) return 0;
  const Activation& phi = network.activation[layer.activation];
  int count = phi.value_and_derivative.length;
  for (int p = 0; p < phi.learned; p++) count += phi.by_learned[p].length;
  return count;
}

// Done by the products, where lanes are nets.
bool in_passing(const Network& network, const Layer& layer) {
  if (layer.activation < 0 || layer.norm != Norm::none || layer.recurrent) return false;
  const Slope slope = network.activation[layer.activation].slope;
  return slope == Slope::one || slope == Slope::step;
}

}  // namespace

// Both are estimated in nanoseconds a sample and thread, by numbers fitted to nets of 4 to 300 units a layer: what an
// operation on a vector takes in the products, what an instruction of φ takes, and what comes on top of them.
bool units_in_lanes(const Plan& plan, int lanes, size_t bytes, int64_t nets) {
  if (plan.layout != Layout::any) return plan.layout == Layout::units;
  const Network& network = plan.network;
  double together = 36, alone = 28;
  for (int k = 0; k < network.layers; k++) {
    const Layer& layer = network.layer[k];
    const double times = layer.recurrent ? network.steps : 1, functions = instructions(network, layer);
    const double in = (double)layer.fan_in + layer.recurrent, out = layer.fan_out, in_vectors = std::ceil(in / lanes), out_vectors = std::ceil(out / lanes);
    const bool back = k || layer.recurrent;  // whether δ of the input is asked for
    together += times * (0.21 * (back ? 3 : 2) * in * out + (in_passing(network, layer) ? 0 : 1.8 * functions * out));
    alone += times * ((layer.recurrent ? 20 : 4) + 0.17 * (2 * in * out_vectors + (back ? out * in_vectors : 0)) + (functions ? 2.5 + 1.7 * functions : 0) * out_vectors);
    // The gradient of a learned number is one chain of sums, whatever lies side by side.
    if (layer.learned < 0) continue;
    const double chain = 1.1 * times * network.activation[layer.activation].learned * out;
    together += chain;
    alone += chain;
  }
  constexpr int64_t cached = 256 * 1024;  // a block's weights in the second-level cache
  if (network.parameters * lanes * (int64_t)bytes > cached) together *= 1.6;
  const int64_t blocks = (nets + lanes - 1) / lanes;
  auto rounds = [&](int64_t pieces) { return (double)((pieces + plan.threads - 1) / plan.threads); };
  return rounds(nets) * alone < rounds(blocks) * together;
}

}  // namespace actlab
