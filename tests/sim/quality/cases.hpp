#pragma once
// The lists that make up all_cases(). A new group of cases is a new .cpp and a line here and in case.cpp.

#include <vector>

#include "tests/sim/quality/case.hpp"

namespace parley::quality {

/// RFC 8867 sections 5.1 to 5.8: flows that share a bottleneck with each other and with TCP.
std::vector<Case> shared_link_cases();
/// What an SFU needs beyond them, of the way down to one subscriber.
std::vector<Case> downlink_cases();
/// The same of a whole Parley: what is sent is allocated, paced, switched and repaired by a real Engine.
std::vector<Case> engine_cases();

}  // namespace parley::quality
