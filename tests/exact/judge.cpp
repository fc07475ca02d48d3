// How far results are from the exact values of a plain tree and of the tree of its derivative, in units of the last place.
//
// Every input is evaluated in double (float results only), and where the bound is too wide to tell, in long double, then
// in IEEE quadruple; what even that cannot tell is handed back to mpmath (judge.py). One unit of the last place is the
// distance of neighbouring float or double numbers at the exact value; below the normal range it stays that of the
// smallest one. ∞ counts as 2^128 (2^1024), and is exact beyond.
#include <atomic>
#include <climits>
#include <cstring>
#include <memory>
#include <mutex>
#include <thread>

#include "tree.h"

namespace judge {

constexpr int TIERS = 3;

template <class F> struct Target;
template <> struct Target<float> {
  using Bits = uint32_t;
  static constexpr int precision = 24, lowest = -149, highest = 128;
};
template <> struct Target<double> {
  using Bits = uint64_t;
  static constexpr int precision = 53, lowest = -1074, highest = 1024;
};

inline double scaled(double v, int n) { return ::scalbn(v, n); }
inline long double scaled(long double v, int n) { return ::scalbnl(v, n); }
inline int exponent(double v) { return ::ilogb(v); }
inline int exponent(long double v) { return ::ilogbl(v); }
#if __LDBL_MANT_DIG__ != 113
inline Quad scaled(Quad v, int n) { return ::scalbnf128(v, n); }
inline int exponent(Quad v) { return ::ilogbf128(v); }
#endif

// What is known of the value or of the derivative. Places are indices into x. The layout is that of `_Tally` in judge.py.
struct Tally {
  double worst = 0, doubt = 0;  // in units of the last place; `doubt` is how wrong `worst` may be
  int64_t worst_at = -1;
  int64_t decided[TIERS] = {};
  int64_t not_nearest = 0;  // results beyond doubt farther than half a unit
  int64_t wrong_sign = 0, wrong_sign_at = -1;  // zeros with the sign that the exact value does not have
  int64_t not_nan = 0;  // results that are a number though x is NaN

  void add(const Tally& other) {
    if (other.worst_at >= 0 && (worst_at < 0 || other.worst > worst)) {
      worst = other.worst, doubt = other.doubt, worst_at = other.worst_at;
    }
    for (int k = 0; k < TIERS; k++) decided[k] += other.decided[k];
    not_nearest += other.not_nearest;
    wrong_sign += other.wrong_sign;
    if (other.wrong_sign_at >= 0) wrong_sign_at = other.wrong_sign_at;
    not_nan += other.not_nan;
  }
};

struct Verdict {
  double distance, doubt;  // doubt = ∞: the bound says nothing
  bool wrong_sign;
};

template <class F, class T> Verdict judge_one(F ours, T exact, T bound) {
  using K = Target<F>;
  constexpr double inf = __builtin_inf();
  if (!(exact == exact) || !(bound < (T)inf)) return {0, inf, false};
  const T size = exact < 0 ? -exact : exact, least = size - bound;
  const bool negative = exact < 0, known_sign = least > 0;
  const bool wrong = ours == 0 && known_sign && std::signbit(ours) != negative;
  if (ours != ours) return {inf, 0, false};
  int unit = K::lowest;
  if (least > 0) unit = std::max(K::lowest, (least > Real<T>::huge ? INT_MAX / 2 : exponent(least)) - K::precision + 1);
  unit = std::min(unit, K::highest - K::precision);
  const T top = scaled((T)1, K::highest);
  const T doubt = least >= top ? (T)0 : scaled(bound, -unit);
  T distance;
  if (std::isinf(ours)) {
    const T missing = (ours < 0) == negative ? top - size : top + size;
    distance = missing > 0 ? missing : (T)0;
  } else {
    distance = (T)ours > exact ? (T)ours - exact : exact - (T)ours;
  }
  return {(double)scaled(distance, -unit), (double)doubt, wrong};
}

struct Job {
  const Node* nodes;
  int count, roots[2];
  int64_t n;
  const void *x, *ours[2];
  double tolerance;
  int first, last;  // tiers
  double* distances[2];
  int64_t* undecided;  // 2 index + (0 value, 1 derivative)
  int64_t room;
};

template <class F> class Worker {
 public:
  explicit Worker(const Job& job) : job_(job) {
    if (job.first == 0) first_ = std::make_unique<Tree<double>>(job.nodes, job.count);
  }

  Tally tallies[2];
  std::vector<int64_t> left;

  void run(int64_t begin, int64_t end) {
    if (first_) {
      for (int64_t at = begin; at < end; at += Tree<double>::WIDTH) {
        fast_block(at, (int)std::min<int64_t>(Tree<double>::WIDTH, end - at));
      }
    } else {
      for (int64_t i = begin; i < end; i++) {
        if (check_nan(i)) waiting_.push_back({i, wanted()});
      }
    }
    climb(second_, 1);
#if __LDBL_MANT_DIG__ != 113
    climb(third_, 2);
#endif
    for (const Waiting& w : waiting_) {
      for (int k = 0; k < 2; k++) {
        if (w.which >> k & 1) left.push_back(2 * w.index + k);
      }
    }
    waiting_.clear();
  }

 private:
  struct Waiting {
    int64_t index;
    int which;  // bit 0 the value, bit 1 the derivative
  };
  const Job& job_;
  std::unique_ptr<Tree<double>> first_;
  std::unique_ptr<Tree<long double>> second_;
#if __LDBL_MANT_DIG__ != 113
  std::unique_ptr<Tree<Quad>> third_;
#endif
  std::vector<Waiting> waiting_;

  F x(int64_t i) const { return static_cast<const F*>(job_.x)[i]; }
  F ours(int k, int64_t i) const { return static_cast<const F*>(job_.ours[k])[i]; }
  int wanted() const { return (job_.ours[0] != nullptr) | (job_.ours[1] != nullptr) << 1; }

  // Whether x is a finite number; where it is NaN the results must be. ±∞ is judged elsewhere.
  bool check_nan(int64_t i) {
    if (std::isfinite(x(i))) return true;
    for (int k = 0; k < 2; k++) {
      if (job_.ours[k] != nullptr && std::isnan(x(i)) && !std::isnan(ours(k, i))) tallies[k].not_nan++;
    }
    return false;
  }

  void note(int k, int tier, int64_t index, const Verdict& verdict) {
    Tally& tally = tallies[k];
    tally.decided[tier]++;
    if (job_.distances[k] != nullptr) job_.distances[k][index] = verdict.distance;
    if (verdict.distance - verdict.doubt > .5) tally.not_nearest++;
    if (verdict.wrong_sign) tally.wrong_sign++, tally.wrong_sign_at = index;
    if (tally.worst_at < 0 || verdict.distance > tally.worst) {
      tally.worst = verdict.distance, tally.doubt = verdict.doubt, tally.worst_at = index;
    }
  }

  template <class T> void climb(std::unique_ptr<Tree<T>>& tree, int tier) {
    constexpr int width = Tree<T>::WIDTH;
    if (tier < job_.first || tier > job_.last || waiting_.empty()) return;
    if (!tree) tree = std::make_unique<Tree<T>>(job_.nodes, job_.count);
    std::vector<Waiting> still;
    for (size_t at = 0; at < waiting_.size(); at += width) {
      const int many = (int)std::min<size_t>(width, waiting_.size() - at);
      T xs[width] = {};
      for (int i = 0; i < many; i++) xs[i] = (T)x(waiting_[at + i].index);
      tree->run(xs);
      for (int i = 0; i < many; i++) {
        Waiting w = waiting_[at + i];
        for (int k = 0; k < 2; k++) {
          if (!(w.which >> k & 1)) continue;
          const int root = job_.roots[k];
          const Verdict verdict = judge_one(ours(k, w.index), tree->value(root)[i], tree->error(root)[i]);
          if (!(verdict.doubt <= job_.tolerance)) continue;
          note(k, tier, w.index, verdict);
          w.which &= ~(1 << k);
        }
        if (w.which != 0) still.push_back(w);
      }
    }
    waiting_.swap(still);
  }

  // In double, for float results: the same as judge_one in a form that the compiler turns into vector instructions.
  void fast_block(int64_t at, int many) {
    constexpr int width = Tree<double>::WIDTH;
    double xs[width] = {};
    bool whole = true;
    for (int i = 0; i < many; i++) {
      const F v = x(at + i);
      const bool finite = std::fabs(v) <= std::numeric_limits<F>::max();
      xs[i] = finite ? (double)v : 0.0;
      whole &= finite;
    }
    uint8_t skipped[width] = {};
    if (!whole) {
      for (int i = 0; i < many; i++) skipped[i] = !check_nan(at + i);
    }
    first_->run(xs);
    uint8_t open[width] = {};
    bool any = false;
    for (int k = 0; k < 2; k++) {
      if (job_.ours[k] == nullptr) continue;
      const double *v = first_->value(job_.roots[k]), *e = first_->error(job_.roots[k]);
      const F* o = static_cast<const F*>(job_.ours[k]) + at;
      double distance[width], doubt[width];
      int64_t largest = 0;
      int unclear = 0, halves = 0, signs = 0;
      measure(o, v, e, many, distance, doubt);
      for (int i = many; i < width; i++) distance[i] = doubt[i] = 0;
      if (!whole) {
        for (int i = 0; i < many; i++) {
          if (skipped[i]) distance[i] = doubt[i] = 0;
        }
      }
      for (int i = 0; i < width; i++) {
        int64_t bits;
        std::memcpy(&bits, &distance[i], 8);
        const bool clear = doubt[i] <= job_.tolerance;
        unclear += !clear;
        halves += clear && distance[i] - doubt[i] > .5;
        bits = clear ? bits : 0;  // distances are not negative: their bits are in their order
        largest = bits > largest ? bits : largest;
      }
      for (int i = 0; i < many; i++) signs += o[i] == 0 && std::fabs(v[i]) > e[i] && std::signbit(o[i]) != (v[i] < 0);
      if (job_.distances[k] != nullptr) std::copy_n(distance, many, job_.distances[k] + at);
      Tally& tally = tallies[k];
      double top;
      std::memcpy(&top, &largest, 8);
      int judged = many;
      for (int i = 0; i < many; i++) judged -= skipped[i];
      tally.decided[0] += judged - unclear;
      tally.not_nearest += halves;
      if (unclear > 0) {
        any = true;
        for (int i = 0; i < many; i++) open[i] |= (uint8_t)(!(doubt[i] <= job_.tolerance) << k);
      }
      if (top > tally.worst || tally.worst_at < 0) {
        for (int i = 0; i < many; i++) {
          if (doubt[i] <= job_.tolerance && !skipped[i] && (distance[i] > tally.worst || tally.worst_at < 0)) {
            tally.worst = distance[i], tally.doubt = doubt[i], tally.worst_at = at + i;
          }
        }
      }
      if (signs > 0) {
        for (int i = 0; i < many; i++) {
          if (skipped[i] || !(o[i] == 0 && std::fabs(v[i]) > e[i] && std::signbit(o[i]) != (v[i] < 0))) continue;
          tally.wrong_sign++, tally.wrong_sign_at = at + i;
        }
      }
    }
    if (any) {
      for (int i = 0; i < many; i++) {
        if (open[i] != 0) waiting_.push_back({at + i, open[i]});
      }
    }
  }

  static void measure(const F* o, const double* v, const double* e, int many, double* distance, double* doubt) {
    using K = Target<F>;
    constexpr double inf = __builtin_inf();
    for (int i = 0; i < many; i++) {
      const double size = std::fabs(v[i]), least = size - e[i];
      const double smallest = std::ldexp(1.0, K::lowest + K::precision - 1), top = std::ldexp(1.0, K::highest);
      double base = least > smallest ? least : smallest;
      base = base < top / 2 ? base : top / 2;
      uint64_t bits;
      std::memcpy(&bits, &base, 8);
      // The reciprocal of the unit at `base`, 2^(precision − 1 − exponent), put together from its bits.
      bits = (uint64_t)(2046 + K::precision - 1) * (1ull << 52) - (bits & 0x7ff0000000000000ull);
      double per_unit;
      std::memcpy(&per_unit, &bits, 8);
      const double ours = (double)o[i], gap = std::fabs(ours - v[i]);
      const double beyond = (ours < 0) == (v[i] < 0) ? top - size : top + size;
      double d = std::fabs(ours) == inf ? (beyond > 0 ? beyond : 0.0) : gap;
      d = (d == d ? d : inf) * per_unit;
      distance[i] = d;
      const double unsure = least >= top ? 0.0 : e[i] * per_unit;
      doubt[i] = v[i] == v[i] ? unsure : inf;
    }
  }
};

template <class F> int64_t run(const Job& job, int threads, Tally* tallies) {
  constexpr int64_t piece = 1 << 14;
  std::atomic<int64_t> next{0}, open{0};
  std::mutex mutex;
  auto body = [&] {
    Worker<F> worker(job);
    for (int64_t at; (at = next.fetch_add(piece)) < job.n;) {
      worker.run(at, std::min(at + piece, job.n));
      for (const int64_t place : worker.left) {
        const int64_t slot = open.fetch_add(1);
        if (slot < job.room) job.undecided[slot] = place;
      }
      worker.left.clear();
    }
    const std::lock_guard<std::mutex> lock(mutex);
    for (int k = 0; k < 2; k++) tallies[k].add(worker.tallies[k]);
  };
  std::vector<std::thread> others;
  for (int t = 1; t < threads; t++) others.emplace_back(body);
  body();
  for (std::thread& other : others) other.join();
  return open;
}

// A value as three doubles that add up to m, 1/2 ≤ |m| < 1 or 0, and an exponent.
template <class T> void unpack(T v, double* parts, int64_t* power) {
  const bool usable = v == v && (v < 0 ? -v : v) < (T)__builtin_inf();
  *power = usable && v != 0 ? exponent(v) + 1 : 0;
  T rest = usable && v != 0 ? scaled(v, -(int)*power) : v;
  for (int k = 0; k < 3; k++) {
    parts[k] = (double)rest;
    rest = usable ? rest - (T)parts[k] : (T)0;
  }
}

template <class T> void evaluate(const Node* nodes, int count, int root, const double* x, int64_t n, double* parts,
                                 int64_t* powers) {
  Tree<T> tree(nodes, count);
  constexpr int width = Tree<T>::WIDTH;
  for (int64_t at = 0; at < n; at += width) {
    const int many = (int)std::min<int64_t>(width, n - at);
    T xs[width] = {};
    for (int i = 0; i < many; i++) xs[i] = (T)x[at + i];
    tree.run(xs);
    for (int i = 0; i < many; i++) {
      unpack(tree.value(root)[i], parts + 6 * (at + i), powers + 2 * (at + i));
      unpack(tree.error(root)[i], parts + 6 * (at + i) + 3, powers + 2 * (at + i) + 1);
    }
  }
}

}  // namespace judge

extern "C" {

// Judges ours[0] (values) and ours[1] (derivatives), either may be null, of `wide ? double : float` at x; adds to
// tallies[2] and returns how many are undecided, of which the first `room` are written.
int64_t judge_run(const judge::Node* nodes, int count, const int* roots, int wide, const void* x, const void* value,
                  const void* slope, int64_t n, double tolerance, int first, int last, int threads, double* distances,
                  judge::Tally* tallies, int64_t* undecided, int64_t room) {
  const judge::Job job{nodes, count, {roots[0], roots[1]}, n, x, {value, slope}, tolerance, first, last,
                       {distances, distances == nullptr ? nullptr : distances + n}, undecided, room};
  return wide ? judge::run<double>(job, threads, tallies) : judge::run<float>(job, threads, tallies);
}

// A tier's value and bound at x[n]: six doubles and two exponents each (`unpack`).
void judge_evaluate(const judge::Node* nodes, int count, int root, int tier, const double* x, int64_t n, double* parts,
                    int64_t* powers) {
  if (tier == 0) judge::evaluate<double>(nodes, count, root, x, n, parts, powers);
  if (tier == 1) judge::evaluate<long double>(nodes, count, root, x, n, parts, powers);
#if __LDBL_MANT_DIG__ != 113
  if (tier == 2) judge::evaluate<judge::Quad>(nodes, count, root, x, n, parts, powers);
#endif
}

}  // extern "C"
