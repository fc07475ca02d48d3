// The Python face of the trainer: shapes and values are checked here, so that the code behind it may trust them.
#include <algorithm>
#include <cmath>

#include "bind.h"
#include "slope.h"

using namespace actlab;

namespace {

using LayerTuple = std::tuple<int32_t, int32_t, std::string, int32_t>;     // units, activation or −1, norm, skip
// φ; φ and φ′; √E[φ′²]; ∂φ/∂(learned number), for each
using ActivationTuple = std::tuple<ProgramTuple, ProgramTuple, double, std::vector<ProgramTuple>>;
using DescentTuple = std::tuple<std::string, double, double, double, double, double, std::string, int64_t>;

template <class E> E chosen(const std::string& name, std::initializer_list<std::pair<const char*, E>> known, const char* what) {
  for (const auto& [text, value] : known)
    if (name == text) return value;
  throw std::invalid_argument(what);
}

OwnedActivation make_activation(const ActivationTuple& activation) {
  const auto& [value, both, gain, by_learned] = activation;
  OwnedActivation phi = {std::apply(owned, value), std::apply(owned, both), gain, {}};
  for (const ProgramTuple& program : by_learned) phi.by_learned.push_back(std::apply(owned, program));
  auto room = [&](const OwnedProgram& program) { return program.constants.size() >= by_learned.size(); };
  require(room(phi.value) && room(phi.value_and_derivative) && std::all_of(phi.by_learned.begin(), phi.by_learned.end(), room),
          "a learned number has no place among a program's constants");
  return phi;
}

// How the trainer comes by φ′, by name: for tests.
std::string slope_from_value(const ActivationTuple& activation) {
  switch (slope_of(make_activation(activation))) {
    case Slope::one: return "one";
    case Slope::step: return "step";
    case Slope::one_minus_square: return "one minus square";
    case Slope::logistic: return "logistic";
    case Slope::stored: break;
  }
  return "";
}

Plan make_plan(const std::string& isa, int threads, const std::string& layout, int32_t features, int steps, const std::vector<LayerTuple>& layers,
               const std::vector<ActivationTuple>& activations, const std::string& loss) {
  std::vector<LayerChoice> choices;
  for (const auto& [units, activation, norm, skip] : layers)
    choices.push_back({units, activation, chosen<Norm>(norm, {{"none", Norm::none}, {"batch", Norm::batch}, {"layer", Norm::layer}}, "unknown norm"), skip});
  std::vector<OwnedActivation> programs;
  for (const ActivationTuple& activation : activations) programs.push_back(make_activation(activation));
  const auto lanes = chosen<Layout>(layout, {{"", Layout::any}, {"nets", Layout::nets}, {"units", Layout::units}}, "unknown layout");
  return Plan(isa, thread_count(threads), lanes, features, steps, choices, std::move(programs),
              chosen<Loss>(loss, {{"binary", Loss::binary}, {"classes", Loss::classes}, {"squares", Loss::squares}}, "unknown loss"));
}

Descent make_descent(const DescentTuple& descent) {
  const auto& [rule, beta1, beta2, epsilon, weight_decay, clip, schedule, warm_up] = descent;
  for (double beta : {beta1, beta2}) require(beta >= 0 && beta < 1, "a decay of moments lies in [0, 1)");
  for (double number : {epsilon, weight_decay, clip}) require(std::isfinite(number) && number >= 0, "epsilon, weight decay and clip are not negative");
  require(warm_up >= 0, "the warm-up is not negative");
  return {chosen<Rule>(rule, {{"sgd", Rule::sgd}, {"momentum", Rule::momentum}, {"adam", Rule::adam}, {"adamw", Rule::adamw}}, "unknown optimiser"),
          beta1, beta2, epsilon, weight_decay, clip, chosen<bool>(schedule, {{"constant", false}, {"cosine", true}}, "unknown schedule"), warm_up};
}

template <class T> void check_sets(const In<T, 3>& X, const In<T, 3>& y, const Network& network, const char* what) {
  require(X.shape(0) == y.shape(0) && X.shape(1) == y.shape(1) && (int64_t)X.shape(2) == network.units[0] &&
              (int64_t)y.shape(2) == network.targets, what);
  require((int64_t)X.shape(1) <= most_points, "a data set has more points than the core can order");
}

void check_indices(const In<int64_t, 1>& index, size_t nets, size_t sets) {
  require(index.shape(0) == nets, "one data set index a net");
  for (size_t i = 0; i < nets; i++) require(index.data()[i] >= 0 && (size_t)index.data()[i] < sets, "a data set index is out of range");
}

template <class T> Sets<T> packed(const In<T, 3>& X, const In<T, 3>& y) {
  return Sets<T>(X.data(), y.data(), (int64_t)X.shape(0), (int32_t)X.shape(1), (int)X.shape(2), (int)y.shape(2));
}

template <class T>
nb::dict train_nets(int32_t features, int steps, const std::vector<LayerTuple>& layers, const std::vector<ActivationTuple>& activations,
                    const std::string& loss, const DescentTuple& optimiser, const In<T, 2>& weights, const In<T, 1>& learning_rates,
                    const In<uint64_t, 1>& seeds, const In<int64_t, 1>& set_of_net, const In<T, 3>& X, const In<T, 3>& y,
                    const In<T, 3>& X_validation, const In<T, 3>& y_validation, int batch_size, int epochs, int probe,
                    double target, const In<int64_t, 1>& checkpoints, const In<int32_t, 1>& snapshot_rows, const std::string& isa, int threads,
                    const std::string& layout, const std::optional<nb::callable>& progress) {
  const Plan plan = make_plan(isa, threads, layout, features, steps, layers, activations, loss);
  const Network& network = plan.network;
  const Descent descent = make_descent(optimiser);
  const size_t nets = weights.shape(0), row = (size_t)network.row, C = checkpoints.shape(0);
  require(weights.shape(1) == row, "weights must be (nets, parameters)");
  require(learning_rates.shape(0) == nets && seeds.shape(0) == nets && snapshot_rows.shape(0) == nets, "one entry a net");
  check_sets(X, y, network, "X must be (sets, points, features) and y (sets, points, targets)");
  check_sets(X_validation, y_validation, network, "the validation sets do not fit");
  require(X.shape(1) >= 1 && X_validation.shape(0) == X.shape(0), "as many validation sets as training sets");
  check_indices(set_of_net, nets, X.shape(0));
  require(batch_size >= 1 && epochs >= 0 && probe >= 1 && (size_t)probe <= X.shape(1), "batch size, epochs or probe out of range");
  std::vector<int64_t> measured(checkpoints.data(), checkpoints.data() + C);
  for (size_t c = 0; c < C; c++) require(measured[c] >= (c ? measured[c - 1] + 1 : 0), "checkpoints must ascend from 0");
  int64_t rows = 0;
  for (size_t i = 0; i < nets; i++) rows = std::max(rows, (int64_t)snapshot_rows.data()[i] + 1);
  require((size_t)rows <= nets, "a snapshot row is out of range");

  auto trained = array_to_fill<T>({nets, row});
  auto curves = new_array<double>({nets, C, (size_t)curve_count});
  auto traces = new_array<double>({nets, C, (size_t)network.layers, (size_t)trace_count});
  auto through_time = new_array<double>({nets, C, (size_t)network.layers - 1, (size_t)network.steps});
  auto snapshots = new_array<T>({(size_t)rows, C, row});
  auto completed = new_array<bool>({nets}), diverged = new_array<bool>({nets});
  auto steps_made = new_array<int64_t>({nets});
  bool interrupted = false;
  auto report = [&](double share) {
    const nb::gil_scoped_acquire gil;
    if (PyErr_CheckSignals() != 0) {  // Ctrl-C: what is finished is kept, and the caller is told
      PyErr_Clear();
      interrupted = true;
      return false;
    }
    if (!progress) return true;
    try {
      (*progress)(share);
    } catch (const nb::python_error& error) {  // Ctrl-C may as well arrive while the callback runs
      if (!error.matches(PyExc_KeyboardInterrupt)) throw;
      interrupted = true;
      return false;
    }
    return true;
  };
  {
    const Sets<T> train_sets = packed(X, y), validation_sets = packed(X_validation, y_validation);
    const TrainCall<T> call = {plan, descent, (int64_t)nets, weights.data(), trained.data(), learning_rates.data(), seeds.data(), set_of_net.data(), train_sets,
                               validation_sets, batch_size, epochs, probe, target, measured, curves.data(), traces.data(), through_time.data(), snapshots.data(),
                               snapshot_rows.data(), steps_made.data(), diverged.data(), completed.data(), report};
    const nb::gil_scoped_release nogil;
    train(call);
  }
  for (size_t i = 0; i < nets; i++)
    if (!completed.data()[i]) std::copy_n(weights.data() + i * row, row, trained.data() + i * row);
  nb::dict result;
  result["weights"] = trained;
  result["curves"] = curves;
  result["traces"] = traces;
  result["through_time"] = through_time;
  result["snapshots"] = snapshots;
  result["steps"] = steps_made;
  result["diverged"] = diverged;
  result["completed"] = completed;
  result["interrupted"] = interrupted;
  return result;
}

template <class T>
Out<double> score_nets(int32_t features, int steps, const std::vector<LayerTuple>& layers, const std::vector<ActivationTuple>& activations,
                       const std::string& loss, const In<T, 2>& weights, const In<int64_t, 1>& set_of_net, const In<T, 3>& X, const In<T, 3>& y,
                       const std::string& isa, int threads, const std::string& layout) {
  const Plan plan = make_plan(isa, threads, layout, features, steps, layers, activations, loss);
  const size_t nets = weights.shape(0);
  require((int64_t)weights.shape(1) == plan.network.row, "weights must be (nets, parameters)");
  check_sets(X, y, plan.network, "X must be (sets, points, features) and y (sets, points, targets)");
  require(X.shape(1) >= 1, "no points to score");
  check_indices(set_of_net, nets, X.shape(0));
  auto scores = new_array<double>({nets, (size_t)score_count});
  const Sets<T> sets = packed(X, y);
  {
    const nb::gil_scoped_release nogil;
    score(plan, (int64_t)nets, weights.data(), set_of_net.data(), sets, scores.data());
  }
  return scores;
}

template <class T> void bind_for(nb::module_& m) {
  using namespace nb::literals;
  m.def("train", train_nets<T>, nb::kw_only(), "features"_a, "steps"_a, "layers"_a, "activations"_a, "loss"_a, "optimiser"_a, "weights"_a.noconvert(),
        "learning_rates"_a.noconvert(), "seeds"_a, "set_of_net"_a, "X"_a.noconvert(), "y"_a.noconvert(), "X_validation"_a.noconvert(),
        "y_validation"_a.noconvert(), "batch_size"_a, "epochs"_a, "probe"_a, "target"_a, "checkpoints"_a, "snapshot_rows"_a, "isa"_a = "", "threads"_a = 0,
        "layout"_a = "", "progress"_a = nb::none());
  m.def("score", score_nets<T>, nb::kw_only(), "features"_a, "steps"_a, "layers"_a, "activations"_a, "loss"_a, "weights"_a.noconvert(), "set_of_net"_a,
        "X"_a.noconvert(), "y"_a.noconvert(), "isa"_a = "", "threads"_a = 0, "layout"_a = "");
}

}  // namespace

void bind_nets(nb::module_& m) {
  bind_for<float>(m);
  bind_for<double>(m);
  m.def("slope_from_value", slope_from_value, nb::arg("activation"));
}
