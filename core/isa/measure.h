// What is recorded of nets in training. The definitions are those of src/actlab/measure (signal, units, gradient);
// this is the same arithmetic inside the loop, in double accumulators, and is tested against it.
#pragma once
#include "lanes.h"

namespace actlab::ACTLAB_ISA {

// Thresholds of the unit gain (measure/units.py).
constexpr double dead_below = 1e-3, saturated_below = 0.1, linear_tolerance = 1e-6;

// Loss, accuracy, share of positive answers and share of finite ones over a whole set, per net.
// An answer that is not finite is wrong, and makes the loss infinite.
template <class V>
void score_lanes(Lanes<V>& lanes, const Rows<scalar_t<V>>* sets, int features, int quads, int nets, double* out, int stride) {
  using T = scalar_t<V>;
  constexpr int width = simd<T>::lanes;
  const int n = sets[0].n;
  double loss[width] = {}, right[width] = {}, positive[width] = {}, finite[width] = {};
  for (int first = 0; first < n; first += tile) {
    const int count = n - first < tile ? n - first : tile;
    lanes.fill(sets, nullptr, first, count, features, quads, V{});
    lanes.forward_value();
    for (int s = 0; s < count; s++) {
      const V z = lanes.logits()[s], target = lanes.y[s];
      const V each = vsoftplus((set1<V>(1) - target - target) * z);
      for (int l = 0; l < width; l++) {
        const bool ok = z[l] - z[l] == 0, yes = z[l] > 0;
        loss[l] += ok ? (double)each[l] : (double)__builtin_inf();
        right[l] += ok && yes == (target[l] > (T)0.5);
        positive[l] += yes;
        finite[l] += ok;
      }
    }
  }
  for (int l = 0; l < nets; l++) {
    const double scores[score_count] = {loss[l] / n, right[l] / n, positive[l] / n, finite[l] / n};
    memcpy(out + (int64_t)l * stride, scores, sizeof scores);
  }
}

// One double per lane.
template <class V> struct Sums {
  static constexpr int width = simd<scalar_t<V>>::lanes;
  double at[width] = {};
  template <class F> void add(V v, F f) {
    for (int l = 0; l < width; l++) at[l] += f((double)v[l]);
  }
};

// As in measure/: what is taken of numbers that are not all finite is NaN.
inline double finite_or_nan(double x) { return x - x == 0 ? x : __builtin_nan(""); }

// How many Sums trace_lanes works with: three a hidden unit, one a layer.
inline int64_t trace_memory(const Network& net) {
  int64_t count = net.layers;
  for (int k = 1; k < net.layers; k++) count += 3 * (int64_t)net.sizes[k];
  return count;
}

// Signal, units and gradient of every layer over the probe. `out` is [net][layers][trace_count], `stride` doubles from
// net to net; `memory` holds trace_memory(net) Sums.
template <class V>
void trace_lanes(Lanes<V>& lanes, const Rows<scalar_t<V>>* sets, int probe, int features, int quads, int nets, Sums<V>* memory,
                 double* out, int64_t stride) {
  using T = scalar_t<V>;
  constexpr int width = simd<T>::lanes;
  const Network& net = lanes.net;
  for (int l = 0; l < nets; l++) memset(out + l * stride, 0, sizeof(double) * (size_t)(net.layers * trace_count));
  auto at = [&](int l, int k, int what) -> double& { return out[l * stride + (int64_t)k * trace_count + what]; };

  // Σφ′², and the least and greatest φ′, of every hidden unit in turn.
  int64_t hidden = 0;
  for (int k = 1; k < net.layers; k++) hidden += net.sizes[k];
  for (int64_t u = 0; u < hidden; u++)
    for (int l = 0; l < width; l++) {
      memory[3 * u].at[l] = 0;
      memory[3 * u + 1].at[l] = __builtin_inf();
      memory[3 * u + 2].at[l] = -__builtin_inf();
    }
  Sums<V>* origins = memory + 3 * hidden;  // moments of z are taken about its first value, lest a small variance cancel

  for (int first = 0; first < probe; first += tile) {
    const int count = probe - first < tile ? probe - first : tile;
    lanes.fill(sets, nullptr, first, count, features, quads, set1<V>((T)(1.0 / probe)));
    const V* w = lanes.weights;
    int64_t unit = 0;
    for (int k = 0; k < net.layers; k++) {
      const int units = net.sizes[k + 1];
      lanes.linear(k, w);
      w += lanes.layer_size(k);
      Sums<V> abs_z, sum_z, square_z, abs_a;
      const V* a = lanes.activations(k + 1);
      double* origin = origins[k].at;
      if (first == 0)
        for (int l = 0; l < width; l++) origin[l] = (double)a[0][l];
      for (int u = 0; u < units; u++)
        for (int s = 0; s < count; s++) {
          const V z = a[u * tile + s];
          abs_z.add(z, [](double x) { return __builtin_fabs(x); });
          for (int l = 0; l < width; l++) {
            const double away = (double)z[l] - origin[l];
            sum_z.at[l] += away;
            square_z.at[l] += away * away;
          }
        }
      if (k + 1 < net.layers) {
        lanes.activate(k + 1);
        const V* slope = lanes.derivatives(k + 1);
        for (int u = 0; u < units; u++, unit++)
          for (int s = 0; s < count; s++) {
            const V d = slope[u * tile + s];
            abs_a.add(a[u * tile + s], [](double x) { return __builtin_fabs(x); });
            memory[3 * unit].add(d, [](double x) { return x * x; });
            double *low = memory[3 * unit + 1].at, *high = memory[3 * unit + 2].at;
            for (int l = 0; l < width; l++) {
              low[l] = (double)d[l] < low[l] ? (double)d[l] : low[l];
              high[l] = (double)d[l] > high[l] ? (double)d[l] : high[l];
            }
          }
      } else {
        for (int s = 0; s < count; s++) abs_a.add(vsigmoid(a[s]), [](double x) { return x; });
      }
      const double n = (double)probe * units;
      for (int l = 0; l < nets; l++) {
        at(l, k, trace_mean_abs_z) += abs_z.at[l] / n;
        at(l, k, trace_mean_abs_a) += abs_a.at[l] / n;
        at(l, k, trace_mean_z) += sum_z.at[l] / n;
        at(l, k, trace_var_z) += square_z.at[l] / n;
      }
    }
    lanes.loss_delta();
    lanes.backward();
  }

  int64_t unit = 0;
  const V *w = lanes.weights, *g = lanes.gradients;
  for (int k = 0; k < net.layers; k++) {
    const int units = net.sizes[k + 1];
    Sums<V> weight, gradient;
    for (int64_t i = 0; i < (int64_t)net.sizes[k] * units; i++) {
      weight.add(w[i], [](double x) { return x * x; });
      gradient.add(g[i], [](double x) { return x * x; });
    }
    w += lanes.layer_size(k);
    g += lanes.layer_size(k);
    for (int l = 0; l < nets; l++) {
      const double mean = at(l, k, trace_mean_z), spread = at(l, k, trace_var_z) - mean * mean;
      at(l, k, trace_mean_z) = finite_or_nan(origins[k].at[l] + mean);
      at(l, k, trace_var_z) = finite_or_nan(spread < 0 ? 0 : spread);
      // The fused programs' φ′(NaN) may be a number; a layer that meets a NaN has no shares all the same.
      const bool lost = at(l, k, trace_mean_abs_z) != at(l, k, trace_mean_abs_z);
      at(l, k, trace_mean_abs_z) = finite_or_nan(at(l, k, trace_mean_abs_z));
      at(l, k, trace_mean_abs_a) = finite_or_nan(at(l, k, trace_mean_abs_a));
      at(l, k, trace_gradient_norm) = finite_or_nan(__builtin_sqrt(gradient.at[l]));
      at(l, k, trace_weight_norm) = finite_or_nan(__builtin_sqrt(weight.at[l]));
      if (k + 1 == net.layers) continue;
      double dead = 0, saturated = 0, linear = 0, unknown = lost ? __builtin_nan("") : finite_or_nan(net.reference_gain) * 0;
      for (int u = 0; u < units; u++) {
        const double gain = __builtin_sqrt(memory[3 * (unit + u)].at[l] / probe) / net.reference_gain;
        const double low = memory[3 * (unit + u) + 1].at[l], high = memory[3 * (unit + u) + 2].at[l];
        const double most = __builtin_fabs(low) > __builtin_fabs(high) ? __builtin_fabs(low) : __builtin_fabs(high);
        // A φ′ that is not finite, or a reference of 0 (step, sign): no share of this layer is defined.
        unknown += finite_or_nan(gain) * 0;
        if (gain < dead_below) dead++;
        else if (gain < saturated_below) saturated++;
        else if (probe >= 2 && high - low <= linear_tolerance * most) linear++;
      }
      at(l, k, trace_dead) = unknown + dead / units;
      at(l, k, trace_saturated) = unknown + saturated / units;
      at(l, k, trace_linear) = unknown + linear / units;
    }
    if (k + 1 < net.layers) unit += units;
  }
  memset((void*)lanes.gradients, 0, sizeof(V) * (size_t)net.parameters);
}

}  // namespace actlab::ACTLAB_ISA
