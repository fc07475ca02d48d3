// Memory for large results. Fresh pages cost more than most functions: the kernel clears each one when it is first
// touched. So pages are huge, and the last few blocks that were let go are used again. Meanwhile they are the kernel's
// for the asking (MADV_FREE): it takes them back where memory is short, and nothing else is ever done with them.
#pragma once
#include <cstddef>
#include <cstdint>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace actlab {

constexpr size_t large_result = size_t(1) << 22;  // below, the ordinary allocator does as well

#ifdef __linux__

// Not safe for threads: every call is made under the interpreter's lock, which fork() respects too.
class Reserve {
 public:
  // At least so many bytes, whatever stands in them; null where the system gives none. Give them back with give().
  void* take(size_t bytes) {
    const size_t size = rounded(bytes);
    for (Block& block : kept_) {
      if (block.size != size) continue;
      void* p = block.p;
      block = {};
      return p;
    }
    void* whole = mmap(nullptr, size + huge, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (whole == MAP_FAILED) return nullptr;
    // Cut to the border of a huge page, so that every page can be one.
    char *from = (char*)whole, *p = (char*)(((uintptr_t)from + huge - 1) / huge * huge);
    if (p > from) munmap(from, (size_t)(p - from));
    if (p < from + huge) munmap(p + size, (size_t)(from + huge - p));
    madvise(p, size, MADV_HUGEPAGE);
    return p;
  }

  void give(void* p, size_t bytes) {
    const size_t size = rounded(bytes);
    if (madvise(p, size, MADV_FREE) != 0) {  // an old kernel: then it is not ours to keep
      munmap(p, size);
      return;
    }
    Block& oldest = kept_[next_];
    next_ = (next_ + 1) % blocks;
    if (oldest.p) munmap(oldest.p, oldest.size);
    oldest = {p, size};
  }

 private:
  static constexpr size_t huge = size_t(1) << 21;
  static constexpr int blocks = 4;  // value and derivative, of this call and the one before
  struct Block {
    void* p = nullptr;
    size_t size = 0;
  };
  static size_t rounded(size_t bytes) { return (bytes + huge - 1) / huge * huge; }
  Block kept_[blocks];
  int next_ = 0;
};

#endif

}  // namespace actlab
