// The messages that open data channels. What is accepted says the same when it is written and read again.

#include <cstdint>
#include <cstdlib>
#include <vector>

#include "sfu/transport/dcep.hpp"

using namespace parley;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto message = transport::parse_dcep(Bytes(data, size));
  if (!message) return 0;
  const auto* open = std::get_if<transport::DcepOpen>(&*message);
  if (!open) return 0;
  const auto& description = open->description;
  if (description.label.size() + description.protocol.size() > transport::maximum_channel_names) std::abort();
  const auto again = transport::parse_dcep(transport::write_dcep_open(description));
  if (!again || std::get<transport::DcepOpen>(*again).description != description) std::abort();
  return 0;
}

std::vector<std::vector<std::uint8_t>> seeds() {
  using Kind = transport::Reliability::Kind;
  return {transport::write_dcep_ack(), transport::write_dcep_open({"", "", {}}),
          transport::write_dcep_open({"chat", "parley.1/all", {}}),
          transport::write_dcep_open({"cursor", "parley.1/lossy", {Kind::retransmissions, false, 0}}),
          transport::write_dcep_open({std::string(900, 'l'), "p", {Kind::lifetime, true, 500}})};
}
