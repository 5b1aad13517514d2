#pragma once
// Commands and events as text, for the pipe between two processes. JSON: both ends are ours, and a person can read it.

#include <optional>
#include <string>
#include <string_view>

#include "sfu/control/command.hpp"
#include "sfu/control/event.hpp"

namespace parley::control {

/// One JSON object on one line, without the line's end.
std::string write(const CommandMessage& message);
std::string write(const EventMessage& message);

/// Nothing when the text is not such a message.
std::optional<CommandMessage> parse_command(std::string_view text);
std::optional<EventMessage> parse_event(std::string_view text);

}  // namespace parley::control
