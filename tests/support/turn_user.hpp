#pragma once
// A user of a TURN server, as far as it is bytes: requests with his credentials, and what can be read from the answers.

#include <functional>
#include <optional>
#include <string>

#include "sfu/base/crypto.hpp"
#include "sfu/stun/builder.hpp"
#include "sfu/stun/message.hpp"
#include "turn/authentication.hpp"
#include "turn/credentials.hpp"

namespace parley::test {

/// A message that keeps its bytes.
struct Received {
  explicit Received(Bytes from) : bytes(from.begin(), from.end()), message(stun::Message::parse(bytes)) {}
  Received(const Received& other) : Received(Bytes(other.bytes)) {}
  Received& operator=(const Received&) = delete;

  bool is_success() const { return message && message->type() == stun::Class::success; }
  /// 0: no error.
  int error() const { return message && message->type() == stun::Class::error ? message->error_code().value_or(0) : 0; }
  std::optional<std::uint32_t> u32(stun::Attribute type) const {
    const auto value = message->find(type);
    return value ? std::optional(Reader(*value).u32()) : std::nullopt;
  }
  std::string text(stun::Attribute type) const { return std::string(as_text(message->find(type).value_or(Bytes()))); }

  Buffer bytes;
  std::optional<stun::Message> message;
};

struct TurnUser {
  using Fill = std::function<void(stun::Builder&)>;

  std::string name = "ada";
  std::string password = "lovelace";
  bool sha256 = false;       ///< PASSWORD-ALGORITHM SHA-256 and MESSAGE-INTEGRITY-SHA256
  bool userhash = false;     ///< USERHASH instead of USERNAME
  bool fingerprint = false;  ///< as Firefox
  std::string realm{};       ///< learned from a 401, as the nonce
  std::string nonce{};
  Buffer algorithms{};
  std::uint64_t transactions = 0;

  turn::Key key() const {
    return {sha256 ? turn::PasswordAlgorithm::sha256 : turn::PasswordAlgorithm::md5, name, realm, password};
  }

  /// With credentials as soon as a nonce has been learned.
  Buffer request(stun::Method method, const Fill& fill = {}) {
    std::array<std::uint8_t, 2048> slot{};
    stun::TransactionId id{};
    Writer(id).u32(static_cast<std::uint32_t>(std::hash<std::string>{}(name))).u64(++transactions);
    stun::Builder builder(slot, stun::Class::request, method, id);
    if (fill) fill(builder);
    if (!nonce.empty()) sign(builder);
    const Bytes message = fingerprint ? builder.finish() : builder.finish_plain();
    return {message.begin(), message.end()};
  }

  /// Realm and nonce of a 401 or 438.
  void learn(const Received& answer) {
    if (!answer.message || !answer.message->has(stun::Attribute::nonce)) return;
    realm = answer.text(stun::Attribute::realm);
    nonce = answer.text(stun::Attribute::nonce);
    const Bytes value = answer.message->find(stun::Attribute::password_algorithms).value_or(Bytes());
    algorithms.assign(value.begin(), value.end());
  }

  void sign(stun::Builder& builder) const {
    using stun::Attribute;
    if (userhash)
      builder.bytes(Attribute::userhash, parley::sha256(as_bytes(name + ":" + realm)));
    else
      builder.bytes(Attribute::username, as_bytes(name));
    builder.bytes(Attribute::realm, as_bytes(realm)).bytes(Attribute::nonce, as_bytes(nonce));
    if (!sha256) {
      builder.integrity(key().bytes());
      return;
    }
    static constexpr std::array<std::uint8_t, 4> sha256_algorithm{0, 2, 0, 0};
    builder.bytes(Attribute::password_algorithm, sha256_algorithm).bytes(Attribute::password_algorithms, algorithms);
    builder.integrity_sha256(key().bytes());
  }
};

inline void request_transport(stun::Builder& builder, std::uint8_t protocol = 17) {
  builder.u32(stun::Attribute::requested_transport, std::uint32_t{protocol} << 24);
}

/// Channel data as a datagram, or with its padding as on a stream.
inline Buffer channel_data(std::uint16_t channel, Bytes data, bool padded = false) {
  Buffer message(4 + data.size() + (padded ? (4 - data.size() % 4) % 4 : 0));
  Writer(message).u16(channel).u16(static_cast<std::uint16_t>(data.size())).bytes(data);
  return message;
}

inline Buffer send_indication(const Address& peer, Bytes data, bool dont_fragment = false) {
  Buffer slot(data.size() + 128);
  stun::Builder builder(slot, stun::Class::indication, stun::Method::send, {9, 9, 9});
  builder.xor_address(stun::Attribute::xor_peer_address, peer);
  if (dont_fragment) builder.flag(stun::Attribute::dont_fragment);
  const Bytes message = builder.bytes(stun::Attribute::data, data).finish_plain();
  return {message.begin(), message.end()};
}

}  // namespace parley::test
