// The Allocate request, RFC 8656 section 7.2. It takes two turns: the relay sockets have to be opened in between.

#include <algorithm>

#include "turn/requests.hpp"

namespace parley::turn {

namespace {

using stun::Attribute;
using Parity = RelayPorts::Parity;

/// So many ports that others have are tried: within the range few are in use by anybody else.
constexpr std::uint8_t most_attempts = 8;
constexpr std::uint8_t udp_number = 17;
constexpr std::uint8_t tcp_number = 6;

/// What the request asks for.
struct Wanted {
  Protocol protocol = Protocol::udp;
  bool v4 = true;
  bool v6 = false;
  bool either = false;  ///< ADDITIONAL-ADDRESS-FAMILY: one of the two is better than none
  Parity parity = Parity::any;
  std::optional<ReservedPort> reserved;
};

constexpr Refusal malformed{Reason::bad_request, 400};

/// A port of this worker must still be held back; of one of another worker only its socket can tell.
bool is_free(Context& context, ReservedPort reserved) {
  return context.reservations.holds(reserved) || !context.ports(Protocol::udp, reserved.v4).owns(reserved.port);
}

/// Steps 5 to 9 of the section.
std::variant<Wanted, Refusal> read_families_and_ports(Context& context, const Request& request, Wanted wanted) {
  const auto token = request.message.find(Attribute::reservation_token);
  const auto family = request.message.find(Attribute::requested_address_family);
  const auto additional = request.message.find(Attribute::additional_address_family);
  const auto even_port = request.message.find(Attribute::even_port);
  const bool reserves = even_port && (Reader(*even_port).u8() & 0x80) != 0;

  // 5. RESERVATION-TOKEN together with what it has decided already: 400. A token that is not good any more: 508.
  if (token) {
    if (even_port || family || additional || wanted.protocol == Protocol::tcp) return malformed;
    wanted.reserved = context.reservations.read(request.now, *token, request.proof.username);
    if (!wanted.reserved || !is_free(context, *wanted.reserved)) return Refusal{Reason::bad_reservation, 508};
    wanted.v4 = wanted.reserved->v4;
    wanted.v6 = !wanted.v4;
    return wanted;
  }
  // 6. Both REQUESTED-ADDRESS-FAMILY and ADDITIONAL-ADDRESS-FAMILY: 400.
  if (family && additional) return malformed;
  // 7. A family that does not exist, or that we do not relay: 440.
  if (family) {
    const std::uint8_t number = Reader(*family).u8();
    wanted.v4 = number == 1;
    wanted.v6 = number == 2;
  }
  // 8. ADDITIONAL-ADDRESS-FAMILY with anything but IPv6, or with a reserved port: 400.
  if (additional) {
    if (Reader(*additional).u8() != 2 || reserves) return malformed;
    wanted.v6 = wanted.either = true;
  }
  const bool v4_is_there = wanted.v4 && context.config.relay_v4;
  const bool v6_is_there = wanted.v6 && context.config.relay_v6;
  if (!v4_is_there && !v6_is_there) return Refusal{Reason::unsupported_family, 440};
  // 9. EVEN-PORT. RFC 6062 section 5.1: not for TCP.
  if (even_port) {
    if (wanted.protocol == Protocol::tcp || even_port->empty()) return malformed;
    wanted.parity = reserves ? Parity::even_with_next : Parity::even;
  }
  return wanted;
}

std::variant<Wanted, Refusal> read_wanted(Context& context, const Request& request) {
  // 3. REQUESTED-TRANSPORT, without which 400, and of which we know UDP, and TCP for clients that came by TCP (RFC 6062).
  const auto transport = request.message.find(Attribute::requested_transport);
  if (!transport || transport->size() != 4) return malformed;
  const std::uint8_t number = transport->front();
  if (number != udp_number && number != tcp_number) return Refusal{Reason::unsupported_transport, 442};
  const Protocol protocol = number == udp_number ? Protocol::udp : Protocol::tcp;
  if (protocol == Protocol::tcp && request.client.protocol == Protocol::udp) return malformed;
  // 4. DONT-FRAGMENT is understood; only a TCP allocation can't mean it.
  if (protocol == Protocol::tcp && request.message.has(Attribute::dont_fragment)) return malformed;
  Wanted wanted;
  wanted.protocol = protocol;
  return read_families_and_ports(context, request, wanted);
}

/// Takes a port and asks for its socket, or notes why there is none.
void open_relay(Time now, Context& context, Allocation& allocation, bool is_v4, Output& out) {
  Relay& relay = allocation.relay(is_v4);
  const auto& address = context.relay_address(is_v4);
  if (!address) {
    relay.error = 440;
    return;
  }
  if (!relay.port) {
    const auto port = context.ports(allocation.protocol, is_v4).take(allocation.parity, context.random);
    if (!port) {
      context.reasons.add(Reason::no_relay_port);
      relay.error = 508;
      return;
    }
    relay.port = *port;
    if (allocation.parity == Parity::even_with_next) {
      allocation.reserved = ReservedPort{static_cast<std::uint16_t>(*port + 1), is_v4};
      allocation.token = context.reservations.add(now, *allocation.reserved, allocation.username);
    }
  }
  relay.state = Relay::State::opening;
  relay.id = context.allocations.next_relay(allocation, is_v4);
  out.commands.push_back(OpenRelay{relay.id, allocation.protocol, address->local.with_port(relay.port)});
}

void answer_success(Time now, Context& context, const Allocation& allocation, const Envelope& to, Output& out) {
  Answer answer(to, stun::Class::success, out);
  for (const bool is_v4 : {true, false}) {
    const Relay& relay = allocation.relay(is_v4);
    if (relay.state == Relay::State::open)
      answer->xor_address(Attribute::xor_relayed_address, context.relayed_address(relay, is_v4));
    else if (relay.error != 0)
      answer->address_error(is_v4, relay.error, phrase(relay.error));
  }
  const auto left = std::chrono::duration_cast<seconds>(allocation.expires - now).count();
  answer->u32(Attribute::lifetime, static_cast<std::uint32_t>(left));
  if (allocation.reserved) answer->bytes(Attribute::reservation_token, allocation.token);
  answer->xor_address(Attribute::xor_mapped_address, allocation.client.remote);
  answer.send();
}

Envelope envelope_of(const Allocation& allocation) {
  return {allocation.client, stun::Method::allocate, allocation.allocate_transaction,
          allocation.key,    allocation.uses_sha256, allocation.has_fingerprint};
}

/// Every relay that was wanted is there or can't be had: the client gets its answer.
void finish(Time now, Context& context, Allocation& allocation, Output& out) {
  if (allocation.opening()) return;
  const Envelope to = envelope_of(allocation);
  const bool has_v4 = allocation.v4.state == Relay::State::open;
  const bool has_v6 = allocation.v6.state == Relay::State::open;
  if (!has_v4 && !has_v6) {
    remove_allocation(now, context, allocation, AllocationClosed::Why::relay_failed, out);
    Answer answer(to, stun::Class::error, out);
    answer->error(508, phrase(508));
    return answer.send();
  }
  context.counts.add(Count::allocations);
  AllocationOpened event{allocation.client, allocation.username, {}};
  if (has_v4) event.relayed.push_back(context.relayed_address(allocation.v4, true));
  if (has_v6) event.relayed.push_back(context.relayed_address(allocation.v6, false));
  out.events.push_back(std::move(event));
  answer_success(now, context, allocation, to, out);
}

/// Step 11: 486 when the user, or whoever shares his address, has too many; 508 when the worker has.
std::optional<Refusal> take_quotas(Context& context, const Request& request, Allocation& draft) {
  const Limits& limits = context.config.limits;
  if (context.allocations.size() >= limits.allocations) return Refusal{Reason::too_many_allocations, 508};
  const std::string user = "user " + std::string(account_of(request.proof.username));
  const std::string address = "address " + request.client.remote.customer().host();
  draft.user_slot = context.quotas.find(as_bytes(user));
  draft.address_slot = context.quotas.find(as_bytes(address));
  if (!context.quotas.add(draft.user_slot, limits.allocations_of_user)) return Refusal{Reason::user_quota, 486};
  if (!context.quotas.add(draft.address_slot, limits.allocations_of_address)) {
    context.quotas.remove(draft.user_slot);
    return Refusal{Reason::address_quota, 486};
  }
  if (limits.bandwidth_of_user != 0) draft.user_account = context.accounts.hold(user);
  if (limits.bandwidth_of_address != 0) draft.address_account = context.accounts.hold(address);
  return std::nullopt;
}

void refuse_because_of_draining(Context& context, const Request& request, Output& out) {
  const auto& alternate = request.client.remote.is_v4() ? context.alternate_v4 : context.alternate_v6;
  if (!alternate) return refuse(context, request.envelope, {Reason::draining, 508}, out);
  context.reasons.add(Reason::draining);
  Answer answer(request.envelope, stun::Class::error, out);
  answer->error(300, phrase(300)).address(Attribute::alternate_server, *alternate);
  answer.send();
}

}  // namespace

void handle_allocate(Context& context, const Request& request, Output& out) {
  // 1. The request is authenticated. 2. An allocation of this 5-tuple: 437, unless this is the request that made it, once more.
  if (Allocation* const known = context.allocations.find(request.client)) {
    if (known->allocate_transaction != request.message.transaction())
      return refuse(context, request.envelope, {Reason::allocation_mismatch, 437}, out);
    if (!known->opening()) answer_success(request.now, context, *known, request.envelope, out);
    return;
  }
  const auto read = read_wanted(context, request);
  if (const auto* refusal = std::get_if<Refusal>(&read)) return refuse(context, request.envelope, *refusal, out);
  // 12. "The server MAY redirect the client": when it is about to go.
  if (context.draining) return refuse_because_of_draining(context, request, out);

  const Wanted& wanted = std::get<Wanted>(read);
  Allocation draft;
  if (const auto refusal = take_quotas(context, request, draft)) return refuse(context, request.envelope, *refusal, out);
  if (wanted.reserved) {
    Relay& relay = draft.relay(wanted.reserved->v4);
    relay.port = wanted.reserved->port;
    relay.owns_port = context.reservations.release(*wanted.reserved);
    draft.claimed = true;
  }
  Allocation& allocation = context.allocations.add(request.client, std::move(draft));
  allocation.username = request.proof.username;
  allocation.key = request.proof.key;
  allocation.algorithm = request.proof.algorithm;
  allocation.uses_sha256 = request.proof.uses_sha256;
  allocation.has_fingerprint = request.message.has_fingerprint();
  allocation.allocate_transaction = request.message.transaction();
  allocation.protocol = wanted.protocol;
  allocation.parity = wanted.parity;
  allocation.created = request.now;
  allocation.expires = request.now + read_lifetime(context, request.message);
  context.expiries.set(allocation.slot, allocation.expires);
  if (wanted.v4) open_relay(request.now, context, allocation, true, out);
  if (wanted.v6) open_relay(request.now, context, allocation, false, out);
  finish(request.now, context, allocation, out);
}

void relay_opened(Time now, Context& context, RelayId relay, Output& out) {
  Allocation* const allocation = context.allocations.find(relay);
  if (!allocation) return;
  allocation->relay(Allocations::is_v4(relay)).state = Relay::State::open;
  finish(now, context, *allocation, out);
}

void relay_failed(Time now, Context& context, RelayId id, Output& out) {
  Allocation* const allocation = context.allocations.find(id);
  if (!allocation) return;
  const bool is_v4 = Allocations::is_v4(id);
  forget_port(context, *allocation, is_v4);
  // Another port, where it may be another one.
  if (!allocation->claimed && ++allocation->attempts < most_attempts)
    open_relay(now, context, *allocation, is_v4, out);
  else
    allocation->relay(is_v4).error = 508;
  finish(now, context, *allocation, out);
}

}  // namespace parley::turn
