// Text on the pipe between the front and a worker. Both ends are ours, but descriptions of strangers travel inside of it.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "sfu/base/bytes.hpp"
#include "sfu/control/codec.hpp"

namespace {

using namespace parley::control;

/// What is read can be written, and means the same when it is read again.
template <typename Parse, typename Body>
void exercise(std::string_view text, Parse parse, Body body) {
  const auto message = parse(text);
  if (!message) return;
  const auto again = parse(write(*message));
  if (!again || again->request != message->request || body(*again) != body(*message)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = parley::as_text({data, size});
  exercise(text, parse_command, [](const CommandMessage& it) { return it.command; });
  exercise(text, parse_event, [](const EventMessage& it) { return it.event; });
  return 0;
}

std::vector<std::vector<std::uint8_t>> seeds() {
  const std::string texts[] = {
      write(CommandMessage{{1}, AddParticipant{{1}, {2}, "cname"}}),
      write(CommandMessage{{2}, Publish{{2}, "v=0\r\n", {{"0", {3}, true, false}}, {{4}}, true}}),
      write(CommandMessage{{3}, RestartIce{{2}, Connection::subscribing, "ufrag", "password"}}),
      write(CommandMessage{{4}, SetView{{2}, {3}, true, 640, 360, 100, {1, 1, 1}}}),
      write(EventMessage{{}, QualityChanged{{2}, {3}, {0, 1, 2, 320, 180, 150'000, false}, {}, Limit::cpu, 9}}),
      write(EventMessage{{}, EncodingsWanted{{2}, {3}, {"q"}, true}}),
      write(EventMessage{{2}, Published{{2}, "v=0\r\n", {{{3}, "0", Kind::video, "VP8", true}}}}),
      write(EventMessage{{}, SpeakersChanged{{1}, {{{2}, 30}}}}),
      write(EventMessage{{}, Statistics{{{"rtp_received", 7}}, 2, 3}}),
  };
  std::vector<std::vector<std::uint8_t>> result;
  for (const std::string& text : texts) result.emplace_back(text.begin(), text.end());
  return result;
}
