#include "sfu/media/bandwidth/packet_groups.hpp"

#include <algorithm>

namespace parley::media::bandwidth {

std::optional<GroupDelta> PacketGroups::add(Time sent, Duration arrival) {
  if (!current_) {
    current_ = {sent, sent, arrival, arrival};
    return {};
  }
  if (sent < current_->first_sent) return {};  // overtaken by a later group: its delay says nothing new
  if (belongs(sent, arrival)) {
    current_->last_sent = std::max(current_->last_sent, sent);
    current_->last_arrival = std::max(current_->last_arrival, arrival);
    return {};
  }
  std::optional<GroupDelta> delta;
  if (previous_) {
    delta = {.sent = current_->last_sent - previous_->last_sent,
             .arrived = current_->last_arrival - previous_->last_arrival,
             .arrival = current_->last_arrival};
    const Duration jump = delta->arrived - delta->sent;
    if (delta->arrived < Duration(0) || jump > clock_jump || jump < -clock_jump) {
      reset();
      delta.reset();
    }
  }
  previous_ = current_;
  current_ = {sent, sent, arrival, arrival};
  return delta;
}

void PacketGroups::reset() {
  previous_.reset();
  current_.reset();
}

bool PacketGroups::belongs(Time sent, Duration arrival) const {
  if (sent - current_->first_sent <= group_length) return true;
  const Duration arrived = arrival - current_->last_arrival;
  const Duration gradient = arrived - (sent - current_->last_sent);
  return gradient < Duration(0) && arrived <= group_length && arrival - current_->first_arrival < longest_burst;
}

}  // namespace parley::media::bandwidth
