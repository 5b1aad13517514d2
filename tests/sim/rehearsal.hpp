#pragma once
// A scenario file of the load tester, played in virtual time: the same Crowd, and on the other side the Front and the workers'
// Engines themselves instead of a server. Nothing takes time but what the scenario gives a bad network to, and what the machines
// delay on purpose (the pacer does), so that this is what remains of a delay on an infinitely fast machine. (With data topics,
// and no network in the scenario, everybody has 100 Mbit/s and 1 ms each way.)
//
// One seed is one history: its report is the same each time, to the byte.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "loadtest/crowd.hpp"
#include "loadtest/report.hpp"
#include "loadtest/scenario.hpp"
#include "sfu/room/engine.hpp"
#include "signaling/front.hpp"

namespace parley::sim {

class Rehearsal {
 public:
  struct Settings {
    std::uint64_t seed = 1;
    std::uint32_t workers = 1;
  };

  /// `clips`: those that the scenario needs; they outlive the rehearsal. Thresholds of a processor's time or memory are left out.
  Rehearsal(loadtest::Scenario scenario, const loadtest::Clips& clips, const Settings& settings);
  ~Rehearsal();

  /// To the next reading of the Recorder's: a second at most. False: the scenario has come to its end.
  bool play_on();
  /// What the last second was like; nothing before the first one.
  const loadtest::Sample* newest() const { return recorder_.newest(); }
  loadtest::Report report() const;

 private:
  struct Worker {
    room::Engine engine;
    room::Output out;
  };

  Time wakeup() const;
  /// Everything that is due or on its way at this instant, once around.
  void turn();
  void carry_words_of_crowd();
  void carry_datagrams_of_crowd();
  void carry_from(std::size_t worker);
  void carry_words_of_front();
  void perform(loadtest::MemberNumber member, const loadtest::ToWeb& action);
  void read();

  loadtest::Scenario scenario_;
  Time now_;
  Random random_;
  std::unique_ptr<transport::Cipher> cipher_ = transport::make_cipher();
  transport::Certificate certificate_;
  signaling::Front front_;
  signaling::FrontOutput front_out_;
  std::vector<Worker> workers_;
  std::optional<loadtest::Crowd> crowd_;
  loadtest::CrowdOutput crowd_out_;
  loadtest::Recorder recorder_;
  Time end_;
};

}  // namespace parley::sim
