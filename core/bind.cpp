// The Python face of the core: shapes and types are checked here, so that the code behind it may trust them.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <optional>
#include <stdexcept>
#include <tuple>

#include "dispatch.h"
#include "engine.h"
#include "initialise.h"
#include "philox.h"

namespace nb = nanobind;
using namespace actlab;

namespace {

template <class T, int N> using In = nb::ndarray<const T, nb::ndim<N>, nb::c_contig, nb::device::cpu>;
template <class T> using Out = nb::ndarray<nb::numpy, T>;

struct OperationInfo {
  const char* name;
  int operands, destinations;
};
constexpr OperationInfo operations[] = {
#define ACTLAB_INFO(name, operands, destinations) {#name, operands, destinations},
    ACTLAB_OPS(ACTLAB_INFO)
#undef ACTLAB_INFO
};

template <class T> Out<T> new_array(std::vector<size_t> shape) {
  size_t size = 1;
  for (size_t s : shape) size *= s;
  T* data = new T[size ? size : 1]();
  nb::capsule owner(data, [](void* p) noexcept { delete[] static_cast<T*>(p); });
  return Out<T>(data, shape.size(), shape.data(), owner);
}

// The places of a shuffle are counted in 32 bits, for all lanes (at most 16) together.
constexpr int64_t most_points = (1 << 28) - 1;

void require(bool condition, const char* what) {
  if (!condition) throw std::invalid_argument(what);
}

OwnedProgram owned(const In<uint16_t, 2>& code, const In<double, 1>& constants, int n_registers) {
  require(code.shape(1) == 6, "code must have six columns");
  require(n_registers >= first_temporary && n_registers <= first_constant, "the number of registers is out of range");
  OwnedProgram program;
  program.n_registers = n_registers;
  program.constants.assign(constants.data(), constants.data() + constants.shape(0));
  auto readable = [&](uint16_t index) {
    return index < first_constant ? index < n_registers : (size_t)(index - first_constant) < program.constants.size();
  };
  for (size_t k = 0; k < code.shape(0); k++) {
    const uint16_t* row = code.data() + 6 * k;
    const Instruction q = {row[0], row[1], row[2], row[3], row[4], row[5]};
    require(q.op < (uint16_t)Op::count, "unknown operation");
    const OperationInfo& info = operations[q.op];
    require(q.d > 0 && q.d < n_registers && (info.destinations < 2 || (q.e > 0 && q.e < n_registers)), "a destination is out of range");
    require(readable(q.a) && (info.operands < 2 || readable(q.b)) && (info.operands < 3 || readable(q.c)) &&
                (info.operands < 4 || readable(q.e)), "an operand is out of range");
    Instruction safe = q;  // what an operation does not read must not point anywhere either
    if (info.operands < 2) safe.b = q.a;
    if (info.operands < 3) safe.c = q.a;
    program.code.push_back(safe);
  }
  return program;
}

using ProgramTuple = std::tuple<In<uint16_t, 2>, In<double, 1>, int>;

Plan make_plan(const std::string& isa, int threads, const std::vector<int32_t>& sizes, const ProgramTuple& value, const ProgramTuple& both,
               double reference_gain) {
  require(sizes.size() >= 2, "a net has at least one layer");
  for (int32_t s : sizes) require(s >= 1, "a layer has at least one unit");
  require(sizes.back() == 1, "the output is one logit");
  return {isa, thread_count(threads), sizes, std::apply(owned, value), std::apply(owned, both), reference_gain};
}

template <class T> void check_sets(const In<T, 3>& X, const In<T, 2>& y, const Plan& plan, const char* what) {
  require(X.shape(0) == y.shape(0) && X.shape(1) == y.shape(1) && (int64_t)X.shape(2) == plan.sizes[0], what);
  require((int64_t)X.shape(1) <= most_points, "a data set has more points than the core can order");
}

void check_indices(const In<int64_t, 1>& index, size_t nets, size_t sets) {
  require(index.shape(0) == nets, "one data set index a net");
  for (size_t i = 0; i < nets; i++) require(index.data()[i] >= 0 && (size_t)index.data()[i] < sets, "a data set index is out of range");
}

template <class T>
nb::dict train_nets(const std::vector<int32_t>& sizes, const ProgramTuple& value, const ProgramTuple& both, double reference_gain,
                    const In<T, 2>& weights, const In<T, 1>& learning_rates, const In<uint64_t, 1>& seeds, const In<int64_t, 1>& set_of_net,
                    const In<T, 3>& X, const In<T, 2>& y, const In<T, 3>& X_validation, const In<T, 2>& y_validation, int batch_size,
                    int epochs, int probe, const In<int64_t, 1>& checkpoints, const In<int32_t, 1>& snapshot_rows, const std::string& isa,
                    int threads, const std::optional<nb::callable>& progress) {
  const Plan plan = make_plan(isa, threads, sizes, value, both, reference_gain);
  const Network network = plan.network();
  const size_t nets = weights.shape(0), P = (size_t)network.parameters, layers = (size_t)network.layers, C = checkpoints.shape(0);
  require(weights.shape(1) == P, "weights must be (nets, parameters)");
  require(learning_rates.shape(0) == nets && seeds.shape(0) == nets && snapshot_rows.shape(0) == nets, "one entry a net");
  check_sets(X, y, plan, "X must be (sets, points, features) and y (sets, points)");
  check_sets(X_validation, y_validation, plan, "the validation sets do not fit");
  require(X.shape(1) >= 1 && X_validation.shape(0) == X.shape(0), "as many validation sets as training sets");
  check_indices(set_of_net, nets, X.shape(0));
  require(batch_size >= 1 && epochs >= 0 && probe >= 1 && (size_t)probe <= X.shape(1), "batch size, epochs or probe out of range");
  std::vector<int64_t> steps(checkpoints.data(), checkpoints.data() + C);
  for (size_t c = 0; c < C; c++) require(steps[c] >= (c ? steps[c - 1] + 1 : 0), "checkpoints must ascend from 0");
  int64_t rows = 0;
  for (size_t i = 0; i < nets; i++) rows = std::max(rows, (int64_t)snapshot_rows.data()[i] + 1);
  require((size_t)rows <= nets, "a snapshot row is out of range");

  auto trained = new_array<T>({nets, P});
  std::copy(weights.data(), weights.data() + nets * P, trained.data());
  auto curves = new_array<double>({nets, C, (size_t)curve_count});
  auto traces = new_array<double>({nets, C, layers, (size_t)trace_count});
  auto snapshots = new_array<T>({(size_t)rows, C, P});
  auto completed = new_array<bool>({nets});
  bool interrupted = false;
  auto report = [&](double share) {
    const nb::gil_scoped_acquire gil;
    if (PyErr_CheckSignals() != 0) {  // Ctrl-C: what is finished is kept, and the caller is told
      PyErr_Clear();
      interrupted = true;
      return false;
    }
    if (progress) (*progress)(share);
    return true;
  };
  {
    const Sets<T> train_sets(X.data(), y.data(), (int64_t)X.shape(0), (int32_t)X.shape(1), sizes[0]);
    const Sets<T> validation_sets(X_validation.data(), y_validation.data(), (int64_t)X_validation.shape(0), (int32_t)X_validation.shape(1), sizes[0]);
    const TrainCall<T> call = {plan, (int64_t)nets, trained.data(), learning_rates.data(), seeds.data(), set_of_net.data(), train_sets,
                               validation_sets, sizes[0], batch_size, epochs, probe, steps, curves.data(), traces.data(), snapshots.data(),
                               snapshot_rows.data(), completed.data(), report};
    const nb::gil_scoped_release nogil;
    train(call);
  }
  nb::dict result;
  result["weights"] = trained;
  result["curves"] = curves;
  result["traces"] = traces;
  result["snapshots"] = snapshots;
  result["completed"] = completed;
  result["interrupted"] = interrupted;
  return result;
}

template <class T>
Out<double> score_nets(const std::vector<int32_t>& sizes, const ProgramTuple& value, const ProgramTuple& both, const In<T, 2>& weights,
                       const In<int64_t, 1>& set_of_net, const In<T, 3>& X, const In<T, 2>& y, const std::string& isa, int threads) {
  const Plan plan = make_plan(isa, threads, sizes, value, both, 0);
  const size_t nets = weights.shape(0);
  require((int64_t)weights.shape(1) == plan.network().parameters, "weights must be (nets, parameters)");
  check_sets(X, y, plan, "X must be (sets, points, features) and y (sets, points)");
  require(X.shape(1) >= 1, "no points to score");
  check_indices(set_of_net, nets, X.shape(0));
  auto scores = new_array<double>({nets, (size_t)score_count});
  const Sets<T> sets(X.data(), y.data(), (int64_t)X.shape(0), (int32_t)X.shape(1), sizes[0]);
  {
    const nb::gil_scoped_release nogil;
    score(plan, (int64_t)nets, weights.data(), set_of_net.data(), sets, sizes[0], scores.data());
  }
  return scores;
}

template <class T> using Numbers = nb::ndarray<const T, nb::c_contig, nb::device::cpu>;
template <class T> using Room = std::optional<nb::ndarray<T, nb::c_contig, nb::device::cpu>>;

// The results go to arrays of the caller: who allocates decides how, and may use them again.
template <class T>
void evaluate_array(const In<uint16_t, 2>& code, const In<double, 1>& constants, int n_registers, const Numbers<T>& x, const Room<T>& value,
                    const Room<T>& derivative, const std::string& isa, int threads, bool single) {
  const OwnedProgram program = owned(code, constants, n_registers);
  for (const Room<T>* room : {&value, &derivative}) require(!*room || (*room)->size() == x.size(), "a result must have as many numbers as x");
  const nb::gil_scoped_release nogil;
  evaluate<T>({program.view(), x.data(), value ? value->data() : nullptr, derivative ? derivative->data() : nullptr, (int64_t)x.size(), isa,
               threads, single});
}

}  // namespace

NB_MODULE(_core, m) {
  m.doc() = "The C++ core of actlab: expression programs over arrays, and the lane trainer.";
  m.def("operations", [] {
    nb::list list;
    for (const OperationInfo& info : operations) list.append(nb::make_tuple(info.name, info.operands, info.destinations));
    return list;
  });
  m.def("instruction_sets", [] {
    nb::list list;
    for (const Kernels* k : available_kernels()) list.append(k->name);
    return list;
  });
  m.def("philox", [](std::tuple<uint32_t, uint32_t, uint32_t, uint32_t> c, uint64_t key, int rounds) {
    const Words w = philox({{std::get<0>(c), std::get<1>(c), std::get<2>(c), std::get<3>(c)}}, key, rounds);
    return nb::make_tuple(w.x[0], w.x[1], w.x[2], w.x[3]);
  }, nb::arg("counter"), nb::arg("key"), nb::arg("rounds") = philox_rounds);
  m.def("standard_normal", [](uint64_t seed, uint32_t layer, int64_t count) {
    require(count >= 0, "count must not be negative");
    auto out = new_array<double>({(size_t)count});
    standard_normal(seed, layer, count, out.data());
    return out;
  }, nb::arg("seed"), nb::arg("layer"), nb::arg("count"));
  m.def("shuffle_order", [](uint64_t seed, int32_t n, int epochs, const std::string& isa) {
    require(n >= 1 && n <= most_points && epochs >= 0, "n or epochs out of range");
    auto out = new_array<int32_t>({(size_t)epochs, (size_t)n});
    chosen_kernels(isa).shuffle(seed, n, epochs, out.data());
    return out;
  }, nb::arg("seed"), nb::arg("n"), nb::arg("epochs"), nb::arg("isa") = "");
#define ACTLAB_EVALUATE(T) \
  m.def("evaluate", evaluate_array<T>, nb::arg("code"), nb::arg("constants"), nb::arg("n_registers"), nb::arg("x").noconvert(), \
        nb::arg("value").noconvert().none(), nb::arg("derivative").noconvert().none(), nb::arg("isa") = "", nb::arg("threads") = 0, \
        nb::arg("single") = false);
#define ACTLAB_TRAIN(T) \
  m.def("train", train_nets<T>, nb::kw_only(), nb::arg("sizes"), nb::arg("value"), nb::arg("both"), nb::arg("reference_gain"), \
        nb::arg("weights").noconvert(), nb::arg("learning_rates").noconvert(), nb::arg("seeds"), nb::arg("set_of_net"), nb::arg("X").noconvert(), \
        nb::arg("y").noconvert(), nb::arg("X_validation").noconvert(), nb::arg("y_validation").noconvert(), nb::arg("batch_size"), nb::arg("epochs"), \
        nb::arg("probe"), nb::arg("checkpoints"), nb::arg("snapshot_rows"), nb::arg("isa") = "", nb::arg("threads") = 0, nb::arg("progress") = nb::none());
#define ACTLAB_SCORE(T) \
  m.def("score", score_nets<T>, nb::kw_only(), nb::arg("sizes"), nb::arg("value"), nb::arg("both"), nb::arg("weights").noconvert(), \
        nb::arg("set_of_net"), nb::arg("X").noconvert(), nb::arg("y").noconvert(), nb::arg("isa") = "", nb::arg("threads") = 0);
  ACTLAB_EVALUATE(float) ACTLAB_EVALUATE(double)
  ACTLAB_TRAIN(float) ACTLAB_TRAIN(double)
  ACTLAB_SCORE(float) ACTLAB_SCORE(double)
}
