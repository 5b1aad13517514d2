#pragma once
// A process of ours that another one of ours runs, with one descriptor handed down to it. It never outlives its parent.

#include <cstdint>
#include <string>
#include <vector>

#include "sfu/base/time.hpp"
#include "sfu/net/file_descriptor.hpp"

namespace parley::net {

class ChildProcess {
 public:
  /// The number under which the child finds the descriptor that is handed down.
  static constexpr int inherited_descriptor = 3;

  /// How long a child whose descriptor is closed may take to say why, and to end.
  static constexpr Duration last_words = seconds(1);

  /// Runs `executable` with `arguments` (without its name); `inherited` may be none. `log`: the file for what it says, instead of
  /// our standard output and error. Throws SystemError when it cannot be run.
  /// Its heap lies in huge pages where the system has them (unless GLIBC_TUNABLES says otherwise): a worker goes through the
  /// state of thousands of streams in turn, and a tenth of its time was spent on finding the pages.
  ChildProcess(const std::string& executable, const std::vector<std::string>& arguments, FileDescriptor inherited,
               const std::string& log = {});
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  /// Ends it the hard way if it still runs.
  ~ChildProcess() { kill(); }

  /// Asks it to end (SIGTERM).
  void terminate();
  /// Ends it now (SIGKILL), and waits until it is gone.
  void kill();
  /// Whether it has ended by itself; does not wait.
  bool ended();
  /// Waits until it has ended by itself, for so long at most: who ends it sooner may cut off its last words.
  bool ended_within(Duration patience);
  int id() const { return id_; }

 private:
  int id_ = -1;
};

std::uint32_t process_id();
/// Whether a person may be looking at the standard error.
bool error_output_is_terminal();
/// The directory of the running executable.
std::string executable_directory();

}  // namespace parley::net
