// The test vectors of RFC 3711 appendix B and of RFC 7714 sections 16 and 17.

#include "sfu/transport/srtp_transform.hpp"

#include <catch2/catch.hpp>

#include "tests/captures/capture.hpp"
#include "tests/support/back_ends.hpp"

namespace parley::transport {

namespace {

Buffer hex(const std::string& text) { return captures::from_hex(text); }

template <std::size_t Size>
std::array<std::uint8_t, Size> hex_array(const std::string& text) {
  std::array<std::uint8_t, Size> bytes{};
  const Buffer buffer = hex(text);
  REQUIRE(buffer.size() <= Size);
  std::ranges::copy(buffer, bytes.begin());
  return bytes;
}

std::unique_ptr<SrtpTransform> rfc7714_transform(Cipher& cipher) {
  SessionKeys keys;
  keys.encryption = hex_array<16>("000102030405060708090a0b0c0d0e0f");
  keys.salt = hex_array<14>("517569642070726f2071756f");
  return make_transform(cipher, SrtpProfile::aead_aes_128_gcm, {keys, keys});
}

const std::string gallia = "47616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573";
const std::string rtp_header = "8040f17b8041f8d35501a0b2";
const std::string protected_rtp =
    "8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833"
    "899d7f27beb16a9152cf765ee4390cce";
const std::string report =
    "81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbeef";
const std::string protected_report =
    "81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275b"
    "c84aa45896cf4d2fc5abf87245d9eade800005d4";

}  // namespace

TEST_CASE("Key derivation gives the keys of RFC 3711 appendix B.3") {
  const auto back_end = GENERATE(from_range(test::back_ends()));
  INFO(back_end.name);
  const auto cipher = back_end.make();
  const auto keys = derive_session_keys(*cipher, SrtpProfile::aes128_cm_sha1_80,
                                        hex("e1f97a0d3e018be0d64fa32c06de4139"
                                            "0ec675ad498afeebb6960b3aabe6"));
  CHECK(keys.rtp.encryption == hex_array<16>("c61e7a93744f39ee10734afe3ff7a087"));
  CHECK(keys.rtp.salt == hex_array<14>("30cbbc08863d8c85d49db34a9ae1"));
  CHECK(keys.rtp.authentication == hex_array<20>("cebe321f6ff7716b6fd4ab49af256a156d38baa4"));
  CHECK(keys.rtcp.encryption != keys.rtp.encryption);
  CHECK(keys.rtcp.salt != keys.rtp.salt);
  CHECK(keys.rtcp.authentication != keys.rtp.authentication);
}

TEST_CASE("AES-CM gives the key stream of RFC 3711 appendix B.2") {
  const auto back_end = GENERATE(from_range(test::back_ends()));
  INFO(back_end.name);
  const auto cipher = back_end.make();
  SessionKeys keys;
  keys.encryption = hex_array<16>("2b7e151628aed2a6abf7158809cf4f3c");
  keys.salt = hex_array<14>("f0f1f2f3f4f5f6f7f8f9fafbfcfd");
  const auto transform = make_transform(*cipher, SrtpProfile::aes128_cm_sha1_80, {keys, keys});
  constexpr std::size_t size = 0xff02 * 16;
  const Buffer zeros(size);
  Buffer packet(12 + size + transform->rtp_overhead());
  transform->protect_rtp({Ssrc{0}, 0}, packet, 12, zeros);
  cipher->flush();
  const Bytes stream = Bytes(packet).subspan(12, size);
  const auto block = [&](std::size_t number) { return Buffer(stream.begin() + 16 * number, stream.begin() + 16 * (number + 1)); };
  CHECK(block(0) == hex("e03ead0935c95e80e166b16dd92b4eb4"));
  CHECK(block(1) == hex("d23513162b02d0f72a43a2fe4a5f97ab"));
  CHECK(block(2) == hex("41e95b3bb0a2e8dd477901e4fca894c0"));
  CHECK(block(0xfeff) == hex("ec8cdf7398607cb0f2d21675ea9ea1e4"));
  CHECK(block(0xff00) == hex("362b7c3c6773516318a077d7fc5073ae"));
  CHECK(block(0xff01) == hex("6a2cc3787889374fbeb4c81b17ba6c44"));
}

TEST_CASE("AES-GCM gives and takes the packet of RFC 7714 section 16.1") {
  const auto back_end = GENERATE(from_range(test::back_ends()));
  INFO(back_end.name);
  const auto cipher = back_end.make();
  const auto transform = rfc7714_transform(*cipher);
  const PacketId id{Ssrc{0x5501a0b2}, 0xf17b};
  const Buffer payload = hex(gallia);
  Buffer packet = hex(rtp_header);
  packet.resize(12 + payload.size() + transform->rtp_overhead());
  transform->protect_rtp(id, packet, 12, payload);
  CHECK(packet == hex(protected_rtp));
  REQUIRE(transform->unprotect_rtp(id, packet, 12));
  CHECK(Buffer(packet.begin() + 12, packet.end() - 16) == payload);
}

TEST_CASE("AES-GCM gives and takes the report of RFC 7714 section 17.1") {
  const auto back_end = GENERATE(from_range(test::back_ends()));
  INFO(back_end.name);
  const auto cipher = back_end.make();
  const auto transform = rfc7714_transform(*cipher);
  const PacketId id{Ssrc{0x4d617273}, 0x5d4};
  Buffer packet = hex(report);
  packet.resize(packet.size() + transform->rtcp_overhead());
  transform->protect_rtcp(id, packet);
  CHECK(packet == hex(protected_report));
  CHECK(transform->rtcp_index(packet) == 0x5d4u);
  REQUIRE(transform->unprotect_rtcp(id, packet));
  CHECK(Buffer(packet.begin(), packet.end() - 20) == hex(report));
}

TEST_CASE("A report that is not encrypted has no index that counts") {
  const auto cipher = make_cipher();
  const auto profile = GENERATE(SrtpProfile::aead_aes_128_gcm, SrtpProfile::aes128_cm_sha1_80);
  const auto transform = make_transform(*cipher, profile, {});
  Buffer packet(100);
  transform->protect_rtcp({Ssrc{1}, 7}, packet);
  REQUIRE(transform->rtcp_index(packet) == 7u);
  packet[profile == SrtpProfile::aead_aes_128_gcm ? 96 : 86] &= 0x7F;
  CHECK_FALSE(transform->rtcp_index(packet));
}

}  // namespace parley::transport
