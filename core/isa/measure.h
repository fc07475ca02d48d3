// What is recorded of nets in training. The definitions are those of src/actlab/measure (signal, units, gradient);
// this is the same arithmetic inside the loop, in double accumulators, and is tested against it.
#pragma once
#include "lanes.h"
#include "path.h"
#include "through_time.h"

namespace actlab::ACTLAB_ISA {

// Thresholds of the unit gain (measure/units.py).
constexpr double dead_below = 1e-3, saturated_below = 0.1, linear_tolerance = 1e-6;

// As in measure/: what is taken of numbers that are not all finite is NaN.
inline double finite_or_nan(double x) { return x - x == 0 ? x : __builtin_nan(""); }

// How many Sums score_lanes works with: one a class.
inline int64_t score_memory(const Network& net) { return net.loss == Loss::classes ? net.units[net.layers] : 2; }

// The scores of one net on n points; the counts of its answers, one a class, lie `stride` apart.
inline void finish_scores(const Network& net, int n, double loss, double right, double finite, const double* counts, int64_t stride, double* out) {
  const bool classes = net.loss != Loss::squares;
  const double none = __builtin_nan("");
  double most = 0;
  for (int64_t c = 0; c < score_memory(net); c++) most = counts[c * stride] > most ? counts[c * stride] : most;
  out[score_loss] = loss / n;
  out[score_accuracy] = classes ? right / n : none;
  out[score_positive] = net.loss == Loss::binary ? counts[stride] / n : none;
  out[score_largest_share] = classes ? most / n : none;
  out[score_finite] = finite / n;
}

// The scores of a tile after the other.
template <class V> struct Scores {
  using T = scalar_t<V>;
  const int outputs;
  const int64_t kinds;
  Sums<V>* counts;  // [kinds]: of the answers
  Sums<V> loss, right, finite;

  // `samples` of a tile's outputs and targets. What is counted in a tile is exact in any precision.
  template <Loss by> void add(const V* z, const V* y, int samples) {
    const V one = set1<V>(1);
    V lost[tile], given[tile], sound{}, hits{};
    for (int s = 0; s < samples; s++) {
      V sure{};
      for (int j = 0; j < outputs; j++) sure += z[j * tile + s] - z[j * tile + s];
      const int_t<V> ok = sure == V{};
      lost[s] = select(ok, loss_of<V>(by, z, outputs, y, s), set1<V>(limits<T>::infinity));
      sound += select(ok, one, V{});
      if constexpr (by == Loss::squares) continue;
      const V asked = by == Loss::binary ? select(y[s] > set1<V>((T)0.5), one, V{}) : y[s];
      given[s] = select(ok, answer<V>(by, z, outputs, s), -one);  // none
      hits += select(given[s] == asked, one, V{});
    }
    for (int s = 0; s < samples; s++) loss += widen(lost[s]);
    finite += widen(sound);
    if constexpr (by == Loss::squares) return;
    right += widen(hits);
    for (int64_t c = 0; c < kinds; c++) {
      const V own = set1<V>((T)c);
      V times{};
      for (int s = 0; s < samples; s++) times += select(given[s] == own, one, V{});
      counts[c] += widen(times);
    }
  }
  void add(Loss by, const V* z, const V* y, int samples) {
    if (by == Loss::binary) add<Loss::binary>(z, y, samples);
    else if (by == Loss::classes) add<Loss::classes>(z, y, samples);
    else add<Loss::squares>(z, y, samples);
  }
};

// Loss, accuracy, share of class 1 (binary), share of the commonest class and share of finite answers over a whole set,
// per net. An answer that is not finite is wrong, and makes the loss infinite. Squares have no classes: NaN.
template <class V>
void score_lanes(Lanes<V>& lanes, const Rows<scalar_t<V>>* sets, int quads, int nets, Sums<V>* counts, double* out, int stride) {
  using T = scalar_t<V>;
  const Network& net = lanes.net;
  const int n = sets[0].n;
  Scores<V> scores = {net.units[net.layers], score_memory(net), counts, {}, {}, {}};
  for (int64_t c = 0; c < scores.kinds; c++) counts[c] = {};
  for (int first = 0; first < n; first += lanes.tiles * tile) {
    const int count = n - first < lanes.tiles * tile ? n - first : lanes.tiles * tile, tiles = (count + tile - 1) / tile;
    for (int t = 0; t < tiles; t++)
      lanes.fill(sets, first + t * tile, count - t * tile < tile ? count - t * tile : tile, quads, V{}, t);
    lanes.forward_value(tiles);
    for (int t = 0; t < tiles; t++) scores.add(net.loss, lanes.outputs(t), lanes.y(t), count - t * tile < tile ? count - t * tile : tile);
  }
  for (int l = 0; l < nets; l++)
    finish_scores(net, n, scores.loss[l], scores.right[l], scores.finite[l], &counts[0][l], simd<T>::lanes, out + (int64_t)l * stride);
}

// How many Sums trace_lanes works with: three a hidden unit, five a layer; of a recurrent net one a layer and step more.
inline int64_t trace_memory(const Network& net) {
  int64_t count = (1 + layer_sums + net.steps) * (int64_t)net.layers;
  for (int k = 1; k < net.layers; k++) count += unit_sums * (int64_t)net.units[k];
  return count;
}

// What became of one layer in one go of `count` samples: sums over z, then over a and φ′.
template <class V>
void trace_layer(Lanes<V>& lanes, int k, int count, Sums<V>& origin, bool start, Sums<V>* of_units, Sums<V>* sums) {
  const Network& net = lanes.net;
  const int units = net.units[k + 1], tiles = (count + tile - 1) / tile;
  auto samples = [&](int t) { return count - t * tile < tile ? count - t * tile : tile; };
  lanes.linear(k, tiles);
  lanes.normalise(k, tiles, count, Averages::batch);
  if (start) origin = widen(lanes.activations(k + 1)[0]);
  for (int t = 0; t < tiles; t++) sum_up_z(lanes.activations(k + 1, t), units, samples(t), origin, sums);
  if (k + 1 < net.layers) {
    lanes.activate(k, tiles, true);
    for (int t = 0; t < tiles; t++) sum_up_a(lanes.activations(k + 1, t), lanes.derivatives(k + 1, t), units, samples(t), sums, of_units);
    return;
  }
  // The outputs' a is the answer. z is needed again, for the loss; softmax's probabilities add up to 1.
  for (int t = 0; t < tiles; t++)
    for (int u = 0; u < units; u++)
      for (int s = 0; s < samples(t); s++) {
        const V z = lanes.outputs(t)[u * tile + s];
        if (net.loss == Loss::classes) sums[sum_abs_a] += widen((z - z) + (u ? V{} : set1<V>(1)));
        else sums[sum_abs_a] += vabs(widen(net.loss == Loss::binary ? vsigmoid(z) : z));
      }
}

struct Motion {
  double update_ratio, sign_agreement, path_efficiency;
};

// What is recorded of layer k of one net: from what trace_layer summed up about `origin`, the sums of squares of weights
// and gradient, what path.h knows, and Σφ′², least and greatest φ′ (`stride` apart) of every unit, which took `seen` values.
inline void finish_trace(const Network& net, int k, double seen, double origin, double weights, double gradient, Motion motion,
                         const double* of_units, int64_t stride, double* at) {
  const double mean = at[trace_mean_z], spread = at[trace_var_z] - mean * mean;
  at[trace_mean_z] = finite_or_nan(origin + mean);
  at[trace_var_z] = finite_or_nan(spread < 0 ? 0 : spread);
  // The fused programs' φ′(NaN) may be a number; a layer that meets a NaN has no shares all the same.
  const bool lost = at[trace_mean_abs_z] != at[trace_mean_abs_z];
  at[trace_mean_abs_z] = finite_or_nan(at[trace_mean_abs_z]);
  at[trace_mean_abs_a] = finite_or_nan(at[trace_mean_abs_a]);
  at[trace_gradient_norm] = finite_or_nan(__builtin_sqrt(gradient));
  at[trace_weight_norm] = finite_or_nan(__builtin_sqrt(weights));
  at[trace_update_ratio] = motion.update_ratio;
  at[trace_sign_agreement] = motion.sign_agreement + finite_or_nan(gradient) * 0;
  at[trace_path_efficiency] = motion.path_efficiency;
  if (k + 1 == net.layers) return;
  const int units = net.units[k + 1];
  const double reference = net.activation[net.layer[k].activation].reference_gain;
  double dead = 0, saturated = 0, linear = 0, unknown = lost ? __builtin_nan("") : finite_or_nan(reference) * 0;
  for (int u = 0; u < units; u++, of_units += 3 * stride) {
    const double gain = __builtin_sqrt(of_units[0] / seen) / reference, low = of_units[stride], high = of_units[2 * stride];
    const double most = __builtin_fabs(low) > __builtin_fabs(high) ? __builtin_fabs(low) : __builtin_fabs(high);
    // A φ′ that is not finite, or a reference of 0 (step, sign): no share of this layer is defined.
    unknown += finite_or_nan(gain) * 0;
    if (gain < dead_below) dead++;
    else if (gain < saturated_below) saturated++;
    else if (seen >= 2 && high - low <= linear_tolerance * most) linear++;
  }
  at[trace_dead] = unknown + dead / units;
  at[trace_saturated] = unknown + saturated / units;
  at[trace_linear] = unknown + linear / units;
}

// Signal, units, gradient and path of every layer over the probe, which batch norm takes as one batch; of recurrent layers
// over all their steps. `out` is [net][layers][trace_count], `stride` doubles from net to net; `memory` holds trace_memory(net)
// Sums. Of a recurrent net `through_time` is [net][hidden layers][steps], `time_stride` doubles from net to net.
template <class V>
void trace_lanes(Lanes<V>& lanes, const Path<V>& path, const Rows<scalar_t<V>>* sets, int probe, int quads, int nets, Sums<V>* memory, double* out, int64_t stride,
                 double* through_time, int64_t time_stride) {
  using T = scalar_t<V>;
  constexpr int width = simd<T>::lanes;
  const Network& net = lanes.net;
  for (int l = 0; l < nets; l++) memset(out + l * stride, 0, sizeof(double) * (size_t)(net.layers * trace_count));
  auto at = [&](int l, int k, int what) -> double& { return out[l * stride + (int64_t)k * trace_count + what]; };

  // Σφ′², and the least and greatest φ′, of every hidden unit in turn.
  int64_t hidden = 0;
  for (int k = 1; k < net.layers; k++) hidden += net.units[k];
  begin_units(memory, hidden);
  Sums<V>* origins = memory + unit_sums * hidden;  // moments of z are taken about its first value, lest a small variance cancel
  Sums<V>*of_layers = origins + net.layers, *squares = of_layers + layer_sums * net.layers;
  for (int64_t i = 0; i < (layer_sums + (int64_t)net.steps) * net.layers; i++) of_layers[i] = {};
  const double times = net.steps ? net.steps : 1;

  const int together = net.batch_norm ? probe : tile;
  for (int first = 0; first < probe; first += together) {
    const int count = probe - first < together ? probe - first : together, tiles = (count + tile - 1) / tile;
    for (int t = 0; t < tiles; t++)
      lanes.fill(sets, first + t * tile, count - t * tile < tile ? count - t * tile : tile, quads, set1<V>((T)(1.0 / probe)), t);
    int64_t unit = 0;
    TraceSteps<V> seen = {net, count, first == 0, memory, origins, of_layers, squares};
    if (net.steps) lanes.unroll(true, seen);
    for (int k = net.steps ? net.layers - 1 : 0; k < net.layers; k++) {
      Sums<V> sums[layer_sums];
      trace_layer<V>(lanes, k, count, origins[k], first == 0, memory + unit_sums * unit, sums);
      const Doubles<V> n = everywhere<V>((double)probe * net.units[k + 1]);
      for (int i = 0; i < layer_sums; i++) of_layers[layer_sums * k + i] += sums[i] / n;
      unit += net.units[k + 1];
    }
    lanes.loss_delta(tiles);
    if (net.steps) lanes.roll_back(seen);
    else lanes.backward(tiles, count);
  }

  for (int k = 0; net.steps && k + 1 < net.layers; k++) {
    const Doubles<V> n = everywhere<V>(probe * times * net.units[k + 1]);
    for (int i = 0; i < layer_sums; i++) of_layers[layer_sums * k + i] /= n;
    for (int l = 0; l < nets; l++)
      for (int t = 0; t < net.steps; t++)
        through_time[l * time_stride + (int64_t)k * net.steps + t] = finite_or_nan(__builtin_sqrt(squares[k * net.steps + t][l]));
  }
  int64_t unit = 0;
  for (int k = 0; k < net.layers; k++) {
    const int units = net.units[k + 1];
    const V *w = lanes.weights + net.layer[k].weights, *g = lanes.gradients + net.layer[k].weights;
    const Sums<V> weight = sum_of_squares(w, inputs(net.layer[k]) * units), gradient = sum_of_squares(g, inputs(net.layer[k]) * units);
    const Sums<V>* sums = of_layers + layer_sums * k;
    double agreement[width], efficiency[width];
    sign_agreement<V>(g, inputs(net.layer[k]), units, agreement);
    path.efficiency(lanes.weights, k, efficiency);
    for (int l = 0; l < nets; l++) {
      const Motion motion = {path.update_ratio(k, l), agreement[l], efficiency[l]};
      at(l, k, trace_mean_abs_z) = sums[sum_abs_z][l];
      at(l, k, trace_mean_z) = sums[sum_z][l];
      at(l, k, trace_var_z) = sums[sum_square_z][l];
      at(l, k, trace_mean_abs_a) = sums[sum_abs_a][l];
      finish_trace(net, k, probe * times, origins[k][l], weight[l], gradient[l], motion, &memory[unit_sums * unit][l], width, &at(l, k, 0));
    }
    if (k + 1 < net.layers) unit += units;
  }
  memset((void*)lanes.gradients, 0, sizeof(V) * (size_t)net.parameters);
}

}  // namespace actlab::ACTLAB_ISA
