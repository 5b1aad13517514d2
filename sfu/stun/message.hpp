#pragma once
// Reading STUN messages (RFC 8489). A message is a 20-byte header (class and method, length, magic cookie, transaction id) and
// attributes, each a type, a length and a value padded to four bytes:
//
//   0x0001 length 0x2112a442 <transaction id>   USERNAME ... MESSAGE-INTEGRITY FINGERPRINT
//
// What stands after MESSAGE-INTEGRITY, or MESSAGE-INTEGRITY-SHA256, is not protected by it, so find() does not see it,
// FINGERPRINT aside. Writing is in builder.hpp. The methods and attributes of TURN (RFC 8656, RFC 6062) are named here; turn/
// knows their use.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "sfu/base/address.hpp"
#include "sfu/base/bytes.hpp"

namespace parley::stun {

enum class Class : std::uint8_t { request = 0, indication = 1, success = 2, error = 3 };
enum class Method : std::uint16_t {
  binding = 0x001,
  allocate = 0x003,
  refresh = 0x004,
  send = 0x006,
  data = 0x007,
  create_permission = 0x008,
  channel_bind = 0x009,
  connect = 0x00a,
  connection_bind = 0x00b,
  connection_attempt = 0x00c,
};

/// Attribute types that are named here; a message may hold others. From 0x8000 on an agent may ignore what it does not know.
enum class Attribute : std::uint16_t {
  mapped_address = 0x0001,
  username = 0x0006,
  message_integrity = 0x0008,
  error_code = 0x0009,
  unknown_attributes = 0x000a,
  channel_number = 0x000c,
  lifetime = 0x000d,
  xor_peer_address = 0x0012,
  data = 0x0013,
  realm = 0x0014,
  nonce = 0x0015,
  xor_relayed_address = 0x0016,
  requested_address_family = 0x0017,
  even_port = 0x0018,
  requested_transport = 0x0019,
  dont_fragment = 0x001a,
  message_integrity_sha256 = 0x001c,
  password_algorithm = 0x001d,
  userhash = 0x001e,
  xor_mapped_address = 0x0020,
  reservation_token = 0x0022,
  priority = 0x0024,
  use_candidate = 0x0025,
  connection_id = 0x002a,
  additional_address_family = 0x8000,
  address_error_code = 0x8001,
  password_algorithms = 0x8002,
  icmp = 0x8004,
  software = 0x8022,
  alternate_server = 0x8023,
  fingerprint = 0x8028,
  ice_controlled = 0x8029,
  ice_controlling = 0x802a,
};

using TransactionId = std::array<std::uint8_t, 12>;

inline constexpr std::uint32_t magic_cookie = 0x2112a442;
inline constexpr std::size_t header_size = 20;
inline constexpr std::uint32_t fingerprint_mask = 0x5354554e;

/// A well-formed message, seen in place: valid as long as the bytes it was parsed from.
class Message {
 public:
  /// Nothing unless `datagram` is exactly one message with a right cookie, length and attribute framing, and FINGERPRINT, when
  /// there is one, is last and right.
  static std::optional<Message> parse(Bytes datagram);

  Class type() const { return class_; }
  Method method() const { return method_; }
  const TransactionId& transaction() const { return transaction_; }

  /// The value of the first attribute of this type that stands before MESSAGE-INTEGRITY.
  std::optional<Bytes> find(Attribute type) const;
  bool has(Attribute type) const { return find(type).has_value(); }
  /// Types below 0x8000, before MESSAGE-INTEGRITY, that an ICE agent does not know: reason for a 420.
  std::vector<std::uint16_t> unknown_required() const;
  /// The same for an agent that knows just these.
  std::vector<std::uint16_t> unknown_required(std::span<const Attribute> known) const;

  bool has_fingerprint() const { return has_fingerprint_; }
  bool has_integrity() const { return integrity_at_ != 0; }
  /// True when MESSAGE-INTEGRITY is there and was made with `key` (for ICE: the password).
  bool integrity_is_valid(Bytes key) const;
  bool has_integrity_sha256() const { return integrity_sha256_at_ != 0; }
  /// The same for MESSAGE-INTEGRITY-SHA256, which may be cut to 16 bytes at the least (RFC 8489 section 14.6).
  bool integrity_sha256_is_valid(Bytes key) const;

  /// The address in the first attribute of this type, such as XOR-PEER-ADDRESS. Nothing when there is none or it is malformed.
  std::optional<Address> xor_address(Attribute type) const;
  /// The addresses in all attributes of this type. Nothing when one of them is malformed.
  std::optional<std::vector<Address>> xor_addresses(Attribute type) const;
  std::optional<Address> xor_mapped_address() const { return xor_address(Attribute::xor_mapped_address); }
  /// 300 to 699.
  std::optional<int> error_code() const;

 private:
  /// Everything before the first attribute that protects the message.
  Bytes protected_bytes() const;
  /// The same up to the attribute at `at`, with the length that the message has when that attribute, `size` bytes, is its last.
  Buffer text_before(std::size_t at, std::size_t size) const;
  std::optional<Address> read_xor_address(Bytes value) const;

  Bytes bytes_;
  Class class_ = Class::request;
  Method method_ = Method::binding;
  TransactionId transaction_{};
  std::size_t integrity_at_ = 0;         ///< offset of the MESSAGE-INTEGRITY attribute; 0: none
  std::size_t integrity_sha256_at_ = 0;  ///< the same for MESSAGE-INTEGRITY-SHA256
  std::size_t integrity_sha256_size_ = 0;
  bool has_fingerprint_ = false;
};

/// USERNAME of a binding request, looked for without checking anything else: how an unknown 5-tuple finds its connection.
std::optional<std::string_view> username(Bytes datagram);
/// In an ICE check the USERNAME is "<ufrag of who receives it>:<ufrag of who sends it>" (RFC 8445 section 7.2.2): the first.
std::string_view receiver_ufrag(std::string_view username);
std::string_view sender_ufrag(std::string_view username);

}  // namespace parley::stun
