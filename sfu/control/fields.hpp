#pragma once
// What each message and each of its parts consists of, said once: codec.cpp writes and reads by the same list, so that the
// two can't disagree. `archive` is one of codec.cpp's two; `it` is const for the one that writes.

#include <string_view>

#include "sfu/control/command.hpp"
#include "sfu/control/event.hpp"

namespace parley::control {

/// `type` is the word that stands for a message in the text; the parts of a message have none.
template <typename Message>
struct Fields;

// Parts

template <>
struct Fields<TrackRequest> {
  static void visit(auto& archive, auto& it) {
    archive("mid", it.mid)("track", it.track)("stereo", it.stereo)("dtx", it.dtx)("screen", it.screen);
  }
};
template <>
struct Fields<PublishedTrack> {
  static void visit(auto& archive, auto& it) {
    archive("track", it.track)("mid", it.mid)("kind", it.kind)("codec", it.codec)("simulcast", it.simulcast);
  }
};
template <>
struct Fields<OfferedTrack> {
  static void visit(auto& archive, auto& it) { archive("mid", it.mid)("track", it.track); }
};
template <>
struct Fields<MaximumLayers> {
  static void visit(auto& archive, auto& it) { archive("encoding", it.encoding)("spatial", it.spatial)("temporal", it.temporal); }
};
template <>
struct Fields<Picture> {
  static void visit(auto& archive, auto& it) {
    archive("encoding", it.encoding)("spatial", it.spatial)("temporal", it.temporal)("width", it.width)("height", it.height);
    archive("bitsPerSecond", it.bits_per_second)("paused", it.paused);
  }
};
template <>
struct Fields<Speaker> {
  static void visit(auto& archive, auto& it) { archive("participant", it.participant)("level", it.level); }
};

// Commands

template <>
struct Fields<AddParticipant> {
  static constexpr std::string_view type = "addParticipant";
  static void visit(auto& archive, auto& it) {
    archive("room", it.room)("participant", it.participant)("cname", it.cname);
    archive("publishesData", it.publishes_data)("hidden", it.hidden);
  }
};
template <>
struct Fields<RemoveParticipant> {
  static constexpr std::string_view type = "removeParticipant";
  static void visit(auto& archive, auto& it) { archive("participant", it.participant); }
};
template <>
struct Fields<Publish> {
  static constexpr std::string_view type = "publish";
  static void visit(auto& archive, auto& it) {
    archive("participant", it.participant)("offer", it.offer)("tracks", it.tracks)("spare", it.spare)("replace", it.replace);
  }
};
template <>
struct Fields<Unpublish> {
  static constexpr std::string_view type = "unpublish";
  static void visit(auto& archive, auto& it) { archive("participant", it.participant)("track", it.track); }
};
template <>
struct Fields<Mute> {
  static constexpr std::string_view type = "mute";
  static void visit(auto& archive, auto& it) { archive("track", it.track)("muted", it.muted); }
};
template <>
struct Fields<Subscribe> {
  static constexpr std::string_view type = "subscribe";
  static void visit(auto& archive, auto& it) { archive("participant", it.participant)("track", it.track); }
};
template <>
struct Fields<Unsubscribe> {
  static constexpr std::string_view type = "unsubscribe";
  static void visit(auto& archive, auto& it) { archive("participant", it.participant)("track", it.track); }
};
template <>
struct Fields<AcceptAnswer> {
  static constexpr std::string_view type = "acceptAnswer";
  static void visit(auto& archive, auto& it) {
    archive("participant", it.participant)("revision", it.revision)("answer", it.answer);
  }
};
template <>
struct Fields<Play> {
  static constexpr std::string_view type = "play";
  static void visit(auto& archive, auto& it) { archive("participant", it.participant)("offer", it.offer); }
};
template <>
struct Fields<Renegotiate> {
  static constexpr std::string_view type = "renegotiate";
  static void visit(auto& archive, auto& it) { archive("participant", it.participant)("replace", it.replace); }
};
template <>
struct Fields<AddCandidate> {
  static constexpr std::string_view type = "addCandidate";
  static void visit(auto& archive, auto& it) {
    archive("participant", it.participant)("connection", it.connection)("candidate", it.candidate);
  }
};
template <>
struct Fields<RestartIce> {
  static constexpr std::string_view type = "restartIce";
  static void visit(auto& archive, auto& it) {
    archive("participant", it.participant)("connection", it.connection)("ufrag", it.ufrag)("password", it.password);
  }
};
template <>
struct Fields<SetView> {
  static constexpr std::string_view type = "setView";
  static void visit(auto& archive, auto& it) {
    archive("participant", it.participant)("track", it.track)("visible", it.visible)("width", it.width)("height", it.height);
    archive("priority", it.priority)("maximum", it.maximum);
  }
};

// Events

template <>
struct Fields<Ready> {
  static constexpr std::string_view type = "ready";
  static void visit(auto& archive, auto& it) { archive("process", it.process)("candidates", it.candidates); }
};
template <>
struct Fields<CandidatesChanged> {
  static constexpr std::string_view type = "candidatesChanged";
  static void visit(auto& archive, auto& it) { archive("candidates", it.candidates); }
};
template <>
struct Fields<Published> {
  static constexpr std::string_view type = "published";
  static void visit(auto& archive, auto& it) { archive("participant", it.participant)("answer", it.answer)("tracks", it.tracks); }
};
template <>
struct Fields<Offered> {
  static constexpr std::string_view type = "offered";
  static void visit(auto& archive, auto& it) {
    archive("participant", it.participant)("revision", it.revision)("offer", it.offer)("tracks", it.tracks);
  }
};
template <>
struct Fields<Playing> {
  static constexpr std::string_view type = "playing";
  static void visit(auto& archive, auto& it) { archive("participant", it.participant)("answer", it.answer); }
};
template <>
struct Fields<Restarted> {
  static constexpr std::string_view type = "restarted";
  static void visit(auto& archive, auto& it) {
    archive("participant", it.participant)("ufrag", it.ufrag)("password", it.password)("candidates", it.candidates);
  }
};
template <>
struct Fields<Refused> {
  static constexpr std::string_view type = "refused";
  static void visit(auto& archive, auto& it) { archive("participant", it.participant)("code", it.code)("message", it.message); }
};
template <>
struct Fields<ConnectionChanged> {
  static constexpr std::string_view type = "connectionChanged";
  static void visit(auto& archive, auto& it) {
    archive("participant", it.participant)("connection", it.connection)("state", it.state);
  }
};
template <>
struct Fields<TrackStarted> {
  static constexpr std::string_view type = "trackStarted";
  static void visit(auto& archive, auto& it) { archive("participant", it.participant)("track", it.track)("codec", it.codec); }
};
template <>
struct Fields<SubscriptionChanged> {
  static constexpr std::string_view type = "subscriptionChanged";
  static void visit(auto& archive, auto& it) {
    archive("participant", it.participant)("track", it.track)("state", it.state)("reason", it.reason)("message", it.message);
  }
};
template <>
struct Fields<QualityChanged> {
  static constexpr std::string_view type = "qualityChanged";
  static void visit(auto& archive, auto& it) {
    archive("participant", it.participant)("track", it.track)("current", it.current)("wanted", it.wanted);
    archive("limit", it.limit)("estimate", it.estimate_bits_per_second);
  }
};
template <>
struct Fields<EncodingsWanted> {
  static constexpr std::string_view type = "encodingsWanted";
  static void visit(auto& archive, auto& it) {
    archive("participant", it.participant)("track", it.track)("rids", it.rids)("any", it.any);
  }
};
template <>
struct Fields<SpeakersChanged> {
  static constexpr std::string_view type = "speakersChanged";
  static void visit(auto& archive, auto& it) { archive("room", it.room)("speakers", it.speakers); }
};
template <>
struct Fields<Statistics> {
  static constexpr std::string_view type = "statistics";
  static void visit(auto& archive, auto& it) {
    archive("counters", it.counters)("participants", it.participants)("forwardedPerSecond", it.forwarded_per_second);
  }
};

}  // namespace parley::control
