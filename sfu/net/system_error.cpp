#include "sfu/net/system_error.hpp"

#include <cerrno>
#include <cstring>

namespace parley::net {

SystemError::SystemError(const std::string& what) : std::runtime_error(what + ": " + std::strerror(errno) + ".") {}

SystemError port_error(const std::string& protocol, const std::string& port, const std::string& option) {
  const int reason = errno;
  const std::string name = protocol + " port " + port;
  if (reason == EADDRINUSE)
    return SystemError::sentence(name + " is already in use. Stop the other program, or choose another port with " + option +
                                 ".");
  if (reason == EACCES)
    return SystemError::sentence(name + " needs root (it is below 1024). Choose another port with " + option + ".");
  if (reason == EADDRNOTAVAIL)
    return SystemError::sentence(name + ": this machine does not have that address. Change it with " + option + ".");
  return SystemError::sentence(name + " cannot be opened: " + std::strerror(reason) + ". Change it with " + option + ".");
}

}  // namespace parley::net
