// Work in numbered pieces on a few threads, with a word to the caller ten times a second.
#pragma once
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#ifdef __GLIBC__
#include <pthread.h>
#include <sched.h>
#endif

namespace actlab {

// Calls work(piece) for every piece below `pieces`, on `threads` threads, in ascending order of starting. The calling
// thread calls pulse() every 100 ms until all is done. An exception from work() or pulse() stops the rest and is thrown
// here, when no thread works any more.
template <class Work, class Pulse> void run_pieces(int64_t pieces, int threads, Work work, Pulse pulse) {
  std::atomic<int64_t> next{0};
  int running = 0;
  std::mutex mutex;
  std::condition_variable changed;
  std::exception_ptr failure;
  auto fail = [&] {
    const std::lock_guard<std::mutex> lock(mutex);
    if (!failure) failure = std::current_exception();
    next = pieces;
  };
  auto body = [&] {
    try {
      for (int64_t piece; (piece = next.fetch_add(1)) < pieces;) work(piece);
    } catch (...) {
      fail();
    }
    const std::lock_guard<std::mutex> lock(mutex);
    running--;
    changed.notify_one();
  };
  if (threads > pieces) threads = pieces < 1 ? 1 : (int)pieces;
  std::vector<std::thread> pool;
  pool.reserve((size_t)threads);
  for (int t = 0; t < threads; t++) {
    {
      const std::lock_guard<std::mutex> lock(mutex);
      running++;
    }
    try {
      pool.emplace_back(body);
    } catch (const std::system_error&) {  // the machine gives no more threads: those there are do the work
      const std::lock_guard<std::mutex> lock(mutex);
      running--;
      if (pool.empty()) throw;
      break;
    }
  }
  {
    std::unique_lock<std::mutex> lock(mutex);
    while (!changed.wait_for(lock, std::chrono::milliseconds(100), [&] { return running == 0; })) {
      lock.unlock();
      try {
        pulse();
      } catch (...) {
        fail();
      }
      lock.lock();
    }
  }
  for (auto& thread : pool) thread.join();
  if (failure) std::rethrow_exception(failure);
}

// A thread that runs `body`, which must outlive it. Linux tends to put a new thread on the processor of its maker, where
// it waits for some milliseconds while others idle: longer than an array takes. So this one begins on another processor,
// if it may, and from then on runs wherever its maker might.
class Beside {
 public:
  // Throws std::system_error where the machine gives no more threads.
  template <class Body> explicit Beside(Body& body) {
#ifdef __GLIBC__
    struct Start {
      Body* body;
      cpu_set_t everywhere;
      bool moved;
    };
    auto start = std::make_unique<Start>(Start{&body, {}, false});
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    const int here = sched_getcpu();
    if (here >= 0 && here < CPU_SETSIZE && sched_getaffinity(0, sizeof(cpu_set_t), &start->everywhere) == 0) {
      cpu_set_t others = start->everywhere;
      CPU_CLR((size_t)here, &others);
      start->moved = CPU_COUNT(&others) > 0 && pthread_attr_setaffinity_np(&attributes, sizeof others, &others) == 0;
    }
    const auto run = [](void* given) -> void* {
      const std::unique_ptr<Start> mine(static_cast<Start*>(given));
      if (mine->moved) pthread_setaffinity_np(pthread_self(), sizeof(cpu_set_t), &mine->everywhere);
      (*mine->body)();
      return nullptr;
    };
    int failed = pthread_create(&thread_, &attributes, run, start.get());
    if (failed && start->moved) {  // whoever watches over processors may forbid the wish
      start->moved = false;
      failed = pthread_create(&thread_, nullptr, run, start.get());
    }
    pthread_attr_destroy(&attributes);
    if (failed) throw std::system_error(failed, std::generic_category());
    start.release();
#else
    thread_ = std::thread([&body] { body(); });
#endif
  }

  void join() {
#ifdef __GLIBC__
    pthread_join(thread_, nullptr);
#else
    thread_.join();
#endif
  }

 private:
#ifdef __GLIBC__
  pthread_t thread_;
#else
  std::thread thread_;
#endif
};

// The same for work that is soon done: the calling thread works too, and nobody is told how far it is.
template <class Work> void share_pieces(int64_t pieces, int threads, Work work) {
  std::atomic<int64_t> next{0};
  std::mutex mutex;
  std::exception_ptr failure;
  auto body = [&] {
    try {
      for (int64_t piece; (piece = next.fetch_add(1)) < pieces;) work(piece);
    } catch (...) {
      const std::lock_guard<std::mutex> lock(mutex);
      if (!failure) failure = std::current_exception();
      next = pieces;
    }
  };
  std::vector<Beside> pool;
  pool.reserve((size_t)threads);
  try {
    for (int t = 1; t < threads && t < pieces; t++) pool.emplace_back(body);
  } catch (const std::system_error&) {  // the machine gives no more threads: those there are do the work
  }
  body();
  for (auto& thread : pool) thread.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace actlab
