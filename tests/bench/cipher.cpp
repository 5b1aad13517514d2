// What it costs to protect one packet: µs of CPU, by libsrtp2 as it is installed and by each of our two back ends, and the ratio
// to libsrtp2. Each is the median of rounds that alternate. "Sessions" are subscribers with keys of their own, as a forwarded
// packet meets them; SSRCs are in each of them. A flush comes after each 64 packets.

#include <srtp2/srtp.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <memory>
#include <stdexcept>
#include <vector>

#include "sfu/transport/srtp.hpp"

using namespace parley;
using namespace parley::transport;

namespace {

constexpr std::size_t packets_in_a_turn = 64;
constexpr std::size_t turns = 300;
constexpr std::size_t rounds = 7;
constexpr std::size_t header_size = 12;

struct Load {
  SrtpProfile profile;
  std::size_t size;
  std::size_t sessions;
  std::size_t ssrcs;
};

struct Packet {
  Bytes header;
  Bytes payload;
  MutableBytes slot;
};

Buffer make_key(const Load& load, std::size_t session) {
  Buffer key(master_key_size(load.profile));
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(31 * session + 7 * i);
  return key;
}

/// Whoever protects packets.
class Contestant {
 public:
  Contestant() = default;
  Contestant(const Contestant&) = delete;
  Contestant& operator=(const Contestant&) = delete;
  virtual ~Contestant() = default;
  virtual void protect(std::size_t session, const Packet& packet) = 0;
  virtual void flush() {}
};

class Ours final : public Contestant {
 public:
  Ours(std::unique_ptr<Cipher> cipher, const Load& load) : cipher_(std::move(cipher)) {
    for (std::size_t i = 0; i < load.sessions; ++i) {
      const Buffer key = make_key(load, i);
      sessions_.push_back(std::make_unique<Srtp>(*cipher_, SrtpKeys{load.profile, key, key}));
    }
  }
  void protect(std::size_t session, const Packet& packet) override {
    if (!sessions_[session]->protect_rtp(packet.header, packet.payload, packet.slot)) throw std::runtime_error("not protected");
  }
  void flush() override { cipher_->flush(); }

 private:
  std::unique_ptr<Cipher> cipher_;
  std::vector<std::unique_ptr<Srtp>> sessions_;
};

class Libsrtp final : public Contestant {
 public:
  explicit Libsrtp(const Load& load) {
    for (std::size_t i = 0; i < load.sessions; ++i) {
      Buffer key = make_key(load, i);
      srtp_policy_t policy{};
      const auto profile =
          load.profile == SrtpProfile::aead_aes_128_gcm ? srtp_profile_aead_aes_128_gcm : srtp_profile_aes128_cm_sha1_80;
      srtp_crypto_policy_set_from_profile_for_rtp(&policy.rtp, profile);
      srtp_crypto_policy_set_from_profile_for_rtcp(&policy.rtcp, profile);
      policy.ssrc.type = ssrc_any_outbound;
      policy.key = key.data();
      if (srtp_create(&sessions_.emplace_back(), &policy) != srtp_err_status_ok) throw std::runtime_error("no libsrtp session");
    }
  }
  ~Libsrtp() override {
    for (const auto session : sessions_) srtp_dealloc(session);
  }
  void protect(std::size_t session, const Packet& packet) override {
    Writer(packet.slot).bytes(packet.header).bytes(packet.payload);
    int size = static_cast<int>(packet.header.size() + packet.payload.size());
    if (srtp_protect(sessions_[session], packet.slot.data(), &size) != srtp_err_status_ok)
      throw std::runtime_error("not protected by libsrtp");
  }

 private:
  std::vector<srtp_t> sessions_;
};

double cpu_microseconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

/// Packets go to the sessions in turn, and within each to its SSRCs in turn.
class Course {
 public:
  explicit Course(const Load& load) : load_(load), payload_(load.size - header_size, 0x5a), slots_(packets_in_a_turn) {}

  double microseconds_per_packet(Contestant& contestant, std::uint32_t& sent) const {
    const double begin = cpu_microseconds();
    for (std::size_t turn = 0; turn < turns; ++turn) {
      for (auto& slot : slots_) {
        const std::size_t session = sent % load_.sessions;
        const std::uint32_t ssrc = static_cast<std::uint32_t>(sent / load_.sessions % load_.ssrcs);
        const auto sequence = static_cast<std::uint16_t>(sent / load_.sessions / load_.ssrcs);
        std::array<std::uint8_t, header_size> header;
        Writer(header).u8(0x80).u8(96).u16(sequence).u32(sent).u32(0x10000 + ssrc);
        contestant.protect(session, {header, payload_, *slot});
        ++sent;
      }
      contestant.flush();
    }
    return (cpu_microseconds() - begin) / static_cast<double>(turns * packets_in_a_turn);
  }

 private:
  struct Slot : std::unique_ptr<std::array<std::uint8_t, 2048>> {
    Slot() : unique_ptr(std::make_unique<std::array<std::uint8_t, 2048>>()) {}
  };
  Load load_;
  Buffer payload_;
  std::vector<Slot> slots_;
};

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

void measure(const Load& load) {
  std::vector<std::unique_ptr<Contestant>> contestants;
  contestants.push_back(std::make_unique<Libsrtp>(load));
  contestants.push_back(std::make_unique<Ours>(make_openssl_cipher(), load));
  if (auto cipher = make_ipsec_mb_cipher()) contestants.push_back(std::make_unique<Ours>(std::move(cipher), load));

  const Course course(load);
  std::vector<std::vector<double>> times(contestants.size());
  std::vector<std::uint32_t> sent(contestants.size());
  for (std::size_t round = 0; round <= rounds; ++round) {
    for (std::size_t i = 0; i < contestants.size(); ++i) {
      const double time = course.microseconds_per_packet(*contestants[i], sent[i]);
      if (round > 0) times[i].push_back(time);  // the first one warms up
    }
  }
  const double base = median(times[0]);
  std::printf("%-18s %5zu %8zu %6zu   %5.2f",
              load.profile == SrtpProfile::aead_aes_128_gcm ? "AES-128-GCM" : "AES-CM + HMAC-SHA1", load.size, load.sessions,
              load.ssrcs, base);
  for (std::size_t i = 1; i < times.size(); ++i) std::printf("   %5.3f  %4.2f", median(times[i]), median(times[i]) / base);
  std::printf("\n");
}

}  // namespace

int main() {
  srtp_init();
  std::printf("µs of CPU to protect one RTP packet, and the ratio to libsrtp2\n\n");
  std::printf("%-18s %5s %8s %6s   %5s   %5s %5s   %5s %5s\n", "profile", "bytes", "sessions", "SSRCs", "srtp2", "OpenSSL", "",
              "ipsec-mb", "");
  for (const auto profile : {SrtpProfile::aead_aes_128_gcm, SrtpProfile::aes128_cm_sha1_80})
    for (const std::size_t size : {80u, 1132u})
      for (const auto& [sessions, ssrcs] : {std::pair(1u, 1u), std::pair(1u, 30u), std::pair(1u, 300u), std::pair(300u, 1u)})
        measure({profile, size, sessions, ssrcs});
  return 0;
}
