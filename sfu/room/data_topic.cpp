#include "sfu/room/data_topic.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "sfu/base/utf8.hpp"

namespace parley::room {

namespace {

constexpr std::array<std::string_view, 3> protocols{"parley.1/all", "parley.1/wait", "parley.1/lossy"};

}  // namespace

std::optional<DataTopic> parse_data_topic(const transport::ChannelDescription& description) {
  const auto& label = description.label;
  const auto protocol = std::ranges::find(protocols, description.protocol);
  if (protocol == protocols.end() || label.empty() || label.size() > DataTopic::longest_name || !is_utf8(label)) return {};
  return DataTopic{label, static_cast<DataMode>(protocol - protocols.begin())};
}

transport::ChannelDescription describe(const DataTopic& topic) {
  using Kind = transport::Reliability::Kind;
  const bool lossy = topic.mode == DataMode::lossy;
  return {.label = topic.name,
          .protocol = std::string(protocols.at(static_cast<std::size_t>(topic.mode))),
          .reliability = {.kind = lossy ? Kind::retransmissions : Kind::reliable, .ordered = !lossy, .limit = 0}};
}

}  // namespace parley::room
