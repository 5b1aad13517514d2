// PROTOCOL.md, executed. Its examples are one conversation between Ada and the server; comments in the file say what the others
// do meanwhile. Each message that the page shows as received must really have come, field by field.

#include <catch2/catch.hpp>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "front_harness.hpp"
#include "sfu/control/codec.hpp"

using namespace parley;
using namespace parley::signaling;
using namespace parley::signaling::testing;

namespace {

using Json = nlohmann::json;

const std::string arrow_out = "→ ", arrow_in = "← ", anything = "…";

struct Step {
  enum class Kind { says, receives, stage };
  Kind kind;
  std::string text;
  int line;
};

/// The steps in the order in which the page has them: messages in code blocks, stage directions in comments.
std::vector<Step> read_steps(const std::string& path) {
  std::ifstream file(path);
  std::vector<Step> steps;
  std::string line, comment;
  bool in_code = false;
  for (int number = 1; std::getline(file, line); ++number) {
    if (line.starts_with("```")) {
      in_code = !in_code;
    } else if (in_code && line.starts_with(arrow_out)) {
      steps.push_back({Step::Kind::says, line.substr(arrow_out.size()), number});
    } else if (in_code && line.starts_with(arrow_in)) {
      steps.push_back({Step::Kind::receives, line.substr(arrow_in.size()), number});
    } else if (in_code) {
      steps.back().text += " " + line;
    } else if (line.starts_with("<!-- ") || !comment.empty()) {
      comment += comment.empty() ? line.substr(5) : " " + line;
      if (!comment.ends_with(" -->")) continue;
      steps.push_back({Step::Kind::stage, comment.substr(0, comment.size() - 4), number});
      comment.clear();
    }
  }
  return steps;
}

/// A "…" outside of a string is any element or none; the page writes it in arrays.
Json parse_example(std::string text) {
  for (auto at = text.find("[" + anything + "]"); at != std::string::npos; at = text.find("[" + anything + "]"))
    text.replace(at + 1, anything.size(), "\"" + anything + "\"");
  return Json::parse(text);
}

bool text_fits(const std::string& pattern, const std::string& text) {
  const auto gap = pattern.find(anything);
  if (gap == std::string::npos) return pattern == text;
  const std::string head = pattern.substr(0, gap), tail = pattern.substr(gap + anything.size());
  return text.size() >= head.size() + tail.size() && text.starts_with(head) && text.ends_with(tail);
}

bool fits(const Json& pattern, const Json& value) {
  if (pattern.is_string() && value.is_string()) return text_fits(pattern.get<std::string>(), value.get<std::string>());
  if (pattern.is_array() && pattern.size() == 1 && pattern[0] == anything) return value.is_array();
  if (pattern.type() != value.type() && !(pattern.is_number() && value.is_number())) return false;
  if (!pattern.is_structured()) return pattern == value;
  if (pattern.size() != value.size()) return false;
  for (const auto& [key, part] : pattern.items()) {
    if (pattern.is_array() ? !fits(part, value[std::stoul(key)]) : !value.contains(key) || !fits(part, value[key])) return false;
  }
  return true;
}

class Play {
 public:
  Play() { new_scene(); }

  void perform(const Step& step) {
    if (step.kind == Step::Kind::says) says("ada", parse_example(step.text));
    if (step.kind == Step::Kind::receives) receives(parse_example(step.text));
    if (step.kind == Step::Kind::stage) direct(step.text);
  }
  std::set<std::string> said, received;

 private:
  void new_scene() {
    front_ = std::make_unique<FrontHarness>(HubSettings{{}, {{"turn:turn.example.org", "user", "password"}}}, 2);
    front_->receive(RelayReady{{.secret = secret, .host = "192.0.2.1", .udp = 3478, .tcp = 3478, .tls = 0}});
    clients_.clear();
    session_.clear();
  }
  FrontHarness& front() { return *front_; }

  /// What the page abbreviates is filled in.
  void says(const std::string& who, Json message) {
    const std::string type = message["type"];
    if (type == "join") message["token"] = token(who, false);
    if (type == "resume") message["session"] = session_;
    said.insert(type);
    front().say(clients_.at(who), message.dump());
    if (who == "ada") remember_session();
  }
  std::string token(const std::string& who, bool administrator) {
    Grant grant = grant_for("tea", who);
    if (who != "ada") grant.name = static_cast<char>(who[0] - 32) + who.substr(1);
    grant.permissions.room_admin = administrator;
    return token_for(grant);
  }
  void join(const std::string& who, bool administrator) {
    clients_[who] = front().open();
    front().say(clients_[who], Json{{"type", "join"}, {"token", token(who, administrator)}}.dump());
  }
  void remember_session() {
    for (const std::string& text : front().inbox[clients_["ada"]])
      if (const Json message = Json::parse(text); message.value("type", "") == "joined") session_ = message["session"];
  }
  void receives(const Json& pattern) {
    auto& inbox = front().inbox[clients_["ada"]];
    for (auto text = inbox.begin(); text != inbox.end(); ++text) {
      if (!fits(pattern, Json::parse(*text))) continue;
      inbox.erase(text);
      received.insert(pattern["type"].get<std::string>());
      return;
    }
    std::string there;
    for (const std::string& text : inbox) there += "\n  " + text;
    FAIL("Ada did not receive " << pattern.dump() << "\nbut has:" << there);
  }
  void direct(const std::string& direction) {
    std::istringstream words(direction);
    std::string who, what, rest;
    words >> who >> what;
    std::getline(words >> std::ws, rest);
    if (direction == "new scene") return new_scene();
    if (direction == "worker dies") return front().worker_down(WorkerId{1});
    if (who == "pass") return front().pass(seconds(std::stoi(what)));
    if (who == "worker" && what == "refuses") {
      front().worker(1).refusal = Error{rest, "For the example's sake."};
      return;
    }
    if (who == "worker" && what == "says") return worker_says(rest);
    if (what == "joins") return rest == "in another window" ? joins_again(who) : join(who, rest == "as administrator");
    if (what == "connects") {
      clients_[who] = front().open();
      return;
    }
    if (what == "disconnects") return front().receive(ClientClosed{clients_.at(who)});
    if (what == "says") return says(who, Json::parse(rest));
    FAIL("unknown stage direction: " << direction);
  }
  void joins_again(const std::string& who) {
    const ClientId another = front().open();
    front().say(another, Json{{"type", "join"}, {"token", token(who, false)}}.dump());
  }
  void worker_says(const std::string& text) {
    const auto event = control::parse_event(text);
    REQUIRE(event);
    front().worker_says(event->event, front().workers.begin()->first);
  }

  std::unique_ptr<FrontHarness> front_;
  std::map<std::string, ClientId> clients_;
  std::string session_;
};

}  // namespace

TEST_CASE("the conversation of PROTOCOL.md happens as it stands there, and shows every message") {
  Play play;
  for (const Step& step : read_steps(PARLEY_SOURCE_DIR "/signaling/PROTOCOL.md")) {
    INFO("PROTOCOL.md, line " << step.line);
    play.perform(step);
  }
  CHECK(play.said == std::set<std::string>{"join", "resume", "publish",   "unpublish", "mute",  "subscribe", "unsubscribe",
                                           "view", "answer", "candidate", "restart",   "chat",  "update",    "leave",
                                           "ping", "remove", "muteOther", "setRoom",   "admit", "deny",      "direct"});
  CHECK(play.received == std::set<std::string>{"joined",
                                               "resumed",
                                               "published",
                                               "ok",
                                               "pong",
                                               "offer",
                                               "subscription",
                                               "quality",
                                               "encodings",
                                               "iceServers",
                                               "candidate",
                                               "connection",
                                               "moved",
                                               "participantJoined",
                                               "participantUpdated",
                                               "participantLeft",
                                               "trackPublished",
                                               "trackUpdated",
                                               "trackUnpublished",
                                               "speakers",
                                               "chat",
                                               "lobby",
                                               "roomState",
                                               "direct",
                                               "error",
                                               "closed"});
}

TEST_CASE("every code that PROTOCOL.md lists exists in the sources, and every code of the Hub's is listed") {
  std::ifstream file(PARLEY_SOURCE_DIR "/signaling/PROTOCOL.md");
  const std::string page((std::istreambuf_iterator<char>(file)), {});
  for (const char* source :
       {"auth", "hub", "entering", "lobby", "publishing", "subscribing", "viewing", "conversing", "moving", "json_parse"}) {
    std::ifstream input(std::string(PARLEY_SOURCE_DIR "/signaling/") + source + ".cpp");
    const std::string text((std::istreambuf_iterator<char>(input)), {});
    // An Error begins with a code in braces: {"not_allowed", "…"}.
    for (auto at = text.find("{\""); at != std::string::npos; at = text.find("{\"", at + 1)) {
      const std::string code = text.substr(at + 2, text.find('"', at + 2) - at - 2);
      const std::string after = text.substr(at + 2 + code.size(), 4);
      if (code.find('_') == std::string::npos || !after.starts_with("\", ") || after[3] != '"') continue;
      INFO(source << ": " << code);
      CHECK(page.find("`" + code + "`") != std::string::npos);
    }
  }
}
