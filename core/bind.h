// What the files of the binding share: array types, checks, programs.
#pragma once
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <optional>
#include <stdexcept>
#include <tuple>

#include "engine.h"
#include "memory.h"

namespace nb = nanobind;

template <class T, int N> using In = nb::ndarray<const T, nb::ndim<N>, nb::c_contig, nb::device::cpu>;
template <class T> using Out = nb::ndarray<nb::numpy, T>;
using ProgramTuple = std::tuple<In<uint16_t, 2>, In<double, 1>, int>;

// With anything in it, of large pages that are used again; none where the system has no such memory.
template <class T> std::optional<Out<T>> large_array(const std::vector<size_t>& shape) {
#ifdef __linux__
  static actlab::Reserve* const reserve = new actlab::Reserve;  // at the end of a process arrays may outlive what is destroyed in order
  size_t bytes = sizeof(T);
  for (size_t s : shape) bytes *= s;
  void* p = reserve->take(bytes);
  if (!p) return std::nullopt;
  struct Held {
    void* p;
    size_t bytes;
  };
  nb::capsule owner(new Held{p, bytes}, [](void* held) noexcept {
    reserve->give(static_cast<Held*>(held)->p, static_cast<Held*>(held)->bytes);
    delete static_cast<Held*>(held);
  });
  return Out<T>(static_cast<T*>(p), shape.size(), shape.data(), owner);
#else
  (void)shape;
  return std::nullopt;
#endif
}

template <class T> Out<T> new_array(std::vector<size_t> shape) {
  size_t size = 1;
  for (size_t s : shape) size *= s;
  T* data = new T[size ? size : 1]();
  nb::capsule owner(data, [](void* p) noexcept { delete[] static_cast<T*>(p); });
  return Out<T>(data, shape.size(), shape.data(), owner);
}

// The same for who fills all of it: anything may stand in it.
template <class T> Out<T> array_to_fill(const std::vector<size_t>& shape) {
  size_t bytes = sizeof(T);
  for (size_t s : shape) bytes *= s;
  if (bytes >= actlab::large_result)
    if (auto large = large_array<T>(shape)) return *large;
  return new_array<T>(shape);
}

// The places of a shuffle are counted in 32 bits, for all lanes (at most 16) together.
constexpr int64_t most_points = (1 << 28) - 1;

inline void require(bool condition, const char* what) {
  if (!condition) throw std::invalid_argument(what);
}

actlab::OwnedProgram owned(const In<uint16_t, 2>& code, const In<double, 1>& constants, int n_registers);

void bind_nets(nb::module_& m);
