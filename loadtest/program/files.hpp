#pragma once
// The files that a load test is made of: its scenario, and the clips that the scenario names.

#include <string>

#include "loadtest/scenario.hpp"

namespace parley::loadtest {

/// Throws SystemError: the file cannot be read, or what is wrong in which line.
Scenario read_scenario(const std::string& path);

/// Those of clip_names(), NAME.clip each. Throws SystemError where one is missing.
Clips read_clips(const Media& media, const std::string& folder);

}  // namespace parley::loadtest
