// Writes a description in the order in which browsers write theirs.

#include "sfu/sdp/session.hpp"

namespace parley::sdp {
namespace {

constexpr std::string_view name(Kind kind) {
  return kind == Kind::audio ? "audio" : kind == Kind::video ? "video" : "application";
}

constexpr std::string_view name(Direction direction) {
  switch (direction) {
    case Direction::sendonly:
      return "sendonly";
    case Direction::recvonly:
      return "recvonly";
    case Direction::sendrecv:
      return "sendrecv";
    case Direction::inactive:
      break;
  }
  return "inactive";
}

constexpr std::string_view name(Setup setup) {
  return setup == Setup::actpass ? "actpass" : setup == Setup::active ? "active" : "passive";
}

class Text {
 public:
  template <typename... Parts>
  void line(const Parts&... parts) {
    (append(parts), ...);
    text_ += "\r\n";
  }
  std::string take() { return std::move(text_); }

 private:
  void append(std::string_view part) { text_ += part; }
  void append(std::uint64_t number) { text_ += std::to_string(number); }

  std::string text_;
};

std::string hex(const std::vector<std::uint8_t>& digest) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string text;
  for (const std::uint8_t byte : digest) {
    if (!text.empty()) text += ':';
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

std::string formats(const Section& section) {
  if (section.kind == Kind::application) return " webrtc-datachannel";
  // A section without codecs needs a format all the same; this one means nothing, having no rtpmap.
  if (section.codecs.empty()) return " 127";
  std::string text;
  for (const Codec& codec : section.codecs) {
    text += ' ' + std::to_string(codec.payload_type.value);
    if (codec.rtx) text += ' ' + std::to_string(codec.rtx->value);
  }
  return text;
}

std::string parameters(const Codec& codec) {
  std::string text;
  for (const auto& [key, value] : codec.parameters) {
    if (!text.empty()) text += ';';
    text += key.empty() ? value : key + '=' + value;
  }
  return text;
}

void write_codec(const Codec& codec, Text& out) {
  const std::uint64_t type = codec.payload_type.value;
  const std::string channels = codec.channels == 1 ? "" : "/" + std::to_string(codec.channels);
  out.line("a=rtpmap:", type, " ", codec.name, "/", codec.clock_rate, channels);
  for (const auto& kind : codec.feedback) out.line("a=rtcp-fb:", type, " ", kind);
  if (!codec.parameters.empty()) out.line("a=fmtp:", type, " ", parameters(codec));
  if (!codec.rtx) return;
  out.line("a=rtpmap:", codec.rtx->value, " rtx/", codec.clock_rate);
  out.line("a=fmtp:", codec.rtx->value, " apt=", type);
}

void write_rids(const Section& section, Text& out) {
  const auto list = [&](std::string_view direction, const std::vector<std::string>& rids) {
    std::string joined;
    for (const auto& rid : rids) {
      out.line("a=rid:", rid, " ", direction);
      joined += (joined.empty() ? "" : ";") + rid;
    }
    return rids.size() < 2 ? std::string() : " " + std::string(direction) + " " + joined;
  };
  std::string simulcast = list("send", section.send_rids);
  simulcast += list("recv", section.receive_rids);
  if (!simulcast.empty()) out.line("a=simulcast:", std::string_view(simulcast).substr(1));
}

void write_streams(const Section& section, Text& out) {
  for (const SignalledStream& stream : section.streams) {
    if (stream.rtx) out.line("a=ssrc-group:FID ", stream.ssrc.value, " ", stream.rtx->value);
    if (stream.fec) out.line("a=ssrc-group:FEC-FR ", stream.ssrc.value, " ", stream.fec->value);
    out.line("a=ssrc:", stream.ssrc.value, " cname:", stream.cname);
    if (stream.rtx) out.line("a=ssrc:", stream.rtx->value, " cname:", stream.cname);
    if (stream.fec) out.line("a=ssrc:", stream.fec->value, " cname:", stream.cname);
  }
}

void write_transport(const Section& section, Text& out) {
  for (const auto& candidate : section.candidates) out.line("a=", candidate);
  if (section.end_of_candidates) out.line("a=end-of-candidates");
  if (section.ice_ufrag.empty()) return;  // a rejected section has no transport
  out.line("a=ice-ufrag:", section.ice_ufrag);
  out.line("a=ice-pwd:", section.ice_password);
  for (const Fingerprint& it : section.fingerprints) out.line("a=fingerprint:", it.algorithm, " ", hex(it.digest));
  out.line("a=setup:", name(section.setup));
}

void write_data(const Section& section, Text& out) {
  if (section.sctp_port == 0) return;  // rejected
  out.line("a=sctp-port:", section.sctp_port);
  out.line("a=max-message-size:", section.maximum_message);
}

void write_section(const Section& section, Text& out) {
  out.line("m=", name(section.kind), " ", section.port, " ", section.protocol, formats(section));
  out.line("c=IN IP4 0.0.0.0");
  out.line("a=mid:", section.mid);
  if (section.bundle_only) out.line("a=bundle-only");
  write_transport(section, out);
  if (section.kind == Kind::application) return write_data(section, out);

  out.line("a=", name(section.direction));
  if (section.rtcp_mux) out.line("a=rtcp-mux");
  if (section.reduced_size_rtcp) out.line("a=rtcp-rsize");
  if (section.extmap_allow_mixed) out.line("a=extmap-allow-mixed");
  for (const HeaderExtension& extension : section.extensions) {
    const std::string direction = extension.direction ? "/" + std::string(name(*extension.direction)) : "";
    out.line("a=extmap:", extension.id, direction, " ", extension.uri);
  }
  if (!section.stream_id.empty()) out.line("a=msid:", section.stream_id, section.track_id.empty() ? "" : " ", section.track_id);
  for (const Codec& codec : section.codecs) write_codec(codec, out);
  write_rids(section, out);
  write_streams(section, out);
}

}  // namespace

std::string write(const Session& session) {
  Text out;
  out.line("v=0");
  out.line("o=- ", session.origin_id, " ", session.origin_version, " IN IP4 0.0.0.0");
  out.line("s=-");
  out.line("t=0 0");
  if (session.ice_lite) out.line("a=ice-lite");
  if (!session.bundle.empty()) {
    std::string mids;
    for (const auto& mid : session.bundle) mids += ' ' + mid;
    out.line("a=group:BUNDLE", mids);
  }
  out.line("a=msid-semantic: WMS *");
  for (const Section& section : session.sections) write_section(section, out);
  return out.take();
}

}  // namespace parley::sdp
