#include "turn/relaying.hpp"

#include <algorithm>

#include "sfu/stun/builder.hpp"
#include "turn/requests.hpp"

namespace parley::turn {

namespace {

using stun::Attribute;

/// How a Data indication to this client is identified: nobody answers it, so a count will do (RFC 8489 section 5 wants it
/// unique).
stun::TransactionId indication_id(const Context& context) {
  stun::TransactionId id{};
  Writer(id).u32(context.config.worker).u64(context.counts[Count::packets_to_clients]);
  return id;
}

/// A permission is only made for an address that the policy allows, so that it need not be asked for each packet, unless it has a
/// word on single ports.
bool permits(Time now, const Context& context, const Allocation& allocation, const Address& peer) {
  const Permission* const permission = allocation.permission(now, peer);
  return permission && (permission->all_ports || context.config.peers.allows(peer));
}

std::uint8_t padding_of(std::size_t size) { return static_cast<std::uint8_t>((4 - size % 4) % 4); }

void send_to_peer(Time now, Context& context, Allocation& allocation, const Address& peer, Bytes data, bool dont_fragment,
                  Output& out) {
  const Relay& relay = allocation.relay(peer.is_v4());
  if (relay.state != Relay::State::open) return context.reasons.add(Reason::peer_family_mismatch);
  if (!context.allow_bytes(now, allocation, data.size())) return;
  out.to_peers.push_back({relay.id, peer, data, dont_fragment});
  allocation.bytes_to_peers += data.size();
  context.counts.add(Count::packets_to_peers);
  context.counts.add(Count::bytes_to_peers, data.size());
}

/// Channel data: 4 bytes before the payload, and on a stream zeros behind it up to a multiple of four.
void write_channel_header(ToClient& entry, ChannelNumber channel) {
  Writer(entry.prefix).u16(channel.value).u16(static_cast<std::uint16_t>(entry.payload.size()));
  entry.prefix_size = 4;
  entry.padding = entry.client.protocol == Protocol::tcp ? padding_of(entry.payload.size()) : 0;
}

/// A Data indication up to the value of its DATA attribute, which comes last.
void write_indication_header(ToClient& entry, const Context& context, const Address& peer) {
  constexpr std::size_t attribute_header = 4;
  stun::Builder builder(entry.prefix, stun::Class::indication, stun::Method::data, indication_id(context));
  builder.xor_address(Attribute::xor_peer_address, peer);
  const std::size_t before = builder.finish_plain().size();
  entry.padding = padding_of(entry.payload.size());
  Writer(MutableBytes(entry.prefix).subspan(before))
      .u16(static_cast<std::uint16_t>(Attribute::data))
      .u16(static_cast<std::uint16_t>(entry.payload.size()));
  entry.prefix_size = static_cast<std::uint8_t>(before + attribute_header);
  // The length in the header counts everything behind it.
  Writer(MutableBytes(entry.prefix).subspan(2)).u16(static_cast<std::uint16_t>(entry.size() - stun::header_size));
}

}  // namespace

void relay_channel_data(Time now, Context& context, const Path& client, Bytes message, Output& out) {
  Reader reader(message);
  const ChannelNumber number{reader.u16()};
  const std::size_t length = reader.u16();
  // Over UDP there may be padding behind the data.
  const Bytes data = reader.take(length);
  if (!reader.ok()) return context.reasons.add(Reason::malformed);
  Allocation* const allocation = context.allocations.find(client);
  if (!allocation) return context.reasons.add(Reason::no_allocation);
  const Channel* const channel = allocation->channel(now, number);
  if (!channel) return context.reasons.add(Reason::no_channel);
  send_to_peer(now, context, *allocation, channel->peer, data, false, out);
}

void relay_send_indication(Time now, Context& context, const Path& client, const stun::Message& message, Output& out) {
  Allocation* const allocation = context.allocations.find(client);
  if (!allocation) return context.reasons.add(Reason::no_allocation);
  // Without XOR-PEER-ADDRESS or DATA, or with something unknown that must be understood, it is discarded.
  const auto peer = message.xor_address(Attribute::xor_peer_address);
  const auto data = message.find(Attribute::data);
  if (!peer || !data || allocation->protocol == Protocol::tcp || !understands(message))
    return context.reasons.add(Reason::send_malformed);
  if (!permits(now, context, *allocation, *peer))
    return context.reasons.add(context.config.peers.allows(*peer) ? Reason::no_permission : Reason::peer_refused);
  send_to_peer(now, context, *allocation, *peer, *data, message.has(Attribute::dont_fragment), out);
}

void relay_from_peer(Time now, Context& context, RelayId relay, const Address& peer, Bytes datagram, Output& out) {
  /// What a Data indication adds must still fit into its 16 bits of length.
  constexpr std::size_t largest = 65535 - 64;
  Allocation* const allocation = context.allocations.find(relay);
  if (!allocation) return context.reasons.add(Reason::unknown_relay);
  if (!permits(now, context, *allocation, peer)) return context.reasons.add(Reason::peer_without_permission);
  if (datagram.size() > largest) return context.reasons.add(Reason::peer_too_large);
  if (!context.allow_bytes(now, *allocation, datagram.size())) return;
  ToClient& entry = out.to_clients.emplace_back();
  entry.client = allocation->client;
  entry.payload = datagram;
  if (const Channel* const channel = allocation->channel(now, peer))
    write_channel_header(entry, channel->number);
  else
    write_indication_header(entry, context, peer);
  allocation->bytes_to_client += datagram.size();
  context.counts.add(Count::packets_to_clients);
  context.counts.add(Count::bytes_to_clients, datagram.size());
}

Time carried(Time now, Context& context, RelayId relay, const Address& peer, const Carried& to_peer, const Carried& to_client) {
  context.counts.add(Count::packets_to_peers, to_peer.packets);
  context.counts.add(Count::bytes_to_peers, to_peer.bytes);
  context.counts.add(Count::packets_to_clients, to_client.packets);
  context.counts.add(Count::bytes_to_clients, to_client.bytes);
  Allocation* const allocation = context.allocations.find(relay);
  if (!allocation) return now;
  allocation->bytes_to_peers += to_peer.bytes;
  allocation->bytes_to_client += to_client.bytes;
  const Channel* const channel = allocation->channel(now, peer);
  if (!channel || !permits(now, context, *allocation, peer)) return now;
  const std::size_t bytes = to_peer.bytes + to_client.bytes;
  if (context.allow_some(now, *allocation, bytes) < bytes) return now;
  return std::min({allocation->expires, channel->expires, allocation->permission(now, peer)->expires});
}

void relay_icmp(Time now, Context& context, RelayId relay, const Address& peer, const IcmpError& error, Output& out) {
  Allocation* const allocation = context.allocations.find(relay);
  if (!allocation || !permits(now, context, *allocation, peer)) return context.reasons.add(Reason::icmp_ignored);
  // RFC 8656 section 18.13: two reserved bytes, 7 bits of type and 9 of code, four bytes of what came with it.
  std::array<std::uint8_t, 8> value{};
  const auto type_and_code = static_cast<std::uint16_t>((error.type & 0x7f) << 9 | error.code);
  Writer(value).u16(0).u16(type_and_code).u32(error.data);
  stun::Builder builder(out.reserve(), stun::Class::indication, stun::Method::data, indication_id(context));
  builder.xor_address(Attribute::xor_peer_address, peer).bytes(Attribute::icmp, value);
  out.send_reserved(allocation->client, builder.finish_plain().size());
  context.counts.add(Count::packets_to_clients);
}

}  // namespace parley::turn
