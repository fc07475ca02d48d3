// What is wanted soon, fetched while there is other work.
//
// The products of wide layers run at the processor's full speed on what lies in its caches. But between two uses of a
// layer's weights all other layers go by: where a net is larger than the cache they come from far away, in an order that no
// processor foresees. So a product may have a list of what is touched after each panel, and fetches a line a column.
#pragma once
#include "../simd.h"

namespace actlab::ACTLAB_ISA {

class Fetch {
 public:
  // `step` bytes from one line to the next.
  struct Lines {
    const char* from;
    int64_t step, count;
    ACTLAB_INLINE_MEMBER void fetch_one() {
      __builtin_prefetch(from);
      from += step;
    }
  };

  void add(const void* from, int64_t bytes) { add({(const char*)from, line, (bytes + line - 1) / line}); }
  // So many bytes of each of so many rows, `stride` bytes apart.
  void add_rows(const void* from, int64_t stride, int64_t rows, int64_t bytes) {
    for (int64_t at = 0; at < bytes; at += line) add({(const char*)from + at, stride, rows});
  }

  // The next `count` lines, or what follows where there are fewer. In the end one that is near, again and again.
  Lines take(int64_t count) {
    if (at_ == size_) return {(const char*)list_, 0, 0};
    Lines& rest = list_[at_];
    const Lines taken = rest;
    rest.from += count * rest.step;
    rest.count -= count;
    if (rest.count <= 0) at_++;
    return taken;
  }

 private:
  static constexpr int64_t line = 64;  // bytes
  static constexpr int most = 32;      // runs of lines; what is beyond is not fetched
  void add(Lines lines) {
    if (size_ < most) list_[size_++] = lines;
  }

  Lines list_[most];
  int size_ = 0, at_ = 0;
};

// The list of a product that has none.
struct NoFetch {
  struct Lines {
    void fetch_one() {}
  };
  Lines take(int64_t) { return {}; }
};

}  // namespace actlab::ACTLAB_ISA
