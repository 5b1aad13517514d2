// A call goes on while strangers, and somebody who can listen to the participants, throw whatever they like at the worker: random
// bytes, half datagrams, real datagrams with some bits changed, real datagrams once more and from elsewhere. Nobody in the call
// notices, nothing grows, and every datagram that was thrown is counted under the reason why it was dropped.

#include <catch2/catch.hpp>

#include "sfu/transport/classify.hpp"
#include "tests/sim/world.hpp"

using namespace parley;
using namespace parley::sim;
using loadtest::camera;
using loadtest::microphone;
using loadtest::ProbeCount;

namespace {

constexpr int throws_per_round = 20;

/// Throws what it is given, or something that it has made of it.
class Vandal {
 public:
  Vandal(World& world, Random random) : world_(world), random_(std::move(random)) {}

  void throw_noise() { hit(somewhere(), noise()); }

  /// Something that somebody makes who can listen to the participants and send from their addresses.
  void throw_forgery() {
    const auto& overheard = world_.network().overheard();
    const auto& model = overheard[random_.below(overheard.size())];
    const bool check = transport::classify(model.bytes) == transport::PacketKind::stun;
    switch (random_.below(4)) {
      case 0:
        return hit(model.path.remote, noise());
      case 1:
        return hit(model.path.remote, mutate(model.bytes));
      case 2:
        return hit(model.path.remote, model.bytes);
      default:
        // A valid check does open its 5-tuple, whoever sends it on: that is ICE (RFC 8445 section 19.1), not an accident.
        if (!check) hit(somewhere(), model.bytes);
    }
  }
  std::uint64_t thrown() const { return thrown_; }

 private:
  void hit(const Address& from, Bytes datagram) {
    world_.inject(0, from, datagram);
    ++thrown_;
  }

  /// One of a few thousand addresses of a botnet.
  Address somewhere() {
    return Address::v4({192, 0, 2, static_cast<std::uint8_t>(random_.next())}, static_cast<std::uint16_t>(random_.below(16)));
  }

  Buffer noise() {
    Buffer bytes(random_.below(1500));
    random_.fill(bytes);
    // All protocols get their share: STUN, DTLS, RTP, RTCP and what belongs to nobody (RFC 7983).
    constexpr std::uint8_t first_bytes[] = {0, 1, 20, 22, 23, 63, 64, 128, 144, 191, 255};
    if (!bytes.empty()) bytes[0] = first_bytes[random_.below(std::size(first_bytes))];
    return bytes;
  }

  Buffer mutate(Bytes model) {
    Buffer bytes(model.begin(), model.end());
    for (std::uint64_t flips = 1 + random_.below(8); flips > 0 && !bytes.empty(); --flips)
      bytes[random_.below(bytes.size())] ^= static_cast<std::uint8_t>(1u << random_.below(8));
    if (random_.below(4) == 0) bytes.resize(random_.below(bytes.size() + 1));
    return bytes;
  }

  World& world_;
  Random random_;
  std::uint64_t thrown_ = 0;
};

}  // namespace

TEST_CASE("a call is not disturbed by strangers who throw datagrams at its worker") {
  World world({.seed = 7});
  world.network().overhear(200);
  world.join(1, {microphone(), camera()});
  world.join(1, {microphone(), camera()});
  // Noise from strangers begins before the handshakes do.
  Vandal vandal(world, Random::from_number(7));
  for (int round = 0; round < 500; ++round) {
    for (int i = 0; i < throws_per_round; ++i) round < 100 || i % 2 ? vandal.throw_noise() : vandal.throw_forgery();
    world.run_for(milliseconds(20));
  }

  world.remember();
  world.run_for(seconds(5));
  INFO(world.describe());
  CHECK(world.everyone_gets(74));
  for (const Client* person : world.clients()) {
    const auto received = person->received();
    CHECK(received[ProbeCount::freezes] == 0);
    CHECK(received[ProbeCount::frames_abandoned] == 0);
    CHECK(received[ProbeCount::frames_shown] >= 14 * (50 + 15));
  }
  CHECK(world.violations().empty());

  // Repeated checks of a participant's are answered, its repeated handshake is OpenSSL's to ignore; all else is counted.
  const Drops& drops = world.drops(0);
  CHECK(drops.total() > vandal.thrown() / 2);
  CHECK(drops[DropReason::srtp_replayed] > 0);
  CHECK(drops[DropReason::srtp_bad_tag] > 0);
  CHECK(drops[DropReason::unknown_path] > 0);
  CHECK(drops[DropReason::stun_malformed] > 0);

  for (Client* person : world.clients()) world.leave(*person);
  world.run_for(seconds(1));
  CHECK(world.workers_are_empty());
}
