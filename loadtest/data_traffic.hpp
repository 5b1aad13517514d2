#pragma once
// What a synthetic client says on data topics, and its judgement of what it hears there: every message of a reliable topic once,
// in order, with nothing left out; of a lossy one never twice. It speaks the contract of signaling/PROTOCOL.md ("Data") as a
// page does: it opens a channel for each of its topics, waits for credit, and joins again when it has left. A machine.

#include <array>
#include <bitset>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loadtest/connection.hpp"
#include "loadtest/pattern.hpp"
#include "sfu/base/histogram.hpp"
#include "sfu/base/time.hpp"

namespace parley::loadtest {

enum class DataMode : std::uint8_t { all, wait, lossy };
inline constexpr std::size_t data_modes = 3;
inline constexpr std::array<std::string_view, data_modes> data_mode_names{"all", "wait", "lossy"};

/// What is sent on one topic. Each mode has one topic, which has its name.
struct DataStream {
  DataMode mode = DataMode::all;
  double messages_per_second = 0;  ///< 0: as fast as the connection and the credit allow
  std::size_t size = 1000;         ///< of a payload, in bytes: pattern_size to about 256 KiB
};

/// What a client takes part in.
struct DataSettings {
  std::vector<DataStream> streams;  ///< at most one of each mode; none: only listens
  std::uint64_t room = 0;           ///< stand in every payload
  std::uint64_t publisher = 0;
  double phase = 0;  ///< share of an interval that the first message is late: clients are not in step
  Duration rest{};   ///< from when it is told that it has left a topic until it joins again
};

/// Of one mode. Adds up.
struct DataCounts {
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  std::uint64_t octets = 0;     ///< of received payloads
  std::uint64_t lost = 0;       ///< that others have sent and that never came, of those before the newest that came
  std::uint64_t repeated = 0;   ///< came twice
  std::uint64_t misplaced = 0;  ///< came late on a reliable topic, damaged, or out of another room
  std::uint64_t left = 0;       ///< times that this client was too slow for a topic, and the messages that it cost are not lost
  std::uint64_t refused = 0;    ///< messages of this client's, for one receiver or for all
  Histogram delay;              ///< from send to receive, in microseconds
  DataCounts& operator+=(const DataCounts& other);
  /// What was added since `earlier`, which is a former state of this one.
  DataCounts since(const DataCounts& earlier) const;
};

struct DataQuality {
  std::array<DataCounts, data_modes> modes;
  DataCounts& operator[](DataMode mode) { return modes[static_cast<std::size_t>(mode)]; }
  const DataCounts& operator[](DataMode mode) const { return modes[static_cast<std::size_t>(mode)]; }
  DataQuality& operator+=(const DataQuality& other);
  DataQuality since(const DataQuality& earlier) const;
};

class DataTraffic {
 public:
  explicit DataTraffic(DataSettings settings) : settings_(std::move(settings)) {}

  /// Takes what has come on the connection's channels, and sends what is due. To be called after each receive() and advance() of
  /// the connection, which may be another one than the last time.
  void advance(Time now, Connection& connection, Outbox& out);
  Time wakeup() const;

  /// The association has ended, once, and its connection carries no other one: only a new connection helps.
  bool take_broken() { return std::exchange(broken_, false); }
  const DataQuality& quality() const { return quality_; }

 private:
  /// A topic of ours on the present connection.
  struct Line {
    DataStream stream;
    transport::ChannelId channel;
    Time next{};
    std::uint64_t given = 0;   ///< bytes, since the channel was opened
    std::uint64_t credit = 0;  ///< of a `wait` topic
  };
  /// What was heard of somebody in one mode.
  struct Heard {
    static constexpr std::uint32_t window = 4096;  ///< messages back from the newest that are remembered on a lossy topic
    std::uint32_t opening = 0;                     ///< of the sender's channels; a new one begins anew
    std::uint32_t newest = 0;
    std::bitset<window> seen;
  };

  void begin(Time now, Connection& connection, Outbox& out);
  void handle(Time now, const transport::ChannelMessage& message);
  void hear(Time now, DataMode mode, Bytes payload);
  void judge_reliable(const Pattern& pattern, DataMode mode, Heard& heard, bool known);
  void judge_lossy(const Pattern& pattern, Heard& heard, bool known);
  void rejoin_due(Time now, Connection& connection, Outbox& out);
  void send_due(Time now, Line& line, Connection& connection, Outbox& out);
  bool send_one(Time now, Line& line, Connection& connection, Outbox& out);

  DataSettings settings_;
  std::vector<Line> lines_;
  std::map<transport::ChannelId, DataMode> channels_;
  std::map<transport::ChannelId, Time> returns_;  ///< to topics that it has left, and when
  std::map<std::pair<std::uint64_t, DataMode>, Heard> heard_;
  std::array<std::uint32_t, data_modes> sequences_{};
  std::uint32_t openings_ = 0;
  bool broken_ = false;
  DataQuality quality_;
};

}  // namespace parley::loadtest
