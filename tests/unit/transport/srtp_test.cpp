#include "sfu/transport/srtp.hpp"

#include <catch2/catch.hpp>

#include "tests/support/two_ends.hpp"

namespace parley::transport {

namespace {

using test::joined;
using test::receiver_report;
using test::rtp_header;

constexpr std::uint32_t ssrc = 0x01020304;

SrtpKeys keys_for(SrtpProfile profile, bool server) {
  const std::size_t size = profile == SrtpProfile::aead_aes_128_gcm ? 28 : 30;
  Buffer one(size, 0x11);
  Buffer two(size, 0x22);
  return server ? SrtpKeys{profile, one, two} : SrtpKeys{profile, two, one};
}

/// A sender and a receiver that share keys.
struct Bench {
  explicit Bench(SrtpProfile profile = SrtpProfile::aead_aes_128_gcm)
      : sender(*cipher, keys_for(profile, true)), receiver(*cipher, keys_for(profile, false)) {}

  Buffer protect(std::uint16_t sequence, std::uint32_t from = ssrc) {
    std::array<std::uint8_t, 2048> slot{};
    const auto size = sender.protect_rtp(rtp_header(sequence, from), payload, slot);
    REQUIRE(size);
    cipher->flush();
    return {slot.begin(), slot.begin() + static_cast<std::ptrdiff_t>(*size)};
  }
  Buffer protect_report() {
    std::array<std::uint8_t, 2048> slot{};
    const auto size = sender.protect_rtcp(receiver_report(ssrc), slot);
    REQUIRE(size);
    cipher->flush();
    return {slot.begin(), slot.begin() + static_cast<std::ptrdiff_t>(*size)};
  }
  bool arrives(Buffer packet) { return !receiver.unprotect_rtp(packet, drops).empty(); }

  Buffer payload = Buffer(100, 0x5a);
  std::unique_ptr<Cipher> cipher = make_cipher();
  Srtp sender;
  Srtp receiver;
  Drops drops;
};

Buffer copy(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

}  // namespace

TEST_CASE("RTP and RTCP come out as they went in, with both profiles") {
  const auto [profile, rtp_overhead, rtcp_overhead] =
      GENERATE(std::tuple(SrtpProfile::aead_aes_128_gcm, 16U, 20U), std::tuple(SrtpProfile::aes128_cm_sha1_80, 10U, 14U));
  Bench bench(profile);
  Buffer packet = bench.protect(7);
  CHECK(packet.size() == 112 + rtp_overhead);
  CHECK(copy(Bytes(packet).first(12)) == rtp_header(7, ssrc));
  CHECK(copy(Bytes(packet).subspan(12, 100)) != bench.payload);
  CHECK(copy(bench.receiver.unprotect_rtp(packet, bench.drops)) == joined(rtp_header(7, ssrc), bench.payload));
  Buffer report = bench.protect_report();
  CHECK(report.size() == 8 + rtcp_overhead);
  CHECK(copy(bench.receiver.unprotect_rtcp(report, bench.drops)) == receiver_report(ssrc));
  CHECK(bench.drops.total() == 0);
}

TEST_CASE("A changed packet has a bad tag, with both profiles") {
  Bench bench(GENERATE(SrtpProfile::aead_aes_128_gcm, SrtpProfile::aes128_cm_sha1_80));
  for (const std::size_t at : {1U, 5U, 20U, 111U, 115U}) {
    Buffer packet = bench.protect(static_cast<std::uint16_t>(at));
    packet[at] ^= 1;
    CHECK_FALSE(bench.arrives(packet));
  }
  CHECK(bench.drops[DropReason::srtp_bad_tag] == 5);
  Buffer report = bench.protect_report();
  report[12] ^= 1;
  CHECK(bench.receiver.unprotect_rtcp(report, bench.drops).empty());
  CHECK(bench.drops[DropReason::srtp_bad_tag] == 6);
}

TEST_CASE("A packet that comes twice is a replay") {
  Bench bench(GENERATE(SrtpProfile::aead_aes_128_gcm, SrtpProfile::aes128_cm_sha1_80));
  const Buffer packet = bench.protect(1);
  CHECK(bench.arrives(packet));
  CHECK_FALSE(bench.arrives(packet));
  CHECK(bench.drops[DropReason::srtp_replayed] == 1);
  Buffer report = bench.protect_report();
  Buffer again = report;
  CHECK_FALSE(bench.receiver.unprotect_rtcp(report, bench.drops).empty());
  CHECK(bench.receiver.unprotect_rtcp(again, bench.drops).empty());
  CHECK(bench.drops[DropReason::srtp_replayed] == 2);
}

TEST_CASE("A packet may be 1000 late, but not 1100") {
  Bench bench;
  const Buffer too_late = bench.protect(100);
  const Buffer late = bench.protect(200);
  CHECK(bench.arrives(bench.protect(1200)));
  CHECK(bench.arrives(late));
  CHECK_FALSE(bench.arrives(too_late));
  CHECK(bench.drops[DropReason::srtp_replayed] == 1);
}

TEST_CASE("The sequence number wraps around without a break") {
  Bench bench;
  for (std::uint32_t i = 0; i < 140000; i += 100) {
    INFO(i);
    REQUIRE(bench.arrives(bench.protect(static_cast<std::uint16_t>(i))));
  }
}

TEST_CASE("The same packet may be sent again, and is the same on the wire") {
  Bench bench;
  const Buffer once = bench.protect(1);
  bench.protect(2);
  CHECK(bench.protect(1) == once);
}

TEST_CASE("A peer that makes up SSRCs gets no more than the limit, until some are removed") {
  Bench bench;
  for (std::uint32_t i = 0; i < Srtp::max_incoming_ssrcs; ++i) REQUIRE(bench.arrives(bench.protect(1, 1000 + i)));
  CHECK_FALSE(bench.arrives(bench.protect(1, 5)));
  CHECK(bench.drops[DropReason::rtp_too_many_ssrcs] == 1);
  CHECK(bench.arrives(bench.protect(2, 1000)));
  bench.receiver.remove_stream(Ssrc{1001});
  CHECK(bench.arrives(bench.protect(1, 5)));
}

TEST_CASE("A forged packet takes no place of an SSRC") {
  Bench bench;
  for (std::uint32_t i = 0; i < 2 * Srtp::max_incoming_ssrcs; ++i) {
    Buffer packet = bench.protect(1, 1000 + i);
    packet.back() ^= 1;
    bench.arrives(packet);
  }
  CHECK(bench.arrives(bench.protect(1, 5)));
}

TEST_CASE("A datagram at an odd address is decrypted too") {
  Bench bench;
  const Buffer packet = bench.protect(9);
  for (std::size_t offset = 1; offset < 4; ++offset) {
    Bench other;
    Buffer shifted(offset + packet.size());
    const MutableBytes place = MutableBytes(shifted).subspan(offset);
    std::copy(packet.begin(), packet.end(), place.begin());
    const MutableBytes plain = other.receiver.unprotect_rtp(place, other.drops);
    CHECK(plain.data() == place.data());
    CHECK(copy(plain) == joined(rtp_header(9, ssrc), bench.payload));
    CHECK(other.receiver.unprotect_rtp(place, other.drops).empty());
  }
}

TEST_CASE("What is too short or too long is refused") {
  Bench bench;
  for (std::size_t size = 0; size < 28; ++size) {
    Buffer packet(size, 0x80);
    CHECK(bench.receiver.unprotect_rtp(packet, bench.drops).empty());
    Buffer report(std::min<std::size_t>(size, 27), 0x80);
    CHECK(bench.receiver.unprotect_rtcp(report, bench.drops).empty());
  }
  CHECK(bench.drops.total() == 56);
  std::array<std::uint8_t, 2048> slot{};
  CHECK_FALSE(bench.sender.protect_rtp(rtp_header(1, ssrc), Buffer(2048 - 12 - 31), slot));
  CHECK_FALSE(bench.sender.protect_rtp(Buffer(11), bench.payload, slot));
  CHECK_FALSE(bench.sender.protect_rtcp(Buffer(4), slot));
  CHECK_FALSE(bench.sender.protect_rtcp(Buffer(2040), slot));
}

TEST_CASE("A key of the wrong size is refused") {
  SrtpKeys keys = keys_for(SrtpProfile::aead_aes_128_gcm, true);
  keys.profile = SrtpProfile::aes128_cm_sha1_80;
  CHECK_THROWS_AS(Srtp(*make_cipher(), keys), std::invalid_argument);
}

}  // namespace parley::transport
