// Two archives over one list of fields (fields.hpp): JsonWriter and JsonReader. The reader is strict, because both ends come from
// the same build: a missing field, a wrong type, a number out of range or an unknown word makes the whole message invalid.

#include "sfu/control/codec.hpp"

#include <algorithm>
#include <array>
#include <concepts>
#include <limits>
#include <nlohmann/json.hpp>

#include "sfu/control/fields.hpp"

namespace parley::control {
namespace {

using Json = nlohmann::json;

constexpr std::array<std::string_view, 2> names_of(Kind) { return {"audio", "video"}; }
constexpr std::array<std::string_view, 2> names_of(Connection) { return {"publishing", "subscribing"}; }
constexpr std::array<std::string_view, 4> names_of(ConnectionState) {
  return {"connecting", "connected", "disconnected", "failed"};
}
constexpr std::array<std::string_view, 4> names_of(SubscriptionState) { return {"waiting", "active", "paused", "refused"}; }
constexpr std::array<std::string_view, 6> names_of(Limit) {
  return {"none", "bandwidth", "viewport", "publisher", "cpu", "policy"};
}

template <typename T>
concept Structure = requires {
  sizeof(Fields<T>);
};
template <typename T>
concept Enumeration = std::is_enum_v<T>;
template <typename T>
concept Number = std::unsigned_integral<T> && !std::same_as<T, bool>;

class JsonWriter {
 public:
  template <typename T>
  JsonWriter& operator()(const char* name, const T& value) {
    object_[name] = json(value);
    return *this;
  }
  Json take() { return std::move(object_); }

 private:
  static Json json(bool value) { return value; }
  static Json json(const std::string& value) { return value; }
  static Json json(Number auto value) { return value; }
  static Json json(Enumeration auto value) { return names_of(value).at(static_cast<std::size_t>(value)); }
  template <typename Tag>
  static Json json(Id<Tag> id) {
    return id.value;
  }
  static Json json(const std::map<std::string, std::uint64_t>& values) { return values; }
  template <typename T>
  static Json json(const std::vector<T>& values) {
    Json array = Json::array();
    for (const T& value : values) array.push_back(json(value));
    return array;
  }
  static Json json(const Structure auto& value) {
    JsonWriter writer;
    Fields<std::remove_cvref_t<decltype(value)>>::visit(writer, value);
    return writer.take();
  }

  Json object_ = Json::object();
};

class JsonReader {
 public:
  explicit JsonReader(const Json& object) : object_(object), ok_(object.is_object()) {}

  template <typename T>
  JsonReader& operator()(const char* name, T& value) {
    if (!ok_) return *this;
    const auto found = object_.find(name);
    ok_ = found != object_.end() && read(*found, value);
    return *this;
  }
  bool ok() const { return ok_; }

 private:
  static bool read(const Json& json, bool& value) {
    if (!json.is_boolean()) return false;
    value = json.get<bool>();
    return true;
  }
  static bool read(const Json& json, std::string& value) {
    if (!json.is_string()) return false;
    value = json.get<std::string>();
    return true;
  }
  template <Number T>
  static bool read(const Json& json, T& value) {
    if (!json.is_number_unsigned() || json.get<std::uint64_t>() > std::numeric_limits<T>::max()) return false;
    value = json.get<T>();
    return true;
  }
  template <Enumeration T>
  static bool read(const Json& json, T& value) {
    if (!json.is_string()) return false;
    const auto names = names_of(value);
    const auto found = std::find(names.begin(), names.end(), json.get_ref<const std::string&>());
    value = static_cast<T>(found - names.begin());
    return found != names.end();
  }
  template <typename Tag>
  static bool read(const Json& json, Id<Tag>& id) {
    return read(json, id.value);
  }
  static bool read(const Json& json, std::map<std::string, std::uint64_t>& values) {
    if (!json.is_object()) return false;
    for (const auto& [name, number] : json.items())
      if (!read(number, values[name])) return false;
    return true;
  }
  template <typename T>
  static bool read(const Json& json, std::vector<T>& values) {
    if (!json.is_array()) return false;
    for (const Json& element : json)
      if (!read(element, values.emplace_back())) return false;
    return true;
  }
  template <Structure T>
  static bool read(const Json& json, T& value) {
    JsonReader reader(json);
    Fields<T>::visit(reader, value);
    return reader.ok();
  }

  const Json& object_;
  bool ok_;
};

template <typename... Messages>
std::string write_message(RequestId request, const std::variant<Messages...>& variant) {
  return std::visit(
      [&](const auto& message) {
        using Message = std::remove_cvref_t<decltype(message)>;
        JsonWriter writer;
        Fields<Message>::visit(writer, message);
        Json object = writer.take();
        object["type"] = Fields<Message>::type;
        object["request"] = request.value;
        // A description may hold bytes that are not UTF-8 (WHIP takes any body): replaced, because dump() would throw.
        return object.dump(-1, ' ', false, Json::error_handler_t::replace);
      },
      variant);
}

/// Reads the body of a message into the alternative whose type it names.
template <typename... Messages>
std::optional<std::variant<Messages...>> read_message(const Json& object, std::string_view type,
                                                      const std::variant<Messages...>*) {
  std::optional<std::variant<Messages...>> result;
  const auto attempt = [&]<typename Message>(Message message) {
    if (type != Fields<Message>::type) return;
    JsonReader reader(object);
    Fields<Message>::visit(reader, message);
    if (reader.ok()) result = std::move(message);
  };
  (attempt(Messages{}), ...);
  return result;
}

template <typename Message, typename Variant>
std::optional<Message> parse_message(std::string_view text) {
  const Json object = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  std::string type;
  RequestId request;
  JsonReader reader(object);
  if (!reader("type", type)("request", request).ok()) return std::nullopt;
  auto body = read_message(object, type, static_cast<const Variant*>(nullptr));
  if (!body) return std::nullopt;
  return Message{request, std::move(*body)};
}

}  // namespace

std::string write(const CommandMessage& message) { return write_message(message.request, message.command); }
std::string write(const EventMessage& message) { return write_message(message.request, message.event); }

std::optional<CommandMessage> parse_command(std::string_view text) { return parse_message<CommandMessage, Command>(text); }
std::optional<EventMessage> parse_event(std::string_view text) { return parse_message<EventMessage, Event>(text); }

}  // namespace parley::control
