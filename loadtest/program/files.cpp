#include "loadtest/program/files.hpp"

#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

namespace parley::loadtest {
namespace {

Clip read_clip(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  const Buffer bytes((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  auto clip = parse_clip(bytes);
  if (!stream || !clip) throw std::runtime_error("There is no clip " + path + ": build the target clip_files, or see --clips.");
  return std::move(*clip);
}

}  // namespace

Scenario read_scenario(const std::string& path) {
  std::ifstream stream(path);
  std::ostringstream text;
  text << stream.rdbuf();
  if (!stream) throw std::runtime_error(path + " cannot be read.");
  auto scenario = parse_scenario(text.str());
  if (!scenario) throw std::runtime_error(path + ", " + scenario.error().message);
  return std::move(*scenario);
}

Clips read_clips(const Media& media, const std::string& folder) {
  Clips clips;
  for (const std::string& name : clip_names(media)) clips.emplace(name, read_clip(folder + '/' + name + ".clip"));
  return clips;
}

}  // namespace parley::loadtest
