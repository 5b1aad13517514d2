#include "sfu/transport/srtp.hpp"

#include <openssl/crypto.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <new>

#include "tests/support/back_ends.hpp"
#include "tests/support/two_ends.hpp"

namespace {

std::size_t allocations = 0;

void* allocate(std::size_t size) {
  ++allocations;
  return std::malloc(size == 0 ? 1 : size);
}

}  // namespace

// Counts every allocation of this program, and OpenSSL's, for the test that packets cost none. GCC inlines only one of each pair
// and then takes them for a mismatch.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
void* operator new(std::size_t size) {
  if (void* memory = allocate(size)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return allocate(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

// OpenSSL takes these only before it has allocated anything.
const bool counts_openssl = CRYPTO_set_mem_functions([](std::size_t size, const char*, int) { return allocate(size); },
                                                     [](void* memory, std::size_t size, const char*, int) {
                                                       ++allocations;
                                                       return std::realloc(memory, size);
                                                     },
                                                     [](void* memory, const char*, int) { std::free(memory); }) == 1;

}  // namespace

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
  explicit Bench(SrtpProfile profile = SrtpProfile::aead_aes_128_gcm, std::unique_ptr<Cipher> back_end = make_cipher())
      : cipher(std::move(back_end)), sender(*cipher, keys_for(profile, true)), receiver(*cipher, keys_for(profile, false)) {}

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
  std::unique_ptr<Cipher> cipher;
  Srtp sender;
  Srtp receiver;
  Drops drops;
};

Buffer copy(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

/// Both profiles over each back end.
struct Variant {
  SrtpProfile profile;
  test::BackEnd back_end;
  std::string name() const {
    return back_end.name + (profile == SrtpProfile::aead_aes_128_gcm ? ", AES-GCM" : ", AES-CM and HMAC-SHA1");
  }
};
std::vector<Variant> variants() {
  std::vector<Variant> result;
  for (const auto& back_end : test::back_ends())
    for (const auto profile : {SrtpProfile::aead_aes_128_gcm, SrtpProfile::aes128_cm_sha1_80})
      result.push_back({profile, back_end});
  return result;
}

/// An RTP header with `csrcs` and, unless `words` is negative, an extension of so many words.
Buffer long_header(std::uint16_t sequence, unsigned csrcs, int words) {
  Buffer header(12 + 4 * csrcs + (words < 0 ? 0 : 4 + 4 * static_cast<unsigned>(words)), 0xEE);
  Writer writer(header);
  writer.u8(static_cast<std::uint8_t>(0x80 | (words < 0 ? 0 : 0x10) | csrcs)).u8(96).u16(sequence).u32(7).u32(ssrc);
  for (unsigned i = 0; i < csrcs; ++i) writer.u32(i);
  if (words >= 0) writer.u16(0xBEDE).u16(static_cast<std::uint16_t>(words));
  return header;
}

}  // namespace

TEST_CASE("RTP and RTCP come out as they went in, with both profiles") {
  const auto variant = GENERATE(from_range(variants()));
  INFO(variant.name());
  const unsigned rtp_overhead = variant.profile == SrtpProfile::aead_aes_128_gcm ? 16 : 10;
  const unsigned rtcp_overhead = rtp_overhead + 4;
  Bench bench(variant.profile, variant.back_end.make());
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

TEST_CASE("A packet with one bit changed is refused, whichever bit, and takes nothing from the packet as it was sent") {
  const auto variant = GENERATE(from_range(variants()));
  INFO(variant.name());
  Bench bench(variant.profile, variant.back_end.make());
  bench.payload.resize(30);
  std::array<std::uint8_t, 2048> slot{};
  const auto size = bench.sender.protect_rtp(long_header(9, 2, 3), bench.payload, slot);
  REQUIRE(size);
  bench.cipher->flush();
  for (std::size_t bit = 0; bit < 8 * *size; ++bit) {
    // The version and the padding bit are nobody's business here, but are authenticated like the rest.
    INFO(bit);
    Buffer packet = copy(Bytes(slot).first(*size));
    packet[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    REQUIRE_FALSE(bench.arrives(packet));
  }
  CHECK(bench.drops[DropReason::srtp_bad_tag] + bench.drops[DropReason::srtp_failed] == 8 * *size);
  // Only a number of CSRCs or of words in the extension that does not fit is found out without the tag.
  CHECK(bench.drops[DropReason::srtp_failed] <= 4 + 16);
  CHECK(bench.arrives(copy(Bytes(slot).first(*size))));
}

TEST_CASE("A report with one bit changed is refused, whichever bit") {
  const auto variant = GENERATE(from_range(variants()));
  INFO(variant.name());
  Bench bench(variant.profile, variant.back_end.make());
  const Buffer report = bench.protect_report();
  for (std::size_t bit = 0; bit < 8 * report.size(); ++bit) {
    INFO(bit);
    Buffer packet = report;
    packet[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    REQUIRE(bench.receiver.unprotect_rtcp(packet, bench.drops).empty());
  }
  CHECK(bench.drops[DropReason::srtp_bad_tag] == 8 * report.size() - 1);
  CHECK(bench.drops[DropReason::srtp_failed] == 1);  // not encrypted, it says
  Buffer packet = report;
  CHECK_FALSE(bench.receiver.unprotect_rtcp(packet, bench.drops).empty());
}

TEST_CASE("A packet that is cut short is refused, wherever it is cut") {
  const auto variant = GENERATE(from_range(variants()));
  INFO(variant.name());
  Bench bench(variant.profile, variant.back_end.make());
  const Buffer packet = bench.protect(1);
  for (std::size_t size = 0; size < packet.size(); ++size) REQUIRE_FALSE(bench.arrives(copy(Bytes(packet).first(size))));
  const Buffer report = bench.protect_report();
  for (std::size_t size = 0; size < report.size(); ++size) {
    Buffer cut = copy(Bytes(report).first(size));
    REQUIRE(bench.receiver.unprotect_rtcp(cut, bench.drops).empty());
  }
  CHECK(bench.drops.total() == packet.size() + report.size());
  CHECK(bench.arrives(packet));
}

TEST_CASE("CSRCs and the header extension stay readable on the way") {
  const auto variant = GENERATE(from_range(variants()));
  INFO(variant.name());
  Bench bench(variant.profile, variant.back_end.make());
  std::uint16_t sequence = 0;
  for (const unsigned csrcs : {0u, 1u, 15u}) {
    for (const int words : {-1, 0, 1, 20}) {
      const Buffer header = long_header(++sequence, csrcs, words);
      std::array<std::uint8_t, 2048> slot{};
      const auto size = bench.sender.protect_rtp(header, bench.payload, slot);
      REQUIRE(size);
      bench.cipher->flush();
      CHECK(copy(Bytes(slot).first(header.size())) == header);
      CHECK(copy(Bytes(slot).subspan(header.size(), bench.payload.size())) != bench.payload);
      CHECK(copy(bench.receiver.unprotect_rtp(MutableBytes(slot).first(*size), bench.drops)) == joined(header, bench.payload));
    }
  }
  CHECK(bench.drops.total() == 0);
}

TEST_CASE("It does not matter where the header's buffer ends, if it is in the payload") {
  const auto variant = GENERATE(from_range(variants()));
  INFO(variant.name());
  Bench bench(variant.profile, variant.back_end.make());
  const Buffer packet = joined(long_header(5, 1, 2), bench.payload);
  std::array<std::uint8_t, 2048> expected{};
  const auto size = bench.sender.protect_rtp(Bytes(packet).first(28), Bytes(packet).subspan(28), expected);
  REQUIRE(size);
  bench.cipher->flush();
  for (std::size_t end = 28; end <= packet.size(); ++end) {
    std::array<std::uint8_t, 2048> slot{};
    REQUIRE(bench.sender.protect_rtp(Bytes(packet).first(end), Bytes(packet).subspan(end), slot) == size);
    bench.cipher->flush();
    REQUIRE(slot == expected);
  }
  std::array<std::uint8_t, 2048> slot{};
  for (std::size_t end = 0; end < 28; ++end)
    CHECK_FALSE(bench.sender.protect_rtp(Bytes(packet).first(end), Bytes(packet).subspan(end), slot));
}

TEST_CASE("Packets of many receivers wait for one flush, reports for none") {
  const auto variant = GENERATE(from_range(variants()));
  INFO(variant.name());
  const auto cipher = variant.back_end.make();
  for (const std::size_t count : {1, 7, 8, 9, 16, 500}) {
    std::vector<std::unique_ptr<Srtp>> senders, receivers;
    std::vector<std::array<std::uint8_t, 2048>> slots(count);
    std::vector<std::size_t> sizes;
    Drops drops;
    for (std::size_t i = 0; i < count; ++i) {
      SrtpKeys keys = keys_for(variant.profile, true);
      keys.send[3] = static_cast<std::uint8_t>(i);
      keys.send[4] = static_cast<std::uint8_t>(i >> 8);
      senders.push_back(std::make_unique<Srtp>(*cipher, keys));
      std::swap(keys.send, keys.receive);
      receivers.push_back(std::make_unique<Srtp>(*cipher, keys));
      const auto size = senders[i]->protect_rtp(rtp_header(1, ssrc), Buffer(40 + 13 * (i % 80), 0x5a), slots[i]);
      REQUIRE(size);
      sizes.push_back(*size);
      std::array<std::uint8_t, 2048> report{};
      const auto report_size = senders[i]->protect_rtcp(receiver_report(ssrc), report);
      REQUIRE(report_size);
      REQUIRE_FALSE(receivers[i]->unprotect_rtcp(MutableBytes(report).first(*report_size), drops).empty());
    }
    cipher->flush();
    for (std::size_t i = 0; i < count; ++i)
      REQUIRE(copy(receivers[i]->unprotect_rtp(MutableBytes(slots[i]).first(sizes[i]), drops)) ==
              joined(rtp_header(1, ssrc), Buffer(40 + 13 * (i % 80), 0x5a)));
  }
}

TEST_CASE("After warm-up no packet costs an allocation, in neither direction") {
  REQUIRE(counts_openssl);
  const auto variant = GENERATE(from_range(variants()));
  INFO(variant.name());
  Bench bench(variant.profile, variant.back_end.make());
  std::array<std::uint8_t, 2048> slot{};
  const auto report = receiver_report(ssrc);
  std::array<std::uint8_t, 12> header{};
  const auto exchange = [&](std::uint32_t packets) {
    std::size_t arrived = 0;
    for (std::uint32_t i = 0; i < packets; ++i) {
      Writer(header).u8(0x80).u8(96).u16(static_cast<std::uint16_t>(i)).u32(i).u32(i % 8);
      const auto size = bench.sender.protect_rtp(header, bench.payload, slot);
      bench.cipher->flush();
      arrived += !bench.receiver.unprotect_rtp(MutableBytes(slot).first(size.value_or(0)), bench.drops).empty();
      const auto report_size = bench.sender.protect_rtcp(report, slot);
      arrived += !bench.receiver.unprotect_rtcp(MutableBytes(slot).first(report_size.value_or(0)), bench.drops).empty();
    }
    return arrived;
  };
  exchange(100);
  const std::size_t before = allocations;
  const std::size_t arrived = exchange(70000);
  CHECK(allocations == before);
  CHECK(arrived == 140000 - 100);  // the first 100 packets, a second time
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
  const auto variant = GENERATE(from_range(variants()));
  INFO(variant.name());
  Bench bench(variant.profile, variant.back_end.make());
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
