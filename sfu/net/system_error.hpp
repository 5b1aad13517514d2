#pragma once
// What the operating system refused, as a sentence. Only start-up throws; on the packet path a refusal is counted.

#include <stdexcept>
#include <string>

namespace parley::net {

/// Thrown at start-up, for main to print: one sentence that says what is wrong and what to do about it.
class SystemError : public std::runtime_error {
 public:
  /// "Port 40000 (UDP) cannot be opened: Permission denied." Reads errno.
  explicit SystemError(const std::string& what);
  /// A sentence that is complete already.
  static SystemError sentence(const std::string& text) { return SystemError(text, 0); }

 private:
  SystemError(const std::string& text, int) : std::runtime_error(text) {}
};

/// For a port that could not be opened. Reads errno. `option` is what to change, such as "--media-port".
SystemError port_error(const std::string& protocol, const std::string& port, const std::string& option);

}  // namespace parley::net
