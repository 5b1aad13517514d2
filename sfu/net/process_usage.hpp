#pragma once
// What other processes of this machine have used (proc(5)): for the load tester, which charges a server by it.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "sfu/base/time.hpp"

namespace parley::net {

struct ProcessUsage {
  Duration cpu{};            ///< user and system time since it started, in steps of 10 ms
  std::uint64_t memory = 0;  ///< resident, in bytes
  ProcessUsage& operator+=(const ProcessUsage& other) {
    cpu += other.cpu;
    memory += other.memory;
    return *this;
  }
};

/// Nothing when there is no such process.
std::optional<ProcessUsage> read_usage(int process);
/// Of the process and its children together.
std::optional<ProcessUsage> read_usage_of_family(int process);

/// The fields of /proc/PID/stat that are used here.
struct ProcessStat {
  int parent = 0;
  std::uint64_t ticks = 0;  ///< user and system time
  std::uint64_t pages = 0;  ///< resident
};
std::optional<ProcessStat> parse_process_stat(std::string_view text);

}  // namespace parley::net
