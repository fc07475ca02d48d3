// Memory for a block of nets: one aligned allocation, handed out in runs of vectors and freed at once.
#pragma once
#include <cstdlib>

#include "simd.h"

namespace actlab::ACTLAB_ISA {

template <class V> class Arena {
 public:
  explicit Arena(int64_t vectors) : size_(vectors * (int64_t)sizeof(V)) {
    memory_ = (char*)aligned_alloc(4096, (size_t)((size_ + 4095) / 4096 * 4096));
    if (memory_) memset(memory_, 0, (size_t)size_);
  }
  ~Arena() { free(memory_); }
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  explicit operator bool() const { return memory_ != nullptr; }
  V* take(int64_t vectors) {
    V* p = (V*)(memory_ + used_);
    used_ += vectors * (int64_t)sizeof(V);
    return p;
  }

 private:
  char* memory_;
  int64_t size_, used_ = 0;
};

}  // namespace actlab::ACTLAB_ISA
