#include "sfu/transport/dtls.hpp"

#include <catch2/catch.hpp>

#include "tests/support/openssl_client.hpp"

namespace parley::transport {

namespace {

constexpr std::string_view gcm = "SRTP_AEAD_AES_128_GCM";
const Time now{seconds(1000)};
const Path path{Protocol::udp, Address::v4({192, 0, 2, 1}, 40000), Address::v4({198, 51, 100, 7}, 50000)};

const Certificate& server_certificate() {
  static const Certificate certificate = Certificate::make();
  return certificate;
}
const Certificate& client_certificate() {
  static const Certificate certificate = Certificate::make();
  return certificate;
}

std::vector<Buffer> take(Outbox& out) {
  std::vector<Buffer> datagrams;
  for (const auto& entry : out.datagrams.entries()) {
    CHECK(entry.path == path);
    CHECK(entry.size <= 1200);
    datagrams.emplace_back(entry.bytes().begin(), entry.bytes().end());
  }
  out.datagrams.clear();
  return datagrams;
}

/// Our server against plain OpenSSL.
struct Bench {
  explicit Bench(test::OpenSslClient::Options options = {.srtp_profiles = std::string(gcm)},
                 std::vector<Fingerprint> expected = {client_certificate().fingerprint()})
      : server(server_certificate(), Dtls::Role::server, std::move(expected)), client(client_certificate(), std::move(options)) {}

  void exchange(std::vector<Buffer> to_server) {
    for (int round = 0; round < 10 && !to_server.empty(); ++round) to_server = client.step(serve(to_server));
  }
  std::vector<Buffer> serve(const std::vector<Buffer>& datagrams) {
    for (const Buffer& datagram : datagrams) server.receive(now, path, datagram, out);
    return take(out);
  }

  Outbox out;
  Dtls server;
  test::OpenSslClient client;
};

Buffer record(std::uint8_t type, std::uint16_t version, std::uint16_t epoch, Bytes content) {
  Buffer bytes(13 + content.size());
  Writer writer(bytes);
  writer.u8(type).u16(version).u16(epoch).u16(0).u32(1000).u16(static_cast<std::uint16_t>(content.size())).bytes(content);
  return bytes;
}

}  // namespace

TEST_CASE("Both of our ends shake hands over DTLS and hold the same keys crosswise, for AES-GCM") {
  Dtls server(server_certificate(), Dtls::Role::server, {client_certificate().fingerprint()});
  Dtls client(client_certificate(), Dtls::Role::client, {server_certificate().fingerprint()});
  Outbox out;
  client.start(now, path, out);
  for (int round = 0; round < 4; ++round) {
    for (const Buffer& datagram : take(out)) server.receive(now, path, datagram, out);
    for (const Buffer& datagram : take(out)) client.receive(now, path, datagram, out);
  }
  REQUIRE(server.keys());
  REQUIRE(client.keys());
  CHECK(server.state() == Dtls::State::connected);
  CHECK(server.keys()->profile == SrtpProfile::aead_aes_128_gcm);
  CHECK(server.keys()->send.size() == 28);
  CHECK(server.keys()->send == client.keys()->receive);
  CHECK(server.keys()->receive == client.keys()->send);
  CHECK(server.keys()->send != server.keys()->receive);
  CHECK(server.wakeup() == never);
  CHECK(client.wakeup() == never);
}

TEST_CASE("The keys are the ones that RFC 5764 cuts out of the exporter") {
  Bench bench;
  bench.exchange(bench.client.step());
  REQUIRE(bench.server.keys());
  CHECK(bench.client.version() == "DTLSv1.2");
  const Buffer material = bench.client.srtp_material(56);
  const auto part = [&](std::size_t key_at, std::size_t salt_at) {
    Buffer key(material.begin() + static_cast<std::ptrdiff_t>(key_at),
               material.begin() + static_cast<std::ptrdiff_t>(key_at + 16));
    key.insert(key.end(), material.begin() + static_cast<std::ptrdiff_t>(salt_at),
               material.begin() + static_cast<std::ptrdiff_t>(salt_at + 12));
    return key;
  };
  CHECK(bench.server.keys()->receive == part(0, 32));
  CHECK(bench.server.keys()->send == part(16, 44));
}

TEST_CASE("The server prefers AES-GCM whatever the client lists first, and takes AES-CM when there is nothing else") {
  Bench both({.srtp_profiles = "SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_256_GCM:SRTP_AEAD_AES_128_GCM"});
  both.exchange(both.client.step());
  CHECK(both.client.srtp_profile() == gcm);
  Bench old({.srtp_profiles = "SRTP_AES128_CM_SHA1_80"});
  old.exchange(old.client.step());
  REQUIRE(old.server.keys());
  CHECK(old.server.keys()->profile == SrtpProfile::aes128_cm_sha1_80);
  CHECK(old.server.keys()->send.size() == 30);
}

TEST_CASE("A ClientHello in two datagrams, as post-quantum key shares make it, is put together in either order") {
  const bool reordered = GENERATE(false, true);
  Bench bench({.srtp_profiles = std::string(gcm), .client_hello_padding = 1300});
  std::vector<Buffer> hello = bench.client.step();
  REQUIRE(hello.size() == 2);
  CHECK(hello[0].size() + hello[1].size() > 1400);
  if (reordered) std::swap(hello[0], hello[1]);
  CHECK(bench.serve({hello[0]}).empty());
  const std::vector<Buffer> flight = bench.serve({hello[1]});
  CHECK_FALSE(flight.empty());
  bench.exchange(bench.client.step(flight));
  CHECK(bench.server.state() == Dtls::State::connected);
  CHECK(bench.client.connected());
}

TEST_CASE("A certificate that the SDP did not announce fails the handshake and gives no keys") {
  Bench bench({.srtp_profiles = std::string(gcm)}, {server_certificate().fingerprint()});
  bench.exchange(bench.client.step());
  CHECK(bench.server.state() == Dtls::State::failed);
  CHECK_FALSE(bench.server.keys());
  CHECK_FALSE(bench.client.connected());
  CHECK(bench.server.wakeup() == never);
  bench.server.receive(now, path, bench.client.step().empty() ? Buffer{22} : Buffer{23}, bench.out);
  CHECK(bench.out.drops[DropReason::dtls_failed] == 1);
  CHECK(bench.out.datagrams.empty());
}

TEST_CASE("One fingerprint of several is enough, an unknown hash aside") {
  Fingerprint unknown{"md5", Buffer(16)};
  Bench bench({.srtp_profiles = std::string(gcm)},
              {unknown, server_certificate().fingerprint(), client_certificate().fingerprint()});
  bench.exchange(bench.client.step());
  CHECK(bench.server.state() == Dtls::State::connected);
  Bench none({.srtp_profiles = std::string(gcm)}, {});
  none.exchange(none.client.step());
  CHECK(none.server.state() == Dtls::State::failed);
}

TEST_CASE("A client without a certificate, or without an SRTP profile in common, fails") {
  Bench anonymous({.srtp_profiles = std::string(gcm), .with_certificate = false});
  anonymous.exchange(anonymous.client.step());
  CHECK(anonymous.server.state() == Dtls::State::failed);
  CHECK_FALSE(anonymous.server.keys());
  Bench without({.srtp_profiles = ""});
  without.exchange(without.client.step());
  CHECK(without.server.state() == Dtls::State::failed);
  Bench other({.srtp_profiles = "SRTP_AEAD_AES_256_GCM"});
  other.exchange(other.client.step());
  CHECK(other.server.state() == Dtls::State::failed);
}

TEST_CASE("The peer's close_notify closes") {
  Bench bench;
  bench.exchange(bench.client.step());
  bench.serve(bench.client.close_notify());
  CHECK(bench.server.state() == Dtls::State::closed);
}

TEST_CASE("Closing says so to the peer, and nothing is taken or sent afterwards") {
  Bench bench;
  bench.exchange(bench.client.step());
  bench.server.close(now, path, bench.out);
  bench.client.step(take(bench.out));
  CHECK(bench.client.closed());
  CHECK(bench.server.state() == Dtls::State::closed);
  const std::uint8_t data[] = {1, 2, 3};
  CHECK(bench.serve(bench.client.send_data(data)).empty());
  CHECK(bench.server.state() == Dtls::State::closed);
}

TEST_CASE("Application data arrives, and is gone with the next datagram") {
  Bench bench;
  bench.exchange(bench.client.step());
  const std::uint8_t data[] = {1, 2, 3};
  CHECK(bench.serve(bench.client.send_data(data)).empty());
  CHECK(bench.server.data() == std::vector<Buffer>{{1, 2, 3}});
  CHECK(bench.out.drops.total() == 0);
  bench.serve({Buffer(20, 22)});
  CHECK(bench.server.data().empty());
}

TEST_CASE("What is no DTLS record is counted and changes nothing") {
  Bench bench;
  const std::vector<Buffer> hello = bench.client.step();
  bench.serve({Buffer{22}, Buffer(13, 22), Buffer(hello[0].begin(), hello[0].end() - 1)});
  CHECK(bench.out.drops[DropReason::dtls_malformed] == 3);
  bench.exchange(hello);
  CHECK(bench.server.state() == Dtls::State::connected);
}

TEST_CASE("A stranger's record that is too short to be encrypted ends nothing, wherever it stands") {
  const auto type = static_cast<std::uint8_t>(GENERATE(range(20, 25)));
  const Buffer too_short = record(type, 0xfefd, 1, Buffer(GENERATE(0u, 1u, 4u, 8u, 9u, 23u), 7));
  Buffer behind = record(22, 0xfefd, 0, Buffer(30, 7));
  behind.insert(behind.end(), too_short.begin(), too_short.end());
  const Buffer within = record(22, 0xfeff, 0, too_short);
  const Buffer forged = record(type, 0xfefd, 1, Buffer(24, 7));
  Bench bench;
  bench.exchange(bench.client.step());
  const std::uint8_t data[] = {1, 2, 3};
  for (const Buffer& datagram : {too_short, behind, within, forged}) {
    bench.serve({datagram});
    REQUIRE(bench.server.state() == Dtls::State::connected);
    bench.serve(bench.client.send_data(data));
    CHECK(bench.server.data() == std::vector<Buffer>{{1, 2, 3}});
  }
  CHECK(bench.out.drops[DropReason::dtls_malformed] == 2);
  CHECK(bench.out.drops[DropReason::dtls_unexpected] == 2);
}

TEST_CASE("A stranger's too short record in the middle of the handshake ends nothing") {
  Bench bench;
  std::vector<Buffer> to_server = bench.client.step(bench.serve(bench.client.step()));
  REQUIRE(bench.server.state() == Dtls::State::handshaking);
  const Buffer too_short = record(22, 0xfefd, 1, Buffer(4, 7));
  bench.serve({too_short, record(22, 0xfeff, 0, too_short)});
  bench.exchange(to_server);
  CHECK(bench.server.state() == Dtls::State::connected);
}

TEST_CASE("A certificate's fingerprint is the SHA-256 of 32 bytes, and each certificate has another") {
  CHECK(server_certificate().fingerprint().algorithm == "sha-256");
  CHECK(server_certificate().fingerprint().digest.size() == 32);
  CHECK(server_certificate().fingerprint() != client_certificate().fingerprint());
}

}  // namespace parley::transport
