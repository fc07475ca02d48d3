// Memory for a block of nets: one aligned allocation, handed out in runs of vectors and freed at once.
#pragma once
#include <cstdlib>
#ifdef __linux__
#include <sys/mman.h>
#endif

#include "simd.h"

namespace actlab::ACTLAB_ISA {

template <class V> class Arena {
 public:
  explicit Arena(int64_t vectors) : size_(vectors * (int64_t)sizeof(V)) {
    // Wide nets walk through far more pages than a processor has translations for: large pages where there are any.
    constexpr int64_t page = 4096, large_page = 1 << 21;
    const int64_t unit = size_ < 4 * large_page ? page : large_page, whole = (size_ + unit - 1) / unit * unit;
    memory_ = (char*)aligned_alloc((size_t)unit, (size_t)whole);
    if (!memory_) return;
#ifdef MADV_HUGEPAGE
    if (unit == large_page) madvise(memory_, (size_t)whole, MADV_HUGEPAGE);
#endif
    memset(memory_, 0, (size_t)size_);
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
