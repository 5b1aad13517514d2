#pragma once
// A worker without media: it answers commands as a good one would, and remembers them.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sfu/base/result.hpp"
#include "sfu/control/command.hpp"
#include "sfu/control/event.hpp"

namespace parley::signaling::testing {

class FakeWorker {
 public:
  bool silent = false;                        ///< remembers, and answers nothing
  std::optional<Error> refusal;               ///< answers the next Publish, Play, AcceptAnswer or RestartIce
  std::optional<Error> subscription_refusal;  ///< answers the next Subscribe
  std::vector<control::CommandMessage> seen;  ///< everything since the last take

  std::vector<control::EventMessage> receive(const control::CommandMessage& message) {
    seen.push_back(message);
    if (silent) return {};
    events_.clear();
    request_ = message.request;
    std::visit([&](const auto& command) { handle(command); }, message.command);
    return std::move(events_);
  }

  /// The commands of one kind seen so far, which are forgotten.
  template <typename T>
  std::vector<T> take() {
    std::vector<T> found;
    std::erase_if(seen, [&](const control::CommandMessage& message) {
      const auto* command = std::get_if<T>(&message.command);
      if (command) found.push_back(*command);
      return command != nullptr;
    });
    return found;
  }

 private:
  struct Person {
    std::uint32_t revision = 0;
    bool unanswered = false;
    bool plays = false;
    std::vector<TrackId> receives;
    std::size_t offered = 0;  ///< how many of them the newest offer had
  };

  void tell(control::Event event) { events_.push_back({request_, std::move(event)}); }
  bool refuses(ParticipantId participant) { return refuses(participant, refusal); }
  bool refuses(ParticipantId participant, std::optional<Error>& error) {
    if (!error) return false;
    tell(control::Refused{participant, error->code, error->message});
    error.reset();
    return true;
  }

  void handle(const control::AddParticipant& command) { people_[command.participant] = {}; }
  void handle(const control::RemoveParticipant& command) { people_.erase(command.participant); }
  void handle(const control::Publish& command) {
    if (refuses(command.participant)) return;
    control::Published published{command.participant, "v=0 answer", {}};
    for (const control::TrackRequest& track : command.tracks)
      published.tracks.push_back({track.track, track.mid, track.mid == "0" ? control::Kind::audio : control::Kind::video,
                                  track.mid == "0" ? "opus" : "VP8", false});
    // An offer with nothing announced is a WHIP offer: a microphone and a camera.
    if (command.tracks.empty() && command.spare.size() >= 2) {
      published.tracks.push_back({command.spare[0], "0", control::Kind::audio, "opus", false});
      published.tracks.push_back({command.spare[1], "1", control::Kind::video, "VP8", false});
    }
    tell(std::move(published));
  }
  void handle(const control::Unpublish&) {}
  void handle(const control::Mute&) {}
  void handle(const control::Subscribe& command) {
    if (refuses(command.participant, subscription_refusal)) return;
    Person& person = people_[command.participant];
    person.receives.push_back(command.track);
    if (!person.plays) offer(command.participant, person);
  }
  void handle(const control::Unsubscribe& command) { std::erase(people_[command.participant].receives, command.track); }
  void handle(const control::AcceptAnswer& command) {
    if (refuses(command.participant)) return;
    Person& person = people_[command.participant];
    person.unanswered = false;
    if (person.receives.size() > person.offered) offer(command.participant, person);
  }
  void handle(const control::Play& command) {
    if (refuses(command.participant)) return;
    people_[command.participant].plays = true;
    tell(control::Playing{command.participant, "v=0 answer"});
  }
  void handle(const control::Renegotiate& command) {
    Person& person = people_[command.participant];
    if (command.replace) person.revision = 0;
    person.unanswered = false;
    offer(command.participant, person);
  }
  void handle(const control::AddCandidate&) {}
  void handle(const control::SetView&) {}
  void handle(const control::RestartIce& command) {
    if (refuses(command.participant)) return;
    tell(control::Restarted{
        command.participant, "newufrag", "newpasswordnewpassword", {"candidate:1 1 udp 1 192.0.2.1 40000 typ host"}});
  }

  void offer(ParticipantId participant, Person& person) {
    if (person.unanswered) return;
    person.unanswered = true;
    control::Offered offered{participant, ++person.revision, "v=0 offer", {}};
    for (const TrackId track : person.receives) offered.tracks.push_back({std::to_string(offered.tracks.size()), track});
    person.offered = person.receives.size();
    events_.push_back({{}, std::move(offered)});
  }

  RequestId request_;
  std::vector<control::EventMessage> events_;
  std::map<ParticipantId, Person> people_;
};

}  // namespace parley::signaling::testing
