#pragma once
// Reading STUN messages (RFC 8489). A message is a 20-byte header (class and method, length, magic cookie, transaction id) and
// attributes, each a type, a length and a value padded to four bytes:
//
//   0x0001 length 0x2112a442 <transaction id>   USERNAME ... MESSAGE-INTEGRITY FINGERPRINT
//
// What stands after MESSAGE-INTEGRITY is not protected by it, so find() does not see it, FINGERPRINT aside. Writing is in
// builder.hpp. Not here: the long-term credentials and attributes of TURN, and RFC 8489's SHA-256 integrity.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "sfu/base/address.hpp"
#include "sfu/base/bytes.hpp"

namespace parley::stun {

enum class Class : std::uint8_t { request = 0, indication = 1, success = 2, error = 3 };
enum class Method : std::uint16_t { binding = 0x001 };

/// Attribute types that are named here; a message may hold others. From 0x8000 on an agent may ignore what it does not know.
enum class Attribute : std::uint16_t {
  mapped_address = 0x0001,
  username = 0x0006,
  message_integrity = 0x0008,
  error_code = 0x0009,
  unknown_attributes = 0x000a,
  xor_mapped_address = 0x0020,
  priority = 0x0024,
  use_candidate = 0x0025,
  software = 0x8022,
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
  /// Types below 0x8000, before MESSAGE-INTEGRITY, that Attribute does not name: reason for a 420.
  std::vector<std::uint16_t> unknown_required() const;

  bool has_fingerprint() const { return has_fingerprint_; }
  bool has_integrity() const { return integrity_at_ != 0; }
  /// True when MESSAGE-INTEGRITY is there and was made with `key` (for ICE: the password).
  bool integrity_is_valid(Bytes key) const;

  /// The address in XOR-MAPPED-ADDRESS.
  std::optional<Address> xor_mapped_address() const;
  /// 300 to 699.
  std::optional<int> error_code() const;

 private:
  Bytes bytes_;
  Class class_ = Class::request;
  Method method_ = Method::binding;
  TransactionId transaction_{};
  std::size_t integrity_at_ = 0;  ///< offset of the MESSAGE-INTEGRITY attribute; 0: none
  bool has_fingerprint_ = false;
};

/// USERNAME of a binding request, looked for without checking anything else: how an unknown 5-tuple finds its connection.
std::optional<std::string_view> username(Bytes datagram);
/// In an ICE check the USERNAME is "<ufrag of who receives it>:<ufrag of who sends it>" (RFC 8445 section 7.2.2): the first.
std::string_view receiver_ufrag(std::string_view username);
std::string_view sender_ufrag(std::string_view username);

}  // namespace parley::stun
