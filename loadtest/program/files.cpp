#include "loadtest/program/files.hpp"

#include "sfu/net/system_error.hpp"
#include "sfu/net/file.hpp"

namespace parley::loadtest {
namespace {

Clip read_clip(const std::string& path) {
  auto clip = parse_clip(as_bytes(net::read_file(path).value_or("")));
  if (!clip) throw net::SystemError::sentence("There is no clip " + path + ": build the target clip_files, or see --clips.");
  return std::move(*clip);
}

}  // namespace

Scenario read_scenario(const std::string& path) {
  const auto text = net::read_file(path);
  if (!text) throw net::SystemError::sentence(path + " cannot be read.");
  auto scenario = parse_scenario(*text);
  if (!scenario) throw net::SystemError::sentence(path + ", " + scenario.error().message);
  return std::move(*scenario);
}

Clips read_clips(const Media& media, const std::string& folder) {
  Clips clips;
  for (const std::string& name : clip_names(media)) clips.emplace(name, read_clip(folder + '/' + name + ".clip"));
  return clips;
}

}  // namespace parley::loadtest
