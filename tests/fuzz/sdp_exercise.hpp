#pragma once
// Everything that Parley does with a description from the network, with what must hold whatever the bytes are. Shared by the
// fuzz target and by the unit test that mutates real descriptions.

#include <cstdlib>
#include <string_view>

#include "sfu/sdp/negotiate.hpp"

namespace parley::sdp {

inline void must(bool holds) {
  if (!holds) std::abort();
}

/// What we write is what we meant, and no line was smuggled into it.
inline void must_read_back(const Session& ours) {
  const auto again = parse(write(ours));
  must(again && *again == ours);
}

inline void exercise(std::string_view text) {
  const LocalTransport local{"ufrag",
                             "passwordpasswordpassword",
                             {"sha-256", std::vector<std::uint8_t>(32)},
                             {"candidate:1 1 udp 1 192.0.2.1 1 typ host"}};
  if (const auto fragment = parse_fragment(text)) {
    const auto again = parse_fragment(write_fragment(*fragment, true));
    must(again && *again == *fragment);
  }
  const auto session = parse(text);
  if (!session) return must(session.error().code == "sdp_invalid" && !session.error().message.empty());

  std::vector<SendSection> offered;
  if (const auto published = answer_publish(*session, local, {{"0", true, true}})) {
    must(published->answer.sections.size() == session->sections.size());
    must_read_back(published->answer);
    for (const ReceiveSection& section : published->sections) {
      SendSection& send = offered.emplace_back();
      send.mid = section.mid;
      send.kind = section.kind;
      send.active = section.active;
      send.codecs = offered_codecs(section.kind, section.codecs);
      send.extensions = offered_extensions(section.kind, section.codecs);
      send.stream_id = "stream";
      must(send.codecs.empty() == section.codecs.empty());
    }
    must_read_back(offer_subscribe(offered, local, 1));
  }
  if (const auto played = answer_play(*session, local, std::vector<SendSection>(4))) must_read_back(played->answer);
  if (const auto accepted = accept_answer(offered, *session)) must(accepted->size() == offered.size());
}

}  // namespace parley::sdp
