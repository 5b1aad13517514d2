// The `openssl s_client` program as the DTLS client of our Transport, over a real loopback socket. It knows no ICE, so the test
// opens its 5-tuple with our own ICE client.

#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <catch2/catch.hpp>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "sfu/transport/transport.hpp"
#include "tests/interop/loopback.hpp"
#include "tests/support/two_ends.hpp"

namespace parley::transport {

namespace {

using test::joined;
using test::rtp_header;

/// A directory of our own that goes away with all in it.
class TemporaryDirectory {
 public:
  TemporaryDirectory() { path_ = mkdtemp(path_.data()); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_ = "/tmp/parley-interop-XXXXXX";
};

void write_pem(const Certificate& certificate, const std::string& file_name) {
  std::FILE* const file = std::fopen(file_name.c_str(), "w");
  REQUIRE(file);
  PEM_write_X509(file, SSL_CTX_get0_certificate(certificate.context()));
  PEM_write_PrivateKey(file, SSL_CTX_get0_privatekey(certificate.context()), nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
}

/// s_client, with its standard input and output in our hands. It ends when its input does.
class OpenSslProgram {
 public:
  explicit OpenSslProgram(std::vector<std::string> arguments) {
    std::array<int, 2> input{};
    std::array<int, 2> output{};
    REQUIRE(pipe2(input.data(), O_CLOEXEC) == 0);
    REQUIRE(pipe2(output.data(), O_CLOEXEC | O_NONBLOCK) == 0);
    posix_spawn_file_actions_t actions{};
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input[0], 0);
    posix_spawn_file_actions_adddup2(&actions, output[1], 1);
    posix_spawn_file_actions_adddup2(&actions, output[1], 2);
    std::vector<char*> pointers;
    for (std::string& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    REQUIRE(posix_spawnp(&process_, "openssl", &actions, nullptr, pointers.data(), environ) == 0);
    posix_spawn_file_actions_destroy(&actions);
    close(input[0]);
    close(output[1]);
    input_ = input[1];
    output_ = output[0];
  }
  OpenSslProgram(const OpenSslProgram&) = delete;
  OpenSslProgram& operator=(const OpenSslProgram&) = delete;
  ~OpenSslProgram() {
    quit();
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
    close(output_);
  }

  void quit() {
    if (input_ >= 0) close(std::exchange(input_, -1));
  }

  /// All that it has printed so far.
  const std::string& printed() {
    std::array<char, 4096> data{};
    for (ssize_t size = 0; (size = read(output_, data.data(), data.size())) > 0;)
      text_.append(data.data(), static_cast<std::size_t>(size));
    return text_;
  }

 private:
  pid_t process_ = 0;
  int input_ = -1;
  int output_ = -1;
  std::string text_;
};

/// The 56 bytes behind "Keying material: ", once they are there.
std::optional<Buffer> keying_material(const std::string& text) {
  constexpr std::string_view label = "Keying material: ";
  const std::size_t at = text.find(label);
  if (at == std::string::npos || text.size() < at + label.size() + 2 * 56) return std::nullopt;
  Buffer bytes;
  for (std::size_t i = 0; i < 56; ++i)
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(text.substr(at + label.size() + 2 * i, 2), nullptr, 16)));
  return bytes;
}

SrtpKeys client_keys(const Buffer& material) {
  const auto part = [&](std::size_t key_at, std::size_t salt_at) {
    Reader key(Bytes(material).subspan(key_at, 16));
    Reader salt(Bytes(material).subspan(salt_at, 12));
    return joined(key.rest(), salt.rest());
  };
  return {SrtpProfile::aead_aes_128_gcm, part(0, 32), part(16, 44)};
}

/// A Transport behind a loopback socket that lets in whoever sends to it.
struct Server {
  explicit Server(const Fingerprint& client)
      : transport(certificate, *cipher, {"serverfrag", "server-password-server-password"}) {
    transport.set_remote({"clientfrag", "client-password-client-password"}, {client});
  }

  void open(const Path& path) {
    IceClient ice({"clientfrag", "client-password-client-password"}, Random::from_number(1));
    ice.connect(now(), path.remote, transport.local_credentials(), {{Protocol::udp, path.local}});
    Outbox checks;
    ice.advance(now(), checks);
    while (!ice.selected() && !checks.datagrams.empty()) {
      Outbox answers;
      for (const auto& entry : checks.datagrams.entries()) give(path, entry.bytes(), answers);
      checks.datagrams.clear();
      for (const auto& entry : answers.datagrams.entries())
        ice.receive(now(), {path.protocol, path.remote, path.local}, entry.bytes(), checks);
    }
  }

  void give(const Path& path, Bytes bytes, Outbox& to) {
    Buffer datagram(bytes.begin(), bytes.end());
    const Received received = transport.receive(now(), path, datagram, to);
    if (received.kind == Received::Kind::rtp) rtp.emplace_back(received.packet.begin(), received.packet.end());
  }

  void turn() {
    if (const auto arrived = socket.receive(std::chrono::milliseconds(5))) {
      const Path path{Protocol::udp, socket.address(), arrived->first};
      if (transport.paths().empty()) open(path);
      give(path, arrived->second, out);
    }
    if (now() >= transport.wakeup()) transport.advance(now(), out);
    for (const auto& entry : out.datagrams.entries()) socket.send(entry.path.remote, entry.bytes());
    out.datagrams.clear();
  }

  static Time now() { return test::real_time(); }

  Certificate certificate = Certificate::make();
  std::unique_ptr<Cipher> cipher = make_cipher();
  Transport transport;
  test::LoopbackSocket socket;
  Outbox out;
  std::vector<Buffer> rtp;
};

}  // namespace

TEST_CASE("openssl s_client shakes hands with us, exports the same SRTP keys, and closes") {
  const TemporaryDirectory directory;
  const Certificate client = Certificate::make();
  write_pem(client, directory.file("client.pem"));
  Server server(client.fingerprint());
  OpenSslProgram program({"openssl", "s_client", "-dtls1_2", "-connect", server.socket.address().text(), "-mtu", "1200", "-cert",
                          directory.file("client.pem"), "-key", directory.file("client.pem"), "-use_srtp",
                          "SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_128_GCM", "-keymatexport", "EXTRACTOR-dtls_srtp",
                          "-keymatexportlen", "56"});
  const Time deadline = Server::now() + seconds(20);
  while (!(server.transport.ready() && keying_material(program.printed())) && Server::now() < deadline) server.turn();
  INFO(program.printed());
  REQUIRE(server.transport.ready());
  CHECK(program.printed().find("SRTP_AEAD_AES_128_GCM") != std::string::npos);
  const auto material = keying_material(program.printed());
  REQUIRE(material);

  Srtp srtp(*server.cipher, client_keys(*material));
  std::array<std::uint8_t, 2048> slot{};
  const Buffer payload(100, 0x5a);
  const auto size = srtp.protect_rtp(rtp_header(1, 2), payload, slot);
  REQUIRE(size);
  server.give(server.transport.paths()[0], Bytes(slot).first(*size), server.out);
  CHECK(server.rtp == std::vector<Buffer>{joined(rtp_header(1, 2), payload)});
  server.transport.send_rtp(Server::now(), rtp_header(1, 3), payload, server.out);
  REQUIRE(server.out.datagrams.entries().size() == 1);
  Buffer sent(server.out.datagrams.entries()[0].bytes().begin(), server.out.datagrams.entries()[0].bytes().end());
  Drops drops;
  const Bytes plain = srtp.unprotect_rtp(sent, drops);
  CHECK(Buffer(plain.begin(), plain.end()) == joined(rtp_header(1, 3), payload));
  server.out.datagrams.clear();

  program.quit();
  while (server.transport.state() != State::closed && Server::now() < deadline) server.turn();
  CHECK(server.transport.state() == State::closed);
}

TEST_CASE("openssl s_client with another certificate than the announced one is refused") {
  const TemporaryDirectory directory;
  write_pem(Certificate::make(), directory.file("client.pem"));
  Server server(Certificate::make().fingerprint());
  OpenSslProgram program({"openssl", "s_client", "-dtls1_2", "-connect", server.socket.address().text(), "-cert",
                          directory.file("client.pem"), "-key", directory.file("client.pem"), "-use_srtp",
                          "SRTP_AEAD_AES_128_GCM"});
  const Time deadline = Server::now() + seconds(20);
  while (server.transport.state() == State::connecting && Server::now() < deadline) server.turn();
  CHECK(server.transport.state() == State::failed);
}

}  // namespace parley::transport
