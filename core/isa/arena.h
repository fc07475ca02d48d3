// Memory for a block of nets: one aligned allocation, handed out in runs of vectors and freed at once.
#pragma once
#include <cstdlib>
#ifdef __linux__
#include <sys/mman.h>
#endif

#include "simd.h"

namespace actlab::ACTLAB_ISA {

#ifdef MADV_HUGEPAGE
constexpr int64_t large_page = 1 << 21;

// A large piece of memory that begins at a large page, cleared by the system; null where it has none.
inline char* map_large(int64_t size) {
  void* whole = mmap(nullptr, (size_t)(size + large_page), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (whole == MAP_FAILED) return nullptr;
  char *from = (char*)whole, *p = (char*)(((uintptr_t)from + large_page - 1) / large_page * large_page);
  if (p > from) munmap(from, (size_t)(p - from));
  if (p < from + large_page) munmap(p + size, (size_t)(from + large_page - p));
  madvise(p, (size_t)size, MADV_HUGEPAGE);
  return p;
}

// What the last arena of this thread left behind. The next block of nets is as large: clearing fresh pages for it would
// take as long as a few steps of training.
struct LeftBehind {
  char* memory = nullptr;
  int64_t size = 0;
  void let_go() {
    if (memory) munmap(memory, (size_t)size);
    memory = nullptr;
  }
  ~LeftBehind() { let_go(); }
};
inline thread_local LeftBehind left_behind;
#endif

// `cleared`: all of it is 0; otherwise anything may stand in it.
template <class V> class Arena {
 public:
  explicit Arena(int64_t vectors, bool cleared = true) : size_(vectors * (int64_t)sizeof(V)) {
#ifdef MADV_HUGEPAGE
    // Wide nets walk through far more pages than a processor has translations for: large pages where there are any.
    if (size_ >= 4 * large_page) {
      mapped_ = (size_ + large_page - 1) / large_page * large_page;
      if (left_behind.memory && left_behind.size == mapped_) {
        memory_ = left_behind.memory;
        left_behind.memory = nullptr;
        if (cleared) memset(memory_, 0, (size_t)size_);
      } else {
        left_behind.let_go();
        memory_ = map_large(mapped_);
      }
      return;
    }
#endif
    constexpr int64_t page = 4096;
    const int64_t whole = (size_ + page - 1) / page * page;
    memory_ = (char*)aligned_alloc((size_t)page, (size_t)whole);
    if (memory_ && cleared) memset(memory_, 0, (size_t)size_);
  }
  ~Arena() {
#ifdef MADV_HUGEPAGE
    if (mapped_) {
      left_behind.let_go();
      left_behind.memory = memory_;
      left_behind.size = mapped_;
      return;
    }
#endif
    free(memory_);
  }
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  explicit operator bool() const { return memory_ != nullptr; }
  V* take(int64_t vectors) {
    V* p = (V*)(memory_ + used_);
    used_ += vectors * (int64_t)sizeof(V);
    return p;
  }

 private:
  char* memory_ = nullptr;
  int64_t size_, mapped_ = 0, used_ = 0;
};

}  // namespace actlab::ACTLAB_ISA
