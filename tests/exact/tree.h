// The plain tree at many numbers, node by node, each value with a bound on its distance from the exact one.
//
// A value v with the bound e says |v − exact| ≤ e; e = ∞ or NaN says nothing. v = ±∞ with e = 0 says that the exact value
// has that sign and is beyond Real<T>::huge. Bounds are of first order with factors that leave room for the second
// (SLACK, and ∞ where an operand is too uncertain for that), and take every function of libm for 4 ULP and erfc for 8,
// about twice what glibc documents. What is inherited is the slope of the operation times the operand's bound.
#pragma once
#include <algorithm>
#include <vector>

#include "libm.h"

namespace judge {

enum Op : int32_t {
  X, NUMBER, NEG, ADD, SUB, MUL, DIV, POW, MIN, MAX, ABS, SIGN, EXP, EXPM1, LOG, LOG1P, SQRT, SIGMOID, TANH, SOFTPLUS,
  ERF, NORMCDF, NORMPDF, SECH2, ATAN, SIN, COS, LT, LE, EQ, NE, WHERE,
  // The same values without the cancellation that no precision survives (see `uncancelled` in shapes.py):
  X_MINUS_TANH,    // a − tanh a
  ONE_MINUS_SECH2, // 1 − sech² a
  ROOT_SUM,        // a + √(a² + b), b a positive number
  ROOT_SLOPE,      // 1 + a/√(a² + b)
};

struct Node {
  int32_t op, a, b, c;
  double number;
};

constexpr int TERMS = 24;

// Coefficients of tanh u = Σ (−1)^k t[k] u^(2k+1), t > 0: tanh′ = 1 − tanh² gives (2k+1) t[k] = Σ t[i] t[k−1−i].
template <class T> const T* tanh_series() {
  static const auto table = [] {
    std::vector<T> t(TERMS + 1);
    t[0] = 1;
    for (int k = 1; k <= TERMS; k++) {
      T sum = 0;
      for (int i = 0; i < k; i++) sum += t[i] * t[k - 1 - i];
      t[k] = sum / (T)(2 * k + 1);
    }
    return t;
  }();
  return table.data();
}

template <class T> class Tree {
 public:
  static constexpr int WIDTH = sizeof(T) == 8 ? 256 : 16;

  Tree(const Node* nodes, int count) : nodes_(nodes, nodes + count), value_(count * WIDTH), error_(count * WIDTH) {
    for (int k = 0; k < count; k++)
      if (nodes[k].op == NUMBER) std::fill_n(&value_[k * WIDTH], WIDTH, (T)nodes[k].number);
  }

  // Evaluates every node at x[0 … WIDTH), finite numbers.
  void run(const T* x) {
    for (int k = 0; k < (int)nodes_.size(); k++) {
      const Node& node = nodes_[k];
      if (node.op == X) std::copy_n(x, WIDTH, &value_[k * WIDTH]);
      if (node.op > NUMBER) apply(node, &value_[k * WIDTH], &error_[k * WIDTH]);
    }
  }

  const T* value(int node) const { return &value_[node * WIDTH]; }
  const T* error(int node) const { return &error_[node * WIDTH]; }

 private:
  static constexpr T U = Real<T>::unit, TINY = Real<T>::tiny, HUGE_ = Real<T>::huge, LOST = Real<T>::lost;
  static constexpr T SLACK = (T)1.02, LIBM = 8 * U;  // a ULP is at most 2 U of the value
  static constexpr T INF = (T)__builtin_inf();

  std::vector<Node> nodes_;
  std::vector<T> value_, error_;
  T one_[WIDTH], two_[WIDTH];

  static T size(T v) { return v < 0 ? -v : v; }
  static T larger(T a, T b) { return a > b ? a : b; }
  static T smaller(T a, T b) { return a < b ? a : b; }

  // Everything below works on WIDTH numbers: operands a, b with bounds da, db; result r with bound e.
#define EACH for (int i = 0; i < WIDTH; i++)
  void apply(const Node& node, T* __restrict r, T* __restrict e) {
    const T *a = &value_[node.a * WIDTH], *da = &error_[node.a * WIDTH];
    const T *b = &value_[node.b * WIDTH], *db = &error_[node.b * WIDTH];
    const T *c = &value_[node.c * WIDTH], *dc = &error_[node.c * WIDTH];
    switch (node.op) {
      case NEG: EACH { r[i] = -a[i]; e[i] = da[i]; } break;
      case ABS: EACH { r[i] = size(a[i]); e[i] = da[i]; } break;
      case ADD: sum(a, da, b, db, (T)1, r, e); break;
      case SUB: sum(a, da, b, db, (T)-1, r, e); break;
      case MUL: product(a, da, b, db, r, e); break;
      case DIV: quotient(a, da, b, db, r, e); break;
      case POW: power(node, a, da, b, db, r, e); break;
      case MIN: EACH { r[i] = smaller(a[i], b[i]); e[i] = pick(a[i] < b[i], a[i], da[i], b[i], db[i]); } break;
      case MAX: EACH { r[i] = larger(a[i], b[i]); e[i] = pick(a[i] > b[i], a[i], da[i], b[i], db[i]); } break;
      case SIGN: EACH {
          r[i] = a[i] > 0 ? (T)1 : a[i] < 0 ? (T)-1 : (T)0;
          e[i] = size(a[i]) > da[i] || da[i] == 0 ? (T)0 : INF;
        } break;
      case LT: EACH { r[i] = a[i] < b[i]; e[i] = apart(a[i], da[i], b[i], db[i]); } break;
      case LE: EACH { r[i] = a[i] <= b[i]; e[i] = apart(a[i], da[i], b[i], db[i]); } break;
      case EQ: EACH { r[i] = a[i] == b[i]; e[i] = apart(a[i], da[i], b[i], db[i]); } break;
      case NE: EACH { r[i] = a[i] != b[i]; e[i] = apart(a[i], da[i], b[i], db[i]); } break;
      case WHERE: EACH {
          r[i] = a[i] != 0 ? b[i] : c[i];
          const T chosen = a[i] != 0 ? db[i] : dc[i], either = size(b[i] - c[i]) + larger(db[i], dc[i]);
          e[i] = da[i] == 0 ? chosen : either * SLACK;
        } break;
      case EXP: exponential(a, r); EACH {
          const T grown = r[i] * (da[i] * (1 + da[i]) * SLACK + LIBM) + LOST;
          e[i] = r[i] == INF && da[i] <= 1 ? (T)0 : da[i] <= 1 ? grown : a[i] + da[i] < -Real<T>::log_huge ? LOST : INF;
        } break;
      case EXPM1: EACH one_[i] = smaller(larger(a[i], (T)-200), Real<T>::log_huge);
        expm1_all(one_, r, WIDTH);
        EACH {
          r[i] = a[i] > Real<T>::log_huge ? INF : r[i];
          const T grown = (r[i] + 1 + LIBM) * da[i] * (1 + da[i]) * SLACK + LIBM * size(r[i]) + TINY;
          e[i] = r[i] == INF && da[i] <= 1 ? (T)0 : da[i] <= 1 ? grown : INF;
        } break;
      case LOG: log_all(a, r, WIDTH); EACH {
          e[i] = a[i] > 4 * da[i] ? da[i] / (a[i] - da[i]) * SLACK + LIBM * size(r[i]) : INF;
        } break;
      case LOG1P: log1p_all(a, r, WIDTH); EACH {
          e[i] = 1 + a[i] > 4 * da[i] ? da[i] / (1 + a[i] - da[i]) * SLACK + LIBM * size(r[i]) + TINY : INF;
        } break;
      case SQRT: EACH {
          r[i] = judge::sqrt(a[i]);
          e[i] = a[i] > 4 * da[i] ? da[i] / r[i] + U * r[i] : a[i] == 0 && da[i] == 0 ? (T)0 : INF;
        } break;
      case SIGMOID: decay(a, (T)1, one_); EACH {
          const T t = one_[i], s = 1 / (1 + t);
          r[i] = a[i] < 0 ? t * s : s;
          const T bound = t * da[i] * (1 + 2 * da[i]) * SLACK + 2 * LIBM * r[i] + 2 * LOST;
          e[i] = da[i] <= 1 ? bound : far(a[i], da[i]) ? 2 * U * r[i] + LOST : INF;
        } break;
      case SECH2: decay(a, (T)2, one_); EACH {
          const T t = one_[i], s = 1 / (1 + t);
          r[i] = 4 * (t * s) * s;
          const T steep = smaller(size(a[i]) + da[i], (T)1);  // |sech²′| = 2 |tanh| sech²
          const T bound = r[i] * (2 * da[i] * steep * (1 + 4 * da[i]) * SLACK + 3 * LIBM) + 8 * LOST;
          e[i] = da[i] <= (T).25 ? bound : far(a[i], da[i]) ? 8 * LOST : INF;
        } break;
      case SOFTPLUS: decay(a, (T)1, one_); log1p_all(one_, two_, WIDTH); EACH {
          r[i] = larger(a[i], (T)0) + two_[i];
          // The slope σ(u) is at most 1 and at most softplus(u).
          const T slope = smaller(r[i], (T)1);
          const T bound = slope * da[i] * (1 + 2 * da[i]) * SLACK + 2 * LIBM * r[i] + 2 * LOST;
          e[i] = da[i] <= 1 ? bound : far(a[i], da[i]) ? (a[i] < 0 ? LOST : 2 * U * r[i] + da[i]) : INF;
        } break;
      case TANH: tanh_all(a, r, WIDTH); EACH {
          const T slope = 1 - r[i] * r[i] + LIBM;
          const T bound = slope * da[i] * (1 + 4 * da[i]) * SLACK + LIBM * size(r[i]) + TINY;
          e[i] = da[i] <= (T).25 ? bound : far(a[i], da[i]) ? LIBM : INF;
        } break;
      case ERF: erf_all(a, r, WIDTH); EACH { e[i] = (T)1.13 * da[i] * SLACK + LIBM * size(r[i]) + TINY; } break;
      case NORMCDF: normal(a, da, r, e); break;
      case NORMPDF: {
        static const T density = judge::sqrt((T).5) / judge::sqrt(4 * judge::atan((T)1));  // 1/√2π, within 2 LIBM
        EACH two_[i] = (T)-.5 * a[i] * a[i];
        exponential(two_, r);
        EACH {
          r[i] *= density;
          const T inner = size(a[i]) * da[i] + da[i] * da[i] + 2 * U * size(two_[i]);
          const T bound = r[i] * (inner * (1 + inner) * SLACK + 3 * LIBM) + LOST;
          e[i] = inner <= 1 ? bound : two_[i] + inner < -Real<T>::log_huge ? LOST : INF;
        }
      } break;
      case ATAN: atan_all(a, r, WIDTH); EACH { e[i] = da[i] * SLACK + LIBM * size(r[i]); } break;
      case SIN: sin_all(a, r, WIDTH); EACH { e[i] = da[i] * SLACK + LIBM * size(r[i]); } break;
      case COS: cos_all(a, r, WIDTH); EACH { e[i] = da[i] * SLACK + LIBM * size(r[i]); } break;
      case X_MINUS_TANH: tanh_all(a, two_, WIDTH); EACH {
          const T size_a = size(a[i]);
          // d/da = tanh² ≤ min(1, (|a| + da)²)
          const T steep = smaller((size_a + da[i]) * (size_a + da[i]), (T)1);
          T left_out;
          const bool close = size_a <= (T).25;
          const T by_series = series(a[i], &left_out), by_tanh = a[i] - two_[i];
          r[i] = close ? by_series : by_tanh;
          const T own = close ? 64 * U * size(by_series) + left_out : LIBM * size(two_[i]) + U * size(by_tanh);
          e[i] = (own + steep * da[i]) * SLACK + 4 * TINY;
        } break;
      case ONE_MINUS_SECH2: tanh_all(a, two_, WIDTH); EACH {
          const T t = size(two_[i]), slope = (1 - t * t + LIBM) * (1 + 4 * da[i]), dt = slope * da[i] * SLACK + LIBM * t;
          r[i] = t * t;
          e[i] = da[i] <= (T).25 ? (2 * t + dt) * dt * SLACK + U * r[i] + 4 * TINY : INF;
        } break;
      case ROOT_SUM: EACH {  // (a + s)(s − a) = b with s = √(a² + b)
          const T s = judge::sqrt(a[i] * a[i] + b[i]), both = size(a[i]) + s;
          r[i] = a[i] < 0 ? b[i] / both : both;
          e[i] = r[i] * (8 * U + 2 * da[i] / s) * SLACK + TINY;  // d/da = r/s; a² does not overflow in what is asked
          e[i] = db[i] == 0 && da[i] <= (T).25 * s && s < HUGE_ ? e[i] : INF;
        } break;
      case ROOT_SLOPE: EACH {  // 1 + a/s = b/(s (s − a)); d/da = b/s³
          const T s = judge::sqrt(a[i] * a[i] + b[i]), both = size(a[i]) + s;
          r[i] = a[i] < 0 ? b[i] / s / both : 1 + a[i] / s;
          e[i] = r[i] * 16 * U + 2 * (b[i] / s / s) * (da[i] / s) * SLACK + 2 * TINY;
          e[i] = db[i] == 0 && da[i] <= (T).25 * s && s < HUGE_ ? e[i] : INF;
        } break;
      default: EACH { r[i] = 0; e[i] = INF; }
    }
  }

  // Whether what tends to a limit like e^(−|a|) has reached it, however uncertain a is.
  static bool far(T a, T da) { return size(a) - da > Real<T>::log_huge; }

  static T pick(bool first, T a, T da, T b, T db) {
    const bool sure = apart(a, da, b, db) == 0;
    return sure ? (first ? da : db) : larger(da, db);
  }
  // 0 where the order of a and b is beyond doubt, ∞ where it is not.
  static T apart(T a, T da, T b, T db) {
    const T doubt = da + db;
    return doubt == 0 || size(a - b) > doubt * SLACK ? (T)0 : INF;
  }

  void sum(const T* a, const T* da, const T* b, const T* db, T sign, T* __restrict r, T* __restrict e) {
    EACH {
      r[i] = a[i] + sign * b[i];
      const T bound = (da[i] + db[i]) * SLACK + U * size(r[i]);
      e[i] = size(r[i]) == INF && smaller(size(a[i]), size(b[i])) < HUGE_ ? da[i] + db[i] : bound;
    }
  }

  void product(const T* a, const T* da, const T* b, const T* db, T* __restrict r, T* __restrict e) {
    EACH {
      r[i] = a[i] * b[i];
      const T sa = size(a[i]), sb = size(b[i]);
      const T bound = (sa * db[i] + sb * da[i] + da[i] * db[i]) * SLACK + U * size(r[i]) + TINY;
      const bool exact_zero = (sa == 0 && da[i] == 0) || (sb == 0 && db[i] == 0);
      const bool beyond = size(r[i]) == INF && sa - da[i] >= (T).0625 && sb - db[i] >= (T).0625;
      e[i] = exact_zero || beyond ? (T)0 : bound;
    }
  }

  void quotient(const T* a, const T* da, const T* b, const T* db, T* __restrict r, T* __restrict e) {
    EACH {
      r[i] = a[i] / b[i];
      const T sb = size(b[i]);
      const T bound = (da[i] + size(r[i]) * db[i]) / (sb - db[i]) * SLACK + U * size(r[i]) + TINY;
      e[i] = sb > 4 * db[i] && sb < HUGE_ ? bound : INF;
    }
  }

  void power(const Node& node, const T* a, const T* da, const T* b, const T* db, T* __restrict r, T* __restrict e) {
    const Node& exponent = nodes_[node.b];
    const int n = exponent.op == NUMBER && size((T)exponent.number) <= 16 ? (int)exponent.number : 0;
    if (n > 0 && n == exponent.number) {
      EACH {
        T p = 1, before = 1;
        for (int k = 0; k < n; k++) before = p, p *= a[i];
        r[i] = p;
        const T bound = n * size(before) * da[i] * (1 + 2 * n * da[i] / size(a[i])) * SLACK + n * U * size(p) + n * TINY;
        e[i] = da[i] == 0 ? n * U * size(p) + n * TINY : n * da[i] <= (T).125 * size(a[i]) ? bound : INF;
      }
      return;
    }
    EACH {
      r[i] = judge::pow(a[i], b[i]);
      const T inner = size(b[i]) * da[i] / (a[i] - da[i]) + size(judge::log(a[i])) * db[i];
      e[i] = a[i] > 4 * da[i] && inner <= (T).25 ? r[i] * (inner * (1 + 2 * inner) * SLACK + LIBM) + TINY : INF;
    }
  }

  // exp(a); below −log_huge it is given as 0 (the bound says LOST), beyond log_huge as ∞: there vector functions are slow.
  void exponential(const T* a, T* __restrict r) {
    T inside[WIDTH];
    EACH inside[i] = smaller(larger(a[i], -Real<T>::log_huge), Real<T>::log_huge);
    exp_all(inside, r, WIDTH);
    EACH r[i] = a[i] > Real<T>::log_huge ? INF : a[i] < -Real<T>::log_huge ? (T)0 : r[i];
  }

  void decay(const T* a, T factor, T* __restrict r) {  // e^(−factor |a|), factor a power of two
    T inside[WIDTH];
    EACH inside[i] = -factor * size(a[i]);
    exponential(inside, r);
  }

  // Φ(a) = erfc(−a/√2)/2. With z = −a/√2: |erfc′/erfc|(z) ≤ 2 max(z, 0) + 1.2, as erfc z > 2 exp(−z²)/√π/(z + √(z² + 2)).
  void normal(const T* a, const T* da, T* __restrict r, T* __restrict e) {
    static const T half_root = judge::sqrt((T).5);
    constexpr T deepest = Real<T>::deepest;
    EACH one_[i] = smaller(larger(-half_root * a[i], (T)-30), deepest);
    erfc_all(one_, two_, WIDTH);
    EACH {
      const T z = -half_root * a[i];
      r[i] = z > deepest ? (T)0 : (T).5 * two_[i];
      const T dz = da[i] * half_root * SLACK + 2 * U * size(z);
      const T inner = (2 * larger(z, (T)0) + (T)1.2) * dz;
      const T bound = inner <= (T).25 ? r[i] * (inner * (1 + 2 * inner) * SLACK + 2 * LIBM) + TINY : INF;
      e[i] = z - dz > deepest ? LOST : z > deepest ? INF : z + dz < -30 ? 2 * LIBM : bound;
    }
  }

  // a − tanh a for |a| ≤ 1/4. The coefficients fall: t[k+1]/t[k] < 4/π², since t[k] = 2 (2/π)^(2k+2) Σ_odd m^(−2k−2). So
  // the terms alternate and fall, and what is left out is below the first term left out (Leibniz).
  static T series(T a, T* left_out) {
    constexpr int last = sizeof(T) == 8 ? 10 : U > (T)0x1p-100L ? 13 : TERMS - 1;
    const T* t = tanh_series<T>();
    const T square = a * a;
    T sum = 0;
    for (int k = last; k >= 1; k--) sum = t[k] - square * sum;
    T power = size(a) * square;
    const T result = power * sum;
    for (int k = 1; k <= last; k++) power *= square;
    *left_out = power * t[last + 1];
    return a < 0 ? -result : result;
  }
#undef EACH
};

}  // namespace judge
