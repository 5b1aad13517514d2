#include "turn/program/options.hpp"

#include <CLI/CLI.hpp>
#include <thread>

#include "turn/program/config_file.hpp"

namespace parley::turn {
namespace {

constexpr const char* purpose =
    "The STUN and TURN relay of Parley (RFC 8489, 8656, 6062), for people behind strict NATs. `parley serve` starts one by "
    "itself;\n"
    "alone it serves any other system.\n";

constexpr const char* footer =
    "Peers are refused unless they are globally routable addresses, however they are written; --allow-peer makes exceptions.\n"
    "Secrets are better off in the file of --config than on the command line, which everybody on the machine can read.\n\n"
    "Examples:\n"
    "  parley-turn --listen 0.0.0.0:3478 --user ada:password\n"
    "  parley-turn --config /etc/parley/turn.yaml\n"
    "with a file of lines such as\n"
    "  listen: [\"0.0.0.0:3478\"]\n"
    "  tls: [\"0.0.0.0:5349\"]\n"
    "  cert: /etc/parley/chain.pem\n"
    "  key: /etc/parley/key.pem\n"
    "  relay-address: 203.0.113.7/10.0.0.5\n"
    "  secret: [the new one, the old one]\n";

void declare_ways_in(CLI::App& app, Options& options) {
  app.add_option("--listen", options.listen, "where clients come, over UDP and TCP (repeatable) [0.0.0.0:3478]")
      ->type_name("ADDRESS:PORT");
  app.add_option("--tls", options.tls, "where clients come over TLS (repeatable)")->type_name("ADDRESS:PORT");
  app.add_option("--cert", options.certificate, "PEM certificate chain for TLS; read again when it changes")->type_name("FILE");
  app.add_option("--key", options.key, "PEM private key for TLS")->type_name("FILE");
  app.add_option("--threads", options.threads, "threads that relay; 0: one for each core")
      ->check(CLI::Range(0, 64))
      ->capture_default_str();
}

void declare_relaying(CLI::App& app, Options& options) {
  app.add_option("--relay-address", options.relay_addresses,
                 "address that peers see, at most one of each family; behind a NAT with the machine's own: 203.0.113.7/10.0.0.5\n"
                 "[the addresses of the network interfaces]")
      ->type_name("IP[/LOCAL]");
  app.add_option("--relay-ports", options.relay_ports, "ports that peers see")->type_name("FIRST-LAST")->capture_default_str();
  app.add_option("--allow-peer", options.allowed_peers,
                 "whom to relay to although it is not globally routable (repeatable): 10.0.0.0/8, 10.0.0.5:40000-40007,\n"
                 "[fd00::/8]:40000")
      ->type_name("CIDR[:PORTS]");
  app.add_option("--deny-peer", options.denied_peers, "whom never to relay to (repeatable)")->type_name("CIDR[:PORTS]");
  app.add_option("--allow-own-ports", options.own_ports,
                 "ports of this machine's own addresses to relay to; of the others only those of the relay itself, even when\n"
                 "the address is routable")
      ->type_name("FIRST-LAST");
  app.add_option("--fast-path", options.fast_path,
                 "relay channels that come by this Ethernet interface and leave by it inside of the kernel, past firewall\n"
                 "rules for this machine; as root, or with the capabilities BPF, PERFMON and NET_ADMIN")
      ->type_name("INTERFACE");
}

void declare_people(CLI::App& app, Options& options) {
  app.add_option("--realm", options.realm, "what passwords belong to")->capture_default_str();
  app.add_option("--user", options.users, "who may relay (repeatable)")->type_name("NAME:PASSWORD");
  app.add_option("--secret", options.secrets, "signs time-limited names, as draft-uberti-behave-turn-rest has them (repeatable)");
  app.add_option("--allocations-per-user", options.allocations_per_user, "relayed addresses of one user at a time")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--allocations-per-address", options.allocations_per_address, "relayed addresses for one client address")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--user-bandwidth", options.user_bandwidth, "bytes a second of one user, in each thread; 0: no limit")
      ->capture_default_str();
  app.add_option("--address-bandwidth", options.address_bandwidth, "bytes a second for one client address, in each thread")
      ->capture_default_str();
}

void declare_operation(CLI::App& app, Options& options, std::string& file) {
  app.add_option("--metrics", options.metrics, "serve /metrics for Prometheus over HTTP here")->type_name("ADDRESS:PORT");
  app.add_option("--drain", options.drain_seconds, "seconds that relayed calls get to end after SIGTERM")->capture_default_str();
  app.add_option("--alternate-server", options.alternates, "where new clients are sent meanwhile, one for each family")
      ->type_name("ADDRESS:PORT");
  app.add_option("--control-fd", options.control, "descriptor of the pipe to `parley serve`, which starts this program");
  app.add_option("--config", file, "YAML file with these options; the command line wins")->type_name("FILE");
}

}  // namespace

Options parse_options(int argc, char** argv) {
  Options options;
  std::string file;
  CLI::App app(purpose);
  app.footer(footer);
  declare_ways_in(app, options);
  declare_relaying(app, options);
  declare_people(app, options);
  declare_operation(app, options, file);
  for (CLI::Option* option : app.get_options())
    if (option->get_expected_max() > 1) option->allow_extra_args(false);
  try {
    app.parse(argc, argv);
    if (!file.empty()) {
      // What the command line does not say is said by the file, as if it had been typed.
      std::vector<std::string> arguments = read_config_file(file, [&](const std::string& name) {
        const CLI::Option* option = name == "config" ? nullptr : app.get_option_no_throw("--" + name);
        return !option ? Known::no : option->count() > 0 ? Known::given : Known::yes;
      });
      for (int i = argc - 1; i > 0; --i) arguments.emplace_back(argv[i]);
      options = {};
      app.parse(arguments);
    }
  } catch (const CLI::ParseError& error) {
    options.exit_code = app.exit(error);
    return options;
  }
  if (options.listen.empty() && options.tls.empty()) options.listen.push_back("0.0.0.0:3478");
  if (options.threads == 0) options.threads = std::max(1u, std::thread::hardware_concurrency());
  return options;
}

}  // namespace parley::turn
