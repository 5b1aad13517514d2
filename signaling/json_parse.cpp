// Text to Request. An id that is no id of ours ("p1x") becomes 0, which nobody has, so that the Hub answers
// "participant_unknown" as for any other id that does not exist.

#include <array>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>

#include "signaling/json.hpp"

namespace parley::signaling::json {
namespace {

using Json = nlohmann::json;

constexpr std::size_t sections_limit = 1024;  ///< more than any limit on tracks that can be configured
constexpr std::size_t mark_bytes_limit = 64;  ///< a client counts, or uses a UUID

/// Whether brackets nest no deeper than depth_limit. Looked at before parsing, so that no parser has to defend itself.
bool is_shallow(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string && c == '\\')
      ++i;
    else if (c == '"')
      in_string = !in_string;
    else if (!in_string && (c == '{' || c == '[') && ++depth > depth_limit)
      return false;
    else if (!in_string && (c == '}' || c == ']'))
      --depth;
  }
  return true;
}

/// Reads the fields of one object and remembers the first that is missing or of the wrong type. A field that is null is one
/// that is not there.
class Fields {
 public:
  explicit Fields(const Json& object) : object_(object) {}

  std::string text(const char* name) { return required(name, optional_text(name), "a string"); }
  std::string text_or_empty(const char* name) { return optional_text(name).value_or(""); }
  std::optional<std::string> optional_text(const char* name) { return get<std::string>(name, &Json::is_string, "a string"); }
  bool flag(const char* name) { return required(name, optional_flag(name), "true or false"); }
  std::optional<bool> flag_if_any(const char* name) { return optional_flag(name); }
  bool flag_or(const char* name, bool otherwise) { return optional_flag(name).value_or(otherwise); }
  std::uint32_t number(const char* name) {
    const auto value = get<std::uint64_t>(name, &Json::is_number_unsigned, "a number");
    if (value && *value > UINT32_MAX) complain(name, "a smaller number");
    return static_cast<std::uint32_t>(required(name, value, "a number"));
  }
  /// A number that may be left out, of at most `most`.
  template <typename Number>
  Number number_or(const char* name, Number otherwise, std::uint64_t most = std::numeric_limits<Number>::max()) {
    const auto value = get<std::uint64_t>(name, &Json::is_number_unsigned, "a number");
    if (!value) return otherwise;
    if (*value > most) complain(name, "a whole number up to " + std::to_string(most));
    return static_cast<Number>(*value);
  }
  template <typename IdType>
  std::optional<IdType> optional_id(const char* name, char letter) {
    const auto word = optional_text(name);
    if (!word) return std::nullopt;
    IdType id;
    const char* const end = word->data() + word->size();
    if (word->size() < 2 || word->front() != letter) return IdType{};
    const auto [stop, error] = std::from_chars(word->data() + 1, end, id.value);
    return error == std::errc() && stop == end ? id : IdType{};
  }
  TrackId track() { return required("track", optional_id<TrackId>("track", 't'), "a track's id"); }
  ParticipantId participant() {
    return required("participant", optional_id<ParticipantId>("participant", 'p'), "a participant's id");
  }
  /// One of the words; the value beside it is what it means.
  template <typename Value, std::size_t count>
  Value word(const char* name, const std::array<std::pair<std::string_view, Value>, count>& words) {
    const std::string chosen = text(name);
    std::string known;
    for (const auto& [word, value] : words) {
      if (word == chosen) return value;
      known += (known.empty() ? "" : ", ") + std::string(word);
    }
    complain(name, "one of " + known);
    return words.front().second;
  }
  const Json* optional_array(const char* name) { return container(name, &Json::is_array, "an array"); }
  const Json* optional_object(const char* name) { return container(name, &Json::is_object, "an object"); }

  void complain(const std::string& name, const std::string& expected) {
    if (complaint_.empty()) complaint_ = "The field \"" + name + "\" must be " + expected + ".";
  }
  const std::string& complaint() const { return complaint_; }

 private:
  using TypeCheck = bool (Json::*)() const noexcept;

  const Json* container(const char* name, TypeCheck right_type, const char* expected) {
    const auto found = object_.find(name);
    if (found == object_.end() || found->is_null()) return nullptr;
    if (((*found).*right_type)()) return &*found;
    complain(name, expected);
    return nullptr;
  }
  template <typename T>
  std::optional<T> get(const char* name, TypeCheck right_type, const char* expected) {
    const Json* found = container(name, right_type, expected);
    return found ? std::optional(found->get<T>()) : std::nullopt;
  }
  std::optional<bool> optional_flag(const char* name) { return get<bool>(name, &Json::is_boolean, "true or false"); }
  template <typename T>
  T required(const char* name, std::optional<T> value, const char* expected) {
    if (!value) complain(name, expected);
    return value.value_or(T{});
  }

  const Json& object_;
  std::string complaint_;
};

std::optional<Attributes> read_attributes(Fields& fields) {
  const Json* object = fields.optional_object("attributes");
  if (!object) return std::nullopt;
  Attributes attributes;
  for (const auto& [key, value] : object->items()) {
    if (value.is_string())
      attributes[key] = value.get<std::string>();
    else
      fields.complain("attributes", "an object of strings");
  }
  return attributes;
}

Request read_join(Fields& fields) {
  request::Join join;
  join.token = fields.text_or_empty("token");
  join.room = fields.text_or_empty("room");
  join.name = fields.text_or_empty("name");
  join.attributes = read_attributes(fields).value_or(Attributes{});
  join.auto_subscribe = fields.flag_or("autoSubscribe", true);
  return join;
}

Request read_resume(Fields& fields) { return request::Resume{fields.text("session")}; }

constexpr std::array<std::pair<std::string_view, Source>, 5> source_words{{{"microphone", Source::microphone},
                                                                           {"camera", Source::camera},
                                                                           {"screen", Source::screen},
                                                                           {"screenAudio", Source::screen_audio},
                                                                           {"other", Source::other}}};

/// The array's objects, each read by `read`.
template <typename Part>
std::vector<Part> read_parts(Fields& fields, const char* name, Part (*read)(Fields&), std::size_t most) {
  std::vector<Part> parts;
  const Json* array = fields.optional_array(name);
  if (!array) return parts;
  if (array->size() > most) fields.complain(name, "an array of at most " + std::to_string(most));
  for (const Json& part : *array) {
    if (!part.is_object()) fields.complain(name, "an array of objects");
    if (!fields.complaint().empty()) break;
    Fields inner(part);
    parts.push_back(read(inner));
    if (!inner.complaint().empty()) fields.complain(name, "right in each part. " + inner.complaint());
  }
  return parts;
}

request::PublishedSection read_section(Fields& fields) {
  request::PublishedSection section;
  section.mid = fields.text("mid");
  section.source = fields.word("source", source_words);
  section.name = fields.text_or_empty("name");
  section.muted = fields.flag_or("muted", false);
  section.stereo = fields.flag_or("stereo", false);
  section.dtx = fields.flag_or("dtx", false);
  return section;
}

Request read_publish(Fields& fields) {
  return request::Publish{.sdp = fields.text("sdp"),
                          .tracks = read_parts(fields, "tracks", read_section, sections_limit),
                          .replace = fields.flag_or("replace", false)};
}

control::MaximumLayers read_maximum(Fields& fields) {
  constexpr auto unlimited = control::MaximumLayers::unlimited;
  const Json* object = fields.optional_object("maximum");
  if (!object) return {};
  Fields inner(*object);
  const control::MaximumLayers maximum{.encoding = inner.number_or("encoding", unlimited),
                                       .spatial = inner.number_or("spatial", unlimited),
                                       .temporal = inner.number_or("temporal", unlimited)};
  if (!inner.complaint().empty()) fields.complain("maximum", "right. " + inner.complaint());
  return maximum;
}

View read_view(Fields& fields) {
  return {.track = fields.track(),
          .visible = fields.flag("visible"),
          .width = fields.number_or("width", 0u, view_pixels_limit),
          .height = fields.number_or("height", 0u, view_pixels_limit),
          .priority = fields.number_or("priority", View{}.priority),
          .maximum = read_maximum(fields)};
}

Request read_views(Fields& fields) {
  if (!fields.optional_array("views")) fields.complain("views", "an array of objects");
  return request::SetViews{read_parts(fields, "views", read_view, views_limit)};
}

constexpr std::array<std::pair<std::string_view, control::Connection>, 2> connection_words{
    {{"publishing", control::Connection::publishing}, {"subscribing", control::Connection::subscribing}}};

Request read_candidate(Fields& fields) {
  return request::Candidate{fields.word("connection", connection_words), fields.text("candidate")};
}

Request read_restart(Fields& fields) {
  if (fields.word("connection", connection_words) == control::Connection::publishing)
    fields.complain("connection", "subscribing. The publishing connection is restarted by a publish with new ICE credentials");
  return request::Restart{fields.flag_or("replace", false)};
}

Request read_chat(Fields& fields) { return request::Chat{fields.text("text"), fields.optional_id<ParticipantId>("to", 'p')}; }
Request read_update(Fields& fields) { return request::Update{fields.optional_text("name"), read_attributes(fields)}; }
Request read_answer(Fields& fields) { return request::Answer{fields.number("revision"), fields.text("sdp")}; }
Request read_unpublish(Fields& fields) { return request::Unpublish{fields.track()}; }
Request read_mute(Fields& fields) { return request::Mute{fields.track(), fields.flag("muted")}; }
Request read_subscribe(Fields& fields) { return request::Subscribe{fields.track()}; }
Request read_unsubscribe(Fields& fields) { return request::Unsubscribe{fields.track()}; }
Request read_leave(Fields&) { return request::Leave{}; }
Request read_ping(Fields&) { return request::Ping{}; }
Request read_remove(Fields& fields) { return request::Remove{fields.participant()}; }
Request read_mute_other(Fields& fields) { return request::MuteOther{fields.track()}; }
Request read_set_room(Fields& fields) {
  return request::SetRoom{fields.flag_if_any("locked"), fields.flag_if_any("lobby"), fields.flag_if_any("direct")};
}
Request read_admit(Fields& fields) { return request::Admit{fields.participant()}; }
Request read_deny(Fields& fields) { return request::Deny{fields.participant()}; }
Request read_direct(Fields& fields) {
  const auto to = fields.optional_id<ParticipantId>("to", 'p');
  if (!to) fields.complain("to", "a participant's id");
  return request::Direct{to.value_or(ParticipantId{}), fields.text("purpose"), fields.text("kind"), fields.text("payload")};
}

constexpr std::array<std::pair<std::string_view, Request (*)(Fields&)>, 21> readers{{
    {"join", read_join},
    {"resume", read_resume},
    {"publish", read_publish},
    {"unpublish", read_unpublish},
    {"mute", read_mute},
    {"subscribe", read_subscribe},
    {"unsubscribe", read_unsubscribe},
    {"view", read_views},
    {"answer", read_answer},
    {"candidate", read_candidate},
    {"restart", read_restart},
    {"chat", read_chat},
    {"update", read_update},
    {"leave", read_leave},
    {"ping", read_ping},
    {"remove", read_remove},
    {"muteOther", read_mute_other},
    {"setRoom", read_set_room},
    {"admit", read_admit},
    {"deny", read_deny},
    {"direct", read_direct},
}};

Unreadable invalid(std::string mark, std::string message) { return {std::move(mark), {"message_invalid", std::move(message)}}; }

/// The mark is the id as JSON text, so that a number stays a number.
std::optional<std::string> read_mark(const Json& object) {
  const auto id = object.find("id");
  if (id == object.end() || id->is_null()) return "";
  if (!id->is_string() && !id->is_number()) return std::nullopt;
  std::string mark = id->dump();
  return mark.size() <= mark_bytes_limit ? std::optional(std::move(mark)) : std::nullopt;
}

}  // namespace

std::variant<RequestMessage, Unreadable> parse(std::string_view text, std::size_t limit) {
  if (text.size() > limit)
    return Unreadable{"", {"message_too_large", "A message may have at most " + std::to_string(limit) + " bytes."}};
  if (!is_shallow(text)) return invalid("", "The message nests too deeply.");
  const Json json = Json::parse(text.begin(), text.end(), nullptr, false);
  if (!json.is_object()) return invalid("", "The message is not a JSON object in UTF-8.");
  const auto mark = read_mark(json);
  if (!mark) return invalid("", "The field \"id\" must be a number or a short string.");
  Fields fields(json);
  const std::string type = fields.text("type");
  if (!fields.complaint().empty()) return invalid(*mark, fields.complaint());
  for (const auto& [word, read] : readers) {
    if (word != type) continue;
    Request request = read(fields);
    if (!fields.complaint().empty()) return invalid(*mark, fields.complaint());
    return RequestMessage{*mark, std::move(request)};
  }
  return invalid(*mark, "There is no request of this type.");
}

}  // namespace parley::signaling::json
