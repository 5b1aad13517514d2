#pragma once
// `parley why`: asks a running server, with a token made from its key, and waits for the answer.

#include <string>

#include "signaling/program/command_line.hpp"
#include "signaling/program/credentials.hpp"

namespace parley::signaling {

/// The table, or the JSON. Throws SystemError with a sentence when there is no answer, or a refusal.
std::string ask_why(const WhyRequest& why, const Credentials& credentials);

}  // namespace parley::signaling
