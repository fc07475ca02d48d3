// Programs over arrays.
#pragma once
#include "lanes.h"

namespace actlab::ACTLAB_ISA {

// In: numbers of type In, computed in V's type, rounded once on the way out. NaN in, NaN out.
template <class V, class In> bool evaluate(const Program& program, const In* x, In* value, In* derivative, int64_t n) {
  using T = scalar_t<V>;
  constexpr int64_t run = (int64_t)chunk * simd<T>::lanes;
  Arena<V> arena(Machine<V>::scratch(program) + 2 * chunk);
  if (!arena) return false;
  V *z = arena.take(chunk), *d = arena.take(chunk);
  const Machine<V> machine(program, arena.take(Machine<V>::scratch(program)));
  T* in = (T*)z;
  const T* slope = (const T*)d;
  for (int64_t first = 0; first < n; first += run) {
    const int64_t count = n - first < run ? n - first : run;
    for (int64_t i = 0; i < count; i++) in[i] = (T)x[first + i];
    for (int64_t i = count; i < run; i++) in[i] = in[0];  // whole vectors always: results do not depend on the length
    machine.run(z, d, chunk);
    if (value)
      for (int64_t i = 0; i < count; i++) value[first + i] = x[first + i] != x[first + i] ? x[first + i] : (In)in[i];
    if (derivative)
      for (int64_t i = 0; i < count; i++) derivative[first + i] = x[first + i] != x[first + i] ? x[first + i] : (In)slope[i];
  }
  return true;
}

}  // namespace actlab::ACTLAB_ISA
