#include "sfu/net/process_usage.hpp"

#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace parley::net {
namespace {

std::optional<ProcessStat> read_stat(const std::filesystem::path& folder) {
  std::ifstream stream(folder / "stat");
  std::ostringstream text;
  text << stream.rdbuf();
  return parse_process_stat(text.str());
}

ProcessUsage to_usage(const ProcessStat& stat) {
  const auto ticks_per_second = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return {Duration(static_cast<std::int64_t>(stat.ticks * (1'000'000'000 / ticks_per_second))), stat.pages * page};
}

}  // namespace

/// The name, in parentheses, may contain anything; the fields count from behind its last one. State is field 3.
std::optional<ProcessStat> parse_process_stat(std::string_view text) {
  const auto name_end = text.rfind(')');
  if (name_end == text.npos) return std::nullopt;
  std::istringstream fields{std::string(text.substr(name_end + 1))};
  std::string state, ignored;
  ProcessStat stat;
  std::uint64_t user = 0, system = 0;
  fields >> state >> stat.parent;  // 3, 4
  for (int i = 5; i <= 13; ++i) fields >> ignored;
  fields >> user >> system;  // 14, 15
  for (int i = 16; i <= 23; ++i) fields >> ignored;
  fields >> stat.pages;  // 24
  if (!fields) return std::nullopt;
  stat.ticks = user + system;
  return stat;
}

std::optional<ProcessUsage> read_usage(int process) {
  const auto stat = read_stat("/proc/" + std::to_string(process));
  if (!stat) return std::nullopt;
  return to_usage(*stat);
}

std::optional<ProcessUsage> read_usage_of_family(int process) {
  auto sum = read_usage(process);
  if (!sum) return std::nullopt;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != name.npos) continue;
    const auto stat = read_stat(entry.path());
    if (stat && stat->parent == process) *sum += to_usage(*stat);
  }
  return sum;
}

}  // namespace parley::net
