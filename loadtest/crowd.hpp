#pragma once
// Everybody who takes part in a load test: lets them join and leave as the scenario plans it, hands each what is theirs, and
// counts. A machine; the driver brings sockets and WebSockets, and thousands of members share them.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "loadtest/member.hpp"
#include "loadtest/scenario.hpp"
#include "sfu/base/deadlines.hpp"
#include "sfu/base/histogram.hpp"

namespace parley::loadtest {

/// A place in the plan of the scenario.
using MemberNumber = std::uint32_t;

struct CrowdOutput {
  struct Said {
    MemberNumber member = 0;
    ToWeb action;
  };
  std::vector<Said> web;
  MemberOutput member;  ///< everybody's datagrams; its words are those of `web` after every call
  Outbox& outbox() { return member.peer.outbox; }
};

/// Where the members are. On a loopback each has addresses of its own, behind one socket; elsewhere ports of its own.
struct CrowdAddresses {
  /// Beyond these, which a member needs to make its two connections anew a few times, it would take its neighbour's.
  static constexpr std::uint32_t per_member = 16;

  Address first;           ///< the first member's first
  bool same_port = false;  ///< members differ by address
  Address of(MemberNumber member) const;
  /// Whose it is; may be more than there are.
  MemberNumber member_at(const Address& local) const;
};

/// How far everybody has got.
struct Attendance {
  std::uint32_t planned = 0;
  std::uint32_t joining = 0;
  std::uint32_t connected = 0;
  std::uint32_t failed = 0;
  std::uint32_t left = 0;
};

/// How the joins went.
struct Joins {
  /// From the first word, or from when there was something to receive in the room, until connected; in microseconds.
  Histogram until_connected;
  /// The same until the first frame was shown.
  Histogram until_first_frame;
  /// Why members failed, and how many of them.
  std::map<std::string, std::uint32_t> failures;
};

/// Sums over everybody since the beginning.
struct CrowdTotals {
  Quality received;
  DataQuality data;
  std::uint64_t sent = 0;           ///< RTP packets that publishers made
  std::uint32_t viewers = 0;        ///< members that receive something now
  std::uint64_t subscriptions = 0;  ///< tracks that are being received now
};

class Crowd {
 public:
  /// A participant for each visit of make_plan(scenario), in its order. `certificate`, `cipher` and
  /// `clips`, which are those that the scenario needs, must outlive the crowd.
  Crowd(const transport::Certificate& certificate, transport::Cipher& cipher, const Clips& clips, const Scenario& scenario,
        const CrowdAddresses& addresses, std::vector<std::unique_ptr<Signaling>> signaling, Random random);

  /// The scenario begins now.
  void start(Time now);
  void receive(Time now, const Path& path, MutableBytes datagram, CrowdOutput& out);
  void receive(Time now, MemberNumber member, const FromWeb& event, CrowdOutput& out);
  void advance(Time now, CrowdOutput& out);
  Time wakeup() const;
  /// Nobody joins any more, and everybody leaves.
  void leave(Time now, CrowdOutput& out);

  const Attendance& attendance() const { return attendance_; }
  CrowdTotals totals(Time now) const;
  const Joins& joins() const { return joins_; }

 private:
  struct Guest {
    Visit visit;
    std::unique_ptr<Signaling> signaling;  ///< until it joins
    std::unique_ptr<Member> member;        ///< while it is there
    Member::State seen = Member::State::joining;
    bool joined = false;  ///< has joined, and may have left
    bool has_seen_frame = false;
    bool touched = false;
  };
  /// When the first two members of a room became connected as publishers: nobody can see anything sooner.
  struct Stage {
    struct Publisher {
      MemberNumber member = 0;
      Time since = never;
    };
    Publisher first, second;
  };

  Member::Settings settings(MemberNumber number) const;
  std::vector<sdp::Kind> what_to_play() const;
  bool has_bad_network(MemberNumber number) const;
  void join(Time now, MemberNumber number, CrowdOutput& out);
  void leave(Time now, MemberNumber number, CrowdOutput& out);
  void touch(MemberNumber number);
  void hand_over(MemberNumber number, CrowdOutput& out);
  void observe(Time now, MemberNumber number);
  void observe_first_frame(MemberNumber number, Time now);
  void become(Guest& guest, Member::State state);
  /// The time from which a member is measured.
  Time begin_of(MemberNumber number) const;

  const transport::Certificate* certificate_;
  transport::Cipher* cipher_;
  Scenario scenario_;
  const Clips* clips_;
  CrowdAddresses addresses_;
  Random random_;
  Time started_ = never;
  std::vector<Guest> guests_;
  std::size_t next_to_join_ = 0;
  std::vector<MemberNumber> touched_;
  Deadlines<MemberNumber> deadlines_;
  Deadlines<MemberNumber> leaving_;
  std::vector<Stage> stages_;  ///< by room
  Attendance attendance_;
  Quality past_;
  DataQuality past_data_;
  std::uint64_t past_sent_ = 0;
  Joins joins_;
};

}  // namespace parley::loadtest
