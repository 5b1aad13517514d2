#include "signaling/program/command_line.hpp"

#include <CLI/CLI.hpp>
#include <map>

#include "sfu/net/system_error.hpp"
#include "sfu/net/file.hpp"
#include "signaling/text.hpp"

namespace parley::signaling {
namespace {

using Given = std::map<std::string, std::vector<std::string>>;

std::string describe(const Option& option) {
  return option.description + " [" + (option.fallback.empty() ? option.reason : option.fallback) + "]";
}

/// The options that `wanted` accepts, each into its place in `given`.
template <typename Wanted>
void declare(CLI::App& app, Given& given, const Wanted& wanted) {
  for (const Option& option : options()) {
    if (!wanted(option)) continue;
    CLI::Option* declared =
        app.add_option("--" + option.name, given[option.name], describe(option))->type_name(option.placeholder);
    if (option.many)
      declared->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    else
      declared->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  }
}

void apply_file(Config& config, const std::string& path) {
  const auto text = net::read_file(path);
  if (!text) throw net::SystemError::sentence("The configuration file " + path + " cannot be read.");
  if (const auto error = apply_yaml(config, *text)) throw net::SystemError::sentence(path + ": " + error->message);
}

Config assemble(const std::string& file, const Given& given) {
  Config config = default_config();
  if (!file.empty()) apply_file(config, file);
  for (const auto& [name, values] : given) {
    if (values.empty()) continue;
    if (const auto error = set_option(config, name, values)) throw net::SystemError::sentence(error->message);
  }
  return config;
}

void declare_token(CLI::App& app, CommandLine& result, std::string& valid) {
  Grant& grant = result.token.grant;
  grant.room_join = true;
  app.add_option("--room", grant.room, "the room it opens")->required();
  app.add_option("--identity", grant.identity, "who this is, once in a room")->required();
  app.add_option("--name", grant.name, "the name shown to the others");
  app.add_flag_callback(
      "--no-publish", [&grant] { grant.permissions.can_publish = false; }, "may not send sound and pictures");
  app.add_flag_callback(
      "--no-subscribe", [&grant] { grant.permissions.can_subscribe = false; }, "may not receive sound and pictures");
  app.add_flag("--admin", grant.permissions.room_admin, "may remove and mute others");
  app.add_option("--valid", valid, "how long it opens the door, such as 30m, 6h or 7d")->capture_default_str();
}

void declare_why(CLI::App& app, WhyRequest& why) {
  app.add_option("--room", why.room, "the room")->required();
  app.add_option("--participant", why.participant, "the identity of whoever receives")->required();
  app.add_option("--url", why.url, "the server")->capture_default_str();
  app.add_flag("--insecure", why.insecure, "do not check the server's certificate");
  app.add_flag("--json", why.json, "print JSON");
}

/// An option of nobody's: the nearest one is named.
void refuse_unknown_option(const std::vector<std::string>& unexpected) {
  for (const std::string& word : unexpected) {
    if (!word.starts_with("--")) continue;
    const std::string name = word.substr(2, word.find('=') - 2);
    Config unused;
    const auto error = set_option(unused, name, {});
    if (error && error->code == "option_unknown") throw net::SystemError::sentence(error->message + " See --help.");
  }
}

CommandLine::Command chosen(const CLI::App& app) {
  if (app.got_subcommand("serve")) return CommandLine::Command::serve;
  return app.got_subcommand("token") ? CommandLine::Command::token : CommandLine::Command::why;
}

}  // namespace

CommandLine parse_command_line(int argc, char** argv) {
  CommandLine result;
  std::string file;
  std::string valid = "6h";
  Given given;
  CLI::App app("Parley: video calls through your own server.");
  app.require_subcommand(1);
  CLI::App* serve = app.add_subcommand("serve", "run the whole server");
  serve->add_option("--config", file, "YAML file with these options; the command line wins")->type_name("FILE");
  declare(*serve, given, [](const Option&) { return true; });
  CLI::App* token = app.add_subcommand("token", "print a token that lets one person into one room");
  token->add_option("--config", file, "the YAML file of the server")->type_name("FILE");
  declare(*token, given, [](const Option& option) { return option.name == "state"; });
  declare_token(*token, result, valid);
  CLI::App* why = app.add_subcommand("why", "print what a participant receives, and why it is not more");
  why->add_option("--config", file, "the YAML file of the server")->type_name("FILE");
  declare(*why, given, [](const Option& option) { return option.name == "state" || option.name == "api-key"; });
  declare_why(*why, result.why);
  const auto is_meant = [&](const CLI::App* command) { return command->get_name() == argv[1]; };
  if (argc > 1 && argv[1][0] != '-' && app.get_subcommands(is_meant).empty())
    throw net::SystemError::sentence("There is no command \"" + std::string(argv[1]) +
                                     "\", but serve, token and why. See --help.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (serve->parsed()) refuse_unknown_option(serve->remaining());
    result.exit_code = app.exit(error);
    return result;
  }
  result.config = assemble(file, given);
  if (const auto duration = parse_duration(valid))
    result.token.valid = *duration;
  else
    throw net::SystemError::sentence("--valid takes a duration such as 30m, 6h or 7d, not \"" + valid + "\".");
  if (token->parsed() && (!is_good_name(result.token.grant.room) || !is_good_name(result.token.grant.identity)))
    throw net::SystemError::sentence("--room and --identity take 1 to 128 bytes of text without control characters.");
  result.command = chosen(app);
  return result;
}

}  // namespace parley::signaling
