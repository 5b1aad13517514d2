// A publication with layers: what it offers, and what it makes of descriptors that cannot be read.

#include "sfu/room/publication.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/media/layered_source.hpp"

using namespace parley;
using namespace parley::room;
using media::testing::LayeredSource;

namespace {

sdp::Codec codec(const std::string& name, std::uint8_t type) {
  sdp::Codec result;
  result.name = name;
  result.clock_rate = 90000;
  result.payload_type = PayloadType{type};
  return result;
}

sdp::ReceiveSection section(const std::string& name, std::size_t encodings) {
  sdp::ReceiveSection result;
  result.mid = std::string("0");
  result.kind = sdp::Kind::video;
  result.active = true;
  result.codecs = {codec(name, 96)};
  for (std::size_t i = 0; encodings > 1 && i < encodings; ++i) result.rids.push_back(std::string(1, "qhf"[i]));
  return result;
}

struct Published {
  Published(const std::string& name, std::size_t encodings)
      : publication(TrackId{1}, ParticipantId{1}, section(name, encodings)) {
    ids.set(rtp::Extension::dependency_descriptor, LayeredSource::descriptor_id);
  }

  std::optional<Publication::Accepted> receive(Time now, std::uint32_t encoding, Bytes datagram) {
    return publication.receive_media(now, encoding, *rtp::parse(datagram), ids, drops);
  }
  void play(LayeredSource& source, Time from, Duration length) {
    for (Time now = from; now < from + length; now += milliseconds(33))
      for (const auto& packet : source.next(random, false)) REQUIRE(receive(now, source.encoding, packet.datagram));
  }

  Publication publication;
  rtp::ExtensionIds ids;
  Drops drops;
  Random random = Random::from_number(1);
};

const Time begin{seconds(100)};

}  // namespace

TEST_CASE("all layers of an AV1 stream are offered, with their sizes and with what they cost") {
  Published published("AV1", 1);
  LayeredSource source;
  source.codec = rtp::Codec::av1;
  source.spatial_layers = 3;
  published.play(source, begin, seconds(2));
  const auto offered = published.publication.offered(begin + seconds(2));
  REQUIRE(offered.size() > 3);
  CHECK(offered.front().quality == media::Quality{});
  CHECK(offered.front().width == 320);
  CHECK(offered.back().quality == media::Quality{media::Layer{0}, 2, 2});
  CHECK(offered.back().height == 720);
  for (std::size_t i = 1; i < offered.size(); ++i) {
    CHECK(offered[i - 1].quality < offered[i].quality);
    if (offered[i - 1].width == offered[i].width) CHECK(offered[i - 1].bits_per_second < offered[i].bits_per_second);
  }
  CHECK(published.drops.total() == 0);
}

TEST_CASE("encodings of simulcast that fall silent are not offered, and are again when they return") {
  Published published("VP8", 3);
  std::array<LayeredSource, 3> sources;
  for (std::uint32_t i = 0; i < 3; ++i) {
    sources[i].encoding = i;
    published.play(sources[i], begin, seconds(1));
  }
  const auto highest = [&](Time now) { return published.publication.offered(now).back().quality.encoding; };
  CHECK(highest(begin + seconds(1)) == media::Layer{2});
  published.play(sources[0], begin + seconds(1), seconds(2));
  CHECK(highest(begin + seconds(3)) == media::Layer{0});
  CHECK(published.publication.nearest_active(begin + seconds(3), media::Layer{2}) == media::Layer{0});
  published.play(sources[2], begin + seconds(3), milliseconds(400));
  CHECK(highest(begin + milliseconds(3400)) == media::Layer{2});
  CHECK(published.publication.nearest_active(begin + milliseconds(3400), media::Layer{2}) == media::Layer{2});
}

TEST_CASE("a packet whose descriptor cannot be read is counted, and only its number is left of it") {
  for (const std::string name : {"VP8", "VP9"}) {
    Published published(name, 1);
    Buffer datagram(40);
    datagram.resize(rtp::write_header({{96}, true, 5, 9, {100}}, {}, datagram));
    datagram.push_back(name == "VP8" ? 0x80 : 0x90);
    const auto accepted = published.receive(begin, 0, datagram);
    REQUIRE(accepted);
    CHECK_FALSE(accepted->packet);
    CHECK(accepted->padding);
    CHECK(published.drops[DropReason::rtp_payload_malformed] == 1);
  }
}

TEST_CASE("a broken dependency descriptor is counted, and one without its structure is forwarded as it is") {
  Published published("AV1", 1);
  const auto send = [&](std::uint16_t sequence, const Buffer& descriptor) {
    Buffer datagram(300);
    rtp::ElementList elements;
    elements.add(LayeredSource::descriptor_id, descriptor);
    datagram.resize(rtp::write_header({{96}, true, sequence, 9, {100}}, elements, datagram));
    datagram.insert(datagram.end(), {0x10, 1, 2, 3});
    return published.receive(begin, 0, datagram);
  };
  CHECK_FALSE(send(5, {0xC0, 0})->packet);
  CHECK(published.drops[DropReason::rtp_dependency_malformed] == 1);
  const auto unresolved = send(6, {0xC1, 0x12, 0x34});
  REQUIRE(unresolved->packet);
  CHECK(unresolved->packet->frame.picture_id == 0x1234);
  CHECK(unresolved->packet->descriptor.size() == 3);
  CHECK(unresolved->packet->payload.size() == 4);
}
