#include "loadtest/program/options.hpp"

#include <CLI/CLI.hpp>

namespace parley::loadtest {
namespace {

constexpr const char* purpose =
    "Synthetic participants for Parley and other SFUs: complete WebRTC clients, thousands in one thread.\n"
    "A scenario file says who comes, what they send, and what must hold; see loadtest/scenarios.\n";

constexpr const char* footer =
    "Without --url, --whip, --whep and --janus it starts a server of its own (--serve).\n\n"
    "Exit code: 0 every threshold of the scenario held; 1 one was missed; 2 the command line, the scenario or\n"
    "the environment is wrong.\n\n"
    "Examples:\n"
    "  parley-loadtest loadtest/scenarios/livestream_1x50.yaml\n"
    "  parley-loadtest --workers 2 --html report.html loadtest/scenarios/join_storm_1000.yaml\n"
    "  parley-loadtest --url wss://sfu.example.org:8443/signal --api-key KEY:SECRET meeting.yaml\n"
    "  parley-loadtest --whip https://example.org/whip/{room} --whep https://example.org/whep/{room} --api-key KEY:SECRET "
    "live.yaml\n";

/// "NAME:SECRET", and neither of them empty.
std::string check_api_key(const std::string& text) {
  const auto colon = text.find(':');
  const bool good = colon != text.npos && colon > 0 && colon + 1 < text.size();
  return good ? "" : "takes NAME:SECRET, and neither of them empty.";
}

void declare_server(CLI::App& app, Options& options) {
  auto* url = app.add_option("--url", options.url, "WebSocket of a Parley server: ws://HOST:PORT/signal or wss://...");
  auto* whip = app.add_option("--whip", options.whip, "publish by WHIP to this URL; {room} stands for the room");
  auto* whep = app.add_option("--whep", options.whep, "watch by WHEP from this URL; {room} stands for the room");
  auto* janus = app.add_option("--janus", options.janus, "WebSocket of a Janus server with its videoroom: ws://HOST:8188/");
  auto* serve = app.add_flag("--serve", options.serve, "start `parley serve` on a free port, watch it, and end it");
  url->excludes(serve)->excludes(whip)->excludes(whep)->excludes(janus);
  janus->excludes(serve)->excludes(whip)->excludes(whep);
  app.add_option("--workers", options.workers, "media processes of the server that is started")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.add_option("--server-option", options.server_arguments, "one more argument for the server that is started (repeatable)")
      ->allow_extra_args(false);
  app.add_option("--api-key", options.api_key, "NAME:SECRET; makes a token for each peer (Parley's and LiveKit's form)")
      ->check(check_api_key);
  app.add_option("--token", options.token, "one token for all peers, for servers that let several come with the same");
  app.add_flag("--insecure", options.insecure, "take any certificate of https and wss");
  app.add_option("--room", options.room, "the rooms are called NAME-0, NAME-1, ...")->type_name("NAME")->capture_default_str();
}

void declare_measurement(CLI::App& app, Options& options) {
  app.add_option("--watch", options.watched, "process of the server, whose CPU and memory (with its children's) are measured")
      ->type_name("PID")
      ->allow_extra_args(false);
  app.add_option("--local-network", options.local_network,
                 "addresses for the peers, routed to this machine's lo (ip route add local CIDR dev lo)")
      ->type_name("CIDR");
  app.add_option("--clips", options.clips, "where the clips of real codecs are, if not beside the program")->type_name("FOLDER");
  app.add_option("--duration", options.duration, "seconds to measure, instead of what the scenario says")
      ->check(CLI::Range(1.0, 1e6));
  app.add_option("--json", options.json, "write the result here")->type_name("FILE");
  app.add_option("--html", options.html, "write a page with plots here")->type_name("FILE");
  app.add_flag("--quiet", options.quiet, "no progress line");
  app.add_flag("--awake", options.awake,
               "never sleep: takes a whole core, so that waking the load tester up is not on the server's bill");
}

}  // namespace

Options parse_options(int argc, char** argv) {
  Options options;
  CLI::App app(purpose);
  app.footer(footer);
  app.add_option("scenario", options.scenario, "YAML file")->required()->check(CLI::ExistingFile);
  declare_server(app, options);
  declare_measurement(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    options.exit_code = app.exit(error) == 0 ? 0 : 2;
  }
  if (options.url.empty() && options.whip.empty() && options.whep.empty() && options.janus.empty()) options.serve = true;
  return options;
}

}  // namespace parley::loadtest
