#include "sfu/net/frame_reader.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "sfu/base/random.hpp"

using namespace parley;
using namespace parley::net;

namespace {

std::string framed(std::string_view datagram) {
  std::string frame;
  frame += static_cast<char>(datagram.size() >> 8);
  frame += static_cast<char>(datagram.size() & 0xFF);
  return frame + std::string(datagram);
}

/// Gives the reader `stream` in pieces of at most `piece` bytes, and returns the frames it found.
std::vector<std::string> read_in_pieces(FrameReader& reader, std::string_view stream, std::size_t piece) {
  std::vector<std::string> frames;
  while (!stream.empty() && !reader.broken()) {
    const MutableBytes space = reader.space();
    REQUIRE(!space.empty());
    const std::size_t size = std::min({piece, space.size(), stream.size()});
    std::copy_n(stream.begin(), size, space.begin());
    reader.filled(size);
    stream.remove_prefix(size);
    while (const auto frame = reader.next()) frames.emplace_back(as_text(*frame));
  }
  return frames;
}

}  // namespace

TEST_CASE("Frames are found however the stream is cut into pieces") {
  std::vector<std::string> sent;
  std::string stream;
  for (std::size_t size : {1, 20, 100, 2048, 3, 1200, 1200, 1200, 2048, 1}) {
    sent.emplace_back(size, static_cast<char>('a' + sent.size()));
    stream += framed(sent.back());
  }
  for (std::size_t piece : {1, 2, 3, 7, 1000, 2050, 100000}) {
    FrameReader reader(2048);
    CHECK(read_in_pieces(reader, stream, piece) == sent);
    CHECK_FALSE(reader.broken());
  }
}

TEST_CASE("An empty frame is skipped") {
  FrameReader reader(100);
  CHECK(read_in_pieces(reader, framed("") + framed("x") + framed("") + framed("y"), 3) == std::vector<std::string>{"x", "y"});
}

TEST_CASE("A frame that announces itself as too large breaks the stream at once, after the good ones before it") {
  FrameReader reader(100);
  CHECK(read_in_pieces(reader, framed("good") + std::string("\x00\x65", 2), 100) == std::vector<std::string>{"good"});
  CHECK(reader.broken());
  CHECK_FALSE(reader.next());
}

TEST_CASE("Random bytes never make the reader hold more than it was made for") {
  Random random = Random::from_number(1);
  for (int round = 0; round < 200; ++round) {
    FrameReader reader(300);
    std::string noise(5000, '\0');
    for (char& c : noise) c = static_cast<char>(random.below(4) == 0 ? random.below(256) : random.below(2));
    for (const std::string& frame : read_in_pieces(reader, noise, 1 + random.below(700))) REQUIRE(frame.size() <= 300);
  }
}
