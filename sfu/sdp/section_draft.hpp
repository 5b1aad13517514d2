#pragma once
// An m= section while it is being read. The lines of a section come in any order and refer to each other (a=fmtp to a=rtpmap,
// a=simulcast to a=rid, a=ssrc-group to a=ssrc), so they are collected first and put together by finish().

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sfu/sdp/lines.hpp"
#include "sfu/sdp/session.hpp"

namespace parley::sdp {

/// Also used for the attributes before the first m= line: those that hold for every section are merged in by inherit().
class SectionDraft {
 public:
  /// The value of the m= line. Complains about a kind that we don't know, or a malformed port or format.
  Complaint open(std::string_view media);
  /// One a= line; attributes that we don't know are skipped.
  Complaint attribute(std::string_view name, std::string_view value);
  /// a=mid, also for the mid that is made up for a section without one.
  Complaint identify(std::string_view mid);
  bool has_mid() const { return !section_.mid.empty(); }
  const std::string& mid() const { return section_.mid; }

  void inherit(const SectionDraft& session);
  Section finish() &&;

 private:
  struct Format {
    std::string name;
    std::uint32_t clock_rate = 0;
    std::uint8_t channels = 1;
  };
  struct DirectedRid {
    std::string direction;  ///< "send" or "recv"
    std::string id;
    bool operator==(const DirectedRid&) const = default;
  };
  struct Announced {
    Ssrc ssrc;
    std::string cname;
    std::string msid;
  };

  static constexpr std::uint8_t any_format = 128;

  Complaint rtpmap(std::string_view value);
  Complaint fmtp(std::string_view value);
  Complaint feedback(std::string_view value);
  Complaint extmap(std::string_view value);
  Complaint rid(std::string_view value);
  Complaint simulcast(std::string_view value);
  Complaint msid(std::string_view value);
  Complaint ssrc(std::string_view value);
  Complaint ssrc_group(std::string_view value);
  Complaint ice_ufrag(std::string_view value);
  Complaint ice_password(std::string_view value);
  Complaint setup(std::string_view value);
  Complaint fingerprint(std::string_view value);
  Complaint candidate(std::string_view value);
  Complaint sctp_port(std::string_view value);
  Complaint maximum_message(std::string_view value);
  void flag(std::string_view name);

  Announced* announce(Ssrc ssrc);
  void add_extension(const HeaderExtension& extension);
  std::optional<Format> format(std::uint8_t payload_type) const;
  void finish_codecs();
  void finish_retransmissions();
  std::vector<std::string> finish_rids(std::string_view direction) const;
  void finish_streams();

  Section section_;
  std::optional<Direction> direction_;
  std::optional<Setup> setup_;
  std::vector<std::uint8_t> formats_;
  std::map<std::uint8_t, Format> names_;
  std::map<std::uint8_t, std::map<std::string, std::string>> parameters_;
  std::map<std::uint8_t, std::vector<std::string>> feedback_;  ///< under any_format: "*", of all formats
  std::vector<DirectedRid> rids_;                              ///< a=rid
  std::vector<DirectedRid> simulcast_;                         ///< a=simulcast, the first alternative of each
  std::vector<Announced> announced_;
  std::map<Ssrc, Ssrc> retransmissions_;  ///< a=ssrc-group:FID, by the stream that is retransmitted
  std::map<Ssrc, Ssrc> corrections_;      ///< a=ssrc-group:FEC-FR, by the stream that is protected
  std::set<Ssrc> repairs_;                ///< the second members of pairs: RTX and FEC, which are not streams of their own
};

}  // namespace parley::sdp
