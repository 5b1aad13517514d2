// libsrtp2, used as its own manual says and through none of our code, as the peer of our Srtp and the judge of over a million
// random packets: sequence numbers that roll over, reordering, replays and forgeries, both ways, RTP and RTCP.

#include <srtp2/srtp.h>
#include <catch2/catch.hpp>
#include <random>

#include "sfu/transport/srtp.hpp"
#include "tests/support/back_ends.hpp"

namespace parley::transport {

namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr int turns = 400;
#else
constexpr int turns = 8000;
#endif
/// In each turn, both ways; over four combinations of profile and back end that makes 1,024,000 packets.
constexpr std::size_t packets_in_a_turn = 16;
constexpr std::size_t ssrcs = 5;

enum class Kind { rtp, rtcp };

struct Packet {
  Kind kind = Kind::rtp;
  Buffer plain;
  std::size_t header = 0;  ///< how much of `plain` is RTP header
  Buffer sent;             ///< protected
};

bool equal(Bytes left, Bytes right) { return std::ranges::equal(left, right); }

/// A libsrtp session of one direction.
class Foreign {
 public:
  Foreign(SrtpProfile profile, Buffer key, bool outgoing) : key_(std::move(key)) {
    srtp_init();
    srtp_policy_t policy{};
    if (profile == SrtpProfile::aead_aes_128_gcm) {
      srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
      srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
    } else {
      srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
      srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
    }
    policy.ssrc.type = outgoing ? ssrc_any_outbound : ssrc_any_inbound;
    policy.key = key_.data();
    policy.window_size = ReplayWindow::size;
    if (srtp_create(&session_, &policy) != srtp_err_status_ok) throw std::runtime_error("no libsrtp session");
  }
  Foreign(const Foreign&) = delete;
  Foreign& operator=(const Foreign&) = delete;
  ~Foreign() { srtp_dealloc(session_); }

  Buffer protect(const Packet& packet) {
    Buffer result = packet.plain;
    result.resize(result.size() + SRTP_MAX_TRAILER_LEN + 4);
    int size = static_cast<int>(packet.plain.size());
    const auto status =
        (packet.kind == Kind::rtp ? srtp_protect : srtp_protect_rtcp)(session_, static_cast<void*>(result.data()), &size);
    result.resize(status == srtp_err_status_ok ? static_cast<std::size_t>(size) : 0);
    return result;
  }
  /// What it says, and the plain packet in place of `packet` if it says `ok`.
  srtp_err_status_t unprotect(Kind kind, Buffer& packet) {
    int size = static_cast<int>(packet.size());
    const auto status =
        (kind == Kind::rtp ? srtp_unprotect : srtp_unprotect_rtcp)(session_, static_cast<void*>(packet.data()), &size);
    if (status == srtp_err_status_ok) packet.resize(static_cast<std::size_t>(size));
    return status;
  }

 private:
  Buffer key_;
  srtp_t session_ = nullptr;
};

/// Makes plain packets, each SSRC with a sequence of its own.
class Maker {
 public:
  explicit Maker(std::uint32_t seed) : random_(seed) {
    pool_.resize(1 << 16);
    for (auto& byte : pool_) byte = static_cast<std::uint8_t>(random_());
    // One begins just below a rollover, but in the lower half as RFC 3711 section 3.3.1 wants it is never in doubt.
    for (std::size_t i = 0; i < ssrcs; ++i) sequences_[i] = i == 0 ? 65500 : below(32768);
  }

  std::size_t below(std::size_t limit) { return random_() % limit; }
  bool once_in(std::size_t times) { return below(times) == 0; }

  Packet next() { return once_in(8) ? report() : media(); }

  /// Changes a random bit.
  void damage(Buffer& packet) { packet[below(packet.size())] ^= static_cast<std::uint8_t>(1u << below(8)); }

 private:
  static std::uint32_t ssrc(std::size_t number) { return static_cast<std::uint32_t>(0x9E3779B9u * (number + 1)); }

  void append_random(Buffer& packet, std::size_t size) {
    const std::size_t from = below(pool_.size() - size);
    packet.insert(packet.end(), pool_.begin() + static_cast<std::ptrdiff_t>(from),
                  pool_.begin() + static_cast<std::ptrdiff_t>(from + size));
  }

  Packet media() {
    const std::size_t who = below(ssrcs);
    sequences_[who] += once_in(10) ? 1 + below(60) : 1;
    const std::size_t csrcs = once_in(5) ? below(16) : 0;
    const bool extended = once_in(2);
    Packet packet;
    packet.plain.resize(12);
    Writer(packet.plain)
        .u8(static_cast<std::uint8_t>(0x80 | (extended ? 0x10 : 0) | csrcs))
        .u8(static_cast<std::uint8_t>(below(256)))
        .u16(static_cast<std::uint16_t>(sequences_[who]))
        .u32(static_cast<std::uint32_t>(random_()))
        .u32(ssrc(who));
    append_random(packet.plain, 4 * csrcs);
    if (extended) {
      const std::size_t words = below(10);
      std::array<std::uint8_t, 4> start;
      Writer(start).u16(0xBEDE).u16(static_cast<std::uint16_t>(words));
      packet.plain.insert(packet.plain.end(), start.begin(), start.end());
      append_random(packet.plain, 4 * words);
    }
    packet.header = packet.plain.size();
    append_random(packet.plain, below(1200));
    return packet;
  }

  Packet report() {
    Packet packet{.kind = Kind::rtcp, .plain = Buffer(8), .header = 0, .sent = {}};
    const std::size_t words = below(60);
    Writer(packet.plain).u8(0x81).u8(201).u16(static_cast<std::uint16_t>(words + 1)).u32(ssrc(below(ssrcs)));
    append_random(packet.plain, 4 * words);
    return packet;
  }

  std::mt19937 random_;
  Buffer pool_;
  std::array<std::size_t, ssrcs> sequences_{};
};

Buffer key(SrtpProfile profile, std::uint8_t first) {
  Buffer bytes(master_key_size(profile));
  for (auto& byte : bytes) byte = first++;
  return bytes;
}

/// Ours and libsrtp's with each other's keys.
class Contest {
 public:
  Contest(SrtpProfile profile, std::unique_ptr<Cipher> cipher, std::uint32_t seed)
      : cipher_(std::move(cipher)),
        ours_(*cipher_, {profile, key(profile, 1), key(profile, 100)}),
        reader_(profile, key(profile, 1), false),
        writer_(profile, key(profile, 100), true),
        maker_(seed) {}

  void run() {
    for (int turn = 0; turn < turns; ++turn) {
      INFO("turn " << turn);
      we_write();
      we_read();
    }
  }

 private:
  std::vector<Packet> make_packets() {
    std::vector<Packet> packets;
    for (std::size_t i = 0; i < packets_in_a_turn; ++i) packets.push_back(maker_.next());
    return packets;
  }
  /// Moves some packets a few places.
  void reorder(std::vector<Packet>& packets) {
    for (std::size_t i = 1; i < packets.size(); ++i)
      if (maker_.once_in(4)) std::swap(packets[i], packets[maker_.below(i)]);
  }
  static void require(bool good, const char* what) {
    if (!good) FAIL(what);
  }

  void we_write() {
    auto packets = make_packets();
    std::vector<std::array<std::uint8_t, 2048>> slots(packets.size());
    std::vector<std::size_t> sizes;
    for (std::size_t i = 0; i < packets.size(); ++i) sizes.push_back(protect(packets[i], slots[i]));
    cipher_->flush();
    for (std::size_t i = 0; i < packets.size(); ++i) packets[i].sent.assign(slots[i].begin(), slots[i].begin() + sizes[i]);

    // What is sent a second time is the same.
    const Packet& again = packets[maker_.below(packets.size())];
    if (again.kind == Kind::rtp) {
      const std::size_t size = protect(again, slots[0]);
      cipher_->flush();
      require(equal(again.sent, Bytes(slots[0]).first(size)), "not the same when sent again");
    }

    reorder(packets);
    for (const Packet& packet : packets) {
      Buffer arrived = packet.sent;
      require(reader_.unprotect(packet.kind, arrived) == srtp_err_status_ok, "libsrtp does not take our packet");
      require(arrived == packet.plain, "libsrtp reads something else");
    }
  }

  std::size_t protect(const Packet& packet, MutableBytes slot) {
    if (packet.kind == Kind::rtcp) return ours_.protect_rtcp(packet.plain, slot).value_or(0);
    // Sometimes the front of the payload stands in the header's buffer.
    const std::size_t more = maker_.once_in(4) ? maker_.below(packet.plain.size() - packet.header + 1) : 0;
    const Bytes plain = packet.plain;
    return ours_.protect_rtp(plain.first(packet.header + more), plain.subspan(packet.header + more), slot).value_or(0);
  }

  void we_read() {
    auto packets = make_packets();
    for (Packet& packet : packets) {
      packet.sent = writer_.protect(packet);
      require(!packet.sent.empty(), "libsrtp does not protect");
    }
    reorder(packets);
    for (const Packet& packet : packets) {
      Drops drops;
      if (maker_.once_in(4)) {
        Buffer forged = packet.sent;
        maker_.damage(forged);
        require(unprotect(packet.kind, forged, drops).empty() && drops[DropReason::srtp_replayed] <= 1,
                "we take a forged packet");
      }
      if (maker_.once_in(8)) {
        Buffer cut(packet.sent.begin(), packet.sent.begin() + static_cast<std::ptrdiff_t>(maker_.below(packet.sent.size())));
        require(unprotect(packet.kind, cut, drops).empty(), "we take a truncated packet");
      }
      drops = {};
      Buffer arrived = packet.sent;
      require(equal(unprotect(packet.kind, arrived, drops), packet.plain), "we read something else than libsrtp wrote");
      require(drops.total() == 0, "a good packet was counted as dropped");
      Buffer replayed = packet.sent;
      require(unprotect(packet.kind, replayed, drops).empty(), "we take a packet twice");
      require(drops[DropReason::srtp_replayed] == 1, "a replay has another reason");
    }
  }

  MutableBytes unprotect(Kind kind, MutableBytes packet, Drops& drops) {
    return kind == Kind::rtp ? ours_.unprotect_rtp(packet, drops) : ours_.unprotect_rtcp(packet, drops);
  }

  std::unique_ptr<Cipher> cipher_;
  Srtp ours_;
  Foreign reader_;
  Foreign writer_;
  Maker maker_;
};

}  // namespace

TEST_CASE("libsrtp reads a million of our packets, and we read its, and no forged or replayed one") {
  const auto back_end = GENERATE(from_range(test::back_ends()));
  const auto profile = GENERATE(SrtpProfile::aead_aes_128_gcm, SrtpProfile::aes128_cm_sha1_80);
  INFO(back_end.name << ", profile " << static_cast<int>(profile));
  Contest(profile, back_end.make(), 1).run();
}

TEST_CASE("A replay, a late packet and a forged one are what libsrtp takes them for") {
  const auto profile = GENERATE(SrtpProfile::aead_aes_128_gcm, SrtpProfile::aes128_cm_sha1_80);
  const auto cipher = make_cipher();
  Srtp ours(*cipher, {profile, key(profile, 1), key(profile, 100)});
  Foreign reader(profile, key(profile, 1), false);
  const auto protect = [&](std::uint16_t sequence) {
    Buffer header(12);
    Writer(header).u8(0x80).u8(96).u16(sequence).u32(0).u32(7);
    Buffer slot(2048);
    slot.resize(ours.protect_rtp(header, Buffer(50, 0x5a), slot).value_or(0));
    cipher->flush();
    return slot;
  };
  const auto arrives = [&](Buffer packet) { return reader.unprotect(Kind::rtp, packet); };
  const Buffer late = protect(176), too_late = protect(175), newest = protect(1199);
  CHECK(arrives(newest) == srtp_err_status_ok);
  CHECK(arrives(newest) == srtp_err_status_replay_fail);
  CHECK(arrives(late) == srtp_err_status_ok);
  CHECK(arrives(too_late) == srtp_err_status_replay_old);
  Buffer forged = protect(1200);
  forged[20] ^= 1;
  CHECK(arrives(forged) == srtp_err_status_auth_fail);
}

}  // namespace parley::transport
