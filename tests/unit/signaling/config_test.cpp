#include "signaling/config.hpp"

#include <catch2/catch.hpp>
#include <set>

using namespace parley;
using namespace parley::signaling;

namespace {
std::string yaml_error(const std::string& text) {
  Config config = default_config();
  const auto error = apply_yaml(config, text);
  return error ? error->code + ": " + error->message : "";
}
}  // namespace

TEST_CASE("the defaults are those that the issue names, and those of the limits") {
  const Config config = default_config();
  CHECK(config.http->text() == "127.0.0.1:8080");
  CHECK(config.https->text() == "0.0.0.0:8443");
  CHECK(config.media_port == 40000);
  CHECK(config.workers == 0);
  CHECK(config.media_udp);
  CHECK(config.media_tcp);
  const Limits limits;
  CHECK(config.limits.participants_per_room == limits.participants_per_room);
  CHECK(config.limits.rooms == limits.rooms);
  CHECK(config.limits.tracks_per_participant == limits.tracks_per_participant);
  CHECK(config.limits.message_bytes == limits.message_bytes);
  CHECK(config.limits.chat_bytes == limits.chat_bytes);
  CHECK(config.limits.messages_per_second == limits.messages_per_second);
  CHECK(config.limits.message_burst == limits.message_burst);
  CHECK(config.limits.views_per_second == limits.views_per_second);
  CHECK(config.limits.view_burst == limits.view_burst);
  CHECK(config.last_n == 0);
  CHECK(config.audible_speakers == 0);
  CHECK(config.limits.connections_per_address == limits.connections_per_address);
  CHECK(config.limits.connections == limits.connections);
  CHECK(config.limits.join_deadline == limits.join_deadline);
  CHECK(config.limits.resume_window == limits.resume_window);
  CHECK(config.limits.worker_deadline == limits.worker_deadline);
}

TEST_CASE("every option has a name of its own, a description and a reason") {
  std::set<std::string> names;
  for (const Option& option : options()) {
    CHECK(names.insert(option.name).second);
    CHECK_FALSE(option.description.empty());
    CHECK_FALSE(option.reason.empty());
  }
}

TEST_CASE("a YAML file sets what it names and leaves the rest") {
  Config config = default_config();
  const auto error = apply_yaml(config, R"(
http: "off"
https: "[::]:443"
cert: /etc/parley/fullchain.pem
key: /etc/parley/key.pem
media-port: 50000
media-transport: [udp]
advertise:
  - 203.0.113.5
  - "[2001:db8::5]:50000"
workers: 4
api-key: ["devkey:a secret of at least 32 characters"]
ice-server: ["stun:stun.example.org", "turn:turn.example.org:3478?transport=udp user password"]
last-n: 9
audible-speakers: 3
turn: off
turn-listen: "[::]:3479"
turn-tls: "off"
turn-ports: 50000-50999
turn-host: 2001:db8::7
rooms: 5
connections: 12000
resume-window: 30s
)");
  REQUIRE_FALSE(error);
  CHECK_FALSE(config.http);
  CHECK(config.https->text() == "[::]:443");
  CHECK(config.certificate == "/etc/parley/fullchain.pem");
  CHECK(config.media_port == 50000);
  CHECK(config.media_udp);
  CHECK_FALSE(config.media_tcp);
  REQUIRE(config.advertise.size() == 2);
  CHECK(config.advertise[0].port() == 0);
  CHECK(config.advertise[1].text() == "[2001:db8::5]:50000");
  CHECK(config.workers == 4);
  CHECK(config.api_keys.at("devkey") == "a secret of at least 32 characters");
  REQUIRE(config.ice_servers.size() == 2);
  CHECK(config.ice_servers[1] == IceServer{"turn:turn.example.org:3478?transport=udp", "user", "password"});
  CHECK(config.last_n == 9);
  CHECK(config.audible_speakers == 3);
  CHECK_FALSE(config.relay.wanted);
  CHECK(config.relay.listen->text() == "[::]:3479");
  CHECK_FALSE(config.relay.tls);
  CHECK(config.relay.ports == "50000-50999");
  CHECK(config.relay.host == "[2001:db8::7]");
  CHECK(config.limits.rooms == 5);
  CHECK(config.limits.connections == 12000);
  CHECK(config.limits.resume_window == seconds(30));
  CHECK(config.limits.chat_bytes == 4096);
}

TEST_CASE("the command line wins over the file") {
  Config config = default_config();
  REQUIRE_FALSE(apply_yaml(config, "media-port: 50000\nadvertise: [203.0.113.5]\n"));
  REQUIRE_FALSE(set_option(config, "media-port", {"60000"}));
  REQUIRE_FALSE(set_option(config, "advertise", {"203.0.113.6", "203.0.113.7"}));
  CHECK(config.media_port == 60000);
  CHECK(config.advertise.size() == 2);
}

TEST_CASE("an unknown key names the nearest known one, and its line") {
  CHECK(yaml_error("http: \"off\"\nmedai-port: 1\n") ==
        "option_unknown: Line 2: There is no option \"medai-port\". The nearest is \"media-port\".");
  CHECK(yaml_error("participant-per-room: 1\n").find("\"participants-per-room\"") != std::string::npos);
  CHECK(yaml_error("config: x\n").starts_with("option_unknown"));
}

TEST_CASE("a wrong value names the key, the line and what was expected") {
  CHECK(yaml_error("\n\nmedia-port: many\n") ==
        "option_invalid: Line 3: media-port: a whole number from 1 to 65535 was expected, not \"many\".");
  for (const char* text : {"media-port: 0",
                           "media-port: 65536",
                           "media-port: -1",
                           "media-port: [1, 2]",
                           "media-port: {a: 1}",
                           "media-port:",
                           "http: nowhere",
                           "http: 127.0.0.1",
                           "advertise: [0.0.0.0]",
                           "advertise: [[1]]",
                           "media-transport: sctp",
                           "media-transport: []",
                           "workers: 257",
                           "connections: 0",
                           "api-key: \"short:secret\"",
                           "api-key: nosecretatall",
                           "ice-server: http://x",
                           "ice-server: \"turn:x\"",
                           "ice-server: 'stun:\"x'",
                           "resume-window: 15",
                           "resume-window: 0s",
                           "resume-window: 25h",
                           "rooms: 0",
                           "last-n: -1",
                           "audible-speakers: all",
                           "turn: maybe",
                           "turn-listen: 3478",
                           "turn-ports: 50000",
                           "turn-ports: 50000-40000",
                           "turn-ports: 80-90",
                           "turn-host: tea.example.org:3478",
                           "turn-host: \"a b\""})
    CHECK(yaml_error(text).starts_with("option_invalid: Line 1: "));
}

TEST_CASE("what is no YAML mapping is refused, and nothing of a bad file is taken over") {
  CHECK(yaml_error("- a\n- b\n").starts_with("config_invalid: Line 1"));
  CHECK(yaml_error("http: [\n").starts_with("config_invalid: Line 2"));
  CHECK(yaml_error("[a]: b\n").starts_with("config_invalid"));
  CHECK(yaml_error("").empty());
  CHECK(yaml_error("# nothing\n").empty());
  Config config = default_config();
  CHECK(apply_yaml(config, "rooms: 5\nnonsense: 1\n"));
  CHECK(config.limits.rooms == 1000);
}

TEST_CASE("durations") {
  CHECK(parse_duration("6h") == hours(6));
  CHECK(parse_duration("250ms") == milliseconds(250));
  CHECK(parse_duration("1d") == hours(24));
  for (const char* bad : {"", "6", "h", "-1h", "0s", "1.5h", "6 h", "99999999999999999999s", "9999999999999999d"})
    CHECK_FALSE(parse_duration(bad));
}

TEST_CASE("an option that a file names twice is refused: only one of its lines would count") {
  const std::string twice = "api-key: one:0123456789012345678901234567890123456789\nrooms: 3\napi-key: two:x\n";
  CHECK(yaml_error(twice) == "config_invalid: Line 3: api-key is there twice. Several values are a list: [first, second].");
}

TEST_CASE("options that are right one by one and wrong together are refused") {
  Config config = default_config();
  CHECK_FALSE(check_config(config, 256));
  config.media_port = 65535;
  CHECK_FALSE(check_config(config, 1));
  CHECK_THAT(check_config(config, 2)->message, Catch::StartsWith("media-port: 2 workers take as many ports from 65535 upwards"));
  config.media_port = 40000;
  config.advertise = {*Address::parse("203.0.113.7", 65535)};
  CHECK_FALSE(check_config(config, 1));
  CHECK_THAT(check_config(config, 2)->message, Catch::StartsWith("advertise: 2 workers take as many ports"));
  config.advertise.clear();
  config.http.reset();
  CHECK_FALSE(check_config(config, 1));
  config.https.reset();
  CHECK_THAT(check_config(config, 1)->message, Catch::Contains("both off"));
}
