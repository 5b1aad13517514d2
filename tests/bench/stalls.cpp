// How often this machine stands still. One thread on each core does nothing but read the clock; where it jumps, something else
// had the core: the kernel, or a host that gave it to another guest. No server can answer meanwhile, so no quantile of a delay
// can be better than what is printed here.  tests/bench/run

#include <sched.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::duration;

/// Shorter ones are interrupts and timer ticks.
constexpr auto shortest = std::chrono::microseconds(200);

struct Stalls {
  int count = 0;
  duration<double> sum{};
  duration<double> longest{};
};

Stalls watch(int core, duration<double> length) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  sched_setaffinity(0, sizeof set, &set);
  Stalls stalls;
  const auto begin = Clock::now();
  for (auto last = begin; last - begin < length;) {
    const auto now = Clock::now();
    const duration<double> gap = now - last;
    last = now;
    if (gap < shortest) continue;
    ++stalls.count;
    stalls.sum += gap;
    stalls.longest = std::max(stalls.longest, gap);
  }
  return stalls;
}

}  // namespace

int main(int argc, char** argv) {
  double length = 10;
  CLI::App app("bench_stalls: for how much of its time each core of this machine does something else.");
  app.add_option("--duration", length, "seconds")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  std::vector<Stalls> found(std::max(1u, std::thread::hardware_concurrency()));
  std::vector<std::thread> watchers;
  for (std::size_t core = 0; core < found.size(); ++core)
    watchers.emplace_back([&, core] { found[core] = watch(static_cast<int>(core), duration<double>(length)); });
  for (auto& watcher : watchers) watcher.join();
  for (std::size_t core = 0; core < found.size(); ++core)
    std::printf("core %zu: stood still %d times, together %.2f %% of the time, the longest %.1f ms\n", core, found[core].count,
                100 * found[core].sum.count() / length, 1000 * found[core].longest.count());
}
