#pragma once
// What came of a probe: its packets' rate at the sender and at the receiver.

#include <array>
#include <cstdint>
#include <optional>

#include "sfu/media/bandwidth/probe.hpp"
#include "sfu/media/bandwidth/sent_packets.hpp"

namespace parley::media::bandwidth {

class ProbeResults {
 public:
  /// A result stands when so much of the planned packets and bytes has arrived.
  static constexpr double required = 0.8;
  /// Arriving slower than sent by more than this: the link was full, and carries `saturated` of what arrived.
  static constexpr double slowed_down = 0.9;
  static constexpr double saturated = 0.95;
  /// Arriving so much faster than sent is not a rate but a queue that let go.
  static constexpr double implausible = 2.0;

  void expect(const Probe& probe) {
    probe_ = probe;
    *this = ProbeResults(probe);
  }
  /// The rate that got through, once, when enough has arrived.
  std::optional<double> add(const PacketResult& result);

  ProbeResults() = default;

 private:
  explicit ProbeResults(const Probe& probe) : probe_(probe) {}
  std::optional<double> rate() const;

  std::optional<Probe> probe_;
  std::size_t packets_ = 0;
  std::size_t bytes_ = 0;
  std::size_t first_bytes_ = 0;  ///< of the packet that arrived first
  std::size_t last_bytes_ = 0;   ///< of the packet that was sent last
  Time first_sent_;
  Time last_sent_;
  Duration first_arrival_{};
  Duration last_arrival_{};
};

}  // namespace parley::media::bandwidth
