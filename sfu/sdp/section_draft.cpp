// The attributes of RFC 8866 (rtpmap, fmtp, direction), 4585 (rtcp-fb), 8285 (extmap), 8851 and 8853 (rid, simulcast), 8830
// (msid), 5576 (ssrc), 8839 (ICE), 8122 (fingerprint), 4145 (setup), 9143 (bundle-only), 5761 and 5506 (rtcp-mux, rtcp-rsize),
// 8841 (sctp-port, max-message-size).

#include "sfu/sdp/section_draft.hpp"

#include <algorithm>

#include "sfu/sdp/limits.hpp"
#include "sfu/sdp/text.hpp"

namespace parley::sdp {
namespace {

std::optional<std::uint8_t> parse_payload_type(std::string_view text) {
  const auto number = parse_number<std::uint8_t>(text);
  return number && *number <= 127 ? number : std::nullopt;
}

std::optional<Direction> parse_direction(std::string_view text) {
  if (text == "sendrecv") return Direction::sendrecv;
  if (text == "sendonly") return Direction::sendonly;
  if (text == "recvonly") return Direction::recvonly;
  if (text == "inactive") return Direction::inactive;
  return std::nullopt;
}

bool is_rid(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') || c == '-' || c == '_';
  };
  return !text.empty() && text.size() <= maximum_id_length && std::all_of(text.begin(), text.end(), allowed);
}

const Complaint bad_payload_type = "the payload type is not a number from 0 to 127";

}  // namespace

Complaint SectionDraft::open(std::string_view media) {
  const auto words = split(media, ' ');
  if (words.size() < 4) return "an m= line has a kind, a port, a protocol and at least one format";
  if (words[0] != "audio" && words[0] != "video" && words[0] != "application")
    return "its kind is not audio, video or application";
  section_.kind = words[0] == "audio" ? Kind::audio : words[0] == "video" ? Kind::video : Kind::application;
  const auto port = parse_number<std::uint16_t>(words[1]);
  if (!port) return "the port is not a number from 0 to 65535";
  section_.port = *port;
  if (!is_word(words[2])) return "the protocol is not a word of visible ASCII";
  section_.protocol = words[2];
  if (section_.kind == Kind::application) return {};

  section_.rtcp_mux = section_.reduced_size_rtcp = false;
  if (words.size() > 3 + maximum_formats) return "it lists more than " + std::to_string(maximum_formats) + " formats";
  for (std::size_t i = 3; i < words.size(); ++i) {
    const auto payload_type = parse_payload_type(words[i]);
    if (!payload_type) return bad_payload_type;
    if (std::find(formats_.begin(), formats_.end(), *payload_type) == formats_.end()) formats_.push_back(*payload_type);
  }
  return {};
}

Complaint SectionDraft::attribute(std::string_view name, std::string_view value) {
  using Handler = Complaint (SectionDraft::*)(std::string_view);
  static const std::map<std::string_view, Handler> handlers = {
      {"mid", &SectionDraft::identify},
      {"rtpmap", &SectionDraft::rtpmap},
      {"fmtp", &SectionDraft::fmtp},
      {"rtcp-fb", &SectionDraft::feedback},
      {"extmap", &SectionDraft::extmap},
      {"rid", &SectionDraft::rid},
      {"simulcast", &SectionDraft::simulcast},
      {"msid", &SectionDraft::msid},
      {"ssrc", &SectionDraft::ssrc},
      {"ssrc-group", &SectionDraft::ssrc_group},
      {"ice-ufrag", &SectionDraft::ice_ufrag},
      {"ice-pwd", &SectionDraft::ice_password},
      {"setup", &SectionDraft::setup},
      {"fingerprint", &SectionDraft::fingerprint},
      {"candidate", &SectionDraft::candidate},
      {"sctp-port", &SectionDraft::sctp_port},
      {"max-message-size", &SectionDraft::maximum_message},
  };
  if (const auto found = handlers.find(name); found != handlers.end()) return (this->*found->second)(value);
  flag(name);
  return {};
}

void SectionDraft::flag(std::string_view name) {
  if (const auto direction = parse_direction(name)) direction_ = direction;
  if (name == "rtcp-mux") section_.rtcp_mux = true;
  if (name == "rtcp-rsize") section_.reduced_size_rtcp = true;
  if (name == "bundle-only") section_.bundle_only = true;
  if (name == "end-of-candidates") section_.end_of_candidates = true;
  if (name == "extmap-allow-mixed") section_.extmap_allow_mixed = true;
}

Complaint SectionDraft::identify(std::string_view value) {
  if (has_mid()) return "a section has one mid";
  if (!is_word(value) || value.size() > maximum_id_length)
    return "a mid has 1 to " + std::to_string(maximum_id_length) +
           " visible ASCII characters, because it travels in a header extension";
  section_.mid = value;
  return {};
}

Complaint SectionDraft::rtpmap(std::string_view value) {
  const auto payload_type = parse_payload_type(take_until(value, ' '));
  if (!payload_type) return bad_payload_type;
  Format format;
  format.name = take_until(value, '/');
  const auto clock_rate = parse_number<std::uint32_t>(take_until(value, '/'));
  const auto channels = value.empty() ? std::uint8_t{1} : parse_number<std::uint8_t>(value);
  if (!is_word(format.name)) return "the codec has no name";
  if (!clock_rate || *clock_rate == 0) return "the clock rate is not a positive number";
  if (!channels || *channels == 0) return "the number of channels is not a number from 1 to 255";
  format.clock_rate = *clock_rate;
  format.channels = *channels;
  names_.emplace(*payload_type, std::move(format));
  return {};
}

Complaint SectionDraft::fmtp(std::string_view value) {
  const auto payload_type = parse_payload_type(take_until(value, ' '));
  if (!payload_type) return bad_payload_type;
  auto& parameters = parameters_[*payload_type];
  for (const auto part : split(value, ';')) {
    std::string_view rest = part;
    const bool named = part.find('=') != std::string_view::npos;
    const std::string key = named ? lower(trim(take_until(rest, '='))) : std::string();
    if ((named && key.empty()) || trim(part).empty()) continue;
    parameters.emplace(key, trim(rest));
    if (parameters.size() > maximum_parameters)
      return "the format has more than " + std::to_string(maximum_parameters) + " parameters";
  }
  return {};
}

Complaint SectionDraft::feedback(std::string_view value) {
  const auto target = take_until(value, ' ');
  const auto payload_type = target == "*" ? any_format : parse_payload_type(target);
  if (!payload_type) return bad_payload_type;
  std::string kind;
  for (const auto word : split(value, ' ')) kind.append(kind.empty() ? "" : " ").append(word);
  auto& kinds = feedback_[*payload_type];
  if (kind.empty() || std::find(kinds.begin(), kinds.end(), kind) != kinds.end()) return {};
  if (kinds.size() == maximum_feedback)
    return "a format has more than " + std::to_string(maximum_feedback) + " kinds of feedback";
  kinds.push_back(kind);
  return {};
}

Complaint SectionDraft::extmap(std::string_view value) {
  const auto words = split(value, ' ');
  if (words.size() < 2 || !is_word(words[1])) return "an extmap has a number and a URI";
  std::string_view way = words[0];
  const auto id = parse_number<std::uint16_t>(take_until(way, '/'));
  const auto direction = parse_direction(way);
  if (!id || *id == 0) return "the header extension's number is not a positive number";
  if (!way.empty() && !direction) return "the header extension's direction is not a direction";
  // RFC 8285 section 5: 4096 and above are placeholders for more extensions than there are numbers. We need none of those.
  if (*id > 255) return {};
  if (section_.extensions.size() == maximum_extensions)
    return "a section has more than " + std::to_string(maximum_extensions) + " header extensions";
  add_extension({static_cast<std::uint8_t>(*id), std::string(words[1]), direction});
  return {};
}

void SectionDraft::add_extension(const HeaderExtension& extension) {
  const auto same = [&](const HeaderExtension& other) { return other.id == extension.id || other.uri == extension.uri; };
  if (std::none_of(section_.extensions.begin(), section_.extensions.end(), same)) section_.extensions.push_back(extension);
}

Complaint SectionDraft::rid(std::string_view value) {
  const auto words = split(value, ' ');
  if (words.size() < 2 || (words[1] != "send" && words[1] != "recv")) return "a rid has an id and a direction, send or recv";
  if (!is_rid(words[0])) return "a rid has 1 to " + std::to_string(maximum_id_length) + " letters, digits, - or _";
  if (rids_.size() == maximum_rids) return "a section has more than " + std::to_string(maximum_rids) + " rids";
  rids_.push_back({std::string(words[1]), std::string(words[0])});
  return {};
}

Complaint SectionDraft::simulcast(std::string_view value) {
  if (!simulcast_.empty()) return {};
  const auto words = split(value, ' ');
  if (words.size() % 2 != 0) return "a=simulcast has a list after each direction";
  for (std::size_t i = 0; i < words.size(); i += 2) {
    if (words[i] != "send" && words[i] != "recv") return "the direction is not send or recv";
    for (const auto alternatives : split(words[i + 1], ';')) {
      std::string_view rest = alternatives;
      std::string_view id = take_until(rest, ',');
      if (id.starts_with('~')) id.remove_prefix(1);  // RFC 8853: paused at first, which changes nothing for us
      if (simulcast_.size() == 2 * maximum_rids)
        return "a section has more than " + std::to_string(maximum_rids) + " simulcast streams";
      simulcast_.push_back({std::string(words[i]), std::string(id)});
    }
  }
  return {};
}

Complaint SectionDraft::msid(std::string_view value) {
  if (!section_.stream_id.empty()) return {};  // A track in several streams has a line for each.
  const auto words = split(value, ' ');
  if (words.empty() || !std::all_of(words.begin(), words.end(), is_word)) return "an msid is one or two words of visible ASCII";
  section_.stream_id = words[0];
  if (words.size() > 1) section_.track_id = words[1];
  return {};
}

SectionDraft::Announced* SectionDraft::announce(Ssrc ssrc) {
  const auto found = std::find_if(announced_.begin(), announced_.end(), [&](const Announced& it) { return it.ssrc == ssrc; });
  if (found != announced_.end()) return &*found;
  if (announced_.size() == maximum_ssrcs) return nullptr;
  return &announced_.emplace_back(Announced{ssrc, {}, {}});
}

Complaint SectionDraft::ssrc(std::string_view value) {
  const auto number = parse_number<std::uint32_t>(take_until(value, ' '));
  if (!number) return "the SSRC is not a 32-bit number";
  Announced* stream = announce(Ssrc{*number});
  if (!stream) return "a section has more than " + std::to_string(maximum_ssrcs) + " SSRCs";
  const auto name = take_until(value, ':');
  if (name == "cname") stream->cname = value;
  if (name == "msid") stream->msid = value;
  return {};
}

Complaint SectionDraft::ssrc_group(std::string_view value) {
  const auto words = split(value, ' ');
  if (words.size() < 2) return "an ssrc-group has a meaning and SSRCs";
  std::vector<Ssrc> members;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const auto number = parse_number<std::uint32_t>(words[i]);
    if (!number) return "the SSRC is not a 32-bit number";
    if (members.size() == maximum_ssrcs) return "a group has more than " + std::to_string(maximum_ssrcs) + " SSRCs";
    members.push_back(Ssrc{*number});
  }
  const bool repair = words[0] == "FID" || words[0] == "FEC-FR";
  if (!repair || members.size() != 2 || members[0] == members[1]) return {};
  if (!announce(members[0]) || repairs_.size() == maximum_ssrcs)
    return "a section has more than " + std::to_string(maximum_ssrcs) + " SSRCs";
  repairs_.insert(members[1]);
  (words[0] == "FID" ? retransmissions_ : corrections_).emplace(members[0], members[1]);
  return {};
}

Complaint SectionDraft::ice_ufrag(std::string_view value) {
  if (!is_word(value) || value.size() < 4 || value.size() > 256) return "an ice-ufrag has 4 to 256 visible ASCII characters";
  section_.ice_ufrag = value;
  return {};
}

Complaint SectionDraft::ice_password(std::string_view value) {
  if (!is_word(value) || value.size() < 22 || value.size() > 256) return "an ice-pwd has 22 to 256 visible ASCII characters";
  section_.ice_password = value;
  return {};
}

Complaint SectionDraft::setup(std::string_view value) {
  if (value == "actpass")
    setup_ = Setup::actpass;
  else if (value == "active")
    setup_ = Setup::active;
  else if (value == "passive")
    setup_ = Setup::passive;
  else
    return "setup is not actpass, active or passive";
  return {};
}

Complaint SectionDraft::fingerprint(std::string_view value) {
  Fingerprint fingerprint;
  fingerprint.algorithm = lower(take_until(value, ' '));
  for (const auto pair : split(trim(value), ':')) {
    const auto byte = pair.size() == 2 ? parse_number<std::uint8_t>(pair, 16) : std::nullopt;
    // SHA-512 has the longest digest that RFC 8122 knows.
    if (!byte || fingerprint.digest.size() == 64)
      return "a fingerprint is at most 64 pairs of hexadecimal digits, with colons between";
    fingerprint.digest.push_back(*byte);
  }
  if (!is_word(fingerprint.algorithm) || fingerprint.digest.empty()) return "a fingerprint has a hash function and a digest";
  if (section_.fingerprints.size() == maximum_fingerprints)
    return "a section has more than " + std::to_string(maximum_fingerprints) + " fingerprints";
  section_.fingerprints.push_back(std::move(fingerprint));
  return {};
}

Complaint SectionDraft::candidate(std::string_view value) {
  if (section_.candidates.size() == maximum_candidates)
    return "a section has more than " + std::to_string(maximum_candidates) + " candidates";
  section_.candidates.push_back("candidate:" + std::string(value));
  return {};
}

Complaint SectionDraft::sctp_port(std::string_view value) {
  const auto port = parse_number<std::uint16_t>(value);
  if (!port) return "the SCTP port is not a number from 0 to 65535";
  section_.sctp_port = *port;
  return {};
}

Complaint SectionDraft::maximum_message(std::string_view value) {
  const auto size = parse_number<std::uint64_t>(value);
  if (!size) return "the largest message's size is not a number";
  section_.maximum_message = *size;
  return {};
}

void SectionDraft::inherit(const SectionDraft& session) {
  const Section& from = session.section_;
  if (section_.ice_ufrag.empty()) section_.ice_ufrag = from.ice_ufrag;
  if (section_.ice_password.empty()) section_.ice_password = from.ice_password;
  if (section_.fingerprints.empty()) section_.fingerprints = from.fingerprints;
  if (!direction_) direction_ = session.direction_;
  if (!setup_) setup_ = session.setup_;
  section_.extmap_allow_mixed |= from.extmap_allow_mixed;
  for (const auto& extension : from.extensions) add_extension(extension);
}

Section SectionDraft::finish() && {
  // Firefox writes a stray a=sendrecv into data sections, for which a direction has no meaning.
  if (section_.kind != Kind::application) section_.direction = direction_.value_or(Direction::sendrecv);
  section_.setup = setup_.value_or(Setup::actpass);
  section_.bundle_only &= section_.port == 0;  // RFC 9143 section 6: without the zero port it has no meaning
  section_.send_rids = finish_rids("send");
  section_.receive_rids = finish_rids("recv");
  finish_codecs();
  finish_retransmissions();
  finish_streams();
  return std::move(section_);
}

std::optional<SectionDraft::Format> SectionDraft::format(std::uint8_t payload_type) const {
  if (const auto found = names_.find(payload_type); found != names_.end()) return found->second;
  switch (payload_type) {  // RFC 3551 table 4: these need no rtpmap
    case 0:
      return Format{"PCMU", 8000, 1};
    case 8:
      return Format{"PCMA", 8000, 1};
    case 9:
      return Format{"G722", 8000, 1};
    default:
      return std::nullopt;
  }
}

void SectionDraft::finish_codecs() {
  for (const std::uint8_t payload_type : formats_) {
    const auto known = format(payload_type);
    if (!known || equal_without_case(known->name, "rtx")) continue;
    Codec codec{known->name, known->clock_rate, known->channels, PayloadType{payload_type}, {}, parameters_[payload_type], {}};
    for (const std::uint8_t key : {payload_type, any_format})
      for (const auto& kind : feedback_[key])
        if (std::find(codec.feedback.begin(), codec.feedback.end(), kind) == codec.feedback.end()) codec.feedback.push_back(kind);
    section_.codecs.push_back(std::move(codec));
  }
}

void SectionDraft::finish_retransmissions() {
  for (const std::uint8_t payload_type : formats_) {
    const auto known = format(payload_type);
    if (!known || !equal_without_case(known->name, "rtx")) continue;
    const auto original = parse_payload_type(parameters_[payload_type]["apt"]);
    for (Codec& codec : section_.codecs)
      if (original && codec.payload_type.value == *original && codec.clock_rate == known->clock_rate && !codec.rtx)
        codec.rtx = PayloadType{payload_type};
  }
}

/// RFC 8853: the order of a=simulcast counts, and only what a=rid defines. Without a=simulcast one rid can mean a stream.
std::vector<std::string> SectionDraft::finish_rids(std::string_view direction) const {
  const auto select = [&](const std::vector<DirectedRid>& from) {
    std::vector<std::string> ids;
    for (const DirectedRid& rid : from) {
      const bool defined = std::find(rids_.begin(), rids_.end(), rid) != rids_.end();
      const bool repeated = std::find(ids.begin(), ids.end(), rid.id) != ids.end();
      if (rid.direction == direction && defined && !repeated) ids.push_back(rid.id);
    }
    return ids;
  };
  auto ids = select(simulcast_);
  if (!ids.empty()) return ids;
  ids = select(rids_);
  if (ids.size() > 1) ids.resize(1);
  return ids;
}

void SectionDraft::finish_streams() {
  for (const Announced& announced : announced_) {
    if (section_.stream_id.empty() && !announced.msid.empty()) msid(announced.msid);
    if (repairs_.contains(announced.ssrc)) continue;
    const auto partner = [&](const std::map<Ssrc, Ssrc>& pairs) {
      const auto found = pairs.find(announced.ssrc);
      return found == pairs.end() ? std::nullopt : std::optional(found->second);
    };
    section_.streams.push_back({announced.ssrc, partner(retransmissions_), announced.cname, partner(corrections_)});
  }
}

}  // namespace parley::sdp
