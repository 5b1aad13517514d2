#include <catch2/catch.hpp>

#include "sfu/rtp/rtcp/compound.hpp"

using namespace parley;
using namespace parley::rtp;

namespace {

template <typename Message>
Buffer written(const Message& message) {
  Buffer out(4096);
  Writer writer(out);
  write(message, writer);
  REQUIRE(writer.ok());
  out.resize(writer.size());
  return out;
}

std::vector<RtcpMessage> read(Bytes packet, bool expected_ok = true) {
  std::vector<RtcpMessage> result;
  Compound messages(packet);
  while (auto message = messages.next()) result.push_back(std::move(*message));
  CHECK(messages.ok() == expected_ok);
  return result;
}

template <typename Message>
Message read_one(Bytes packet) {
  const auto messages = read(packet);
  REQUIRE(messages.size() == 1);
  REQUIRE(std::holds_alternative<Message>(messages.front()));
  return std::get<Message>(messages.front());
}

ReportBlock block() {
  return {.source = {7},
          .fraction_lost = 64,
          .lost = -3,
          .highest_sequence = 0x1FFFF,
          .jitter = 99,
          .last_sender_report = 0xAABBCCDD,
          .delay_since_report = 65536};
}

}  // namespace

TEST_CASE("a sender report is written and read") {
  const SenderReport report{
      .sender = {1}, .ntp = 0x1122334455667788, .timestamp = 5, .packets = 6, .octets = 7, .blocks = {block()}};
  const Buffer bytes = written(report);
  CHECK(bytes.size() == 28 + 24);
  CHECK(Bytes(bytes).first(4)[0] == 0x81);
  CHECK(Bytes(bytes).first(4)[1] == 200);
  CHECK(read_one<SenderReport>(bytes) == report);
}

TEST_CASE("a receiver report is written and read") {
  const ReceiverReport report{.sender = {1}, .blocks = {block(), block()}};
  CHECK(read_one<ReceiverReport>(written(report)) == report);
}

TEST_CASE("the number of lost packets saturates in 24 bits") {
  auto lossy = block();
  lossy.lost = 0x7FFFFFFF;
  CHECK(read_one<ReceiverReport>(written(ReceiverReport{{1}, {lossy}})).blocks[0].lost == 0x7FFFFF);
  lossy.lost = -0x7FFFFFFF;
  CHECK(read_one<ReceiverReport>(written(ReceiverReport{{1}, {lossy}})).blocks[0].lost == -0x800000);
}

TEST_CASE("a report has at most 31 blocks") {
  ReceiverReport report{.sender = {1}, .blocks = {}};
  for (int i = 0; i < 40; ++i) report.blocks.push_back(block());
  CHECK(read_one<ReceiverReport>(written(report)).blocks.size() == 31);
}

TEST_CASE("a source description carries the CNAME, padded to whole words for every length of it") {
  for (std::size_t length = 0; length < 9; ++length) {
    const Sdes sdes{{{.source = {1}, .cname = std::string(length, 'c')}, {.source = {2}, .cname = "another"}}};
    const Buffer bytes = written(sdes);
    CHECK(bytes.size() % 4 == 0);
    CHECK(read_one<Sdes>(bytes) == sdes);
  }
}

TEST_CASE("a source is described by its CNAME alone") {
  Buffer bytes(512);
  Writer writer(bytes);
  write_cname({7}, std::string(300, 'c'), writer);
  CHECK(read_one<Sdes>(Buffer(writer.written().begin(), writer.written().end())) == Sdes{{{{7}, std::string(255, 'c')}}});
}

TEST_CASE("other items of a source description are passed over") {
  const Buffer bytes = {0x81, 202, 0, 4, 0, 0, 0, 9, 2, 3, 'b', 'o', 'b', 1, 2, 'h', 'i', 0, 0, 0};
  CHECK(read_one<Sdes>(bytes) == Sdes{{{.source = {9}, .cname = "hi"}}});
}

TEST_CASE("a goodbye names its sources and may give a reason") {
  const Bye bye{{{1}, {2}}};
  CHECK(read_one<Bye>(written(bye)) == bye);
  const Buffer with_reason = {0x81, 203, 0, 2, 0, 0, 0, 5, 3, 'b', 'y', 'e'};
  CHECK(read_one<Bye>(with_reason) == Bye{{{5}}});
}

TEST_CASE("a NACK packs neighbours into a mask") {
  const Nack nack{.sender = {0x12345678}, .media = {0x23456789}, .sequences = {0, 1, 3, 8, 16}};
  const Buffer bytes = written(nack);
  CHECK(bytes == Buffer{0x81, 205, 0, 3, 0x12, 0x34, 0x56, 0x78, 0x23, 0x45, 0x67, 0x89, 0x00, 0x00, 0x80, 0x85});
  CHECK(read_one<Nack>(bytes) == nack);
}

TEST_CASE("a NACK may cross the wrap-around, and needs another word beyond 16 packets") {
  const Nack nack{.sender = {1}, .media = {2}, .sequences = {65534, 65535, 0, 14, 15}};
  const Buffer bytes = written(nack);
  CHECK(bytes.size() == 12 + 2 * 4);
  CHECK(read_one<Nack>(bytes) == nack);
}

TEST_CASE("a picture loss indication is twelve bytes") {
  const Pli pli{.sender = {1}, .media = {2}};
  CHECK(written(pli) == Buffer{0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2});
  CHECK(read_one<Pli>(written(pli)) == pli);
}

TEST_CASE("a full intra request is written and read") {
  const Fir fir{.sender = {1}, .requests = {{{2}, 3}, {{4}, 255}}};
  CHECK(read_one<Fir>(written(fir)) == fir);
}

TEST_CASE("a receiver's bandwidth estimate is read") {
  const Buffer bytes = {0x8F, 206, 0,    7,    0x12, 0x34, 0x56, 0x78, 0,    0,    0,    0,    'R',  'E',  'M',  'B',
                        3,    7,   0xFB, 0x93, 0x23, 0x45, 0x67, 0x89, 0x23, 0x45, 0x67, 0x8A, 0x23, 0x45, 0x67, 0x8B};
  const auto remb = read_one<Remb>(bytes);
  CHECK(remb.bitrate == 522022);
  CHECK(remb.sources == std::vector<Ssrc>{{0x23456789}, {0x2345678A}, {0x2345678B}});
}

TEST_CASE("a bandwidth estimate beyond 64 bits saturates") {
  const Buffer bytes = {0x8F, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 'R', 'E', 'M', 'B', 0, 0xFF, 0xFF, 0xFF};
  CHECK(read_one<Remb>(bytes).bitrate == UINT64_MAX);
}

TEST_CASE("messages of a compound packet come one after the other, unknown ones included") {
  Buffer packet = written(SenderReport{.sender = {1}, .blocks = {}});
  for (const Buffer& more : {written(Sdes{{{{1}, "a"}}}), Buffer{0x80, 207, 0, 1, 0, 0, 0, 1}, written(Pli{{1}, {2}})})
    packet.insert(packet.end(), more.begin(), more.end());
  const auto messages = read(packet);
  REQUIRE(messages.size() == 4);
  CHECK(std::holds_alternative<SenderReport>(messages[0]));
  CHECK(std::holds_alternative<Sdes>(messages[1]));
  CHECK(messages[2] == RtcpMessage(UnknownRtcp{207, 0}));
  CHECK(std::holds_alternative<Pli>(messages[3]));
}

TEST_CASE("a message with wrong content is left out, and the next one is read") {
  Buffer packet = {0x81, 205, 0, 1, 0, 0, 0, 1};  // a NACK without media source
  const Buffer pli = written(Pli{{1}, {2}});
  packet.insert(packet.end(), pli.begin(), pli.end());
  const auto messages = read(packet, false);
  REQUIRE(messages.size() == 1);
  CHECK(std::holds_alternative<Pli>(messages[0]));
}

TEST_CASE("wrong framing ends a packet") {
  const Buffer pli = written(Pli{{1}, {2}});
  CHECK(read(Bytes(pli).first(11), false).empty());
  CHECK(read(Bytes(pli).first(3), false).empty());
  Buffer version = pli;
  version[0] = 0x41;
  CHECK(read(version, false).empty());
  Buffer trailing = pli;
  trailing.push_back(0x81);
  CHECK(read(trailing, false).size() == 1);
}

TEST_CASE("counts that exceed the message are refused") {
  for (std::uint8_t type = 200; type <= 203; ++type) {
    Buffer packet = {0x9F, type, 0, 6};
    packet.resize(28, 1);
    CHECK(read(packet, false).empty());
  }
}

TEST_CASE("padding of a message is not content, and must fit") {
  const Buffer padded = {0xA1, 203, 0, 2, 0, 0, 0, 5, 0, 0, 0, 4};
  CHECK(read_one<Bye>(padded) == Bye{{{5}}});
  Buffer wrong = padded;
  wrong.back() = 9;
  CHECK(read(wrong, false).empty());
}

TEST_CASE("a writer that has no room says so") {
  Buffer out(11);
  Writer writer(out);
  write(Pli{{1}, {2}}, writer);
  CHECK_FALSE(writer.ok());
}
