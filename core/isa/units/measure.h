// What is recorded of one net whose units are in the lanes: the numbers of ../measure.h, sum by sum in the same order.
#pragma once
#include "../measure.h"
#include "net.h"
#include "path.h"
#include "through_time.h"

namespace actlab::ACTLAB_ISA {

// As score_lanes: scores[score_count] of one set, through which `room` samples go at a time; `counts` holds
// score_memory(net) doubles.
template <class V>
void score_unit_net(Units<V>& units, int64_t room, const Rows<scalar_t<V>>& set, int quads, double* counts, double* scores) {
  using T = scalar_t<V>;
  constexpr int64_t width = simd<T>::lanes;
  const Network& net = units.net;
  const int outputs = net.units[net.layers];
  const bool classes = net.loss != Loss::squares;
  const int64_t kinds = score_memory(net);
  double loss = 0, right = 0, finite = 0;
  for (int64_t c = 0; c < kinds; c++) counts[c] = 0;
  for (int first = 0; first < set.n; first += (int)room) {
    const int count = set.n - first < room ? set.n - first : (int)room;
    units.fill(set, nullptr, first, count, quads, 0);
    units.forward_value();
    for (int64_t from = 0; from < count; from += units.answers)
      units.judge(from, [&](const V* z, const V* y, int64_t) {
        for (int s = 0; s < tile && from + s * width < count; s++) {
          const V each = loss_of<V>(net.loss, z, outputs, y, s), given = answer<V>(net.loss, z, outputs, s);
          V sure{};
          for (int j = 0; j < outputs; j++) sure += z[j * tile + s] - z[j * tile + s];
          for (int64_t l = 0; l < width && from + s * width + l < count; l++) {
            const bool ok = sure[l] == 0;
            loss += ok ? (double)each[l] : (double)__builtin_inf();
            finite += ok;
            if (!classes || !ok) continue;
            right += net.loss == Loss::binary ? (given[l] > 0) == (y[s][l] > (T)0.5) : given[l] == y[s][l];
            counts[(int)given[l]]++;
          }
        }
      });
  }
  finish_scores(net, set.n, loss, right, finite, counts, 1, scores);
}

// As sign_agreement, of one net's gradients [in][out], in panels.
template <class V> double agreement_of_units(const V* g, int64_t in, int64_t out) {
  constexpr int64_t width = simd<scalar_t<V>>::lanes;
  const int64_t all = vectors<V>(out);
  const V one = set1<V>(1);
  double share = 0, units = 0;
  for (int64_t v = 0; v < all; v++) {
    const Panel panel = panel_of(all, v);
    const V* own = g + panel.from * in + v - panel.from;
    V positive{}, negative{};
    for (int64_t i = 0; i < in; i++) {
      const V x = own[i * panel.size];
      positive += select(x > V{}, one, V{});
      negative += select(x < V{}, one, V{});
    }
    for (int64_t l = 0; l < width && v * width + l < out; l++) {
      const double p = positive[l], n = negative[l];
      if (p + n < 2) continue;
      share += (p > n ? p : n) / (p + n);
      units++;
    }
  }
  return share / units;
}

// As trace_lanes: `out` is [layers][trace_count], `memory` holds trace_memory(net) doubles, `row` three rows of parameters;
// `through_time` is [hidden layers][steps] of a recurrent net.
template <class V>
void trace_unit_net(Units<V>& units, const UnitPath<V>& path, int64_t room, const Rows<scalar_t<V>>& set, int probe, int quads, double* memory, scalar_t<V>* row, double* out, double* through_time) {
  using T = scalar_t<V>;
  const Network& net = units.net;
  memset(out, 0, sizeof(double) * (size_t)(net.layers * trace_count));
  auto of = [&](int k, int what) -> double& { return out[(int64_t)k * trace_count + what]; };
  int64_t hidden = 0;
  for (int k = 1; k < net.layers; k++) hidden += net.units[k];
  for (int64_t u = 0; u < hidden; u++) {
    memory[unit_sums * u + square_slope] = 0;
    memory[unit_sums * u + least_slope] = __builtin_inf();
    memory[unit_sums * u + greatest_slope] = -__builtin_inf();
  }
  double *origins = memory + unit_sums * hidden, *of_layers = origins + net.layers, *squares = of_layers + layer_sums * net.layers;
  for (int64_t i = 0; i < (layer_sums + (int64_t)net.steps) * net.layers; i++) of_layers[i] = 0;
  const double times = net.steps ? net.steps : 1;

  for (int first = 0; first < probe; first += (int)room) {
    const int count = probe - first < room ? probe - first : (int)room, together = net.batch_norm ? count : tile;
    units.fill(set, nullptr, first, count, quads, (T)(1.0 / probe));
    double* of_units = memory;
    UnitTraceSteps<V> seen = {net, count, first == 0, memory, origins, of_layers, squares};
    if (net.steps) units.unroll(true, seen);
    for (int k = net.steps ? net.layers - 1 : 0; k < net.layers; k++) {
      const int own = net.units[k + 1];
      const double n = (double)probe * own;
      double* total = of_layers + layer_sums * k;
      // A tile at a time its units, each with the samples there are: add(sums, unit, number of the array).
      auto each = [&](auto add) {
        for (int from = 0; from < count; from += together) {
          double sums[layer_sums] = {};
          for (int t = from; t < count && t < from + together; t += tile)
            for (int u = 0; u < own; u++)
              for (int s = t; s < t + tile && s < count; s++) add(sums, u, s);
          for (int i = 0; i < layer_sums; i++) total[i] += sums[i] / n;
        }
      };
      units.linear(k);
      units.normalise(k, Averages::batch);
      auto z = [&](int u, int s) { return (double)units.activation(k + 1, s, u); };
      if (first == 0) origins[k] = z(0, 0);
      const double origin = origins[k];
      each([&](double* sums, int u, int s) {
        const double x = z(u, s), away = x - origin;
        sums[sum_abs_z] += __builtin_fabs(x);
        sums[sum_z] += away;
        sums[sum_square_z] += away * away;
      });
      if (k + 1 < net.layers) {
        units.activate(k, true);
        each([&](double* sums, int u, int s) {
          const double d = (double)units.derivative(k + 1, s, u);
          double* unit = of_units + unit_sums * u;
          sums[sum_abs_a] += __builtin_fabs((double)units.activation(k + 1, s, u));
          unit[square_slope] += d * d;
          unit[least_slope] = d < unit[least_slope] ? d : unit[least_slope];
          unit[greatest_slope] = d > unit[greatest_slope] ? d : unit[greatest_slope];
        });
        of_units += unit_sums * own;
      } else if (net.loss == Loss::classes) {
        each([&](double* sums, int u, int s) { sums[sum_abs_a] += (double)((T)z(u, s) - (T)z(u, s) + (u ? (T)0 : (T)1)); });
      } else {
        each([&](double* sums, int u, int s) {
          sums[sum_abs_a] += __builtin_fabs(net.loss == Loss::binary ? (double)vsigmoid(set1<V>((T)z(u, s)))[0] : z(u, s));
        });
      }
    }
    units.backward(first == 0, [](int, const auto& gradient) { gradient.keep(); }, seen);
  }

  for (int k = 0; net.steps && k + 1 < net.layers; k++) {
    for (int i = 0; i < layer_sums; i++) of_layers[layer_sums * k + i] /= probe * times * net.units[k + 1];
    for (int t = 0; t < net.steps; t++)
      through_time[(int64_t)k * net.steps + t] = finite_or_nan(__builtin_sqrt(squares[(int64_t)k * net.steps + t]));
  }

  T *gradient = row + net.row, *start = row + 2 * net.row;
  write_row<V>(net, units.places, units.weights, row, false);
  write_row<V>(net, units.places, units.gradients, gradient, false);
  write_row<V>(net, units.places, path.start(), start, false);
  const double* unit = memory;
  for (int k = 0; k < net.layers; k++) {
    const int own = net.units[k + 1];
    const int64_t in = inputs(net.layer[k]), weights = net.layer[k].weights;
    double of_weights = 0, of_gradient = 0, away = 0;
    for (int64_t i = weights; i < weights + in * own; i++) {
      const double w = row[i], g = gradient[i], d = w - (double)start[i];
      of_weights += w * w;
      of_gradient += g * g;
      away += d * d;
    }
    const Motion motion = {path.update_ratio(k), agreement_of_units(units.gradients + units.places[k].weights, in, own), path.efficiency(k, away)};
    of(k, trace_mean_abs_z) = of_layers[layer_sums * k + sum_abs_z];
    of(k, trace_mean_z) = of_layers[layer_sums * k + sum_z];
    of(k, trace_var_z) = of_layers[layer_sums * k + sum_square_z];
    of(k, trace_mean_abs_a) = of_layers[layer_sums * k + sum_abs_a];
    finish_trace(net, k, probe * times, origins[k], of_weights, of_gradient, motion, unit, 1, out + (int64_t)k * trace_count);
    if (k + 1 < net.layers) unit += unit_sums * own;
  }
  units.clear_gradients();
}

}  // namespace actlab::ACTLAB_ISA
