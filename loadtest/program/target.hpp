#pragma once
// The server under test, as the rest of the program needs to know it: how to speak to it, where it is, and which processes it
// has. Either it runs already, or it is started here and ends with the program.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "loadtest/program/options.hpp"
#include "loadtest/report.hpp"
#include "loadtest/signaling.hpp"
#include "sfu/base/random.hpp"
#include "sfu/net/child_process.hpp"
#include "sfu/net/state_directory.hpp"

namespace parley::loadtest {

/// A `parley serve` of our own, with a key and a folder that nobody else has.
class OwnServer {
 public:
  /// Starts it, and waits until its workers are ready. Throws SystemError.
  OwnServer(const Options& options, Random& random);
  ~OwnServer();
  OwnServer(const OwnServer&) = delete;
  OwnServer& operator=(const OwnServer&) = delete;

  const std::string& http() const { return http_; }  ///< "127.0.0.1:8080"
  const std::string& api_key() const { return api_key_; }
  int process() const { return process_->id(); }

 private:
  void wait_until_ready();

  net::StateDirectory folder_;
  std::string http_;
  std::string api_key_;
  std::optional<net::ChildProcess> process_;
};

class Target {
 public:
  /// Throws SystemError when the options do not go together, or the server cannot be started.
  Target(const Options& options, Random& random);

  /// The dialect for one participant.
  std::unique_ptr<Signaling> make_signaling(Time now, const Visit& visit, std::uint32_t number) const;
  /// Some address of the server: whether it is on the loopback is what matters.
  const std::string& any_url() const;
  /// What the watched processes have used; nothing when none is watched.
  std::optional<ServerUsage> usage() const;
  std::string name() const;

 private:
  Options options_;
  std::optional<OwnServer> own_;
};

}  // namespace parley::loadtest
