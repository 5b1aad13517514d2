#include "loadtest/crowd.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace parley::loadtest {
namespace {

std::uint32_t number_of(const Address& address) { return Reader(address.octets()).u32(); }

std::uint64_t whole_microseconds(Duration duration) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(duration / microseconds(1), 0));
}

std::uint64_t packets_sent(const Peer& peer) { return peer.publisher() ? peer.publisher()->counters()[SendCount::packets] : 0; }

}  // namespace

Address CrowdAddresses::of(MemberNumber member) const {
  const std::uint32_t offset = member * per_member;
  if (!same_port) return first.with_port(static_cast<std::uint16_t>(first.port() + offset));
  std::array<std::uint8_t, 4> octets;
  Writer(octets).u32(number_of(first) + offset);
  return Address::v4(octets, first.port());
}

MemberNumber CrowdAddresses::member_at(const Address& local) const {
  const std::uint32_t offset = same_port ? number_of(local) - number_of(first) : std::uint32_t{local.port()} - first.port();
  return offset / per_member;
}

Crowd::Crowd(const transport::Certificate& certificate, transport::Cipher& cipher, const Clips& clips, const Scenario& scenario,
             const CrowdAddresses& addresses, std::vector<std::unique_ptr<Signaling>> signaling, Random random)
    : certificate_(&certificate),
      cipher_(&cipher),
      scenario_(scenario),
      clips_(&clips),
      addresses_(addresses),
      random_(std::move(random)) {
  std::vector<Visit> plan = make_plan(scenario_);
  for (std::size_t i = 0; i < plan.size(); ++i)
    guests_.push_back({.visit = plan[i], .signaling = std::move(signaling.at(i)), .member = {}});
  stages_.resize(scenario_.rooms.count);
  attendance_.planned = static_cast<std::uint32_t>(plan.size());
}

void Crowd::start(Time now) { started_ = now; }

bool Crowd::has_bad_network(MemberNumber number) const {
  const double share = scenario_.network.share;
  return std::floor((number + 1) * share) > std::floor(number * share);
}

/// As many tracks as the publishers of a room send.
std::vector<sdp::Kind> Crowd::what_to_play() const {
  std::vector<sdp::Kind> kinds;
  for (std::uint32_t i = 0; i < scenario_.rooms.publishers; ++i) {
    if (scenario_.media.audio) kinds.push_back(sdp::Kind::audio);
    if (scenario_.media.video) kinds.push_back(sdp::Kind::video);
  }
  return kinds;
}

Member::Settings Crowd::settings(MemberNumber number) const {
  const Visit& visit = guests_[number].visit;
  Member::Settings settings;
  settings.peer.address = addresses_.of(number);
  settings.peer.same_port = addresses_.same_port;
  settings.peer.cname = "peer-" + std::to_string(number);
  settings.peer.verify_one_in = scenario_.verify_one_in;
  if (scenario_.media.has_clips()) settings.peer.content = Scrutiny::Content::clips;
  if (visit.publishes) settings.peer.tracks = make_sources(scenario_.media, visit.room, number, *clips_);
  if (!visit.publishes && guests_[number].signaling->viewer_offers())
    settings.peer.plays = what_to_play();
  else
    settings.peer.data = make_data(scenario_, visit, number);
  if (!has_bad_network(number)) return settings;
  settings.up = scenario_.network.up;
  settings.down = scenario_.network.down;
  return settings;
}

// ---- input

void Crowd::receive(Time now, const Path& path, MutableBytes datagram, CrowdOutput& out) {
  const MemberNumber number = addresses_.member_at(path.local);
  if (number >= guests_.size() || !guests_[number].member) return out.outbox().drops.add(DropReason::unknown_path);
  guests_[number].member->receive(now, path, datagram, out.member);
  hand_over(number, out);
}

void Crowd::receive(Time now, MemberNumber number, const FromWeb& event, CrowdOutput& out) {
  if (number >= guests_.size() || !guests_[number].member) return;
  guests_[number].member->receive(now, event, out.member);
  hand_over(number, out);
}

void Crowd::hand_over(MemberNumber number, CrowdOutput& out) {
  for (ToWeb& action : out.member.web) out.web.push_back({number, std::move(action)});
  out.member.web.clear();
  touch(number);
}

void Crowd::touch(MemberNumber number) {
  if (std::exchange(guests_[number].touched, true)) return;
  touched_.push_back(number);
}

// ---- time

void Crowd::advance(Time now, CrowdOutput& out) {
  if (started_ == never) return;
  for (; next_to_join_ < guests_.size() && started_ + guests_[next_to_join_].visit.join <= now; ++next_to_join_)
    join(now, static_cast<MemberNumber>(next_to_join_), out);
  while (const auto number = leaving_.take_due(now)) leave(now, *number, out);
  while (const auto number = deadlines_.take_due(now)) {
    if (!guests_[*number].member) continue;
    guests_[*number].member->advance(now, out.member);
    hand_over(*number, out);
  }
  for (const MemberNumber number : std::exchange(touched_, {})) {
    guests_[number].touched = false;
    if (!guests_[number].member) continue;
    observe(now, number);
    if (guests_[number].seen == Member::State::failed)
      leave(now, number, out);
    else
      deadlines_.set(number, guests_[number].member->wakeup());
  }
}

Time Crowd::wakeup() const {
  if (started_ == never) return never;
  Time wakeup = std::min(deadlines_.next(), leaving_.next());
  if (next_to_join_ < guests_.size()) wakeup = std::min(wakeup, started_ + guests_[next_to_join_].visit.join);
  return wakeup;
}

void Crowd::join(Time now, MemberNumber number, CrowdOutput& out) {
  Guest& guest = guests_[number];
  guest.joined = true;
  const Member::Settings own = settings(number);
  guest.member =
      std::make_unique<Member>(*certificate_, *cipher_, own, std::move(guest.signaling), Random::from_number(random_.next()));
  ++attendance_.joining;
  if (guest.visit.leave) leaving_.set(number, started_ + *guest.visit.leave);
  guest.member->start(now, out.member);
  hand_over(number, out);
}

void Crowd::leave(Time now, MemberNumber number, CrowdOutput& out) {
  Guest& guest = guests_[number];
  if (!guest.member) return;
  observe(now, number);
  guest.member->peer().add_quality(now, past_);
  if (const auto* data = guest.member->peer().data()) past_data_ += *data;
  past_sent_ += packets_sent(guest.member->peer());
  guest.member->leave(now, out.member);
  hand_over(number, out);
  become(guest, guest.member->state());
  deadlines_.remove(number);
  guest.member.reset();
}

void Crowd::leave(Time now, CrowdOutput& out) {
  next_to_join_ = guests_.size();
  for (std::size_t i = 0; i < guests_.size(); ++i) leave(now, static_cast<MemberNumber>(i), out);
}

// ---- what becomes of them

void Crowd::observe(Time now, MemberNumber number) {
  Guest& guest = guests_[number];
  const Member::State state = guest.member->state();
  if (state != guest.seen && state == Member::State::connected) {
    Stage& stage = stages_[guest.visit.room];
    if (guest.visit.publishes && stage.second.since == never)
      (stage.first.since == never ? stage.first : stage.second) = {number, *guest.member->connected_since()};
    const Time begin = guest.visit.publishes ? guest.member->started() : begin_of(number);
    joins_.until_connected.add(whole_microseconds(*guest.member->connected_since() - begin));
  }
  if (state != guest.seen && state == Member::State::failed) ++joins_.failures[guest.member->reason()];
  become(guest, state);
  if (!guest.has_seen_frame && guest.visit.watches) observe_first_frame(number, now);
}

void Crowd::observe_first_frame(MemberNumber number, Time now) {
  Guest& guest = guests_[number];
  if (guest.member->peer().tracks_shown() == 0) return;
  guest.has_seen_frame = true;
  const auto first = guest.member->peer().quality(now).first_frame;
  if (first) joins_.until_first_frame.add(whole_microseconds(*first - begin_of(number)));
}

Time Crowd::begin_of(MemberNumber number) const {
  const Guest& guest = guests_[number];
  const Stage& stage = stages_[guest.visit.room];
  const bool is_first = guest.visit.publishes && stage.first.member == number;
  const Time stage_since = is_first ? stage.second.since : stage.first.since;
  return stage_since == never ? guest.member->started() : std::max(guest.member->started(), stage_since);
}

void Crowd::become(Guest& guest, Member::State state) {
  if (state == guest.seen) return;
  const auto count = [&](Member::State which) -> std::uint32_t& {
    switch (which) {
      case Member::State::joining:
        return attendance_.joining;
      case Member::State::connected:
        return attendance_.connected;
      case Member::State::failed:
        return attendance_.failed;
      default:
        return attendance_.left;
    }
  };
  --count(guest.seen);
  ++count(state);
  guest.seen = state;
}

CrowdTotals Crowd::totals(Time now) const {
  CrowdTotals totals{.received = past_, .data = past_data_, .sent = past_sent_};
  for (const Guest& guest : guests_) {
    if (!guest.member) continue;
    guest.member->peer().add_quality(now, totals.received);
    if (const auto* data = guest.member->peer().data()) totals.data += *data;
    totals.sent += packets_sent(guest.member->peer());
    totals.subscriptions += guest.member->peer().tracks_expected();
    if (guest.member->peer().tracks_expected() > 0) ++totals.viewers;
  }
  return totals;
}

}  // namespace parley::loadtest
