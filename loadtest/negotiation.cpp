#include "loadtest/negotiation.hpp"

#include <algorithm>

#include "sfu/rtp/extensions.hpp"

namespace parley::loadtest {

using rtp::Extension;
using sdp::Direction;
using sdp::Section;
using sdp::Session;

namespace {

sdp::Codec opus() {
  return {.name = "opus",
          .clock_rate = 48000,
          .channels = 2,
          .payload_type = {111},
          .rtx = {},
          .parameters = {{"minptime", "10"}, {"useinbandfec", "1"}},
          .feedback = {"transport-cc"}};
}

sdp::Codec vp8() {
  return {.name = "VP8",
          .clock_rate = 90000,
          .channels = 1,
          .payload_type = {96},
          .rtx = PayloadType{97},
          .parameters = {},
          .feedback = {"goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"}};
}

/// The ids are Chromium's.
std::vector<sdp::HeaderExtension> known_extensions(sdp::Kind kind) {
  std::vector<sdp::HeaderExtension> extensions;
  const auto add = [&](std::uint8_t id, Extension extension) { extensions.push_back({id, std::string(uri(extension)), {}}); };
  if (kind == sdp::Kind::audio) add(1, Extension::audio_level);
  add(2, Extension::abs_send_time);
  add(3, Extension::transport_cc);
  add(4, Extension::mid);
  if (kind == sdp::Kind::video) add(10, Extension::rid);
  if (kind == sdp::Kind::video) add(11, Extension::repaired_rid);
  return extensions;
}

bool same_name(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
}

void put_local_end(const LocalEnd& local, sdp::Setup setup, Section& section) {
  section.ice_ufrag = local.credentials.ufrag;
  section.ice_password = local.credentials.password;
  section.setup = setup;
  section.fingerprints = {{local.fingerprint.algorithm, local.fingerprint.digest}};
}

Section answer_section(const Section& offered) {
  const std::string wanted = offered.kind == sdp::Kind::audio ? "opus" : "VP8";
  Section section;
  section.kind = offered.kind;
  section.mid = offered.mid;
  std::ranges::copy_if(offered.codecs, std::back_inserter(section.codecs),
                       [&](const sdp::Codec& codec) { return same_name(codec.name, wanted); });
  std::ranges::copy_if(offered.extensions, std::back_inserter(section.extensions),
                       [](const sdp::HeaderExtension& extension) { return rtp::from_uri(extension.uri).has_value(); });
  const bool sends = offered.direction == Direction::sendonly || offered.direction == Direction::sendrecv;
  section.direction = sends ? Direction::recvonly : Direction::inactive;
  if (section.codecs.empty()) section.port = 0;
  return section;
}

}  // namespace

Session make_offer(const std::vector<OfferedSection>& sections, const LocalEnd& local, std::uint64_t version) {
  Session offer;
  offer.origin_version = version;
  for (const auto& offered : sections) {
    Section section;
    section.kind = offered.kind;
    section.mid = offered.mid;
    section.direction = Direction::sendonly;
    section.codecs = {offered.kind == sdp::Kind::audio ? opus() : vp8()};
    section.extensions = known_extensions(offered.kind);
    const bool simulcast = offered.rids.size() > 1;
    if (simulcast) section.send_rids = offered.rids;
    if (!simulcast) section.streams = offered.streams;
    section.stream_id = "stream";
    section.track_id = "track-" + offered.mid;
    put_local_end(local, sdp::Setup::actpass, section);
    offer.bundle.push_back(section.mid);
    offer.sections.push_back(std::move(section));
  }
  return offer;
}

Session make_answer(const Session& offer, const LocalEnd& local, std::uint64_t version) {
  Session answer;
  answer.origin_version = version;
  for (const auto& offered : offer.sections) {
    Section section = answer_section(offered);
    put_local_end(local, sdp::Setup::active, section);
    if (!section.rejected()) answer.bundle.push_back(section.mid);
    answer.sections.push_back(std::move(section));
  }
  return answer;
}

Result<RemoteEnd> remote_end(const Session& description) {
  const auto used = std::ranges::find_if(description.sections, [](const Section& section) { return !section.rejected(); });
  if (used == description.sections.end() || used->ice_ufrag.empty())
    return Error{"sdp_no_ice", "The server takes none of the sections."};
  RemoteEnd remote{{used->ice_ufrag, used->ice_password, used->fingerprints}, {}};
  for (const auto& section : description.sections) {
    const auto candidates = parse_candidates(section.candidates);
    if (remote.candidates.empty()) remote.candidates = candidates;  // other sections may repeat them
  }
  return remote;
}

}  // namespace parley::loadtest
