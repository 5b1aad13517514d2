#include "signaling/api.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "signaling/auth.hpp"
#include "signaling/text.hpp"
#include "signaling/why.hpp"

namespace parley::signaling {
namespace {

using Json = nlohmann::ordered_json;

/// A room and a name, 128 bytes each, with room for their escapes.
constexpr std::size_t exchange_bytes_limit = 4096;

HttpResponse json_text_response(int status, const std::string& text) {
  HttpResponse response{.status = status, .headers = {}, .body = text + "\n"};
  response.add("Content-Type", "application/json");
  response.add("Cache-Control", "no-store");
  return response;
}

HttpResponse json_response(int status, const Json& body) { return json_text_response(status, body.dump()); }

HttpResponse error_response(int status, std::string_view code, std::string_view message) {
  HttpResponse response = json_response(status, {{"code", code}, {"message", message}});
  if (status == 401) response.add("WWW-Authenticate", "Bearer realm=\"parley\"");
  return response;
}

HttpResponse method_not_allowed(std::string_view allowed) {
  HttpResponse response = error_response(405, "method_not_allowed", "This resource does not know the method.");
  response.add("Allow", std::string(allowed));
  return response;
}

std::string text_of(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

using Samples = std::map<std::string, std::uint64_t>;  ///< by label

void write_metric(std::string_view name, std::string_view type, const Samples& samples, std::string& out) {
  out += "# TYPE parley_" + std::string(name) + " " + std::string(type) + "\n";
  for (const auto& [label, value] : samples) {
    out += "parley_" + std::string(name) + label + " " + std::to_string(value) + "\n";
  }
}

std::string label(std::string_view name, std::string_view value) {
  return "{" + std::string(name) + "=\"" + std::string(value) + "\"}";
}

/// Behind a reverse proxy on this machine everybody has its address, but what comes through a proxy says so.
bool is_from_this_machine(const HttpRequest& request) {
  const auto is_of_proxy = [](const auto& header) {
    return header.first == "forwarded" || header.first == "via" || header.first == "x-real-ip" ||
           header.first.starts_with("x-forwarded-");
  };
  return request.peer.is_loopback() && std::ranges::none_of(request.headers, is_of_proxy);
}

/// Workers name their own counters; a name that Prometheus could not read is left out.
bool is_metric_name(std::string_view name) {
  return !name.empty() &&
         std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

}  // namespace

HttpResponse exchange_invite(Time now, const HttpRequest& request, const Keys& keys, const std::string& key, const Hub& hub,
                             Random& random) {
  if (request.method != "POST") return method_not_allowed("POST");
  const auto grant = verify(now, bearer_token(request), keys);
  if (!grant) return error_response(401, grant.error().code, grant.error().message);
  if (!grant->invite) return error_response(403, "not_allowed", "This token is not an invite.");
  if (!request.body_length_known) return error_response(411, "length_required", "The request must carry its Content-Length.");
  if (request.body.size() > exchange_bytes_limit) return error_response(413, "message_too_large", "The body is too long.");
  const auto body = nlohmann::json::parse(request.body, nullptr, false);
  const std::string room = body.is_object() ? text_of(body, "room") : "";
  const std::string name = body.is_object() ? text_of(body, "name") : "";
  if (!is_good_name(room) || !is_good_name(name))
    return error_response(400, "message_invalid", "A room and a name of 1 to 128 bytes are needed, without control characters.");
  const Grant joining{.identity = fresh_identity(name, random),
                      .name = name,
                      .room = room,
                      .room_join = true,
                      .host = !hub.has_room(room),
                      .permissions = {}};
  const std::string token = make_token(now, joining, exchanged_token_validity, key, keys.at(key));
  return json_response(200, {{"token", token}, {"identity", joining.identity}});
}

HttpResponse health(const HubSummary& summary) {
  const bool ready = !summary.workers.empty();
  return json_response(ready ? 200 : 503, {{"status", ready ? "ready" : "starting"}, {"workers", summary.workers.size()}});
}

HttpResponse metrics(Time now, const HttpRequest& request, bool apart, const Keys& keys, const HubSummary& summary) {
  if (!(apart ? request.to_metrics_port : is_from_this_machine(request))) {
    const auto grant = verify(now, bearer_token(request), keys);
    if (!grant) return error_response(401, grant.error().code, grant.error().message);
    if (!grant->permissions.room_admin) return error_response(403, "not_allowed", "A token with roomAdmin is needed.");
  }
  HttpResponse response{.status = 200, .headers = {}, .body = write_metrics(summary)};
  response.add("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  return response;
}

HttpResponse why(Time now, const HttpRequest& request, const Keys& keys, const Hub& hub) {
  if (request.method != "GET") return method_not_allowed("GET");
  const auto grant = verify(now, bearer_token(request), keys);
  if (!grant) return error_response(401, grant.error().code, grant.error().message);
  const std::string room = query_value(request.query, "room");
  if (!grant->permissions.room_admin || grant->room != room)
    return error_response(403, "not_allowed", "A token of this room with roomAdmin is needed.");
  const auto summary = hub.why(room, query_value(request.query, "participant"));
  if (!summary) return error_response(404, "participant_unknown", "There is no such participant in the room.");
  return json_text_response(200, write_why(*summary));
}

std::string write_metrics(const HubSummary& summary) {
  std::string out;
  write_metric("clients", "gauge", {{"", summary.clients}}, out);
  write_metric("rooms", "gauge", {{"", summary.rooms}}, out);
  write_metric("participants", "gauge", {{"", summary.participants}}, out);
  write_metric("workers", "gauge", {{"", summary.workers.size()}}, out);
  Samples events;
  for (std::size_t i = 0; i < Counters<HubCounter>::size; ++i) {
    const auto counter = static_cast<HubCounter>(i);
    events[label("event", name(counter))] = summary.counters[counter];
  }
  write_metric("signaling_total", "counter", events, out);
  Samples participants, forwarded;
  std::map<std::string, Samples> counters;  // Prometheus wants all samples of a metric together
  for (const WorkerSummary& worker : summary.workers) {
    const std::string which = label("worker", std::to_string(worker.worker.value));
    participants[which] = worker.participants;
    forwarded[which] = worker.statistics.forwarded_per_second;
    for (const auto& [name, value] : worker.statistics.counters)
      if (is_metric_name(name)) counters["worker_" + name + "_total"][which] = value;
  }
  write_metric("worker_participants", "gauge", participants, out);
  write_metric("worker_forwarded_per_second", "gauge", forwarded, out);
  for (const auto& [name, samples] : counters) write_metric(name, "counter", samples, out);
  return out;
}

}  // namespace parley::signaling
