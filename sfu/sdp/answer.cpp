// Answers: to a client that publishes, and to one that plays (WHEP). Each section is answered by itself; the bundle, the
// candidates and the refusals are the same for both.

#include <algorithm>

#include "sfu/sdp/codecs.hpp"
#include "sfu/sdp/extensions.hpp"
#include "sfu/sdp/local_sections.hpp"

namespace parley::sdp {
namespace {

bool sends(Direction direction) { return direction == Direction::sendonly || direction == Direction::sendrecv; }
bool receives(Direction direction) { return direction == Direction::recvonly || direction == Direction::sendrecv; }

std::string_view name(Kind kind) { return kind == Kind::audio ? "audio" : "video"; }

Error no_common_codec(const Section& offered) {
  std::string message =
      "Section \"" + offered.mid + "\" offers no " + std::string(name(offered.kind)) + " codec that can be forwarded (";
  message += offered.kind == Kind::audio ? "Opus, PCMU, PCMA, G722" : "VP8, VP9, H264 with packetization-mode 0 or 1, AV1";
  return {"sdp_no_common_codec", message + ")."};
}

/// A browser encodes stereo, or stops sending in silence, only when the answer asks for it (RFC 7587 section 7.1).
void ask_of_opus(const Section& offered, const PublishWish& wish, std::vector<Codec>& codecs) {
  const auto original =
      std::find_if(offered.codecs.begin(), offered.codecs.end(), [](const Codec& it) { return is_named(it, "opus"); });
  if (original == offered.codecs.end()) return;
  const bool stereo = has_parameter(*original, "stereo", "1") || has_parameter(*original, "sprop-stereo", "1");
  for (Codec& codec : codecs) {
    if (!is_named(codec, "opus")) continue;
    if (wish.stereo || stereo) codec.parameters["stereo"] = "1";
    if (wish.dtx || has_parameter(*original, "usedtx", "1")) codec.parameters["usedtx"] = "1";
  }
}

ReceiveSection receive_section(const Section& offered, const std::vector<PublishWish>& wishes) {
  ReceiveSection section;
  section.mid = offered.mid;
  section.kind = offered.kind;
  if (offered.rejected()) return section;
  section.codecs = forwardable_codecs(offered.kind, offered.codecs);
  const auto wish = std::find_if(wishes.begin(), wishes.end(), [&](const PublishWish& it) { return it.mid == offered.mid; });
  ask_of_opus(offered, wish == wishes.end() ? PublishWish{} : *wish, section.codecs);
  section.extensions = received_extensions(offered, section.codecs);
  section.active = sends(offered.direction) && !section.codecs.empty();
  if (!section.active) return section;
  if (offered.kind == Kind::video) section.rids = offered.send_rids;
  section.streams = offered.streams;
  return section;
}

/// A section that sends nothing just now stays usable, so that it can send later; without a common codec it can't.
Section answer_receiving(const Section& offered, const ReceiveSection& receive, const LocalTransport& local) {
  if (receive.codecs.empty()) return rejected_section(offered);
  Section answer = media_section(offered.kind, offered.mid, local, Setup::passive);
  answer.protocol = offered.protocol;
  answer.direction = receive.active ? Direction::recvonly : Direction::inactive;
  answer.codecs = receive.codecs;
  answer.extensions = receive.extensions;
  answer.extmap_allow_mixed = needs_mixed_headers(receive.extensions);
  answer.receive_rids = receive.rids;
  answer.reduced_size_rtcp = offered.reduced_size_rtcp;
  return answer;
}

bool has_data_channels(const Section& offered) {
  const bool known = offered.protocol == "UDP/DTLS/SCTP" || offered.protocol == "TCP/DTLS/SCTP";
  return known && !offered.rejected() && offered.sctp_port != 0;
}

/// One association serves all channels, so there is one such section (RFC 8831 section 6.1).
Section answer_data(const Section& offered, const LocalTransport& local, std::optional<DataSection>& data) {
  if (data || !has_data_channels(offered)) return rejected_section(offered);
  data = DataSection{offered.sctp_port, offered.maximum_message};
  Section answer = media_section(Kind::application, offered.mid, local, Setup::passive);
  answer.protocol = offered.protocol;
  answer.sctp_port = sctp_port;
  answer.maximum_message = maximum_message;
  return answer;
}

SendSection send_section(const Section& offered, const SendSection& reserved) {
  SendSection section = reserved;
  section.mid = offered.mid;
  section.kind = offered.kind;
  section.codecs.clear();
  section.extensions.clear();
  section.active = false;
  if (offered.rejected()) return section;
  section.codecs = forwardable_codecs(offered.kind, offered.codecs);
  section.extensions = sent_extensions(offered, section.codecs);
  section.active = receives(offered.direction) && !section.codecs.empty();
  if (offered.kind == Kind::video) section.flexfec = find_flexfec(offered.codecs);
  return section;
}

Section answer_sending(const Section& offered, const SendSection& send, const LocalTransport& local) {
  if (send.codecs.empty()) return rejected_section(offered);
  Section answer = media_section(offered.kind, offered.mid, local, Setup::passive);
  answer.protocol = offered.protocol;
  answer.direction = send.active ? Direction::sendonly : Direction::inactive;
  answer.codecs = send.codecs;
  answer.extensions = send.extensions;
  answer.extmap_allow_mixed = needs_mixed_headers(send.extensions);
  answer.reduced_size_rtcp = offered.reduced_size_rtcp;
  if (send.active) announce_stream(send, answer);
  return answer;
}

}  // namespace

Result<PublishAnswer> answer_publish(const Session& offer, const LocalTransport& local, const std::vector<PublishWish>& wishes) {
  if (auto remote = remote_transport(offer); !remote) return remote.error();
  PublishAnswer result{empty_answer(offer), {}, {}};
  for (const Section& offered : offer.sections) {
    if (offered.kind == Kind::application) {
      add_section(result.answer, offer, answer_data(offered, local, result.data));
      continue;
    }
    ReceiveSection receive = receive_section(offered, wishes);
    if (!offered.rejected() && sends(offered.direction) && receive.codecs.empty()) return no_common_codec(offered);
    add_section(result.answer, offer, answer_receiving(offered, receive, local));
    result.sections.push_back(std::move(receive));
  }
  add_candidates(result.answer, local);
  return result;
}

Result<PlayAnswer> answer_play(const Session& offer, const LocalTransport& local, const std::vector<SendSection>& reserve) {
  if (auto remote = remote_transport(offer); !remote) return remote.error();
  PlayAnswer result{empty_answer(offer), {}};
  for (const Section& offered : offer.sections) {
    if (offered.kind == Kind::application) {
      add_section(result.answer, offer, rejected_section(offered));
      continue;
    }
    if (!offered.rejected() && offered.direction == Direction::sendonly)
      return Error{"sdp_not_receiving",
                   "Section \"" + offered.mid + "\" only sends; here every section has to receive (a=recvonly)."};
    const std::size_t position = result.sections.size();
    const bool served = position < reserve.size();
    SendSection send = send_section(served ? offered : rejected_section(offered), served ? reserve[position] : SendSection{});
    if (served && !offered.rejected() && send.codecs.empty()) return no_common_codec(offered);
    add_section(result.answer, offer, answer_sending(offered, send, local));
    result.sections.push_back(std::move(send));
  }
  add_candidates(result.answer, local);
  return result;
}

}  // namespace parley::sdp
