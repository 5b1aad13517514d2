#pragma once
// Where the copies of a measurement arrive: another process, on the other core, perhaps in another network namespace, that reads
// them as fast as it can and counts. It never sleeps, so that waking it up is on nobody's bill.

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <string>

namespace parley::bench {

/// The sink's own loop: reads UDP port `port` until it is killed. `counter` is a file that both processes map, `ready` the end of
/// a pipe that gets a byte once the port is open.
[[noreturn]] void run_sink(std::uint16_t port, const std::string& counter, int ready);

class Sink {
 public:
  /// Starts this program again as a sink. `enter`: words in front of the command, such as "ip netns exec NAME".
  Sink(std::uint16_t port, const std::string& enter);
  ~Sink();
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  std::uint64_t received() const;
  /// Until `expected` datagrams have arrived since the start, or nothing more comes for 20 ms.
  void catch_up(std::uint64_t expected) const;

 private:
  std::string counter_file_;
  std::atomic<std::uint64_t>* counter_ = nullptr;
  pid_t process_ = -1;
};

}  // namespace parley::bench
