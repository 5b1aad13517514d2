#include "tests/sim/quality/flow.hpp"

#include <algorithm>

#include "sfu/rtp/rtcp/compound.hpp"

namespace parley::quality {

using media::bandwidth::Probe;
using media::bandwidth::ProbeId;

Flow::Flow(const FlowSettings& settings, std::uint8_t index, Time begin, Random random)
    : settings_(settings), index_(index), begin_(begin), source_(settings.source, std::move(random)), estimator_({}) {
  source_.pause(begin + settings.start);
}

void Flow::receive_media(Time now, const Packet& packet) {
  feedback_.receive(receiver_time(now), static_cast<std::uint16_t>(packet.number), Ssrc{2});
}

void Flow::receive_feedback(Time now, const Packet& packet) {
  rtp::Compound messages(packet.body);
  while (const auto message = messages.next())
    if (const auto* const feedback = std::get_if<rtp::TransportFeedback>(&*message)) estimator_.receive(now, *feedback);
}

void Flow::advance_sender(Time now, std::vector<Packet>& out) {
  estimator_.set_wanted(active(now) ? source_.wanted() : 0);
  estimator_.advance(now);
  take_frame(now);
  if (!probe_) {
    probe_ = estimator_.take_probe(now);
    probe_sent_ = 0;
    probe_next_ = probe_ ? now : never;
  }
  if (probe_) send_probe(now, out);
  if (!probe_ && now >= next_slot_) send_slot(now, out);
}

bool Flow::active(Time now) const {
  if (now < begin_ + settings_.start) return false;
  return !settings_.pause || now < begin_ + *settings_.pause || now >= begin_ + *settings_.resume;
}

void Flow::take_frame(Time now) {
  const auto frame = source_.take_frame(now, estimator_.estimate());
  if (!frame) return;
  if (!active(now)) return source_.pause(begin_ + *settings_.resume);
  if (waiting_.empty()) next_slot_ = std::max(next_slot_, now);
  for (std::size_t left = *frame; left > 0; left -= std::min(left, packet_bytes))
    waiting_.push_back(std::min(left, packet_bytes));
  waiting_bytes_ += *frame;
}

void Flow::send_slot(Time now, std::vector<Packet>& out) {
  const double share = static_cast<double>(estimator_.pacing_rate()) / 8 * static_cast<double>(slot.count()) / 1e9;
  budget_ = std::min(budget_ + share, share);
  next_slot_ = now + slot;
  while (!waiting_.empty() && budget_ > 0) {
    budget_ -= static_cast<double>(waiting_.front());
    send(now, pop(), {}, out);
  }
}

void Flow::send_probe(Time now, std::vector<Packet>& out) {
  while (probe_ && now >= probe_next_) {
    const std::size_t bytes = waiting_.empty() ? packet_bytes : pop();
    send(now, bytes, probe_->id, out);
    probe_sent_ += bytes;
    probe_next_ += nanoseconds(bytes * 8 * 1'000'000'000 / probe_->bits_per_second);
    if (probe_sent_ < probe_->bytes) continue;
    probe_.reset();
    next_slot_ = probe_next_;
    probe_next_ = never;
  }
}

void Flow::send(Time now, std::size_t bytes, std::optional<ProbeId> probe, std::vector<Packet>& out) {
  const std::uint16_t number = estimator_.sent(now, bytes, probe);
  out.push_back({.flow = index_, .kind = Kind::media, .number = number, .sent = now, .bytes = bytes, .body = {}});
}

std::size_t Flow::pop() {
  const std::size_t bytes = waiting_.front();
  waiting_.pop_front();
  waiting_bytes_ -= bytes;
  return bytes;
}

void Flow::advance_receiver(Time now, std::vector<Packet>& out) {
  std::vector<rtp::TransportFeedback> messages;
  feedback_.advance(receiver_time(now), messages);
  for (const auto& message : messages) {
    Buffer body(1400);
    Writer writer(body);
    rtp::write(message, writer);
    body.resize(writer.size());
    const std::size_t bytes = body.size() + 40;  // SRTCP, UDP, IP
    out.push_back({.flow = index_, .kind = Kind::feedback, .number = 0, .sent = now, .bytes = bytes, .body = std::move(body)});
  }
}

Time Flow::wakeup() const {
  Time next = std::min(source_.wakeup(), estimator_.wakeup());
  if (probe_) next = std::min(next, probe_next_);
  if (!probe_ && !waiting_.empty()) next = std::min(next, next_slot_);
  return feedback_.wakeup() == never ? next : std::min(next, sender_time(feedback_.wakeup()));
}

Time Flow::receiver_time(Time now) const {
  const Duration since = now - begin_;
  const auto drifted = Duration(static_cast<std::int64_t>(static_cast<double>(since.count()) * settings_.drift));
  return Time(settings_.receiver_clock + since + drifted);
}

Time Flow::sender_time(Time receiver) const {
  const Duration since = receiver - Time(settings_.receiver_clock);
  // A microsecond late rather than one nanosecond early, which would never come to an end.
  return begin_ + Duration(static_cast<std::int64_t>(static_cast<double>(since.count()) / (1 + settings_.drift))) +
         microseconds(1);
}

}  // namespace parley::quality
