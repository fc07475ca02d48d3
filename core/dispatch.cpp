#include "dispatch.h"

#include <stdexcept>

namespace actlab {

static std::vector<const Kernels*> find_kernels() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  std::vector<const Kernels*> list;
#if defined(ACTLAB_HAS_v2)
  if (__builtin_cpu_supports("sse4.2")) list.push_back(kernels_v2());
#endif
#if defined(ACTLAB_HAS_v3)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2")) list.push_back(kernels_v3());
#endif
#if defined(ACTLAB_HAS_v4)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512cd"))
    list.push_back(kernels_v4());
#endif
  return list;
#else
  return {kernels_portable()};
#endif
}

const std::vector<const Kernels*>& available_kernels() {
  static const auto list = find_kernels();
  return list;
}

const Kernels& chosen_kernels(const std::string& name) {
  const auto& list = available_kernels();
  if (list.empty()) throw std::invalid_argument("this processor lacks SSE4.2, which the slowest build of the core needs");
  if (name.empty()) return *list.back();
  for (const Kernels* k : list)
    if (name == k->name) return *k;
  throw std::invalid_argument("no such instruction set here: " + name);
}

}  // namespace actlab
