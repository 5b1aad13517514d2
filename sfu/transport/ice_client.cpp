#include "sfu/transport/ice_client.hpp"

#include <algorithm>

#include "sfu/stun/builder.hpp"
#include "sfu/stun/message.hpp"

namespace parley::transport {

namespace {

/// RFC 8445 section 14.2: Ta, the time between the first checks of two candidates.
constexpr Duration pacing = milliseconds(50);
/// RFC 8445 section 14.3 says 500 ms for an unknown number of pairs; with two or three, 100 ms finishes sooner on a lossy link.
constexpr Duration first_retransmission = milliseconds(100);
constexpr Duration longest_retransmission = seconds(1);
/// In all about 16 s, as long as Chromium tries.
constexpr int max_transmissions = 18;
/// RFC 7675 section 5.1: 5 s, each time multiplied by something between 0.8 and 1.2; consent ends 30 s after the last answer.
constexpr Duration consent_interval = seconds(5);
/// RFC 8445 section 7.3.1.1: of two who both want control, the larger number gets it.
constexpr std::uint64_t wins_every_tie = 0xFFFFFFFF00000000;
/// Addresses that the server's checks may add to its candidates.
constexpr std::size_t maximum_checks = 16;
/// RFC 8445 section 5.1.2.1: type preference 110 (peer-reflexive), local preference 65535, component 1.
constexpr std::uint32_t priority = 110U << 24 | 65535U << 8 | 255U;

Duration timeout_after(int transmissions) {
  return std::min(longest_retransmission, first_retransmission * (1 << std::min(transmissions - 1, 10)));
}

}  // namespace

IceClient::IceClient(IceCredentials local, Random random)
    : local_(std::move(local)), random_(random), tie_breaker_(random_.next() | wins_every_tie) {}

void IceClient::connect(Time now, Address from, IceCredentials remote, std::vector<Candidate> candidates) {
  from_ = from;
  remote_ = std::move(remote);
  candidates_ = std::move(candidates);
  begin_checks(now);
}

void IceClient::move(Time now, Address from) {
  from_ = from;
  selected_.reset();
  consent_.reset();
  consent_expires_ = never;
  begin_checks(now);
}

void IceClient::begin_checks(Time now) {
  checks_.clear();
  for (const Candidate& candidate : candidates_) {
    Check check{.path = {candidate.protocol, from_, candidate.address}, .due = now};
    random_.fill(check.transaction);
    checks_.push_back(check);
    now += pacing;
  }
  if (!selected_) state_ = State::checking;
}

void IceClient::send(Check& check, Outbox& out) {
  stun::Builder request(out.datagrams.reserve(), stun::Class::request, stun::Method::binding, check.transaction);
  request.bytes(stun::Attribute::username, as_bytes(remote_.ufrag + ":" + local_.ufrag));
  request.u32(stun::Attribute::priority, priority);
  request.u64(stun::Attribute::ice_controlling, tie_breaker_);
  if (check.nominates) request.flag(stun::Attribute::use_candidate);
  out.datagrams.commit(check.path, request.finish(as_bytes(remote_.password)).size());
  ++check.sent;
}

void IceClient::receive(Time now, const Path& path, Bytes datagram, Outbox& out) {
  const auto message = stun::Message::parse(datagram);
  if (!message) return out.drops.add(DropReason::stun_malformed);
  if (message->type() == stun::Class::request) return answer(now, path, *message, out);
  const auto answered = [&](const Check& check) { return check.transaction == message->transaction() && check.path == path; };
  const bool is_consent = consent_ && answered(*consent_);
  const auto check = std::ranges::find_if(checks_, answered);
  // An error is not believed, because one that says 401 can't be authenticated: the check is sent again until it is given up.
  if (message->type() != stun::Class::success || (!is_consent && check == checks_.end()))
    return out.drops.add(DropReason::stun_unexpected);
  if (!message->integrity_is_valid(as_bytes(remote_.password))) return out.drops.add(DropReason::stun_bad_integrity);
  mapped_ = message->xor_mapped_address();
  if (is_consent)
    consent_expires_ = now + IceLite::consent_lifetime;
  else
    succeed(now, *check, out);
}

void IceClient::answer(Time now, const Path& path, const stun::Message& request, Outbox& out) {
  const auto username = request.find(stun::Attribute::username);
  if (request.method() != stun::Method::binding || !username || stun::receiver_ufrag(as_text(*username)) != local_.ufrag)
    return out.drops.add(DropReason::stun_unexpected);
  if (!request.integrity_is_valid(as_bytes(local_.password))) return out.drops.add(DropReason::stun_bad_integrity);
  stun::Builder reply(out.datagrams.reserve(), stun::Class::success, stun::Method::binding, request.transaction());
  reply.xor_address(stun::Attribute::xor_mapped_address, path.remote);
  out.datagrams.commit(path, reply.finish(as_bytes(local_.password)).size());
  // RFC 8445 section 7.3.1.4: a triggered check, when the pair is a new one.
  const bool checked = std::ranges::any_of(checks_, [&](const Check& check) { return check.path == path; });
  if (state_ != State::checking || checked || checks_.size() >= maximum_checks) return;
  Check& check = checks_.emplace_back(Check{.path = path, .due = now});
  random_.fill(check.transaction);
}

void IceClient::succeed(Time now, Check check, Outbox& out) {
  checks_.clear();
  if (!check.nominates) {
    // RFC 8445 section 8.1.1, regular nomination: a second check on the first pair that has proved to work.
    Check& nomination = checks_.emplace_back(Check{.path = check.path, .nominates = true});
    random_.fill(nomination.transaction);
    retransmit(now, nomination, out);
    return;
  }
  selected_ = check.path;
  state_ = State::connected;
  consent_expires_ = now + IceLite::consent_lifetime;
  consent_ = Check{.path = check.path};
  consent_->due = now + consent_delay();
}

void IceClient::retransmit(Time now, Check& check, Outbox& out) {
  if (check.sent == max_transmissions) {
    check.due = never;
    return;
  }
  send(check, out);
  check.due = now + timeout_after(check.sent);
}

void IceClient::ask_consent(Time now, Outbox& out) {
  random_.fill(consent_->transaction);
  send(*consent_, out);
  consent_->due = now + consent_delay();
}

Duration IceClient::consent_delay() {
  const double factor = 0.8 + 0.4 * random_.uniform();
  return Duration(static_cast<Duration::rep>(static_cast<double>(consent_interval.count()) * factor));
}

void IceClient::advance(Time now, Outbox& out) {
  for (Check& check : checks_)
    if (now >= check.due) retransmit(now, check, out);
  if (consent_ && now >= consent_->due) ask_consent(now, out);
  if (now >= consent_expires_) {
    selected_.reset();
    consent_.reset();
    consent_expires_ = never;
    state_ = State::disconnected;
  }
  const bool given_up = std::ranges::all_of(checks_, [](const Check& check) { return check.due == never; });
  if (!checks_.empty() && given_up && !selected_) state_ = State::failed;
}

Time IceClient::wakeup() const {
  Time earliest = consent_expires_;
  for (const Check& check : checks_) earliest = std::min(earliest, check.due);
  return consent_ ? std::min(earliest, consent_->due) : earliest;
}

}  // namespace parley::transport
