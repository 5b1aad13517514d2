#pragma once
// What all descriptions of ours have in common: an ICE-lite, DTLS-passive bundle, whose first section carries the candidates.

#include "sfu/sdp/negotiate.hpp"

namespace parley::sdp {

/// The same place and protocol as in the offer, but not used (RFC 3264 section 6): port 0, outside of the bundle.
Section rejected_section(const Section& offered);

/// An empty section for media on our transport; `setup` is passive in an answer and actpass in an offer.
Section media_section(Kind kind, const std::string& mid, const LocalTransport& local, Setup setup);

/// Puts the candidates into the first section that is in use; with them all known, nothing is trickled later.
void add_candidates(Session& session, const LocalTransport& local);

/// An answer to this offer without sections: its bundle grows with those that are accepted.
Session empty_answer(const Session& offer);
/// Adds a section, and its mid to the bundle when the offer had it there and it isn't rejected.
void add_section(Session& answer, const Session& offer, Section section);

/// a=msid, a=ssrc and its retransmissions, for a section on which we send. Its codecs must be set.
void announce_stream(const SendSection& send, Section& section);

}  // namespace parley::sdp
