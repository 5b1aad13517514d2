#include "turn/program/report.hpp"

#include <string_view>

namespace parley::turn {
namespace {

constexpr std::string_view names[] = {"bindings",       "allocations",      "packets_to_peers", "packets_to_clients",
                                      "bytes_to_peers", "bytes_to_clients", "stream_bytes"};
static_assert(std::size(names) == Counters<Count>::size);
constexpr std::string_view stream_names[] = {"accepted", "too_many", "silent", "broken", "slow", "dropped", "handed_over"};
static_assert(std::size(stream_names) == Counters<StreamCount>::size);
constexpr std::string_view fast_path_names[] = {"opened", "not_opened", "packets", "left_to_sockets"};
static_assert(std::size(fast_path_names) == Counters<FastPathCount>::size);

void gauge(std::string& text, std::string_view name, std::uint64_t value) {
  text +=
      "# TYPE parley_turn_" + std::string(name) + " gauge\nparley_turn_" + std::string(name) + " " + std::to_string(value) + "\n";
}

void family(std::string& text, std::string_view name) { text += "# TYPE parley_turn_" + std::string(name) + " counter\n"; }

void counter(std::string& text, std::string_view name, std::string_view label, std::string_view which, std::uint64_t value) {
  text += "parley_turn_" + std::string(name) + "{" + std::string(label) + "=\"" + std::string(which) + "\"} " +
          std::to_string(value) + "\n";
}

}  // namespace

Report& Report::operator+=(const Report& other) {
  allocations += other.allocations;
  connections += other.connections;
  streams += other.streams;
  fast_paths += other.fast_paths;
  counts += other.counts;
  reasons += other.reasons;
  stream_counts += other.stream_counts;
  fast_path_counts += other.fast_path_counts;
  drops += other.drops;
  runs_to_peers += other.runs_to_peers;
  runs_to_clients += other.runs_to_clients;
  return *this;
}

std::string metrics(const Report& report) {
  std::string text;
  gauge(text, "allocations", report.allocations);
  gauge(text, "peer_connections", report.connections);
  gauge(text, "client_streams", report.streams);
  gauge(text, "fast_paths", report.fast_paths);
  family(text, "total");
  for (std::size_t i = 0; i < report.counts.size; ++i)
    counter(text, "total", "of", names[i], report.counts[static_cast<Count>(i)]);
  family(text, "refused_total");
  for (std::size_t i = 0; i < report.reasons.size; ++i)
    counter(text, "refused_total", "reason", name(static_cast<Reason>(i)), report.reasons[static_cast<Reason>(i)]);
  family(text, "streams_total");
  for (std::size_t i = 0; i < report.stream_counts.size; ++i)
    counter(text, "streams_total", "event", stream_names[i], report.stream_counts[static_cast<StreamCount>(i)]);
  family(text, "fast_path_total");
  for (std::size_t i = 0; i < report.fast_path_counts.size; ++i)
    counter(text, "fast_path_total", "of", fast_path_names[i], report.fast_path_counts[static_cast<FastPathCount>(i)]);
  family(text, "socket_drops_total");
  for (std::size_t i = 0; i < report.drops.size; ++i) {
    const auto reason = static_cast<DropReason>(i);
    if (report.drops[reason] > 0) counter(text, "socket_drops_total", "reason", parley::name(reason), report.drops[reason]);
  }
  family(text, "sends_total");
  counter(text, "sends_total", "to", "peers", report.runs_to_peers.count());
  counter(text, "sends_total", "to", "clients", report.runs_to_clients.count());
  return text;
}

}  // namespace parley::turn
