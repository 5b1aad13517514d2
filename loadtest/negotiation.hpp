#pragma once
// A client's half of offer and answer, as a browser does it: what it offers to send, and how it answers what it is offered. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "loadtest/connection.hpp"
#include "sfu/base/result.hpp"
#include "sfu/rtp/payload/codec.hpp"
#include "sfu/sdp/session.hpp"
#include "sfu/transport/certificate.hpp"
#include "sfu/transport/data_channel.hpp"
#include "sfu/transport/ice_lite.hpp"

namespace parley::loadtest {

/// Our end of a connection, the same in every section of a bundle.
struct LocalEnd {
  transport::IceCredentials credentials;
  transport::Fingerprint fingerprint;
};

/// A section that will send one track.
struct OfferedSection {
  std::string mid;
  rtp::Codec codec = rtp::Codec::opus;
  std::vector<std::string> rids;              ///< two or more: simulcast
  std::vector<sdp::SignalledStream> streams;  ///< left out under simulcast, as Chromium does
};

sdp::Session make_offer(const std::vector<OfferedSection>& sections, const LocalEnd& local, std::uint64_t version);

/// Adds the section of data channels to the end of an offer and its bundle, under the MID "data".
void add_data_section(const LocalEnd& local, sdp::Session& offer);
/// What an answer says of data channels; nothing: it has none, or they are rejected.
std::optional<transport::SctpParameters> data_parameters(const sdp::Session& answer);

/// Offers to receive a track of each kind, under the MIDs "0", "1"…, in any codec of the clips (WHEP). We are the DTLS client:
/// some servers would be it if they might choose.
sdp::Session make_play_offer(const std::vector<sdp::Kind>& kinds, const LocalEnd& local);

/// Takes the codecs of the clips and the header extensions that a Peer knows; a section without a common codec is rejected.
sdp::Session make_answer(const sdp::Session& offer, const LocalEnd& local, std::uint64_t version);

Result<RemoteEnd> remote_end(const sdp::Session& description);

}  // namespace parley::loadtest
