#include "sfu/rtp/payload/dependency_descriptor.hpp"

#include <catch2/catch.hpp>

#include "tests/captures/dependency_writer.hpp"

using namespace parley;
using namespace parley::rtp;
using captures::DependencyWriter;

namespace {

struct Stream {
  DependencyWriter writer;
  DependencyStructure structure;

  DependencyDescriptor read(const DependencyWriter::Frame& frame) {
    const Buffer bytes = writer.write(frame);
    const auto parsed = parse_dependency_descriptor(bytes, &structure, structure);
    REQUIRE(parsed);
    return *parsed;
  }
};

}  // namespace

TEST_CASE("a template structure tells decode targets and picture sizes") {
  Stream stream;
  const auto key = stream.read({.key = true, .number = 7});
  CHECK(key.has_structure);
  CHECK(key.resolved);
  CHECK(key.frame_number == 7);
  CHECK(stream.structure.target_count == 9);
  CHECK(stream.structure.template_count == 12);
  CHECK(stream.structure.spatial_count == 3);
  for (std::uint8_t target = 0; target < 9; ++target) {
    CHECK(stream.structure.targets[target] ==
          DependencyStructure::Target{static_cast<std::uint8_t>(target / 3), static_cast<std::uint8_t>(target % 3)});
    CHECK(key.indication(target) == Indication::switching);
  }
  CHECK(stream.structure.sizes[2] == PictureSize{1280, 720});
  CHECK(stream.structure.targets_within(1, 0) == 0b000'001'001);
  CHECK(stream.structure.targets_within(7, 7) == 0x1FF);
}

TEST_CASE("a packet without a structure is understood by the one that came with the key frame") {
  Stream stream{.writer = {.template_offset = 60}, .structure = {}};
  stream.read({.key = true});
  const auto frame = stream.read({.spatial = 2, .temporal = 1, .end = false, .number = 0xFFFF});
  CHECK(frame.start_of_frame);
  CHECK_FALSE(frame.end_of_frame);
  CHECK(frame.spatial == 2);
  CHECK(frame.temporal == 1);
  CHECK(frame.frame_number == 0xFFFF);
  CHECK(frame.indication(6) == Indication::absent);
  CHECK(frame.indication(7) == Indication::discardable);
  CHECK(frame.indication(8) == Indication::switching);
}

TEST_CASE("without its structure a packet has a frame number and nothing else") {
  DependencyStructure attached;
  const DependencyWriter writer;
  const auto lost = parse_dependency_descriptor(writer.write({.number = 5}), nullptr, attached);
  REQUIRE(lost);
  CHECK_FALSE(lost->resolved);
  CHECK(lost->frame_number == 5);

  Stream other{.writer = {.template_offset = 20}, .structure = {}};
  other.read({.key = true});
  const auto of_another = parse_dependency_descriptor(writer.write({.number = 6}), &other.structure, attached);
  REQUIRE(of_another);
  CHECK_FALSE(of_another->resolved);
}

TEST_CASE("active decode targets are put in, and changed, without touching anything else") {
  for (const bool key : {true, false}) {
    Stream stream;
    stream.read({.key = true});
    const Buffer whole = stream.writer.write({.key = key, .number = 99});
    Buffer limited(200), again(200);
    const auto before = parse_dependency_descriptor(whole, &stream.structure, stream.structure);
    limited.resize(limit_targets(whole, *before, 9, 0b000'001'001, limited));
    DependencyStructure attached;
    const auto after = parse_dependency_descriptor(limited, &stream.structure, attached);
    REQUIRE(after);
    CHECK(after->active_targets == 0b000'001'001u);
    CHECK(after->indications == before->indications);
    CHECK(after->frame_number == 99);
    CHECK(after->has_structure == key);
    if (key) CHECK(attached == stream.structure);

    again.resize(limit_targets(limited, *after, 9, 0x1FF, again));
    CHECK(again.size() == limited.size());
    CHECK(parse_dependency_descriptor(again, &stream.structure, attached)->active_targets == 0x1FFu);
    CHECK(limit_targets(whole, *before, 9, 1, MutableBytes(limited).first(4)) == 0);
  }
}

TEST_CASE("the frame number is changed in place") {
  Stream stream;
  Buffer bytes = stream.writer.write({.key = true, .number = 1});
  rewrite_frame_number(0xABCD, bytes);
  CHECK(parse_dependency_descriptor(bytes, nullptr, stream.structure)->frame_number == 0xABCD);
}

TEST_CASE("a descriptor that is cut off anywhere is refused") {
  Stream stream;
  const Buffer whole = stream.writer.write({.key = true});
  DependencyStructure attached;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    // Three bytes are a whole descriptor of a stream whose structure is not known.
    if (size != 3) CHECK_FALSE(parse_dependency_descriptor(Bytes(whole).first(size), nullptr, attached));
  }
  CHECK_FALSE(parse_dependency_descriptor(Buffer(maximum_dependency_descriptor + 1), nullptr, attached));
}

TEST_CASE("layers that AV1 cannot have are refused") {
  DependencyStructure attached;
  const DependencyWriter writer{.spatial_layers = 5, .temporal_layers = 3};
  CHECK_FALSE(parse_dependency_descriptor(writer.write({.key = true}), nullptr, attached));
}
