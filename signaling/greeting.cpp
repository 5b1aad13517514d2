#include "signaling/greeting.hpp"

#include <algorithm>

namespace parley::signaling {
namespace {

constexpr std::uint16_t https_port = 443;

std::vector<Address> addresses_of(const Address& bound, const Doors& doors) {
  return bound.is_unspecified() ? doors.interfaces : std::vector{bound};
}

std::string link_to(std::string_view scheme, const Address& address, const Address& bound) {
  return std::string(scheme) + "://" + address.with_port(bound.port()).text() + "/";
}

std::string link_to(const std::string& name, const Address& bound) {
  return "https://" + name + (bound.port() == https_port ? "" : ":" + std::to_string(bound.port())) + "/";
}

class Lines {
 public:
  explicit Lines(std::string_view invite) : ending_("#invite=" + std::string(invite)) {}
  void add(std::string_view label, const std::string& link) { add_plain(label, link + ending_); }
  void add_plain(std::string_view label, std::string_view rest) {
    constexpr std::size_t column = 15;
    text += "  " + std::string(label) + std::string(column - label.size(), ' ') + std::string(rest) + "\n";
  }
  std::string text;

 private:
  std::string ending_;
};

void add_secure(Lines& lines, const Address& bound, const Doors& doors) {
  if (!doors.own_certificate && !doors.names.empty()) {
    for (const std::string& name : doors.names) lines.add("Other devices", link_to(name, bound));
    return;
  }
  const auto local = addresses_of(bound, doors);
  for (const Address& address : local) lines.add("Other devices", link_to("https", address, bound));
  for (const Address& address : doors.advertised)
    if (std::ranges::find(local, address.with_port(0), [](const Address& one) { return one.with_port(0); }) == local.end())
      lines.add("From outside", link_to("https", address, bound));
  if (doors.own_certificate) lines.add_plain("", "(Their browsers warn once: this server made its certificate itself.)");
}

}  // namespace

std::string greeting(const Doors& doors, std::string_view invite) {
  Lines lines(invite);
  if (doors.http)
    for (const Address& address : addresses_of(*doors.http, doors)) lines.add("Open", link_to("http", address, *doors.http));
  if (doors.https) add_secure(lines, *doors.https, doors);
  lines.add_plain("Stop", "Ctrl-C");
  return "\nParley is ready.\n\n" + lines.text + "\n";
}

}  // namespace parley::signaling
