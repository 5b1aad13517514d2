#include "sfu/room/demultiplexer.hpp"

#include <catch2/catch.hpp>

using namespace parley;
using namespace parley::room;

namespace {

constexpr std::uint8_t mid_id = 4, rid_id = 10, repaired_id = 11;

sdp::ReceiveSection section(const std::string& mid, std::uint8_t payload_type, std::vector<std::string> rids = {}) {
  sdp::ReceiveSection result;
  result.mid = mid;
  result.kind = sdp::Kind::video;
  result.active = true;
  result.codecs = {
      {"VP8", 90000, 1, PayloadType{payload_type}, PayloadType{static_cast<std::uint8_t>(payload_type + 1)}, {}, {}}};
  result.extensions = {{mid_id, std::string(rtp::uri(rtp::Extension::mid)), {}},
                       {rid_id, std::string(rtp::uri(rtp::Extension::rid)), {}},
                       {repaired_id, std::string(rtp::uri(rtp::Extension::repaired_rid)), {}}};
  result.rids = std::move(rids);
  return result;
}

class Packet {
 public:
  Packet(std::uint32_t ssrc, std::uint8_t payload_type, std::string mid = {}, std::string rid = {},
         std::uint8_t rid_kind = rid_id) {
    rtp::ElementList elements;
    if (!mid.empty()) elements.add(mid_id, as_bytes(mid));
    if (!rid.empty()) elements.add(rid_kind, as_bytes(rid));
    const auto size = rtp::write_header({PayloadType{payload_type}, false, 1, 1, Ssrc{ssrc}}, elements, bytes_);
    bytes_[size] = 0;
    view_ = *rtp::parse(Bytes(bytes_).first(size + 1));
  }
  const rtp::PacketView& view() const { return view_; }

 private:
  std::array<std::uint8_t, 128> bytes_{};
  rtp::PacketView view_;
};

Stream stream_of(const std::variant<Demultiplexer::Found, DropReason>& result) {
  REQUIRE(std::holds_alternative<Demultiplexer::Found>(result));
  return std::get<Demultiplexer::Found>(result).stream;
}
DropReason reason_of(const std::variant<Demultiplexer::Found, DropReason>& result) {
  REQUIRE(std::holds_alternative<DropReason>(result));
  return std::get<DropReason>(result);
}

}  // namespace

TEST_CASE("a stream is known by its MID once, and by its SSRC from then on") {
  Demultiplexer demultiplexer(8);
  demultiplexer.configure({section("0", 96), section("1", 96)});
  CHECK(stream_of(demultiplexer.find(Packet(7, 96, "1").view())) == Stream{1, 0, false});
  CHECK(stream_of(demultiplexer.find(Packet(7, 96).view())) == Stream{1, 0, false});
  CHECK(stream_of(demultiplexer.find(Packet(8, 97, "1").view())) == Stream{1, 0, true});
}

TEST_CASE("a simulcast encoding is known by its RID, its retransmissions by the repaired RID") {
  Demultiplexer demultiplexer(8);
  demultiplexer.configure({section("0", 96, {"q", "h", "f"})});
  CHECK(stream_of(demultiplexer.find(Packet(1, 97, "0", "h", repaired_id).view())) == Stream{0, 1, true});
  CHECK(stream_of(demultiplexer.find(Packet(2, 96, "0", "f").view())) == Stream{0, 2, false});
  CHECK(reason_of(demultiplexer.find(Packet(3, 96, "0", "x").view())) == DropReason::rtp_unknown_rid);
  CHECK(reason_of(demultiplexer.find(Packet(3, 96, "0").view())) == DropReason::rtp_unknown_rid);
}

TEST_CASE("signalled SSRCs and a payload type of one section only help where no MID is sent") {
  Demultiplexer demultiplexer(8);
  auto first = section("0", 96);
  first.streams = {{Ssrc{5}, Ssrc{6}, "c"}};
  demultiplexer.configure({first, section("1", 100)});
  CHECK(stream_of(demultiplexer.find(Packet(6, 97).view())) == Stream{0, 0, true});
  CHECK(stream_of(demultiplexer.find(Packet(9, 100).view())) == Stream{1, 0, false});
  CHECK(reason_of(demultiplexer.find(Packet(10, 120).view())) == DropReason::rtp_unknown_ssrc);
}

TEST_CASE("a MID that nobody negotiated, or a payload type that the section lacks, is refused") {
  Demultiplexer demultiplexer(8);
  demultiplexer.configure({section("0", 96)});
  CHECK(reason_of(demultiplexer.find(Packet(1, 96, "9").view())) == DropReason::rtp_unknown_ssrc);
  CHECK(reason_of(demultiplexer.find(Packet(1, 111, "0").view())) == DropReason::rtp_unknown_payload_type);
}

TEST_CASE("a restarted sender replaces its SSRC, and made-up SSRCs do not pile up") {
  Demultiplexer demultiplexer(2);
  demultiplexer.configure({section("0", 96), section("1", 98), section("2", 100)});
  for (std::uint32_t ssrc = 1; ssrc < 100; ++ssrc) demultiplexer.find(Packet(ssrc, 96, "0").view());
  CHECK(demultiplexer.latched().size() == 1);
  CHECK(demultiplexer.ssrc({0, 0, false}) == Ssrc{99});
  demultiplexer.find(Packet(200, 98, "1").view());
  CHECK(reason_of(demultiplexer.find(Packet(300, 100, "2").view())) == DropReason::rtp_too_many_ssrcs);
}

TEST_CASE("a section that has become inactive gives up its SSRCs") {
  Demultiplexer demultiplexer(8);
  auto sections = std::vector{section("0", 96), section("1", 98)};
  demultiplexer.configure(sections);
  demultiplexer.find(Packet(1, 96, "0").view());
  demultiplexer.find(Packet(2, 98, "1").view());
  sections[0].active = false;
  demultiplexer.configure(sections);
  CHECK_FALSE(demultiplexer.ssrc({0, 0, false}));
  CHECK(demultiplexer.ssrc({1, 0, false}) == Ssrc{2});
}
