#include "turn/stream_reader.hpp"

#include "tests/unit/turn/relay_harness.hpp"

namespace parley::turn {

namespace {

/// Feeds the stream in pieces of this size and gives the messages that come out.
std::vector<std::string> read(StreamReader& reader, Bytes stream_bytes, std::size_t piece) {
  std::vector<std::string> messages;
  while (!stream_bytes.empty() && !reader.broken()) {
    const MutableBytes space = reader.space();
    REQUIRE_FALSE(space.empty());
    const std::size_t size = std::min({piece, space.size(), stream_bytes.size()});
    std::ranges::copy(stream_bytes.first(size), space.begin());
    reader.filled(size);
    stream_bytes = stream_bytes.subspan(size);
    while (const auto message = reader.next()) messages.emplace_back(as_text(*message));
  }
  return messages;
}

void append(Buffer& to, const Buffer& what) { to.insert(to.end(), what.begin(), what.end()); }

}  // namespace

TEST_CASE("STUN messages and padded channel data are found in a stream, however it was cut") {
  TurnUser ada;
  const Buffer request = ada.request(Method::allocate, [](auto& b) { test::request_transport(b); });
  Buffer bytes;
  for (int i = 0; i < 300; ++i) {
    append(bytes, request);
    append(bytes, test::channel_data(0x4abc, Buffer(static_cast<std::size_t>(i)), true));
  }
  for (const std::size_t piece : {1U, 3U, 28U, 1000U, 100'000U}) {
    StreamReader reader;
    const auto messages = read(reader, bytes, piece);
    REQUIRE(messages.size() == 600);
    for (std::size_t i = 0; i < 300; ++i) {
      CHECK(messages[2 * i] == as_text(request));
      CHECK(messages[2 * i + 1].size() == 4 + i);
    }
    CHECK(reader.rest().empty());
    CHECK_FALSE(reader.broken());
  }
}

TEST_CASE("Behind the last message stands what belongs to nobody yet: the first data of a joined stream") {
  Buffer bytes = test::channel_data(0x4000, as_bytes("x"), true);
  append(bytes, {'d', 'a', 't', 'a'});
  StreamReader reader;
  std::ranges::copy(bytes, reader.space().begin());
  reader.filled(bytes.size());
  REQUIRE(reader.next());
  CHECK(as_text(reader.rest()) == "data");
}

TEST_CASE("What can't be TURN, or is larger than any datagram, breaks the stream") {
  for (const Buffer& bytes : {Buffer{0x80, 0, 0, 0}, Buffer{0xff, 0xff, 0xff, 0xff}, Buffer{0x16, 3, 1, 2},
                              Buffer{0x40, 0, 0xff, 0xff}, Buffer{0x00, 1, 0xff, 0xfc}}) {
    StreamReader reader;
    const bool is_tls = bytes[0] == 0x16;
    CHECK(read(reader, bytes, 4).empty());
    CHECK(reader.broken() != is_tls);  // a TLS hello has the bits of STUN, and fails as a message
  }
}

}  // namespace parley::turn
