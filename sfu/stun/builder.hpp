#pragma once
// Writing STUN messages (RFC 8489) straight into the buffer that will be sent.
//
//   stun::Builder answer(slot, stun::Class::success, stun::Method::binding, request.transaction());
//   answer.xor_address(stun::Attribute::xor_mapped_address, source);
//   const Bytes datagram = answer.finish(password);

#include <span>
#include <string_view>

#include "sfu/base/address.hpp"
#include "sfu/base/bytes.hpp"
#include "sfu/stun/message.hpp"

namespace parley::stun {

class Builder {
 public:
  Builder(MutableBytes out, Class type, Method method, const TransactionId& transaction);

  Builder& bytes(Attribute type, Bytes value);
  Builder& u32(Attribute type, std::uint32_t value);
  Builder& u64(Attribute type, std::uint64_t value);
  /// An attribute without a value, such as USE-CANDIDATE.
  Builder& flag(Attribute type) { return bytes(type, {}); }
  Builder& xor_address(Attribute type, const Address& address);
  /// An address as it is, such as ALTERNATE-SERVER.
  Builder& address(Attribute type, const Address& address);
  /// ERROR-CODE; `code` is 300 to 699.
  Builder& error(int code, std::string_view reason);
  /// ADDRESS-ERROR-CODE (RFC 8656 section 18.12): the same for one of the address families that were asked for.
  Builder& address_error(bool v4, int code, std::string_view reason);
  Builder& unknown_attributes(std::span<const std::uint16_t> types);

  /// What protects the message so far; for long-term credentials `key` is the hash of RFC 8489 section 9.2.2.
  Builder& integrity(Bytes key);
  Builder& integrity_sha256(Bytes key);
  /// The message as it is, or nothing when it did not fit.
  Bytes finish_plain();

  /// The message with MESSAGE-INTEGRITY (for ICE `key` is the password) and FINGERPRINT, or nothing when it did not fit.
  Bytes finish(Bytes key);
  /// The message with FINGERPRINT alone.
  Bytes finish();

 private:
  void header(Attribute type, std::size_t size);
  Builder& error(Attribute type, std::uint8_t family, int code, std::string_view reason);
  void pad();
  /// Makes the header's length cover what is written and `more` bytes that will follow.
  void set_length(std::size_t more);

  Writer writer_;
  TransactionId transaction_;
};

}  // namespace parley::stun
