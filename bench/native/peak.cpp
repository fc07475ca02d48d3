// How many float32 multiply-adds this processor does: chains of fused multiply-adds on registers, nothing else.
// The vectors are as wide as -march=native makes them; 2 operations a multiply-add.
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

#if defined(__AVX512F__)
#define BYTES 64
#elif defined(__AVX__)
#define BYTES 32
#else
#define BYTES 16
#endif

namespace {

typedef float V __attribute__((vector_size(BYTES)));
constexpr int lanes = BYTES / 4, chains = 12;  // latency 4 and two units ask for 8; 16 registers are enough for 12

// One call a while: a clock inside the loop would push the accumulators out of their registers.
[[gnu::noinline]] float work(int steps, float start) {
  const V factor = 0.999f - V{}, summand = 0.001f - V{};
  V a = start - V{}, b = a + 1, c = a + 2, d = a + 3, e = a + 4, f = a + 5, g = a + 6, h = a + 7, i = a + 8, j = a + 9, k = a + 10, l = a + 11;
  for (int r = 0; r < steps; r++) {
    a = a * factor + summand; b = b * factor + summand; c = c * factor + summand; d = d * factor + summand;
    e = e * factor + summand; f = f * factor + summand; g = g * factor + summand; h = h * factor + summand;
    i = i * factor + summand; j = j * factor + summand; k = k * factor + summand; l = l * factor + summand;
  }
  return (a + b + c + d + e + f + g + h + i + j + k + l)[0];
}

double operations_per_second(double seconds) {
  constexpr int steps = 50000;
  int64_t done = 0;
  double passed;
  volatile float seen = 0;
  const auto start = std::chrono::steady_clock::now();
  do {
    seen = work(steps, seen);
    done += steps;
    passed = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  } while (passed < seconds);
  return (double)done * chains * lanes * 2 / passed;
}

}  // namespace

extern "C" double fma_peak(double seconds, int threads) {
  std::vector<std::thread> pool;
  std::vector<double> each((size_t)threads);
  for (int t = 0; t < threads; t++) pool.emplace_back([&, t] { each[(size_t)t] = operations_per_second(seconds); });
  double all = 0;
  for (int t = 0; t < threads; t++) {
    pool[(size_t)t].join();
    all += each[(size_t)t];
  }
  return all;
}
