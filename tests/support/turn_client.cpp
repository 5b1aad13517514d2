#include "tests/support/turn_client.hpp"

namespace parley::test {

namespace {

using stun::Attribute;
using stun::Method;

/// RFC 8489 section 6.2.1.
constexpr Duration first_timeout = milliseconds(500);
constexpr int most_transmissions = 7;
constexpr int last_timeout_factor = 16;
/// Before any permission (five minutes) can end.
constexpr Duration refresh_interval = minutes(4);
constexpr std::uint16_t first_channel = 0x4000;

}  // namespace

void TurnClient::start(Time now, DatagramBatch& out) {
  state_ = State::allocating;
  steps_ = {{Method::allocate}};
  next(now, out);
}

void TurnClient::move(Time now, const Path& path, DatagramBatch& out) {
  config_.path = path;
  config_.user.nonce.clear();
  request_.reset();
  refresh_at_ = never;
  start(now, out);
}

void TurnClient::leave(Time now, DatagramBatch& out) {
  state_ = State::leaving;
  refresh_at_ = never;
  request_.reset();
  steps_ = {{Method::refresh, 0, true}};
  next(now, out);
}

void TurnClient::queue_peers() {
  for (std::size_t i = 0; i < config_.peers.size(); ++i)
    steps_.push_back({config_.uses_channels ? Method::channel_bind : Method::create_permission, i});
}

void TurnClient::next(Time now, DatagramBatch& out) {
  if (request_ || steps_.empty()) return;
  const Step step = steps_.front();
  steps_.pop_front();
  begin(now, step, out);
}

void TurnClient::begin(Time now, const Step& step, DatagramBatch& out) {
  Request request{.step = step, .bytes = {}, .timeout = first_timeout};
  request.bytes = config_.user.request(step.method, [&](stun::Builder& b) {
    if (step.method == Method::allocate) request_transport(b);
    if (step.method == Method::refresh) b.u32(Attribute::lifetime, step.ends ? 0 : 600);
    if (step.method == Method::channel_bind)
      b.u32(Attribute::channel_number, static_cast<std::uint32_t>(first_channel + step.peer) << 16);
    if (step.method == Method::channel_bind || step.method == Method::create_permission)
      b.xor_address(Attribute::xor_peer_address, config_.peers[step.peer]);
  });
  request.transaction = stun::Message::parse(request.bytes)->transaction();
  request_ = std::move(request);
  transmit(now, out);
}

void TurnClient::transmit(Time now, DatagramBatch& out) {
  out.add(config_.path, request_->bytes);
  ++request_->transmissions;
  const bool last = request_->transmissions == most_transmissions;
  request_->due = now + (last ? last_timeout_factor * first_timeout : request_->timeout);
  request_->timeout *= 2;
}

void TurnClient::advance(Time now, DatagramBatch& out) {
  if (request_ && request_->due <= now) {
    if (request_->transmissions < most_transmissions) return transmit(now, out);
    request_.reset();
    return fail(408);
  }
  if (refresh_at_ > now) return;
  refresh_at_ = now + refresh_interval;
  steps_.push_back({Method::refresh});
  queue_peers();
  next(now, out);
}

void TurnClient::receive(Time now, Bytes datagram, DatagramBatch& out) {
  if (datagram.empty()) return;
  if (datagram[0] >> 6 == 1) {
    Reader reader(datagram);
    const std::size_t peer = reader.u16() - std::size_t{first_channel};
    const Bytes data = reader.take(reader.u16());
    if (peer < config_.peers.size()) received_.push_back({config_.peers[peer], std::string(as_text(data))});
    return;
  }
  const Received message(datagram);
  if (!message.message) return;
  if (message.message->type() == stun::Class::indication) return take_indication(message);
  if (request_ && message.message->transaction() == request_->transaction) answered(now, message, out);
}

void TurnClient::take_indication(const Received& message) {
  const auto peer = message.message->xor_address(Attribute::xor_peer_address);
  if (peer && message.message->has(Attribute::data)) received_.push_back({*peer, message.text(Attribute::data)});
}

void TurnClient::answered(Time now, const Received& answer, DatagramBatch& out) {
  const Step step = request_->step;
  request_.reset();
  const int code = answer.error();
  // 401 and 438 bring a nonce, with which the same is tried again; twice in a row the password is wrong.
  if ((code == 401 || code == 438) && ++challenges_ <= 2) {
    config_.user.learn(answer);
    return begin(now, step, out);
  }
  challenges_ = 0;
  if (code != 401 && code != 438)
    answers_were_authentic_ = answers_were_authentic_ && answer.message->integrity_is_valid(config_.user.key().bytes());
  const bool gone = step.ends && (answer.is_success() || code == 437);
  if (gone)
    state_ = State::gone;
  else if (answer.is_success())
    step.method == Method::allocate ? succeeded(now, answer) : void();
  else
    return fail(code);
  next(now, out);
  if (state_ == State::allocating && !request_ && steps_.empty()) state_ = State::ready;
}

void TurnClient::succeeded(Time now, const Received& answer) {
  relayed_ = answer.message->xor_addresses(Attribute::xor_relayed_address).value_or(std::vector<Address>());
  refresh_at_ = now + refresh_interval;
  queue_peers();
}

void TurnClient::fail(int code) {
  errors_.push_back(code);
  state_ = State::failed;
  refresh_at_ = never;
  steps_.clear();
}

void TurnClient::send(const Address& peer, std::string_view text, DatagramBatch& out) {
  if (state_ != State::ready) return;
  if (!config_.uses_channels) return void(out.add(config_.path, send_indication(peer, as_bytes(text))));
  for (std::size_t i = 0; i < config_.peers.size(); ++i)
    if (config_.peers[i] == peer)
      out.add(config_.path, channel_data(static_cast<std::uint16_t>(first_channel + i), as_bytes(text)));
}

}  // namespace parley::test
