#include "sfu/transport/srtp.hpp"

#include <srtp2/srtp.h>

#include <cstring>
#include <stdexcept>

namespace parley::transport {

namespace {

// The tag and SRTCP's index; no master key identifier is used.
static_assert(Srtp::overhead >= SRTP_MAX_TAG_LEN + 4);

/// Packets that a resent one may be late by: two seconds of a 500 packets/s stream.
constexpr unsigned long replay_window = 1024;
constexpr std::size_t rtp_header_size = 12;
constexpr std::size_t rtcp_header_size = 8;
/// libsrtp reads and writes whole words.
constexpr std::size_t alignment = 4;

void initialize_library() {
  static const srtp_err_status_t status = srtp_init();
  if (status != srtp_err_status_ok) throw std::runtime_error("libsrtp did not initialize");
}

bool is_aligned(MutableBytes bytes) { return reinterpret_cast<std::uintptr_t>(bytes.data()) % alignment == 0; }

DropReason reason_of(srtp_err_status_t status) {
  switch (status) {
    case srtp_err_status_auth_fail:
      return DropReason::srtp_bad_tag;
    case srtp_err_status_replay_fail:
    case srtp_err_status_replay_old:
    case srtp_err_status_pkt_idx_old:
      return DropReason::srtp_replayed;
    default:
      return DropReason::srtp_failed;
  }
}

}  // namespace

void Srtp::FreeSession::operator()(srtp_ctx_t_* session) const { srtp_dealloc(session); }

Srtp::Srtp(const SrtpKeys& keys)
    : outgoing_(make_session(keys.profile, keys.send, true)), incoming_(make_session(keys.profile, keys.receive, false)) {}

Srtp::Session Srtp::make_session(SrtpProfile profile, Bytes key, bool outgoing) {
  initialize_library();
  const auto id = profile == SrtpProfile::aead_aes_128_gcm ? srtp_profile_aead_aes_128_gcm : srtp_profile_aes128_cm_sha1_80;
  if (key.size() != srtp_profile_get_master_key_length(id) + srtp_profile_get_master_salt_length(id))
    throw std::invalid_argument("an SRTP key of the wrong size");
  srtp_policy_t policy{};
  srtp_crypto_policy_set_from_profile_for_rtp(&policy.rtp, id);
  srtp_crypto_policy_set_from_profile_for_rtcp(&policy.rtcp, id);
  policy.ssrc.type = outgoing ? ssrc_any_outbound : ssrc_any_inbound;
  Buffer copy(key.begin(), key.end());  // the library's interface has no const
  policy.key = copy.data();
  policy.window_size = replay_window;
  policy.allow_repeat_tx = 1;
  srtp_t session = nullptr;
  if (srtp_create(&session, &policy) != srtp_err_status_ok) throw std::runtime_error("libsrtp did not make a session");
  return Session(session);
}

std::optional<std::size_t> Srtp::protect_rtp(Bytes header, Bytes payload, MutableBytes slot) {
  const std::size_t size = header.size() + payload.size();
  if (header.size() < rtp_header_size || size + overhead > slot.size()) return std::nullopt;
  Writer(slot).bytes(header).bytes(payload);
  return protect(Kind::rtp, size, slot);
}

std::optional<std::size_t> Srtp::protect_rtcp(Bytes packet, MutableBytes slot) {
  if (packet.size() < rtcp_header_size || packet.size() + overhead > slot.size()) return std::nullopt;
  Writer(slot).bytes(packet);
  return protect(Kind::rtcp, packet.size(), slot);
}

std::optional<std::size_t> Srtp::protect(Kind kind, std::size_t size, MutableBytes slot) {
  int length = static_cast<int>(size);
  const auto status = kind == Kind::rtp ? srtp_protect(outgoing_.get(), slot.data(), &length)
                                        : srtp_protect_rtcp(outgoing_.get(), slot.data(), &length);
  if (status != srtp_err_status_ok) return std::nullopt;
  return static_cast<std::size_t>(length);
}

MutableBytes Srtp::unprotect_rtp(MutableBytes packet, Drops& drops) {
  if (packet.size() < rtp_header_size) {
    drops.add(DropReason::srtp_failed);
    return {};
  }
  Reader reader(packet);
  reader.skip(8);
  return unprotect(Kind::rtp, Ssrc{reader.u32()}, packet, drops);
}

MutableBytes Srtp::unprotect_rtcp(MutableBytes packet, Drops& drops) {
  if (packet.size() < rtcp_header_size) {
    drops.add(DropReason::srtp_failed);
    return {};
  }
  Reader reader(packet);
  reader.skip(4);
  return unprotect(Kind::rtcp, Ssrc{reader.u32()}, packet, drops);
}

MutableBytes Srtp::unprotect(Kind kind, Ssrc ssrc, MutableBytes packet, Drops& drops) {
  const bool known = heard_.contains(ssrc);
  if (!known && heard_.size() >= max_incoming_ssrcs) {
    drops.add(DropReason::rtp_too_many_ssrcs);
    return {};
  }
  if (!is_aligned(packet)) {
    // Comes from a frame in the middle of a TCP read.
    Buffer aligned(packet.begin(), packet.end());
    const MutableBytes plain = unprotect(kind, ssrc, aligned, drops);
    Writer(packet).bytes(plain);
    return packet.first(plain.size());
  }
  int length = static_cast<int>(packet.size());
  const auto status = kind == Kind::rtp ? srtp_unprotect(incoming_.get(), packet.data(), &length)
                                        : srtp_unprotect_rtcp(incoming_.get(), packet.data(), &length);
  if (status != srtp_err_status_ok) {
    drops.add(reason_of(status));
    return {};
  }
  if (!known) heard_.insert(ssrc);
  return packet.first(static_cast<std::size_t>(length));
}

void Srtp::remove_stream(Ssrc ssrc) {
  // libsrtp takes the number in network order.
  std::array<std::uint8_t, 4> octets{};
  Writer(octets).u32(ssrc.value);
  std::uint32_t network_order = 0;
  std::memcpy(&network_order, octets.data(), octets.size());
  srtp_remove_stream(outgoing_.get(), network_order);
  srtp_remove_stream(incoming_.get(), network_order);
  heard_.erase(ssrc);
}

}  // namespace parley::transport
