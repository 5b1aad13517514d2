// The table of options. Whoever adds one writes its default and the reason here, and nothing anywhere else.

#include <algorithm>
#include <charconv>
#include <limits>

#include "signaling/config.hpp"
#include "signaling/http.hpp"
#include "signaling/text.hpp"

namespace parley::signaling {
namespace {

using Values = std::vector<std::string>;
using Refusal = std::optional<std::string>;

template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Refusal set_listener(std::optional<Address>& target, const std::string& value) {
  const auto address = value == "off" ? std::nullopt : Address::parse_with_port(value);
  if (!address && value != "off") return "an address with a port, such as 0.0.0.0:8443 or [::]:8443, or off";
  target = address;
  return std::nullopt;
}

/// "192.0.2.1", "192.0.2.1:40000", "2001:db8::1" or "[2001:db8::1]:40000".
Refusal set_advertise(Config& config, const Values& values) {
  std::vector<Address> addresses;
  for (const std::string& value : values) {
    auto address = Address::parse(value, 0);
    if (!address) address = Address::parse_with_port(value);
    if (!address || address->is_unspecified()) return "an address that clients can reach, with or without a port";
    addresses.push_back(*address);
  }
  config.advertise = std::move(addresses);
  return std::nullopt;
}

Refusal set_media_transport(Config& config, const Values& values) {
  bool udp = false, tcp = false;
  for (const std::string& value : values)
    for (std::size_t begin = 0; begin <= value.size();) {
      const std::size_t end = std::min(value.find(',', begin), value.size());
      const std::string_view word = std::string_view(value).substr(begin, end - begin);
      if (word != "udp" && word != "tcp") return "udp, tcp, or udp,tcp";
      (word == "udp" ? udp : tcp) = true;
      begin = end + 1;
    }
  if (!udp && !tcp) return "udp, tcp, or udp,tcp";
  config.media_udp = udp;
  config.media_tcp = tcp;
  return std::nullopt;
}

Refusal set_api_keys(Config& config, const Values& values) {
  Keys keys;
  for (const std::string& value : values) {
    const auto colon = value.find(':');
    if (colon == std::string::npos || colon == 0 || value.size() - colon - 1 < secret_bytes_minimum)
      return "NAME:SECRET with a secret of at least 32 characters";
    keys[value.substr(0, colon)] = value.substr(colon + 1);
  }
  config.api_keys = std::move(keys);
  return std::nullopt;
}

/// "URL" or "URL USERNAME CREDENTIAL". Each word goes into HTTP headers, so it must be one plain word.
std::optional<IceServer> parse_ice_server(const std::string& value) {
  Values words(1);
  for (const char c : value) {
    if (c == ' ')
      words.emplace_back();
    else if (c < '!' || c > '~' || c == '"' || c == '<' || c == '>' || c == '\\')
      return std::nullopt;
    else
      words.back() += c;
  }
  if (words.size() != 1 && words.size() != 3) return std::nullopt;
  const std::string& url = words.front();
  const auto starts = [&](std::string_view scheme) { return url.starts_with(scheme) && url.size() > scheme.size(); };
  const bool relay = starts("turn:") || starts("turns:");
  if (!relay && !starts("stun:") && !starts("stuns:")) return std::nullopt;
  if (relay != (words.size() == 3)) return std::nullopt;
  return relay ? IceServer{url, words[1], words[2]} : IceServer{url, "", ""};
}

Refusal set_ice_servers(Config& config, const Values& values) {
  std::vector<IceServer> servers;
  for (const std::string& value : values) {
    auto server = parse_ice_server(value);
    if (!server) return "stun:HOST, or turn:HOST USERNAME CREDENTIAL";
    servers.push_back(std::move(*server));
  }
  config.ice_servers = std::move(servers);
  return std::nullopt;
}

/// `get` says where it belongs.
template <typename Get>
Option listener(std::string name, std::string description, std::string fallback, std::string reason, Get get) {
  return {std::move(name),
          "ADDRESS:PORT",
          std::move(description),
          std::move(fallback),
          std::move(reason),
          false,
          [get](Config& config, const Values& values) { return set_listener(get(config), values.front()); }};
}

Refusal set_direct(Config& config, const Values& values) {
  if (values.front() != "on" && values.front() != "off") return "on or off";
  config.direct = values.front() == "on";
  return std::nullopt;
}

Refusal set_relay(Config& config, const Values& values) {
  if (values.front() != "on" && values.front() != "off") return "on or off";
  config.relay.wanted = values.front() == "on";
  return std::nullopt;
}

Refusal set_relay_ports(Config& config, const Values& values) {
  const std::string& text = values.front();
  const auto dash = std::min(text.find('-'), text.size());
  const auto first = parse_number<std::uint16_t>(std::string_view(text).substr(0, dash));
  const auto last = parse_number<std::uint16_t>(std::string_view(text).substr(std::min(dash + 1, text.size())));
  if (!first || !last || *first < 1024 || *first > *last) return "a range of ports from 1024 upwards, such as 49152-65535";
  config.relay.ports = text;
  return std::nullopt;
}

Refusal set_relay_host(Config& config, const Values& values) {
  const std::string& text = values.front();
  const auto address = Address::parse(text, 0);
  const std::string host = host_of(address && !address->is_v4() ? "[" + text + "]" : text);
  if (host.empty() || host.size() < text.size()) return "a name or an address, without a port";
  config.relay.host = host;
  return std::nullopt;
}

Option path(std::string name, std::string placeholder, std::string description, std::string reason, std::string Config::*member) {
  return {std::move(name),
          std::move(placeholder),
          std::move(description),
          "",
          std::move(reason),
          false,
          [member](Config& config, const Values& values) -> Refusal {
            config.*member = values.front();
            return std::nullopt;
          }};
}

/// A number from `least` to `most`; `get` says where it belongs.
template <typename Get>
Option number(std::string name, std::string description, std::string fallback, std::string reason, std::uint32_t least,
              std::uint32_t most, Get get) {
  return {std::move(name),
          "NUMBER",
          std::move(description),
          std::move(fallback),
          std::move(reason),
          false,
          [=](Config& config, const Values& values) -> Refusal {
            const auto value = parse_number<std::uint32_t>(values.front());
            if (!value || *value < least || *value > most)
              return "a whole number from " + std::to_string(least) + " to " + std::to_string(most);
            auto& target = get(config);
            target = static_cast<std::remove_reference_t<decltype(target)>>(*value);
            return std::nullopt;
          }};
}

Option limit(std::string name, std::string description, std::string fallback, std::string reason, std::uint32_t most,
             std::uint32_t Limits::*member) {
  return number(std::move(name), std::move(description), std::move(fallback), std::move(reason), 1, most,
                [member](Config& config) -> std::uint32_t& { return config.limits.*member; });
}

Option duration(std::string name, std::string description, std::string fallback, std::string reason, Duration Limits::*member) {
  return {std::move(name),
          "DURATION",
          std::move(description),
          std::move(fallback),
          std::move(reason),
          false,
          [member](Config& config, const Values& values) -> Refusal {
            const auto value = parse_duration(values.front());
            if (!value || *value > hours(24)) return "a duration of at most a day, such as 15s, 500ms or 6h";
            config.limits.*member = *value;
            return std::nullopt;
          }};
}

std::vector<Option> server_options() {
  return {
      listener(
          "http", "serve the page and signaling without TLS here; off: do not", "127.0.0.1:8080",
          "browsers give cameras to http pages of this very machine only", [](Config & config) -> auto& { return config.http; }),
      listener(
          "https", "serve the page and signaling with TLS here; off: do not", "0.0.0.0:8443",
          "8443 needs no root; a certificate is made when none is given", [](Config & config) -> auto& { return config.https; }),
      listener(
          "metrics", "serve /metrics without TLS here, to whoever gets to it; off: with the page", "off",
          "with the page, this machine sees them, and whoever has a token with roomAdmin",
          [](Config & config) -> auto& { return config.metrics; }),
      path("cert", "FILE", "PEM certificate chain for https", "none: one is made and kept in the state directory",
           &Config::certificate),
      path("key", "FILE", "PEM private key for https", "none: see cert", &Config::key),
      path("page", "DIRECTORY", "the built web page", "none: where the build or a package puts it", &Config::page),
      number("media-port", "first port for media, UDP and TCP; worker i takes +i", "40000",
             "above the services' ports and below Linux' ephemeral range, for one firewall rule", 1, 65535,
             [](Config& config) -> std::uint16_t& { return config.media_port; }),
      {"media-transport", "udp,tcp", "which of the two to open", "udp,tcp", "TCP is for networks that block UDP", true,
       set_media_transport},
      {"advertise", "ADDRESS[:PORT]", "address put into candidates, for servers behind a NAT", "",
       "none: the addresses of the network interfaces", true, set_advertise},
      number("workers", "media processes; 0: one for each core", "0", "a worker is one thread and fills one core", 0, 256,
             [](Config& config) -> std::uint32_t& { return config.workers; }),
      number("last-n", "videos of a room that are forwarded, of those who spoke last; 0: all", "0",
             "every tile has its price only where somebody sees it; a limit is for very large rooms", 0, 10000,
             [](Config& config) -> std::uint32_t& { return config.last_n; }),
      number("audible-speakers", "microphones of a room that are forwarded, the loudest; 0: all", "0",
             "nobody is cut off; a handful saves most of the packets of a very large room", 0, 10000,
             [](Config& config) -> std::uint32_t& { return config.audible_speakers; }),
      {"p2p", "on|off", "let two people alone in a room, and files, connect browser to browser where they can", "on",
       "the shortest way; off: everything goes through this server, and nobody sees another's address", false, set_direct},
      path("state", "DIRECTORY", "where the secret and the certificate are kept, with mode 0700",
           "none: parley in $XDG_STATE_HOME or ~/.local/state, which survives a restart", &Config::state),
      {"api-key", "NAME:SECRET", "accept tokens that are signed with this key", "",
       "none: only the key kept in the state directory; in the file rather than on the command line, which others can read", true,
       set_api_keys},
      {"ice-server", "URL [USERNAME CREDENTIAL]", "STUN or TURN server that clients are told", "",
       "none: the server's own addresses can be reached directly", true, set_ice_servers},
  };
}

std::vector<Option> relay_options() {
  return {
      {"turn", "on|off", "run the bundled STUN and TURN relay, too", "on",
       "people behind strict NATs and firewalls get in, with nothing else to install", false, set_relay},
      listener(
          "turn-listen", "the relay's port, UDP and TCP; off: TLS only", "0.0.0.0:3478", "the port of RFC 8656",
          [](Config & config) -> auto& { return config.relay.listen; }),
      listener(
          "turn-tls", "the relay's port for TLS, with the certificate of --cert; off: none", "0.0.0.0:5349",
          "the port of RFC 8656; browsers take no certificate that the server made itself",
          [](Config & config) -> auto& { return config.relay.tls; }),
      {"turn-ports", "FIRST-LAST", "UDP ports of the relay, one for each connection through it", "49152-65535",
       "what RFC 8656 recommends; they need not be open in a firewall for calls through this server", false, set_relay_ports},
      {"turn-host", "HOST", "name or address of the relay that clients are told", "",
       "none: the first --advertise, else the host under which the client has reached this server", false, set_relay_host},
  };
}

std::vector<Option> limit_options() {
  return {
      limit("participants-per-room", "people in one room", "200",
            "200 people with two tracks each are 79 600 streams: about what one core forwards when few speak", 10000,
            &Limits::participants_per_room),
      limit("rooms", "rooms at a time", "1000", "bounds what a permissive token server can make us remember", 1000000,
            &Limits::rooms),
      limit("tracks-per-participant", "tracks that one participant publishes", "16",
            "camera, microphone, screen with sound, and room for several devices", 64, &Limits::tracks_per_participant),
      limit("waiting-per-room", "people in one room's lobby", "100", "more than anybody lets in by hand", 10000,
            &Limits::waiting_per_room),
      limit("message-bytes", "size of one signaling message or HTTP body", "262144",
            "an offer with 200 receiving sections is about 200 KiB", 16 * 1024 * 1024, &Limits::message_bytes),
      limit("chat-bytes", "size of one chat text", "4096", "a long paragraph; more belongs into a file", 65536,
            &Limits::chat_bytes),
      limit("messages-per-second", "lasting rate of one client's messages", "50", "a handful a second is normal", 100000,
            &Limits::messages_per_second),
      limit("message-burst", "messages of one client at once", "200", "joining a full room: candidates and answers in a burst",
            100000, &Limits::message_burst),
      limit("views-per-second", "lasting rate of one client's views, each the size of a tile", "500",
            "a page whose tiles all move tells a hundred of them three times a second", 100000, &Limits::views_per_second),
      limit("view-burst", "views of one client at once", "1000", "entering a full room and showing everybody", 100000,
            &Limits::view_burst),
      limit("connections-per-address", "WebSockets and WHIP or WHEP sessions of one address", "64",
            "a school or an office behind one NAT is one address, and so is an IPv6 /64", 1000000,
            &Limits::connections_per_address),
      limit("connections", "TCP connections to page and signaling, all together", "4000",
            "an open page has two or three; idle, all take 130 MiB", 100000, &Limits::connections),
      duration("join-deadline", "how long a connection may stay without having joined", "10s",
               "a slow phone's round trips, not a parked socket", &Limits::join_deadline),
      duration("resume-window", "how long a participant stays without its connection", "15s",
               "a change from Wi-Fi to mobile takes about 10 s", &Limits::resume_window),
      duration("worker-deadline", "how long a worker may take to answer", "10s",
               "an answer takes milliseconds; a worker that was started again, about a second", &Limits::worker_deadline),
  };
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  const auto unit_at = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto count = parse_number<std::int64_t>(text.substr(0, unit_at));
  const std::string_view unit = text.substr(unit_at);
  Duration one{};
  if (unit == "ms") one = milliseconds(1);
  if (unit == "s") one = seconds(1);
  if (unit == "m") one = minutes(1);
  if (unit == "h") one = hours(1);
  if (unit == "d") one = hours(24);
  if (!count || *count <= 0 || one == Duration::zero() || *count > Duration::max() / one) return std::nullopt;
  return one * *count;
}

const std::vector<Option>& options() {
  static const std::vector<Option> table = [] {
    std::vector<Option> all = server_options();
    std::ranges::move(relay_options(), std::back_inserter(all));
    std::ranges::move(limit_options(), std::back_inserter(all));
    return all;
  }();
  return table;
}

}  // namespace parley::signaling
