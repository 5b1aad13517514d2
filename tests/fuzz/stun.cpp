// STUN messages before anything is known of their sender, and the agents that answer them.

#include <cstdint>
#include <vector>

#include "sfu/stun/builder.hpp"
#include "sfu/stun/message.hpp"
#include "sfu/transport/ice_client.hpp"
#include "sfu/transport/ice_lite.hpp"

namespace {

using namespace parley;

const transport::IceCredentials server{"serverfrag", "server-password-server-password"};
const Path path{Protocol::udp, Address::v4({192, 0, 2, 1}, 40000), Address::v4({198, 51, 100, 7}, 50000)};

Buffer built(stun::Class type, bool with_integrity) {
  std::array<std::uint8_t, 512> slot{};
  stun::Builder builder(slot, type, stun::Method::binding, {1, 2, 3});
  builder.bytes(stun::Attribute::username, as_bytes("serverfrag:clientfrag")).u32(stun::Attribute::priority, 1);
  builder.u64(stun::Attribute::ice_controlling, 2).flag(stun::Attribute::use_candidate);
  builder.xor_address(stun::Attribute::xor_mapped_address, path.remote).error(487, "Role Conflict");
  builder.xor_address(stun::Attribute::xor_peer_address, path.remote).address_error(true, 440, "");
  if (with_integrity) builder.integrity(as_bytes(server.password)).integrity_sha256(as_bytes(server.password));
  const Bytes message = with_integrity ? builder.finish(as_bytes(server.password)) : builder.finish();
  return {message.begin(), message.end()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes datagram(data, size);
  (void)stun::username(datagram);
  if (const auto message = stun::Message::parse(datagram)) {
    (void)message->unknown_required();
    (void)message->xor_mapped_address();
    (void)message->xor_addresses(stun::Attribute::xor_peer_address);
    (void)message->error_code();
    (void)message->integrity_is_valid(as_bytes(server.password));
    (void)message->integrity_sha256_is_valid(as_bytes(server.password));
  }
  const Time now{seconds(1000)};
  Outbox out;
  transport::IceLite lite(server);
  lite.receive(now, path, datagram, out);
  transport::IceClient client({"clientfrag", "client-password-client-password"}, Random::from_number(1));
  client.connect(now, path.local, server, {{Protocol::udp, path.remote}});
  client.receive(now, path, datagram, out);
  return 0;
}

std::vector<std::vector<std::uint8_t>> seeds() {
  std::vector<Buffer> result;
  for (const auto type : {stun::Class::request, stun::Class::indication, stun::Class::success, stun::Class::error})
    for (const bool with_integrity : {false, true}) result.push_back(built(type, with_integrity));
  return result;
}
