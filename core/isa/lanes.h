// A block of nets, one a lane: their parameters, and tiles of samples going forward and back through them.
//
// A few tiles of a small net go from end to end while they are in the first-level cache; batch norm needs a whole batch
// layer by layer, and large weights are used for a few tiles at a time. All are the same operations a layer, over
// 1 … tiles.
#pragma once
#include "../kernels.h"
#include "arena.h"
#include "interpret.h"
#include "learned.h"
#include "losses.h"
#include "matmul.h"
#include "norms.h"
#include "recurrent.h"
#include "rows.h"

namespace actlab::ACTLAB_ISA {

// Of a core's first-level cache, and of its second, in bytes.
constexpr int64_t cache_for_tiles = 48 * 1024;
constexpr int64_t cache_for_weights = 256 * 1024, cache_for_activations = 640 * 1024;

// What batch norm normalises by.
enum class Averages { batch, running };

// c · φ′ for the φ′ that follows from a, in the arithmetic of the programs.
template <Slope S, class V> ACTLAB_INLINE V times_slope(V c, V a) {
  if constexpr (S == Slope::one) return c;
  else if constexpr (S == Slope::step) return c * truth<V>(a > V{});
  else if constexpr (S == Slope::one_minus_square) return c * fnma(a, a, set1<V>(1));
  else return c * fnma(a, a, a);
}

template <class V> class Lanes {
 public:
  using T = scalar_t<V>;
  static constexpr int width = simd<T>::lanes;

  // How many tiles of `samples` samples go through together, layer by layer: of a small net as many as stay in the
  // first-level cache, but two at least, for which gradients are fetched once; weights that do not stay in the second are
  // used for several tiles each time they come by, as many as leave room for a layer's activations.
  static int tiles_for(const Network& net, int samples) {
    const int all = (samples + tile - 1) / tile;
    if (net.steps) return 1;
    int64_t widest = 1, units = 0;
    for (int k = 0; k <= net.layers; k++) {
      widest = net.units[k] > widest ? net.units[k] : widest;
      units += net.units[k];
    }
    const int64_t of_one = tile * (int64_t)sizeof(V);
    int64_t room = cache_for_activations / (widest * of_one), least = 1;
    if (net.parameters * (int64_t)sizeof(V) <= cache_for_weights) {
      room = cache_for_tiles / (units * of_one) < 4 ? cache_for_tiles / (units * of_one) : 4;
      least = 2;
    }
    room = room < least ? least : room;
    return room < all ? (int)room : all;
  }

  static int64_t scratch(const Network& net, int tiles) {
    int64_t size = net.row + net.parameters + (int64_t)tiles * tile + pointers(net);
    for (int k = 0; k <= net.layers; k++) size += (int64_t)tiles * tile * rows(net, k);
    for (int k = 0; k < net.layers; k++) {
      const Layer& layer = net.layer[k];
      if (layer.activation >= 0) size += (int64_t)tiles * tile * layer.fan_out;
      if (layer.norm != Norm::none) size += (int64_t)tiles * tile * (layer.fan_out + 1) + 3 * (int64_t)layer.fan_out;
    }
    for (int p = 0; p < net.activations; p++)
      size += Machine<V>::scratch(net.activation[p].value) + Machine<V>::scratch(net.activation[p].value_and_derivative);
    size += Learned<V>::scratch(net, learned_values(net, tiles)) + Recurrent<V>::scratch(net);
    return size + tiles * tile * widest_skip(net) + 2 * widest_without_bias(net);
  }

  Lanes(const Network& net, int tiles, Arena<V>& arena)
      : net(net), tiles(tiles), weights(arena.take(net.row)), gradients(arena.take(net.parameters)), learned_(net, learned_values(net, tiles), arena),
        recurrent_(net, arena),
        weight_of_sample_(arena.take((int64_t)tiles * tile)) {
    auto* memory = (char*)arena.take(pointers(net));
    auto some = [&](int64_t bytes) {
      char* p = memory;
      memory += bytes;
      return p;
    };
    a_ = (V**)some((net.layers + 1) * (int64_t)sizeof(V*));
    d_ = (V**)some((net.layers + 1) * (int64_t)sizeof(V*));
    norms_ = (Normed*)some(net.layers * (int64_t)sizeof(Normed));
    machines_ = (Machine<V>*)some(2 * net.activations * (int64_t)sizeof(Machine<V>));
    const int64_t samples = (int64_t)tiles * tile;
    for (int k = 0; k <= net.layers; k++) a_[k] = arena.take(samples * rows(net, k));
    for (int k = 0; k < net.layers; k++) {
      const Layer& layer = net.layer[k];
      if (layer.activation >= 0) d_[k + 1] = arena.take(samples * layer.fan_out);
      if (layer.norm == Norm::none) continue;
      norms_[k].at = {weights + layer.scale, weights + layer.shift, arena.take(samples * layer.fan_out), arena.take(samples + layer.fan_out), layer.fan_out};
      norms_[k].mean = arena.take(layer.fan_out);
      norms_[k].variance = arena.take(layer.fan_out);
    }
    for (int p = 0; p < net.activations; p++) {
      const Activation& phi = net.activation[p];
      machines_[2 * p] = Machine<V>(phi.value, arena.take(Machine<V>::scratch(phi.value)));
      machines_[2 * p + 1] = Machine<V>(phi.value_and_derivative, arena.take(Machine<V>::scratch(phi.value_and_derivative)));
    }
    carried_ = arena.take(samples * widest_skip(net));
    no_bias_ = arena.take(widest_without_bias(net));
    nobodys_gradient_ = arena.take(widest_without_bias(net));
  }

  // Rows of parameters, one a net, to and from the lanes. Spare lanes repeat net 0; what they compute is thrown away.
  void read(const T* rows, int nets) {
    for (int64_t i = 0; i < net.row; i++) {
      V v;
      for (int l = 0; l < width; l++) v[l] = rows[(l < nets ? l : 0) * net.row + i];
      weights[i] = v;
    }
  }
  void write(T* rows, int nets) const {
    for (int l = 0; l < nets; l++) write_one(rows + l * net.row, l);
  }
  void write_one(T* row, int lane) const {
    for (int64_t i = 0; i < net.row; i++) row[i] = weights[i][lane];
  }

  // Of tile t; [unit][sample]. Activation layer 0 is the input, the last one the outputs.
  V* activations(int layer, int t = 0) { return a_[layer] + t * stride(layer); }
  V* derivatives(int layer, int t = 0) { return d_[layer] + t * stride(layer); }  // not of the input
  V* outputs(int t = 0) { return activations(net.layers, t); }
  const V* y(int t = 0) { return activations(0, t) + tile * net.units[0]; }  // [target][sample]

  // --- one layer forward: z = norm(a·W + b), then φ and what is skipped ---

  void linear(int k, int tiles) {
    linear_then(k, tiles, [](V c) { return c; });
  }
  void normalise(int k, int tiles, int count, Averages by) {
    const Layer& layer = net.layer[k];
    if (layer.norm == Norm::none) return;
    const Normed& n = norms_[k];
    if (layer.norm == Norm::layer) layer_norm<V>(n.at, a_[k + 1], tiles);
    else if (by == Averages::batch) batch_norm<V>(n.at, a_[k + 1], n.mean, n.variance, count);
    else running_norm<V>(n.at, a_[k + 1], weights + layer.mean, weights + layer.variance, tiles);
  }
  // With φ′ in derivatives(), or without.
  void activate(int k, int tiles, bool slope) {
    const Layer& layer = net.layer[k];
    if (layer.activation < 0) return;
    const int64_t size = (int64_t)tiles * tile * layer.fan_out;
    learned_.prepare(k, machines_[2 * layer.activation + slope], weights, a_[k + 1], size, slope);
    machines_[2 * layer.activation + slope].run(a_[k + 1], slope ? d_[k + 1] : nullptr, size);
    if (!layer.skip) return;
    const V* before = a_[k + 1 - layer.skip];
    for (int64_t i = 0; i < size; i++) a_[k + 1][i] += before[i];
  }

  // `count` samples in `tiles` tiles, for training or for an answer.
  void forward(int tiles, int count) {
    if (net.steps) return unroll(true);
    for (int k = 0; k < net.layers; k++) {
      if (relu_at_once(k, tiles)) continue;
      const Slope slope = slope_of(k);
      linear(k, tiles);
      normalise(k, tiles, count, Averages::batch);
      if (slope != Slope::one) activate(k, tiles, slope == Slope::stored);
    }
  }
  void forward_value(int tiles) {
    if (net.steps) return unroll(false);
    for (int k = 0; k < net.layers; k++) {
      if (relu_at_once(k, tiles)) continue;
      linear(k, tiles);
      normalise(k, tiles, tiles * tile, Averages::running);
      activate(k, tiles, false);
    }
  }

  // A recurrent net, one tile at a time, and back.
  void unroll(bool slope) {
    Unseen<V> nobody;
    unroll(slope, nobody);
    linear(net.layers - 1, 1);
  }
  template <class Seen> void unroll(bool slope, Seen& seen) {
    recurrent_.forward(a_[0], weights, machines_, learned_, slope, a_[net.layers - 1], seen);
  }
  template <class Seen> void roll_back(Seen& seen) {
    const int k = net.layers - 1;
    const Layer& layer = net.layer[k];
    const int64_t in = layer.fan_in, out = layer.fan_out;
    weight_gradient<V>({a_[k], a_[k + 1], stride(k), stride(k + 1), 1}, gradients + layer.weights, gradients + layer.biases, in, out);
    V* a = a_[k];
    product<V>(a_[k + 1], 0, 1, weights + layer.weights, in, out, 1, out, [](int64_t) { return V{}; },
               [&](int, int64_t u, int s, V c) { a[u * tile + s] = c; });
    recurrent_.backward(a, weights, learned_, gradients, seen);
  }

  // --- and back ---

  // δ of the outputs, in their place.
  void loss_delta(int tiles) {
    for (int t = 0; t < tiles; t++)
      actlab::ACTLAB_ISA::loss_delta<V>(net.loss, outputs(t), net.units[net.layers], y(t), weight_of_sample_ + (int64_t)t * tile);
  }
  // Adds these tiles' gradients to `gradients`. Deltas take the place of the activations on the way back.
  void backward(int tiles, int count) {
    if (net.steps) {
      Unseen<V> nobody;
      return roll_back(nobody);
    }
    for (int k = net.layers - 1; k >= 0; k--) {
      const Layer& layer = net.layer[k];
      const int64_t in = layer.fan_in, out = layer.fan_out;
      if (layer.norm != Norm::none) {
        V *scale = gradients + layer.scale, *shift = gradients + layer.shift;
        if (layer.norm == Norm::layer) layer_norm_back<V>(norms_[k].at, a_[k + 1], scale, shift, tiles);
        else batch_norm_back<V>(norms_[k].at, a_[k + 1], scale, shift, count);
      }
      V *g = gradients + layer.weights, *gb = layer.biases < 0 ? nobodys_gradient_ : gradients + layer.biases;
      weight_gradient<V>({a_[k], a_[k + 1], stride(k), stride(k + 1), tiles}, g, gb, in, out);
      if (k > 0) delta_of_input(k, tiles);
    }
  }
  // Batch norm's averages follow the batch that was just trained on.
  void follow_batch(int count) {
    for (int k = 0; k < net.layers; k++) {
      const Layer& layer = net.layer[k];
      if (layer.norm == Norm::batch)
        follow<V>(weights + layer.mean, weights + layer.variance, norms_[k].mean, norms_[k].variance, layer.fan_out, count);
    }
  }

  // `count` samples from `first` on into tile t, each by put(i, x): the column c to x[c · tile]. Places left over repeat the
  // tile's first sample with weight zero: a repeated sample can make nothing infinite that was finite before, a made-up
  // one could.
  template <class Put> ACTLAB_INLINE_MEMBER void fill(int first, int count, V sample_weight, int t, Put put) {
    V *x = activations(0, t), *weight = weight_of_sample_ + (int64_t)t * tile;
    for (int s = 0; s < tile; s++) {
      put((int64_t)first + (s < count ? s : 0), x + s);
      weight[s] = s < count ? sample_weight : V{};
    }
  }
  // As they lie in the sets.
  void fill(const Rows<T>* sets, int first, int count, int quads, V sample_weight, int t = 0) {
    fill(first, count, sample_weight, t, [&](int64_t i, V* x) {
      uint32_t same[width];
      for (int l = 0; l < width; l++) same[l] = (uint32_t)i;
      gather_row<V>(sets, same, sets[0].n, quads, x);
    });
  }

  const Network& net;
  const int tiles;  // that there is room for
  V *weights, *gradients;  // rows in vectors: [net.row], [net.parameters]

 private:
  struct Normed {
    NormLayer<V> at;
    V *mean, *variance;  // of the batch
  };

  int64_t stride(int layer) const { return tile * rows(net, layer); }  // from tile to tile of an activation layer
  // Of an activation layer's tile. The targets lie behind the input, as they do in the data, in whole groups of four.
  static int64_t rows(const Network& net, int layer) { return layer ? net.units[layer] : (net.units[0] + net.targets + 3) / 4 * 4; }
  static int64_t learned_values(const Network& net, int tiles) { return (int64_t)tiles * tile * (net.steps ? net.steps : 1); }
  static int64_t pointers(const Network& net) {
    const int64_t bytes = 2 * (net.layers + 1) * (int64_t)sizeof(V*) + net.layers * (int64_t)sizeof(Normed) +
                          2 * net.activations * (int64_t)sizeof(Machine<V>);
    return (bytes + (int64_t)sizeof(V) - 1) / (int64_t)sizeof(V);
  }
  static int64_t widest_skip(const Network& net) {
    int64_t most = 0;
    for (int k = 0; k < net.layers; k++)
      if (net.layer[k].skip && net.layer[k].fan_out > most) most = net.layer[k].fan_out;
    return most;
  }

  static int64_t widest_without_bias(const Network& net) {
    int64_t most = 0;
    for (int k = 0; k < net.layers; k++)
      if (net.layer[k].biases < 0 && net.layer[k].fan_out > most) most = net.layer[k].fan_out;
    return most;
  }

  template <class Then> void linear_then(int k, int tiles, Then then) {
    const Layer& layer = net.layer[k];
    const int64_t in = layer.fan_in, out = layer.fan_out;
    const V *w = weights + layer.weights, *b = layer.biases < 0 ? no_bias_ : weights + layer.biases;
    V* z = a_[k + 1];
    product<V>(a_[k], stride(k), tiles, w, out, in, out, 1, [&](int64_t u) { return b[u]; },
               [&](int t, int64_t u, int s, V c) { z[(t * out + u) * tile + s] = then(c); });
  }

  // ReLU after a plain product is done in a moment, where the sum stands: then the whole layer is.
  bool relu_at_once(int k, int tiles) {
    if (slope_of(k) != Slope::step || net.layer[k].norm != Norm::none) return false;
    linear_then(k, tiles, [](V c) { return vmax(V{}, c); });
    return true;
  }

  // How the way back comes by φ′ of a layer. Where outputs are added to others, a is not φ(z) for long.
  Slope slope_of(int k) const {
    const Layer& layer = net.layer[k];
    return layer.activation < 0 || layer.learned >= 0 || skips_ || net.steps ? Slope::stored : net.activation[layer.activation].slope;
  }

  // δ of weight layer k's input, times φ′ of the layer that made it.
  void delta_of_input(int k, int tiles) {
    if (carried_to_ == k || net.layer[k - 1].skip || net.layer[k - 1].learned >= 0) return delta_with_more(k, tiles);
    switch (slope_of(k - 1)) {
      case Slope::stored: return delta_times<Slope::stored>(k, tiles);
      case Slope::one: return delta_times<Slope::one>(k, tiles);
      case Slope::step: return delta_times<Slope::step>(k, tiles);
      case Slope::one_minus_square: return delta_times<Slope::one_minus_square>(k, tiles);
      case Slope::logistic: return delta_times<Slope::logistic>(k, tiles);
    }
  }
  template <Slope S> void delta_times(int k, int tiles) {
    const int64_t in = net.layer[k].fan_in, out = net.layer[k].fan_out;
    V* a = a_[k];
    const V *stored = d_[k], *w = weights + net.layer[k].weights;
    product<V>(a_[k + 1], stride(k + 1), tiles, w, in, out, 1, out, [](int64_t) { return V{}; }, [&](int t, int64_t u, int s, V c) {
      const int64_t i = (t * in + u) * tile + s;
      if constexpr (S == Slope::stored) a[i] = c * stored[i];
      else a[i] = times_slope<S>(c, a[i]);
    });
  }
  // Where that layer's output was also added further on, what came back there is carried here and joins; where it had
  // something added, the sum is carried on; where φ has learned numbers, they have their gradient from it.
  void delta_with_more(int k, int tiles) {
    const int64_t in = net.layer[k].fan_in, out = net.layer[k].fan_out;
    const bool joins = carried_to_ == k, goes_on = net.layer[k - 1].skip != 0;
    V* a = a_[k];
    const V *slope = d_[k], *w = weights + net.layer[k].weights;
    product<V>(a_[k + 1], stride(k + 1), tiles, w, in, out, 1, out, [](int64_t) { return V{}; },
               [&](int t, int64_t u, int s, V c) { a[(t * in + u) * tile + s] = c; });
    for (int64_t i = 0; i < (int64_t)tiles * tile * in; i++) {
      const V sum = joins ? a[i] + carried_[i] : a[i];
      if (goes_on) carried_[i] = sum;
      a[i] = sum;
    }
    if (net.layer[k - 1].learned >= 0) learned_.follow(k - 1, a, (int64_t)tiles * tile * in, gradients);
    for (int64_t i = 0; i < (int64_t)tiles * tile * in; i++) a[i] *= slope[i];
    if (goes_on) carried_to_ = k - net.layer[k - 1].skip;
    else if (joins) carried_to_ = -1;
  }

  Learned<V> learned_;
  Recurrent<V> recurrent_;
  V* weight_of_sample_;
  V **a_, **d_;
  Normed* norms_;
  Machine<V>* machines_;
  V* carried_;
  V *no_bias_, *nobodys_gradient_;  // zeros; what a layer without biases adds to
  const bool skips_ = widest_skip(net) > 0;
  int carried_to_ = -1;  // the activation layer at which `carried_` joins
};

}  // namespace actlab::ACTLAB_ISA
