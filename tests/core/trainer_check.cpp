// A stand-alone run of the engine, to be compiled with sanitizers: random specifications through every entrance.
// Arrays are allocated at their exact sizes, so that one number too far is met by the address sanitizer.
// Arguments: how many specifications, and the instruction set. Exits 1 where a result is not the same a second time;
// otherwise prints a checksum of all results, which must not depend on the instruction set (v2, which has no fused
// multiply-add, has its own).
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>

#include "../../core/engine.h"
#include "../../core/initialise.h"
#include "../../core/workers.h"

namespace actlab {

// Only the kernels that the test compiles, -DACTLAB_SETS='SET(v3) SET(v4)': in place of core/dispatch.cpp, which asks for all.
#define SET(isa) const Kernels* kernels_##isa();
ACTLAB_SETS
#undef SET
static std::string chosen;  // of this run
const Kernels& chosen_kernels(const std::string&) {
#define SET(isa) \
  if (chosen == #isa) return *kernels_##isa();
  ACTLAB_SETS
#undef SET
  throw std::invalid_argument("not compiled: " + chosen);
}

}  // namespace actlab

using namespace actlab;

namespace {

std::mt19937_64 chance(20240601);
int number(int low, int high) { return std::uniform_int_distribution<int>(low, high)(chance); }

// Every operation in turn, x and constants as operands; what programs a compiler would write does not matter here.
OwnedProgram program(int instructions, int learned = 0) {
  static const int operands[] = {
#define ACTLAB_OPERANDS(name, operands, destinations) operands,
      ACTLAB_OPS(ACTLAB_OPERANDS)
#undef ACTLAB_OPERANDS
  };
  OwnedProgram p;
  p.n_registers = number(3, 8);
  for (int k = learned + number(1, 4); k > 0; k--) p.constants.push_back(number(-30, 30) / 7.0);
  auto source = [&] {
    return (uint16_t)(number(0, 2) ? number(0, p.n_registers - 1) : first_constant + number(0, (int)p.constants.size() - 1));
  };
  // A register that was never written holds what another point left there: each gets x first.
  for (int r = 2; r < p.n_registers; r++) p.code.push_back({(uint16_t)Op::copy, (uint16_t)r, 0, 0, 0, 0});
  for (int k = 0; k < instructions; k++) {
    int op = number(0, (int)Op::count - 1);
    // These two leave open what they do with a NaN.
    if (op == (int)Op::min_const || op == (int)Op::max_const) op = (int)Op::sub;
    const auto d = (uint16_t)number(1, p.n_registers - 1);
    const uint16_t e = operands[op] == 4 ? source() : (uint16_t)number(1, p.n_registers - 1);
    p.code.push_back({(uint16_t)op, d, e, source(), source(), source()});
  }
  return p;
}

template <class T> std::unique_ptr<T[]> some(size_t size, double scale = 1) {
  std::unique_ptr<T[]> p(new T[size]);
  std::normal_distribution<double> normal;
  for (size_t i = 0; i < size; i++) p[i] = (T)(scale * normal(chance));
  return p;
}

// FNV-1a over the bits; all NaN count as one, for their sign and payload mean nothing.
uint64_t checksum = 14695981039346656037ull;
template <class T> void note(const T* p, size_t size) {
  for (size_t i = 0; i < size; i++) {
    const T x = p[i] == p[i] ? p[i] : T(12345);
    unsigned char bytes[sizeof(T)];
    memcpy(bytes, &x, sizeof x);
    for (unsigned char b : bytes) checksum = (checksum ^ b) * 1099511628211ull;
  }
}

template <class T> bool same_number(T a, T b) { return memcmp(&a, &b, sizeof a) == 0 || (a != a && b != b); }

template <class T> bool one_specification() {
  const int features = number(1, 9), hidden = number(0, 4), kinds = number(1, 3), same = number(0, 1) ? number(1, 9) : 0;
  const auto loss = (Loss)number(0, 2);
  const int steps = hidden && !number(0, 3) ? number(1, 6) : 0;
  std::vector<OwnedActivation> activations;
  for (int k = 0; k < kinds; k++) {
    const int learned = number(0, 2) ? 0 : number(1, 3);
    activations.push_back({program(number(0, 12), learned), program(number(0, 12), learned), number(0, 5) ? 0.7 : 0.0, {}});
    for (int p = 0; p < learned; p++) activations.back().by_learned.push_back(program(number(0, 12), learned));
  }
  const OwnedActivation phi = activations[0];
  std::vector<LayerChoice> choices;
  for (int k = 0; k < hidden; k++) {
    const int width = same ? same : number(0, 20) ? number(1, 17) : 100;  // 100: tiles in groups
    const bool skip = !steps && k > 0 && choices.back().units == width && number(0, 1);
    choices.push_back({width, number(0, kinds - 1), (Norm)(steps || number(0, 1) ? 0 : number(1, 2)), skip ? 1 : 0});
  }
  choices.push_back({loss == Loss::binary ? 1 : number(2, 6), -1, Norm::none, 0});
  Plan plan("", number(1, 3), Layout::nets, features, steps, choices, activations, loss);
  const Descent descent = {(Rule)number(0, 3), 0.9, 0.99, 1e-6, number(0, 1) * 0.01, number(0, 1) * 0.5, number(0, 1) == 1, number(0, 5)};
  const auto parameters = (size_t)plan.network.row, targets = (size_t)plan.network.targets, layers = choices.size(), columns = (size_t)plan.network.units[0];
  const auto nets = (size_t)number(0, 40), sets = (size_t)number(1, 3), n = (size_t)number(1, 80), m = (size_t)number(0, 20);
  const int batch = number(1, 90), epochs = number(0, 4), probe = number(1, (int)n);
  const double target = number(0, 1) ? 0.7 : std::nan("");
  const int64_t total = epochs * (((int64_t)n + batch - 1) / batch);

  std::vector<int64_t> told;
  for (int64_t s = 0; s <= total + 1; s += number(1, 5)) told.push_back(s);
  auto start = some<T>(nets * parameters), rates = some<T>(nets, number(0, 3) ? 0.3 : 1e30);
  auto X = some<T>(sets * n * columns), X2 = some<T>(sets * m * columns);
  auto y = some<T>(sets * n * targets), y2 = some<T>(sets * m * targets);
  auto classes = [&](T* targets_of, size_t size) {
    const int last = loss == Loss::binary ? 1 : choices.back().units - 1;
    for (size_t i = 0; loss != Loss::squares && i < size; i++) targets_of[i] = (T)number(0, last);
  };
  classes(y.get(), sets * n);
  classes(y2.get(), sets * m);
  std::unique_ptr<uint64_t[]> seeds(new uint64_t[nets]);
  std::unique_ptr<int64_t[]> which(new int64_t[nets]);
  std::unique_ptr<int32_t[]> rows(new int32_t[nets]);
  int32_t kept = 0;
  for (size_t i = 0; i < nets; i++) {
    seeds[i] = chance();
    which[i] = number(0, (int)sets - 1);
    rows[i] = number(0, 1) ? kept++ : -1;
  }
  const Sets<T> train_sets(X.get(), y.get(), (int64_t)sets, (int32_t)n, (int)columns, (int)targets);
  const Sets<T> validation_sets(X2.get(), y2.get(), (int64_t)sets, (int32_t)m, (int)columns, (int)targets);

  std::unique_ptr<T[]> first;
  for (int turn = 0; turn < 2; turn++) {
    std::unique_ptr<T[]> weights(new T[nets * parameters]), snapshots(new T[(size_t)kept * told.size() * parameters]);
    std::unique_ptr<double[]> curves(new double[nets * told.size() * curve_count]);
    std::unique_ptr<double[]> traces(new double[nets * told.size() * layers * trace_count]);
    const size_t a_checkpoint = (layers - 1) * (size_t)steps;
    std::unique_ptr<double[]> through_time(new double[nets * told.size() * a_checkpoint]);
    std::unique_ptr<bool[]> completed(new bool[nets]()), diverged(new bool[nets]());
    std::unique_ptr<int64_t[]> made(new int64_t[nets]);
    const TrainCall<T> call = {plan, descent, (int64_t)nets, start.get(), weights.get(), rates.get(), seeds.get(), which.get(), train_sets, validation_sets,
                               batch, epochs, probe, target, told, curves.get(), traces.get(), through_time.get(), snapshots.get(), rows.get(),
                               made.get(), diverged.get(), completed.get(), [](double) { return true; }};
    train(call);
    for (size_t i = 0; i < nets; i++)
      if (!completed[i]) return false;
    std::unique_ptr<double[]> scores(new double[nets * score_count]);
    score(plan, (int64_t)nets, weights.get(), which.get(), train_sets, scores.get());
    for (size_t i = 0; first && i < nets * parameters; i++)
      if (!same_number(first[i], weights[i])) return false;
    note(weights.get(), nets * parameters);
    note(scores.get(), nets * score_count);
    for (size_t i = 0; i < nets; i++) note(&made[i], 1);
    // The step after the last is asked for and never comes: its place stays as it was.
    for (size_t i = 0; i < nets; i++) {
      const size_t met = (size_t)(std::upper_bound(told.begin(), told.end(), total) - told.begin());
      note(curves.get() + i * told.size() * curve_count, met * curve_count);
      note(traces.get() + i * told.size() * layers * trace_count, met * layers * trace_count);
      note(through_time.get() + i * told.size() * a_checkpoint, met * a_checkpoint);
    }
    first = std::move(weights);
    // And once more: one after the other, with the other layout.
    plan.threads = 1;
    plan.layout = Layout::units;
  }

  const auto points = (size_t)number(0, number(0, 20) ? 300 : 100000);  // some are many enough for two threads
  auto x = some<T>(points, 20);
  std::unique_ptr<T[]> value(new T[points]), slope(new T[points]);
  for (bool single : {false, true}) {
    evaluate<T>({phi.value_and_derivative.view(), x.get(), value.get(), slope.get(), (int64_t)points, {}, {}, nullptr, "", 2, single});
    note(value.get(), points);
    note(slope.get(), points);
  }
  evaluate<T>({phi.value.view(), x.get(), x.get(), nullptr, (int64_t)points, {}, {}, nullptr, "", 2, false});  // in place
  std::unique_ptr<double[]> draws(new double[points]);
  standard_normal(chance(), (uint32_t)number(0, 5), (int64_t)points, draws.get());
  std::unique_ptr<int32_t[]> order(new int32_t[n * (size_t)epochs]);
  chosen_kernels("").shuffle(chance(), (int32_t)n, epochs, order.get());
  return true;
}

bool errors_come_through() {
  for (int threads : {1, 3})
    for (bool in_pulse : {false, true}) {
      bool caught = false;
      std::atomic<bool> stop{false};
      try {
        run_pieces(
            50, threads,
            [&](int64_t piece) {
              if (!in_pulse && piece == 7) throw std::runtime_error("work");
              while (in_pulse && !stop) std::this_thread::yield();
            },
            [&] {
              stop = true;
              if (in_pulse) throw std::runtime_error("pulse");
            });
      } catch (const std::runtime_error&) {
        caught = true;
      }
      if (!caught) return false;
    }
  return true;
}

}  // namespace

int main(int, char** arguments) {
  chosen = arguments[2];
  for (int k = atoi(arguments[1]); k > 0; k--)
    if (!one_specification<float>() || !one_specification<double>()) {
      fprintf(stderr, "specification %d gave another result\n", k);
      return 1;
    }
  if (!errors_come_through()) {
    fprintf(stderr, "an exception was lost\n");
    return 1;
  }
  printf("%016llx\n", (unsigned long long)checksum);
  return 0;
}
