#include "careful.h"

#include <memory>

#include "../workers.h"
#include "machine.h"

namespace actlab {
namespace wide {
namespace {

// Rounds a ball to T; false where its error leaves two answers.
template <class T, int N> bool settle(const Ball<N>& ball, T& result) {
  using L = std::numeric_limits<T>;
  result = rounded<T>(ball.value);
  if (ball.is_exact()) return true;
  if (ball.value.is_nan() || ball.radius.is_infinite()) return ball.value.is_nan();
  const Wide<N> low = ball.low(), high = ball.high();
  const T below = rounded<T>(low), above = rounded<T>(high);
  if (std::signbit(below) != std::signbit(above)) return false;
  if (below == above) return true;
  // A unit of T at this size, and whether the doubt is but a trifle of it: then the truth is taken for half way.
  const int64_t exponent = std::max<int64_t>(ball.value.exponent, L::min_exponent) - L::digits;
  if (!(ball.radius < Radius::power_of_two(exponent - 64))) return false;
  const T small = std::signbit(below) ? above : below, large = std::signbit(below) ? below : above;
  if (std::isinf(large)) {
    result = large;  // the half way to infinity goes there
    return true;
  }
  const T unit = std::fabs(large - small);
  result = std::fmod(std::fabs(small) / unit, T(2)) == 0 ? small : large;
  return true;
}

// One precision; false asks for the next.
template <class T, int N> bool attempt(const Program& program, T x, T* value, T* derivative, bool last) {
  constexpr int room = N <= 4 ? first_constant : 1;
  Ball<N> few[room];
  std::unique_ptr<Ball<N>[]> many;
  Ball<N>* registers = few;
  if (N > 4) {
    many = std::make_unique_for_overwrite<Ball<N>[]>((size_t)program.n_registers);
    registers = many.get();
  }
  WideMachine<N> machine(program, registers, last);
  bool settled = machine.step_all((double)x);
  if (!settled && !last) return false;
  T found;
  if (value) {
    settled &= settle(machine.value(), found) && !(found != found && machine.saturated());
    *value = found;
  }
  if (derivative) {
    settled &= settle(machine.derivative(), found) && !(found != found && machine.saturated());
    *derivative = found;
  }
  return settled;
}

template <class T> int run(const Program& program, T x, T* value, T* derivative) {
  if (attempt<T, 2>(program, x, value, derivative, false)) return 128;
  if (attempt<T, 4>(program, x, value, derivative, false)) return 256;
  if (attempt<T, 8>(program, x, value, derivative, false)) return 512;
  if (attempt<T, 16>(program, x, value, derivative, false)) return 1024;
  if (attempt<T, 32>(program, x, value, derivative, false)) return 2048;
  return attempt<T, 64>(program, x, value, derivative, true) ? 4096 : 0;
}

}  // namespace
}  // namespace wide

int careful(const Program& program, float x, float* value, float* derivative) { return wide::run(program, x, value, derivative); }
int careful(const Program& program, double x, double* value, double* derivative) { return wide::run(program, x, value, derivative); }

template <class T> void careful_all(const Program& program, const T* x, T* value, T* derivative, int32_t* bits, int64_t n, int threads) {
  constexpr int64_t piece_size = 256;  // some hundred microseconds
  const auto part = [&](int64_t first, int64_t count) {
    for (int64_t i = first; i < first + count; i++) {
      const int needed = careful(program, x[i], value ? value + i : nullptr, derivative ? derivative + i : nullptr);
      if (bits) bits[i] = needed;
    }
  };
  if (n <= piece_size || threads == 1) return part(0, n);
  share_pieces((n + piece_size - 1) / piece_size, threads,
               [&](int64_t piece) { part(piece * piece_size, std::min(piece_size, n - piece * piece_size)); });
}

template void careful_all(const Program&, const float*, float*, float*, int32_t*, int64_t, int);
template void careful_all(const Program&, const double*, double*, double*, int32_t*, int64_t, int);

}  // namespace actlab
