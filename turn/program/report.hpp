#pragma once
// What a worker can tell of itself, and all of them together in the text format of Prometheus.

#include <cstdint>
#include <string>

#include "sfu/base/counters.hpp"
#include "sfu/base/drop_reason.hpp"
#include "sfu/base/histogram.hpp"
#include "turn/program/fast_paths.hpp"
#include "turn/reason.hpp"
#include "turn/server.hpp"

namespace parley::turn {

enum class StreamCount : std::uint8_t {
  accepted,
  too_many,     ///< refused: a limit on connections
  silent,       ///< closed: nothing useful came in time
  broken,       ///< closed: what it sent is no TURN
  slow,         ///< closed: it did not read for too long
  dropped,      ///< messages for a client that reads too slowly
  handed_over,  ///< to another worker, RFC 6062
  count_
};

struct Report {
  std::uint64_t allocations = 0;
  std::uint64_t connections = 0;  ///< RFC 6062
  std::uint64_t streams = 0;
  std::uint64_t fast_paths = 0;
  Counters<Count> counts;
  Reasons reasons;
  Counters<StreamCount> stream_counts;
  Counters<FastPathCount> fast_path_counts;
  Drops drops;  ///< of sockets
  Histogram runs_to_peers;
  Histogram runs_to_clients;

  Report& operator+=(const Report& other);
};

std::string metrics(const Report& report);

}  // namespace parley::turn
