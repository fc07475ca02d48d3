// The Python face of the core: shapes and types are checked here, so that the code behind it may trust them.
#include "bind.h"
#include "dispatch.h"
#include "initialise.h"
#include "philox.h"
#include "wide/careful.h"

#include <cmath>
#include <limits>

using namespace actlab;

namespace {

struct OperationInfo {
  const char* name;
  int operands, destinations;
};
constexpr OperationInfo operations[] = {
#define ACTLAB_INFO(name, operands, destinations) {#name, operands, destinations},
    ACTLAB_OPS(ACTLAB_INFO)
#undef ACTLAB_INFO
};

}  // namespace

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

namespace {

template <class T> using Numbers = nb::ndarray<const T, nb::c_contig, nb::device::cpu>;
template <class T> using Room = std::optional<nb::ndarray<T, nb::c_contig, nb::device::cpu>>;

// An array of the shape of x for a result, with anything in it; None where NumPy's own is as good.
template <class T> std::optional<Out<T>> room_like(const Numbers<T>& x) {
  const size_t bytes = x.size() * sizeof(T);
  if (bytes < large_result) return std::nullopt;
  std::vector<size_t> shape(x.ndim());
  for (size_t k = 0; k < shape.size(); k++) shape[k] = x.shape(k);
  return large_array<T>(shape);
}

// Intervals as the numbers of type T that lie in them: those without any are left out.
template <class T> std::vector<T> intervals_of(const std::optional<In<double, 2>>& given) {
  std::vector<T> found;
  if (!given) return found;
  require(given->shape(1) == 2, "intervals must be (intervals, 2)");
  for (size_t k = 0; k < given->shape(0); k++) {
    const double low = given->data()[2 * k], high = given->data()[2 * k + 1];
    require(std::isfinite(low) && std::isfinite(high) && low <= high, "an interval must have two finite ends, the lower one first");
    T first = (T)low, last = (T)high;
    if ((double)first < low) first = std::nextafter(first, std::numeric_limits<T>::infinity());
    if ((double)last > high) last = std::nextafter(last, -std::numeric_limits<T>::infinity());
    if (first <= last) found.insert(found.end(), {first, last});
  }
  return found;
}

template <class T> void again(const Program& program, T x, T* value, T* derivative) { careful(program, x, value, derivative); }

// The results go to arrays of the caller: who allocates decides how, and may use them again.
template <class T>
void evaluate_array(const In<uint16_t, 2>& code, const In<double, 1>& constants, int n_registers, const Numbers<T>& x, const Room<T>& value,
                    const Room<T>& derivative, const std::optional<In<double, 2>>& careful_value,
                    const std::optional<In<double, 2>>& careful_derivative, const std::string& isa, int threads, bool single) {
  const OwnedProgram program = owned(code, constants, n_registers);
  for (const Room<T>* room : {&value, &derivative}) require(!*room || (*room)->size() == x.size(), "a result must have as many numbers as x");
  const EvaluateCall<T> call = {program.view(), x.data(), value ? value->data() : nullptr, derivative ? derivative->data() : nullptr,
                                (int64_t)x.size(), intervals_of<T>(careful_value),
                                intervals_of<T>(careful_derivative), again<T>, isa, threads, single};
  require(!single || (call.careful_value.empty() && call.careful_derivative.empty()), "the arithmetic of training has no careful path");
  const nb::gil_scoped_release nogil;
  evaluate(call);
}

// (value, derivative, bits); no derivative from a program that has none.
template <class T>
nb::tuple careful_array(const In<uint16_t, 2>& code, const In<double, 1>& constants, int n_registers, const In<T, 1>& x, int threads) {
  const OwnedProgram program = owned(code, constants, n_registers);
  const size_t n = x.shape(0);
  for (size_t i = 0; i < n; i++) require(std::isfinite(x.data()[i]), "x must be finite");
  bool has_derivative = false;
  for (const Instruction& q : program.code) has_derivative = has_derivative || q.d == 2 || (operations[q.op].destinations == 2 && q.e == 2);
  auto value = new_array<T>({n});
  auto bits = new_array<int32_t>({n});
  std::optional<Out<T>> derivative;
  if (has_derivative) derivative = new_array<T>({n});
  {
    const nb::gil_scoped_release nogil;
    careful_all(program.view(), x.data(), value.data(), derivative ? derivative->data() : nullptr, bits.data(), (int64_t)n, thread_count(threads));
  }
  return nb::make_tuple(value, derivative, bits);
}

// (value, derivative), each (n, 3): high part, low part, bound on the error of their sum. For tests.
Out<double> twofold_array(const In<uint16_t, 2>& code, const In<double, 1>& constants, int n_registers, const In<double, 1>& x,
                                             const std::string& isa) {
  const OwnedProgram program = owned(code, constants, n_registers);
  auto balls = new_array<double>({x.shape(0), 2, 3});
  if (!chosen_kernels(isa).twofold(program.view(), x.data(), balls.data(), (int64_t)x.shape(0))) throw std::bad_alloc();
  return balls;
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
  m.def("room_like", room_like<T>, nb::arg("x").noconvert()); \
  m.def("evaluate", evaluate_array<T>, nb::arg("code"), nb::arg("constants"), nb::arg("n_registers"), nb::arg("x").noconvert(), \
        nb::arg("value").noconvert().none(), nb::arg("derivative").noconvert().none(), nb::arg("careful_value") = nb::none(), \
        nb::arg("careful_derivative") = nb::none(), nb::arg("isa") = "", nb::arg("threads") = 0, \
        nb::arg("single") = false);
#define ACTLAB_CAREFUL(T) \
  m.def("careful", careful_array<T>, nb::arg("code"), nb::arg("constants"), nb::arg("n_registers"), nb::arg("x").noconvert(), nb::arg("threads") = 0);
  ACTLAB_EVALUATE(float) ACTLAB_EVALUATE(double)
  ACTLAB_CAREFUL(float) ACTLAB_CAREFUL(double)
  m.def("twofold", twofold_array, nb::arg("code"), nb::arg("constants"), nb::arg("n_registers"), nb::arg("x").noconvert(), nb::arg("isa") = "");
  bind_nets(m);
}
