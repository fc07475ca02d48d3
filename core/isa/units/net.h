// One net, its units in the lanes: its parameters, and samples going forward and back through it layer by layer.
//
// The other layout (../lanes.h) has a net a lane; this one is for nets that are wide, or few. Bit by bit the results are
// the same: each sum has the same chain, padding samples are the same ones, and element by element there is one way.
#pragma once
#include "../../kernels.h"
#include "../interpret.h"
#include "../lanes.h"
#include "../losses.h"
#include "gradient.h"
#include "learned.h"
#include "norms.h"
#include "products.h"
#include "recurrent.h"
#include "slopes.h"

namespace actlab::ACTLAB_ISA {

template <class V> class Units {
 public:
  using T = scalar_t<V>;
  static constexpr int64_t width = simd<T>::lanes;
  static constexpr int64_t second_cache = 1 << 20;  // of a core, in bytes
  static constexpr int64_t answers = tile * width;  // samples whose outputs are judged at a time, one a lane

  // Samples that go through together: more of them than this would only take up cache.
  static int room_for(const Network& net, int samples, int whole) {
    constexpr int most = 256;
    if (net.steps) return tile;
    const int room = net.batch_norm ? whole : samples < most ? samples : most;
    return (room + tile - 1) / tile * tile;
  }

  // In vectors: what it takes of an arena, and how much of that the optimiser moves.
  struct Size {
    int64_t scratch, trained;
  };
  static Size size(const Network& net, int64_t samples) {
    const Units counted(net, samples, nullptr);
    return {counted.used_, counted.trained};
  }

  // The arena need not be cleared.
  Units(const Network& net, int64_t samples, Arena<V>& arena) : Units(net, samples, &arena) {
    int64_t widest = 0;
    for (int k = 1; k <= net.layers; k++) widest = wide(k) > widest ? wide(k) : widest;
    memset((void*)no_bias_, 0, sizeof(V) * (size_t)widest);
    clear_gradients();
  }

  // Those that are added to. The first that is told of weights takes the place of what was there.
  void clear_gradients() {
    for (int k = 0; k < net.layers; k++) memset((void*)(gradients + behind_weights(k)), 0, sizeof(V) * (size_t)(places[k].end - behind_weights(k)));
  }
  int64_t behind_weights(int k) const { return places[k].weights + inputs(net.layer[k]) * wide(k + 1); }

  void read(const T* row) { read_row<V>(net, places, row, weights); }
  void write(T* row) const { write_row<V>(net, places, weights, row); }

  // `count` samples from `first` on, in the order given or (null) as they lie in the set. Places left over in the last
  // tile repeat its first sample, with weight zero.
  void fill(const Rows<T>& set, const uint32_t* order, int first, int count, int quads, T sample_weight) {
    count_ = count;
    samples_ = (count + tile - 1) / tile * tile;
    for (int i = 0; i < samples_; i++) {
      const int64_t at = first + (i < count ? i : i / tile * tile), row = order ? order[at] : at;
      for (int64_t q = 0; q < quads; q++) memcpy(input(i) + q * 4, set.base + (q * set.n + row) * 4, 4 * sizeof(T));
      weight_of_sample_[i] = i < count ? sample_weight : 0;
    }
  }

  // --- one layer forward: z = norm(a·W + b), then φ and what is skipped ---

  void linear(int k) {
    const Layer& layer = net.layer[k];
    const int64_t all = wide(k + 1);
    const V* b = layer.biases < 0 ? no_bias_ : weights + places[k].biases;
    V* z = a_[k + 1];
    auto product = [&](auto soon) {
      times_panels<V>((const T*)a_[k], wide(k) * width, samples_, in_place(weights + places[k].weights, layer.fan_in), layer.fan_in, all,
                      [&](int64_t v) { return b[v]; }, block_to(z, all), soon);
    };
    if (!far_) return product(nothing_soon);
    product([&](Panel p) {
      Fetch fetch;
      const int64_t next = p.from + p.size;  // behind the last panel the next layer's first one lies
      fetch.add(weights + places[k].weights + next * layer.fan_in, most_in_panel * layer.fan_in * (int64_t)sizeof(V));
      if (next < all) add_panel(fetch, z, all, next);
      return fetch;
    });
  }
  void normalise(int k, Averages by) {
    const Layer& layer = net.layer[k];
    if (layer.norm == Norm::layer) unit_layer_norm<V>(norms_[k], a_[k + 1], samples_);
    else if (layer.norm == Norm::batch && by == Averages::batch) unit_batch_norm<V>(norms_[k], a_[k + 1], samples_, count_);
    else if (layer.norm == Norm::batch)
      unit_running_norm<V>(norms_[k], a_[k + 1], weights + places[k].mean, weights + places[k].variance, samples_);
  }
  void activate(int k, bool slope) {
    const Layer& layer = net.layer[k];
    if (layer.activation < 0) return;
    const int64_t size = samples_ * wide(k + 1);
    learned_.prepare(k, machines_[2 * layer.activation + slope], weights + places[k].learned, a_[k + 1], samples_, slope);
    machines_[2 * layer.activation + slope].run(a_[k + 1], slope ? d_[k + 1] : nullptr, size);
    if (!layer.skip) return;
    const V* before = a_[k + 1 - layer.skip];
    for (int64_t i = 0; i < size; i++) a_[k + 1][i] += before[i];
  }

  void forward() {
    if (net.steps) return unroll(true);
    for (int k = 0; k < net.layers; k++) {
      linear(k);
      normalise(k, Averages::batch);
      activate(k, slope_of(k) == Slope::stored);
    }
  }
  void forward_value() {
    if (net.steps) return unroll(false);
    for (int k = 0; k < net.layers; k++) {
      linear(k);
      normalise(k, Averages::running);
      activate(k, false);
    }
  }

  // Hidden layers that go along sequences, all steps, and then the output.
  void unroll(bool slope) {
    Unseen<V> nobody;
    unroll(slope, nobody);
    linear(net.layers - 1);
  }
  template <class Seen> void unroll(bool slope, Seen& seen) {
    recurrent_.forward((const T*)a_[0], wide(0) * width, places, weights, machines_, learned_, slope, a_[net.layers - 1], seen);
  }

  // --- and back ---

  // Adds to the gradients what these samples say; `fresh`: to those of weights nothing was added yet, whatever stands there.
  // When the weights of layer k have passed the error on to the layer before, take(k, their WeightGradient): the layer's
  // other gradients are complete then.
  template <class Take> void backward(bool fresh, Take take) {
    Unseen<V> nobody;
    backward(fresh, take, nobody);
  }
  template <class Take, class Seen> void backward(bool fresh, Take take, Seen& seen) {
    carried_to_ = -1;
    loss_delta();
    if (net.steps) return roll_back(fresh, take, seen);
    for (int k = net.layers - 1; k >= 0; k--) {
      const Layer& layer = net.layer[k];
      V *scale = gradients + places[k].scale, *shift = gradients + places[k].shift;
      if (layer.norm == Norm::layer) unit_layer_norm_back<V>(norms_[k], delta_, scale, shift, samples_);
      if (layer.norm == Norm::batch) unit_batch_norm_back<V>(norms_[k], delta_, scale, shift, samples_, count_, sums_);
      if (layer.biases >= 0) add_bias_gradient(delta_, samples_, wide(k + 1), gradients + places[k].biases);
      if (k > 0) delta_of_input(k);
      take(k, gradient_of(k, fresh));
      V* delta = next_delta_;
      next_delta_ = delta_;
      delta_ = delta;
    }
  }
  // Of layer k, that is in memory.
  WeightGradient<V> kept(int k) const { return {matrix(k), nullptr, 0, nullptr, 0, true, far_}; }
  // Batch norm's averages follow the batch that was just trained on.
  void follow_batch() {
    for (int k = 0; k < net.layers; k++)
      if (net.layer[k].norm == Norm::batch)
        follow<V>(weights + places[k].mean, weights + places[k].variance, norms_[k].mean, norms_[k].variance, wide(k + 1), count_);
  }

  // The outputs of up to `answers` samples from s on, one sample a lane as losses.h wants them: each(z, y, samples).
  template <class Each> void judge(int64_t s, Each each) {
    const int64_t outputs = net.units[net.layers], here = samples_ - s < answers ? samples_ - s : answers;
    const T* z = (const T*)a_[net.layers] + s * wide(net.layers) * width;
    for (int64_t i = 0; i < here; i++) {
      for (int64_t j = 0; j < outputs; j++) ((T*)judged_)[j * answers + i] = z[i * wide(net.layers) * width + j];
      for (int64_t j = 0; j < net.targets; j++) ((T*)asked_)[j * answers + i] = input(s + i)[net.units[0] + j];
    }
    each(judged_, asked_, here);
  }

  // Every number that is trained or follows training, but not what fills up vectors: false where one is not finite.
  bool finite() const {
    bool all_finite = true;
    each_matrix(net, places, true, [&](int64_t, int64_t place, int64_t rows, int64_t units) {
      each_panel<V>(units, [&](Panel panel, int64_t, int64_t size) {
        const V* w = weights + place + panel.from * rows;
        V lost[most_in_panel] = {};
        for (int64_t r = 0; r < rows; r++, w += panel.size)
          for (int64_t v = 0; v < panel.size; v++) lost[v] += w[v] - w[v];
        for (int64_t u = 0; u < size; u++) all_finite = all_finite && lost[u / width][u % width] == 0;
      });
    });
    return all_finite;
  }

  T activation(int layer, int64_t s, int64_t u) const { return ((const T*)a_[layer])[s * wide(layer) * width + u]; }
  T derivative(int layer, int64_t s, int64_t u) const { return ((const T*)d_[layer])[s * wide(layer) * width + u]; }
  int64_t wide(int layer) const { return layer ? vectors<V>(net.units[layer]) : input_vectors(net); }  // of an activation layer

  const Network& net;
  Places* places;           // [layers]
  int64_t trained;          // vectors that the optimiser moves; the running averages of batch norm come behind them
  V *weights, *gradients;

 private:
  // Without an arena it only counts how much it takes.
  Units(const Network& net, int64_t samples, Arena<V>* arena) : net(net), learned_(net, samples * times(net), arena), recurrent_(net, arena),
        used_(UnitLearned<V>::scratch(net, samples * times(net)) + UnitRecurrent<V>::scratch(net)) {
    auto take = [&](int64_t vectors) {
      used_ += vectors;
      return arena ? arena->take(vectors) : nullptr;
    };
    auto some = [&](int64_t count, int64_t bytes) { return (void*)take((count * bytes + (int64_t)sizeof(V) - 1) / (int64_t)sizeof(V)); };
    Places* found = (Places*)some(net.layers, sizeof(Places));
    a_ = (V**)some(net.layers + 1, sizeof(V*));
    d_ = (V**)some(net.layers + 1, sizeof(V*));
    norms_ = (UnitNorm<V>*)some(net.layers, sizeof(UnitNorm<V>));
    machines_ = (Machine<V>*)some(2 * net.activations, sizeof(Machine<V>));
    int64_t parameters = 0, widest = 0, most_units = 0, skipped = 0;
    trained = 0;
    for (int k = 0; k < net.layers; k++) {
      const Layer& layer = net.layer[k];
      const int64_t all = wide(k + 1);
      const int64_t own = all * (inputs(layer) + (layer.biases >= 0) + 2 * (layer.scale >= 0)) + learned_numbers(net, k);
      trained += own;
      parameters += own + 2 * all * (layer.mean >= 0);
      widest = all > widest ? all : widest;
      if (k > 0 && layer.fan_out > most_units) most_units = layer.fan_out;
      if (layer.skip && all > skipped) skipped = all;
    }
    skips_ = skipped > 0;
    if (arena) find_places<V>(net, found, trained);
    places = found;
    weights = take(parameters);
    gradients = take(trained);
    weight_of_sample_ = (T*)take(vectors<V>(samples));
    for (int k = 0; k <= net.layers; k++) {
      V* a = take(samples * wide(k));
      if (arena) a_[k] = a;
    }
    for (int k = 1; k < net.layers; k++) {  // behind each other: where φ′ follows from φ nobody comes by
      V* d = take(samples * wide(k));
      if (arena) d_[k] = d;
    }
    for (int k = 0; k < net.layers; k++) {
      const Layer& layer = net.layer[k];
      if (layer.norm == Norm::none) continue;
      V *hat = take(samples * wide(k + 1)), *of_units = take(3 * wide(k + 1)), *of_samples = take(vectors<V>(samples));
      if (arena)
        norms_[k] = {weights + places[k].scale, weights + places[k].shift, hat, of_units, of_units + wide(k + 1), of_units + 2 * wide(k + 1),
                     (T*)of_samples, layer.fan_out};
    }
    for (int p = 0; p < net.activations; p++) {
      const Activation& phi = net.activation[p];
      V *value = take(Machine<V>::scratch(phi.value)), *both = take(Machine<V>::scratch(phi.value_and_derivative));
      if (!arena) continue;
      machines_[2 * p] = Machine<V>(phi.value, value);
      machines_[2 * p + 1] = Machine<V>(phi.value_and_derivative, both);
    }
    transposed_ = take(most_in_panel * most_units);
    delta_ = take(samples * widest);
    next_delta_ = take(samples * widest);
    carried_ = take(samples * skipped);
    no_bias_ = take(widest);
    sums_ = take(2 * widest);
    judged_ = take(tile * (int64_t)net.units[net.layers]);
    asked_ = take(tile * (int64_t)net.targets);
    far_ = used_ * (int64_t)sizeof(V) > second_cache;
  }

  static int64_t times(const Network& net) { return net.steps ? net.steps : 1; }
  // The targets lie behind the input, as they do in the data.
  static int64_t input_vectors(const Network& net) { return vectors<V>((net.units[0] + net.targets + 3) / 4 * 4); }
  T* input(int64_t s) const { return (T*)a_[0] + s * wide(0) * width; }

  // δ of the outputs.
  void loss_delta() {
    const int64_t outputs = net.units[net.layers];
    for (int64_t s = 0; s < samples_; s += answers)
      judge(s, [&](V* z, const V* y, int64_t here) {
        V weight[tile] = {};
        memcpy(weight, weight_of_sample_ + s, (size_t)here * sizeof(T));
        actlab::ACTLAB_ISA::loss_delta<V>(net.loss, z, (int)outputs, y, weight);
        T* delta = (T*)(delta_ + s * wide(net.layers));
        for (int64_t i = 0; i < here; i++)
          for (int64_t j = 0; j < outputs; j++) delta[i * wide(net.layers) * width + j] = ((T*)z)[j * answers + i];
      });
  }

  typename WeightGradient<V>::Matrix matrix(int k) const {
    return {inputs(net.layer[k]), wide(k + 1), gradients + places[k].weights, weights + places[k].weights};
  }
  WeightGradient<V> gradient_of(int k, bool fresh) const {
    return {matrix(k), (const T*)a_[k], wide(k) * width, delta_, samples_, fresh, far_};
  }

  template <class Take, class Seen> void roll_back(bool fresh, Take take, Seen& seen) {
    const int k = net.layers - 1;
    V* last = next_delta_;
    add_bias_gradient(delta_, samples_, wide(k + 1), gradients + places[k].biases);
    back_product(k, Slope::one);
    take(k, gradient_of(k, fresh));
    recurrent_.backward(last, places, weights, learned_, gradients, fresh, seen);
    for (int l = k - 1; l >= 0; l--) take(l, kept(l));
  }

  // δ·Wᵀ of layer k to next_delta_, each times the slope at its place. W is transposed a panel at a time: so much stays in
  // the cache until it is used.
  void back_product(int k, Slope slope) {
    const Layer& layer = net.layer[k];
    const int64_t all = wide(k);
    V* to = next_delta_;
    const V *a = a_[k], *stored = d_[k];
    auto transposed = [&](Panel p) {
      transpose_panel<V>(weights + places[k].weights, layer.fan_in, layer.fan_out, p, transposed_);
      return transposed_;
    };
    auto finish = [&]<int NR, int NV>(Panel p, int64_t r, const V (&c)[NR][NV]) {
      block_to(to, all)(p, r, c);
      if (slope != Slope::one) times_slopes<V>(slope, to, a, stored, r * all + p.from, NR, NV, all);
    };
    auto product = [&](auto soon) {
      times_panels<V>((const T*)delta_, wide(k + 1) * width, samples_, transposed, layer.fan_out, all, [](int64_t) { return V{}; }, finish, soon);
    };
    if (!far_) return product(nothing_soon);
    product([&](Panel p) {
      Fetch fetch;
      const int64_t next = p.from + p.size;
      if (next == all) return fetch;
      const int64_t sources = wide(k + 1), rows = panel_of(all, next).size * width;
      for (Panel s = panel_of(sources, 0); s.from < sources; s = panel_of(sources, s.from + s.size))
        fetch.add(weights + places[k].weights + s.row(layer.fan_in, next * width), rows * s.size * (int64_t)sizeof(V));
      if (slope != Slope::one) add_panel(fetch, slope == Slope::stored ? stored : a, all, next);
      add_panel(fetch, to, all, next);
      return fetch;
    });
  }

  // Of all samples' vectors, `all` each, those of the panel that begins at `from`.
  void add_panel(Fetch& fetch, const V* samples, int64_t all, int64_t from) const {
    constexpr int64_t bytes = sizeof(V);
    fetch.add_rows(samples + from, all * bytes, samples_, panel_of(all, from).size * bytes);
  }

  // How the way back comes by φ′ of a layer. Where outputs are added to others, a is not φ(z) for long.
  Slope slope_of(int k) const {
    const Layer& layer = net.layer[k];
    return layer.activation < 0 || layer.learned >= 0 || skips_ || net.steps ? Slope::stored : net.activation[layer.activation].slope;
  }

  // δ of weight layer k's input, times φ′ of the layer that made it, to next_delta_; for skips see lanes.h.
  void delta_of_input(int k) {
    const Layer& before = net.layer[k - 1];
    const int64_t all = wide(k);
    const bool joins = carried_to_ == k, goes_on = before.skip != 0;
    if (!joins && !goes_on && before.learned < 0) return back_product(k, slope_of(k - 1));
    back_product(k, Slope::one);
    V *to = next_delta_, *slope = d_[k];
    for (int64_t i = 0; i < samples_ * all; i++) {
      const V sum = joins ? to[i] + carried_[i] : to[i];
      if (goes_on) carried_[i] = sum;
      to[i] = sum;
    }
    learned_.follow(k - 1, to, samples_, gradients + places[k - 1].learned);
    for (int64_t i = 0; i < samples_ * all; i++) to[i] *= slope[i];
    if (goes_on) carried_to_ = k - before.skip;
    else if (joins) carried_to_ = -1;
  }

  UnitLearned<V> learned_;
  UnitRecurrent<V> recurrent_;
  int64_t used_, samples_ = 0;
  int count_ = 0;
  V **a_, **d_;             // [layers + 1] × [samples][vectors]
  UnitNorm<V>* norms_;
  Machine<V>* machines_;
  T* weight_of_sample_;
  V *transposed_, *delta_, *next_delta_, *carried_, *no_bias_, *sums_, *judged_, *asked_;
  bool skips_ = false;   // any layer
  bool far_ = false;     // more than the second-level cache holds
  int carried_to_ = -1;  // the activation layer at which `carried_` joins
};

}  // namespace actlab::ACTLAB_ISA
