// libsrtp2, used as its own manual says and through none of our code, as the peer of our Srtp.

#include <srtp2/srtp.h>
#include <catch2/catch.hpp>

#include "sfu/transport/srtp.hpp"
#include "tests/support/two_ends.hpp"

namespace parley::transport {

namespace {

using test::joined;
using test::receiver_report;
using test::rtp_header;

constexpr std::uint32_t ssrc = 0x01020304;

/// One direction of a libsrtp session, for one SSRC.
class Foreign {
 public:
  Foreign(SrtpProfile profile, Buffer key) : key_(std::move(key)) {
    srtp_init();
    srtp_policy_t policy{};
    if (profile == SrtpProfile::aead_aes_128_gcm) {
      srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
      srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
    } else {
      srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
      srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
    }
    policy.ssrc = {ssrc_specific, ssrc};
    policy.key = key_.data();
    REQUIRE(srtp_create(&session_, &policy) == srtp_err_status_ok);
  }
  Foreign(const Foreign&) = delete;
  Foreign& operator=(const Foreign&) = delete;
  ~Foreign() { srtp_dealloc(session_); }

  Buffer apply(srtp_err_status_t (*function)(srtp_t, void*, int*), Buffer packet) {
    int size = static_cast<int>(packet.size());
    packet.resize(packet.size() + SRTP_MAX_TRAILER_LEN + 4);
    REQUIRE(function(session_, packet.data(), &size) == srtp_err_status_ok);
    packet.resize(static_cast<std::size_t>(size));
    return packet;
  }

 private:
  Buffer key_;
  srtp_t session_ = nullptr;
};

Buffer key(SrtpProfile profile, std::uint8_t first) {
  Buffer bytes(profile == SrtpProfile::aead_aes_128_gcm ? 28 : 30);
  for (auto& byte : bytes) byte = first++;
  return bytes;
}

Buffer copy(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

}  // namespace

TEST_CASE("libsrtp reads what we protect") {
  const SrtpProfile profile = GENERATE(SrtpProfile::aead_aes_128_gcm, SrtpProfile::aes128_cm_sha1_80);
  const auto cipher = make_cipher();
  Srtp ours(*cipher, {profile, key(profile, 1), key(profile, 100)});
  Foreign foreign(profile, key(profile, 1));
  const Buffer payload(500, 0x5a);
  for (std::uint16_t i = 65500; i != 50; ++i) {
    std::array<std::uint8_t, 2048> slot{};
    const auto size = ours.protect_rtp(rtp_header(i, ssrc), payload, slot);
    REQUIRE(size);
    cipher->flush();
    CHECK(foreign.apply(srtp_unprotect, copy(Bytes(slot).first(*size))) == joined(rtp_header(i, ssrc), payload));
  }
  std::array<std::uint8_t, 2048> slot{};
  const auto size = ours.protect_rtcp(receiver_report(ssrc), slot);
  REQUIRE(size);
  CHECK(foreign.apply(srtp_unprotect_rtcp, copy(Bytes(slot).first(*size))) == receiver_report(ssrc));
}

TEST_CASE("We read what libsrtp protects") {
  const SrtpProfile profile = GENERATE(SrtpProfile::aead_aes_128_gcm, SrtpProfile::aes128_cm_sha1_80);
  const auto cipher = make_cipher();
  Srtp ours(*cipher, {profile, key(profile, 1), key(profile, 100)});
  Foreign foreign(profile, key(profile, 100));
  const Buffer payload(500, 0x5a);
  Drops drops;
  for (std::uint16_t i = 65500; i != 50; ++i) {
    Buffer packet = foreign.apply(srtp_protect, joined(rtp_header(i, ssrc), payload));
    CHECK(copy(ours.unprotect_rtp(packet, drops)) == joined(rtp_header(i, ssrc), payload));
  }
  Buffer report = foreign.apply(srtp_protect_rtcp, receiver_report(ssrc));
  CHECK(copy(ours.unprotect_rtcp(report, drops)) == receiver_report(ssrc));
  CHECK(drops.total() == 0);
}

}  // namespace parley::transport
