#pragma once
// A model of a TCP sender, for company in the bottleneck: CUBIC (RFC 9438) with slow start, an acknowledgement for each segment,
// loss noticed by three later ones, and a retransmission timeout. It leaves out handshakes, delayed acknowledgements and the
// receiver's window; lost data are sent again as new segments, which is the same to everybody else.

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "sfu/base/random.hpp"
#include "tests/sim/quality/packet.hpp"

namespace parley::quality {

struct TcpSettings {
  Duration start{};
  Duration one_way = milliseconds(50);
  /// Transfers of a size between these, with pauses of an exponentially distributed length between them; nothing: one without
  /// end.
  std::optional<std::pair<std::size_t, std::size_t>> transfer_bytes{};
  Duration idle_mean = seconds(10);
};

class Tcp {
 public:
  static constexpr std::size_t segment_bytes = 1500;
  static constexpr std::size_t acknowledgement_bytes = 40;
  static constexpr double initial_window = 10;  ///< RFC 6928
  static constexpr double beta = 0.7;           ///< RFC 9438 section 4.6
  static constexpr double cubic = 0.4;
  static constexpr Duration shortest_timeout = milliseconds(300);

  Tcp(const TcpSettings& settings, std::uint8_t index, Time begin, Random random);

  void receive_acknowledgement(Time now, std::uint64_t segment);
  void advance(Time now, std::vector<Packet>& out);
  Time wakeup() const;
  const TcpSettings& settings() const { return settings_; }

 private:
  void begin_transfer();
  void grow(Time now);
  void lose(Time now, std::uint64_t segment);
  void finish(Time now);

  TcpSettings settings_;
  std::uint8_t index_;
  Random random_;
  Time starts_at_;
  std::uint64_t left_ = 0;  ///< segments of the transfer that were not sent yet, or were lost
  std::uint64_t next_ = 0;
  std::uint64_t recovery_until_ = 0;  ///< losses of segments before this one are the same event
  std::map<std::uint64_t, Time> under_way_;
  double window_ = initial_window;
  double threshold_ = 1e9;
  double largest_ = 0;  ///< the window before the last loss
  Time epoch_;          ///< of the last loss
  Duration round_trip_ = milliseconds(200);
};

}  // namespace parley::quality
