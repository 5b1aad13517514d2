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

sdp::Codec video(std::string name, std::uint8_t type, std::map<std::string, std::string> parameters) {
  return {.name = std::move(name),
          .clock_rate = 90000,
          .channels = 1,
          .payload_type = {type},
          .rtx = PayloadType{static_cast<std::uint8_t>(type + 1)},
          .parameters = std::move(parameters),
          .feedback = {"goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"}};
}

/// As Chromium numbers and describes them. H.264 is constrained baseline.
sdp::Codec describe(rtp::Codec codec) {
  switch (codec) {
    case rtp::Codec::vp8:
      return video("VP8", 96, {});
    case rtp::Codec::vp9:
      return video("VP9", 98, {{"profile-id", "0"}});
    case rtp::Codec::h264:
      return video("H264", 102, {{"level-asymmetry-allowed", "1"}, {"packetization-mode", "1"}, {"profile-level-id", "42e01f"}});
    default:
      return opus();
  }
}

/// Whether a Peer can receive it: H.264 only in the mode and profile of the clips, whatever the level.
bool is_known(const sdp::Codec& codec) {
  switch (rtp::codec_from_name(codec.name)) {
    case rtp::Codec::opus:
    case rtp::Codec::vp8:
      return true;
    case rtp::Codec::vp9:
      return !codec.parameters.contains("profile-id") || codec.parameters.at("profile-id") == "0";
    case rtp::Codec::h264:
      return codec.parameters.contains("packetization-mode") && codec.parameters.at("packetization-mode") == "1" &&
             codec.parameters.contains("profile-level-id") && codec.parameters.at("profile-level-id").starts_with("42");
    default:
      return false;
  }
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

void put_local_end(const LocalEnd& local, sdp::Setup setup, Section& section) {
  section.ice_ufrag = local.credentials.ufrag;
  section.ice_password = local.credentials.password;
  section.setup = setup;
  section.fingerprints = {{local.fingerprint.algorithm, local.fingerprint.digest}};
}

Section answer_section(const Section& offered) {
  Section section;
  section.kind = offered.kind;
  section.mid = offered.mid;
  std::ranges::copy_if(offered.codecs, std::back_inserter(section.codecs), is_known);
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
    section.kind = rtp::is_video(offered.codec) ? sdp::Kind::video : sdp::Kind::audio;
    section.mid = offered.mid;
    section.direction = Direction::sendonly;
    section.codecs = {describe(offered.codec)};
    section.extensions = known_extensions(section.kind);
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

void add_data_section(const LocalEnd& local, Session& offer) {
  Section section;
  section.kind = sdp::Kind::application;
  section.mid = "data";
  section.protocol = "UDP/DTLS/SCTP";
  section.sctp_port = sdp::sctp_port;
  section.maximum_message = sdp::maximum_message;
  put_local_end(local, sdp::Setup::actpass, section);
  offer.bundle.push_back(section.mid);
  offer.sections.push_back(std::move(section));
}

std::optional<transport::SctpParameters> data_parameters(const Session& answer) {
  for (const Section& section : answer.sections) {
    if (section.kind != sdp::Kind::application || section.rejected() || section.sctp_port == 0) continue;
    const auto largest = section.maximum_message == 0 ? sdp::maximum_message : section.maximum_message;
    return transport::SctpParameters{sdp::sctp_port, section.sctp_port, largest};
  }
  return std::nullopt;
}

Session make_play_offer(const std::vector<sdp::Kind>& kinds, const LocalEnd& local) {
  Session offer;
  for (const auto kind : kinds) {
    Section section;
    section.kind = kind;
    section.mid = std::to_string(offer.sections.size());
    section.direction = Direction::recvonly;
    if (kind == sdp::Kind::audio)
      section.codecs = {opus()};
    else
      section.codecs = {describe(rtp::Codec::vp8), describe(rtp::Codec::vp9), describe(rtp::Codec::h264)};
    section.extensions = known_extensions(kind);
    put_local_end(local, sdp::Setup::active, section);
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
