// Signaling messages from somebody who has joined a room: each line of the input is one text. Whatever they say, others stay in
// the room, every message sent is JSON, and nothing is left when both have gone.

#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "sfu/base/bytes.hpp"
#include "signaling/json.hpp"
#include "tests/unit/signaling/hub_harness.hpp"

namespace {

using namespace parley::signaling;
using parley::signaling::testing::HubHarness;

void say(HubHarness& hub, ClientId client, std::string_view text) {
  auto parsed = json::parse(text, 1000);
  if (auto* request = std::get_if<RequestMessage>(&parsed)) return hub.receive(ClientRequest{client, std::move(*request)});
  auto& unreadable = std::get<json::Unreadable>(parsed);
  hub.receive(ClientUnreadable{client, std::move(unreadable.mark), std::move(unreadable.error)});
}

void check_mail(HubHarness& hub, ClientId client) {
  for (const ToClient& message : hub.inbox(client))
    if (json::write(message.mark, message.message).empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  HubHarness hub;
  const auto bob = hub.join("bob");
  hub.publish(bob.client);
  auto grant = parley::signaling::testing::grant_for("tea", "ada");
  grant.permissions.room_admin = true;
  const auto ada = hub.join(grant);
  for (std::string_view text = parley::as_text({data, size}); !text.empty();) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    say(hub, ada.client, line);
  }
  check_mail(hub, ada.client);
  check_mail(hub, bob.client);
  hub.disconnect(ada.client);
  hub.disconnect(bob.client);
  hub.pass(parley::minutes(1));
  const HubSummary summary = hub.summary();
  if (summary.clients + summary.rooms + summary.participants > 0 || hub.wakeup() != parley::never) std::abort();
  return 0;
}

std::vector<std::vector<std::uint8_t>> seeds() {
  const std::string_view texts[] = {
      R"({"type":"publish","id":2,"sdp":"v=0","tracks":[{"mid":"0","source":"microphone","stereo":false},{"mid":"1","source":"camera"}]})"
      "\n"
      R"({"type":"mute","id":3,"track":"t3","muted":true})"
      "\n"
      R"({"type":"unpublish","id":"x","track":"t4"})",
      R"({"type":"answer","revision":1,"sdp":"v=0"})"
      "\n"
      R"({"type":"unsubscribe","track":"t1"})"
      "\n"
      R"({"type":"subscribe","track":"t1"})",
      R"({"type":"restart","connection":"subscribing","replace":true})"
      "\n"
      R"({"type":"candidate","connection":"publishing","candidate":"candidate:1"})",
      R"({"type":"chat","text":"Hell\u00f6","to":"p1"})"
      "\n"
      R"({"type":"update","name":"Ada","attributes":{"a":"b"}})"
      "\n"
      R"({"type":"ping","id":1.5})",
      R"({"type":"view","views":[{"track":"t1","visible":true,"width":640,"height":360,"priority":9,"maximum":{"encoding":1}}]})",
      R"({"type":"muteOther","track":"t1"})"
      "\n"
      R"({"type":"remove","participant":"p1"})"
      "\n"
      R"({"type":"leave"})"
      "\n"
      R"({"type":"resume","session":"s-"})",
  };
  std::vector<std::vector<std::uint8_t>> all;
  for (const std::string_view text : texts) all.emplace_back(text.begin(), text.end());
  return all;
}
