#pragma once
// Inter-arrival (draft-ietf-rmcat-gcc-02 section 5.2): packets that left within 5 ms are one group, and what counts is how much
// farther apart two neighbouring groups arrive than they left. A queue that grows pulls them apart.

#include <optional>

#include "sfu/base/time.hpp"

namespace parley::media::bandwidth {

/// From one group to the next one.
struct GroupDelta {
  Duration sent{};
  Duration arrived{};
  Duration arrival{};  ///< when the later group was complete, in the receiver's clock
};

class PacketGroups {
 public:
  static constexpr Duration group_length = milliseconds(5);
  /// A link that was silent lets go of many packets at once: they are one group, of at most this length.
  static constexpr Duration longest_burst = milliseconds(100);
  /// A clock that jumps by so much was set anew.
  static constexpr Duration clock_jump = seconds(3);

  /// In the order of arrival. Gives something when this packet begins a new group and two older ones are complete.
  std::optional<GroupDelta> add(Time sent, Duration arrival);
  void reset();

 private:
  struct Group {
    Time first_sent;
    Time last_sent;
    Duration first_arrival;
    Duration last_arrival;
  };
  bool belongs(Time sent, Duration arrival) const;

  std::optional<Group> previous_;
  std::optional<Group> current_;
};

}  // namespace parley::media::bandwidth
