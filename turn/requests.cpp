#include "turn/requests.hpp"

#include <algorithm>

namespace parley::turn {

namespace {

using stun::Attribute;

/// What a TURN server understands among the attributes that must be understood.
constexpr Attribute known_attributes[] = {
    Attribute::mapped_address,
    Attribute::username,
    Attribute::error_code,
    Attribute::unknown_attributes,
    Attribute::channel_number,
    Attribute::lifetime,
    Attribute::xor_peer_address,
    Attribute::data,
    Attribute::realm,
    Attribute::nonce,
    Attribute::xor_relayed_address,
    Attribute::requested_address_family,
    Attribute::even_port,
    Attribute::requested_transport,
    Attribute::dont_fragment,
    Attribute::password_algorithm,
    Attribute::userhash,
    Attribute::xor_mapped_address,
    Attribute::reservation_token,
    Attribute::connection_id,
};

/// As many as an answer names: no honest request has more.
constexpr std::size_t most_unknown = 8;

/// 0 to 3, 4 where RFC 8656 section 8.2 wants a family: is the allocation's relay of this family there?
bool has_family(const Allocation& allocation, Bytes value) {
  const std::uint8_t family = Reader(value).u8();
  if (family != 1 && family != 2) return false;
  return allocation.relay(family == 1).state == Relay::State::open;
}

}  // namespace

void refuse(Context& context, const Envelope& to, Refusal refusal, Output& out) {
  context.reasons.add(refusal.reason);
  Answer answer(to, stun::Class::error, out);
  answer->error(refusal.code, phrase(refusal.code));
  answer.send();
}

bool refuse_unknown(Context& context, const Envelope& to, const stun::Message& message, Output& out) {
  auto unknown = message.unknown_required(known_attributes);
  if (unknown.empty()) return false;
  unknown.resize(std::min(unknown.size(), most_unknown));
  context.reasons.add(Reason::unknown_attribute);
  Answer answer(to, stun::Class::error, out);
  answer->error(420, phrase(420)).unknown_attributes(unknown);
  answer.send();
  return true;
}

bool understands(const stun::Message& message) { return message.unknown_required(known_attributes).empty(); }

void handle_binding(Time now, Context& context, const Path& client, const stun::Message& message, std::size_t size, Output& out) {
  const Envelope to{client, message.method(), message.transaction(), {}, false, message.has_fingerprint()};
  const auto unknown = message.unknown_required(known_attributes);
  Answer answer(to, unknown.empty() ? stun::Class::success : stun::Class::error, out);
  if (unknown.empty()) {
    context.counts.add(Count::bindings);
    answer->xor_address(Attribute::xor_mapped_address, client.remote);
  } else {
    context.reasons.add(Reason::unknown_attribute);
    answer->error(420, "").unknown_attributes(std::span(unknown).first(std::min(unknown.size(), most_unknown)));
  }
  const std::size_t answer_size = answer.finish().size();
  if (context.address_limits.allow_answer(now, client, size, answer_size))
    out.send_reserved(client, answer_size);
  else
    context.reasons.add(Reason::refusal_limited);
}

Duration read_lifetime(const Context& context, const stun::Message& message) {
  const Limits& limits = context.config.limits;
  const auto value = message.find(Attribute::lifetime);
  if (!value) return limits.default_lifetime;
  const Duration wanted = seconds(Reader(*value).u32());
  return std::clamp(wanted, limits.default_lifetime, std::max(limits.largest_lifetime, limits.default_lifetime));
}

// RFC 8656 section 8.2.
void handle_refresh(Context& context, const Request& request, Output& out) {
  Allocation* const allocation = request.allocation;
  if (!allocation) return refuse(context, request.envelope, {Reason::allocation_mismatch, 437}, out);

  // A family that the allocation does not have: 443.
  const auto family = request.message.find(Attribute::requested_address_family);
  if (family && !has_family(*allocation, *family))
    return refuse(context, request.envelope, {Reason::peer_family_mismatch, 443}, out);

  const auto wanted = request.message.find(Attribute::lifetime);
  if (wanted && wanted->size() != 4) return refuse(context, request.envelope, {Reason::bad_request, 400}, out);
  const bool ends = wanted && Reader(*wanted).u32() == 0;
  const Duration lifetime = ends ? Duration::zero() : read_lifetime(context, request.message);
  Answer answer(request.envelope, stun::Class::success, out);
  answer->u32(Attribute::lifetime, static_cast<std::uint32_t>(std::chrono::duration_cast<seconds>(lifetime).count()));
  answer.send();

  // "If the desired lifetime is zero, then the allocation is deleted", of a dual one that family alone.
  const bool dual = allocation->v4.state == Relay::State::open && allocation->v6.state == Relay::State::open;
  if (ends && family && dual) return close_relay(context, *allocation, Reader(*family).u8() == 1, out);
  if (ends) return remove_allocation(request.now, context, *allocation, AllocationClosed::Why::deleted, out);
  allocation->expires = request.now + lifetime;
  context.expiries.set(allocation->slot, allocation->expires);
}

// RFC 8656 section 10.2.
void handle_create_permission(Context& context, const Request& request, Output& out) {
  Allocation* const allocation = request.allocation;
  if (!allocation) return refuse(context, request.envelope, {Reason::allocation_mismatch, 437}, out);

  // At least one XOR-PEER-ADDRESS, and none that is malformed: 400. Of the allocation's families: 443. All are judged before one
  // is installed.
  const auto peers = request.message.xor_addresses(Attribute::xor_peer_address);
  if (!peers || peers->empty()) return refuse(context, request.envelope, {Reason::bad_request, 400}, out);
  for (const Address& peer : *peers) {
    if (allocation->relay(peer.is_v4()).state != Relay::State::open)
      return refuse(context, request.envelope, {Reason::peer_family_mismatch, 443}, out);
    if (context.config.peers.allowed_ports(peer) == AllowedPorts::none)
      return refuse(context, request.envelope, {Reason::peer_refused, 403}, out);
  }
  const std::size_t limit = context.config.limits.permissions;
  if (allocation->count_permissions(request.now) + allocation->count_new(request.now, *peers) > limit)
    return refuse(context, request.envelope, {Reason::too_many_permissions, 508}, out);

  for (const Address& peer : *peers)
    allocation->permit(request.now, peer, context.config.peers.allowed_ports(peer) == AllowedPorts::all, limit);
  Answer(request.envelope, stun::Class::success, out).send();
}

// RFC 8656 section 12.2.
void handle_channel_bind(Context& context, const Request& request, Output& out) {
  Allocation* const allocation = request.allocation;
  if (!allocation) return refuse(context, request.envelope, {Reason::allocation_mismatch, 437}, out);

  // Both attributes, a number of the range, a number that no other peer has and a peer that has no other number: else 400. RFC
  // 6062 section 5: there are no channels on a TCP allocation.
  const auto number = request.message.find(Attribute::channel_number);
  const auto peer = request.message.xor_address(Attribute::xor_peer_address);
  const ChannelNumber channel{number ? Reader(*number).u16() : std::uint16_t{0}};
  if (!channel.is_valid() || !peer || allocation->protocol == Protocol::tcp)
    return refuse(context, request.envelope, {Reason::bad_request, 400}, out);
  const Channel* const of_number = allocation->channel(request.now, channel);
  const Channel* const of_peer = allocation->channel(request.now, *peer);
  if (of_number != of_peer) return refuse(context, request.envelope, {Reason::bad_request, 400}, out);

  if (allocation->relay(peer->is_v4()).state != Relay::State::open)
    return refuse(context, request.envelope, {Reason::peer_family_mismatch, 443}, out);
  if (!context.config.peers.allows(*peer)) return refuse(context, request.envelope, {Reason::peer_refused, 403}, out);

  // The channel is bound, or refreshed, and a permission for the peer's address installed, or refreshed.
  const bool all_ports = context.config.peers.allowed_ports(*peer) == AllowedPorts::all;
  if (!allocation->permit(request.now, *peer, all_ports, context.config.limits.permissions))
    return refuse(context, request.envelope, {Reason::too_many_permissions, 508}, out);
  if (!allocation->bind(request.now, channel, *peer, context.config.limits.channels))
    return refuse(context, request.envelope, {Reason::too_many_channels, 508}, out);
  Answer(request.envelope, stun::Class::success, out).send();
  if (request.client.protocol == Protocol::udp)
    out.commands.push_back(OpenFastPath{allocation->relay(peer->is_v4()).id, request.client, channel, *peer});
}

}  // namespace parley::turn
