#include "signaling/whip.hpp"

#include <array>

#include "sfu/base/crypto.hpp"
#include "signaling/answering.hpp"

namespace parley::signaling {
namespace {

const std::string create_mark = "create";

/// How long a session may be without a connection: RFC 7675 section 5.1 lets consent live for 30 s, so for as long an ICE
/// restart may still revive it, and for as long a new one may take to connect.
constexpr Duration connection_deadline = seconds(30);

void answer(RequestTicket ticket, HttpResponse response, WhipOutput& out) {
  out.answers.push_back({ticket, std::move(response)});
}

void answer_error(RequestTicket ticket, int status, std::string code, std::string message, WhipOutput& out) {
  answer(ticket, error_response(status, {std::move(code), std::move(message)}), out);
}

/// What is wrong with a request that carries a body of this type, before anybody reads it.
std::optional<HttpResponse> check_body(const HttpRequest& request, std::string_view type, std::size_t limit) {
  if (!request.body_length_known) return error_response(411, {"length_required", "The request must carry its Content-Length."});
  if (request.body.size() > limit)
    return error_response(413, {"message_too_large", "The body may have at most " + std::to_string(limit) + " bytes."});
  if (!is_media_type(request.header("content-type"), type))
    return error_response(415, {"content_type", "The body must be " + std::string(type) + "."});
  return std::nullopt;
}

HttpResponse method_not_allowed(bool session) {
  HttpResponse response = error_response(405, {"method_not_allowed", "This resource does not know the method."});
  response.add("Allow", session ? "PATCH, DELETE, GET, HEAD, OPTIONS" : "POST, GET, HEAD, OPTIONS");
  return response;
}

/// GET and HEAD say that the endpoint is there. A WHEP player may ask with HEAD what it would get.
HttpResponse presence_response(bool viewer) {
  HttpResponse response = cors_response(viewer ? 200 : 204);
  if (viewer) response.add("Content-Type", std::string(sdp_type));
  response.add("Accept-Post", std::string(sdp_type));
  return response;
}

bool is_get(const HttpRequest& request) { return request.method == "GET" || request.method == "HEAD"; }

}  // namespace

// ---- requests

/// "/whip/<room>" or "/whip/<room>/<session>". Nothing when it is neither.
std::optional<Whip::Target> Whip::parse_target(std::string_view path) {
  Target target{.viewer = path.starts_with("/whep/"), .room = {}, .session = {}};
  path.remove_prefix(std::string_view("/whip/").size());
  const std::string_view room = path.substr(0, path.find('/'));
  path.remove_prefix(std::min(path.size(), room.size() + 1));
  if (room.empty() || !percent_decode(room, target.room) || path.find('/') != std::string_view::npos) return std::nullopt;
  target.session = path;
  return target;
}

void Whip::receive(Time, RequestTicket ticket, const HttpRequest& request, WhipOutput& out) {
  const auto target = parse_target(request.path);
  if (!target) return answer_error(ticket, 404, "not_found", "There is no such resource.", out);
  if (request.method == "OPTIONS") return answer(ticket, options_response(!target->session.empty()), out);
  if (!target->session.empty()) return request_on_session(ticket, request, find(*target), out);
  if (request.method == "POST") return create(ticket, request, *target, out);
  answer(ticket, is_get(request) ? presence_response(target->viewer) : method_not_allowed(false), out);
}

void Whip::request_on_session(RequestTicket ticket, const HttpRequest& request, Session* session, WhipOutput& out) {
  if (!session || session->creating)
    return answer_error(ticket, 404, "session_unknown", "There is no such session (any more).", out);
  if (request.method == "PATCH") return patch(ticket, request, *session, out);
  if (request.method == "DELETE") return remove(ticket, *session, out);
  answer(ticket, is_get(request) ? cors_response(204) : method_not_allowed(true), out);
}

void Whip::create(RequestTicket ticket, const HttpRequest& request, const Target& target, WhipOutput& out) {
  const std::string_view token = bearer_token(request);
  if (token.empty()) return answer_error(ticket, 401, "token_missing", "An Authorization: Bearer <token> is needed.", out);
  if (auto wrong = check_body(request, sdp_type, body_bytes_limit_)) return answer(ticket, std::move(*wrong), out);
  if (!accepts(request.header("accept"), sdp_type))
    return answer_error(ticket, 406, "not_acceptable", "The answer is application/sdp, which Accept does not permit.", out);
  const auto ice = parse_ice_fragment(request.body);
  if (!ice) return answer_error(ticket, 400, "sdp_invalid", "The body is not an SDP offer.", out);
  const ClientId client{++last_client_};
  Session session{.client = client,
                  .viewer = target.viewer,
                  .room = target.room,
                  .id = random_word(),
                  .creating = ticket,
                  .offer = request.body,
                  .ice = *ice,
                  .etag = '"' + random_word() + '"',
                  .restarts = {},
                  .ice_servers = {}};
  ids_[session.id] = client;
  sessions_.emplace(client, std::move(session));
  request::Join join{.token = std::string(token), .room = target.room, .name = {}, .attributes = {}, .only = {}};
  join.presence = target.viewer ? Presence::viewer : Presence::publisher;
  if (target.viewer) join.only = query_value(request.query, "participant");
  out.hub.push_back(ClientOpened{client, request.peer, host_of(request.header("host"))});
  out.hub.push_back(ClientRequest{client, {create_mark, std::move(join)}});
}

void Whip::patch(RequestTicket ticket, const HttpRequest& request, Session& session, WhipOutput& out) {
  if (auto wrong = check_body(request, fragment_type, body_bytes_limit_)) return answer(ticket, std::move(*wrong), out);
  const std::string_view if_match = request.header("if-match");
  if (if_match.empty()) return answer_error(ticket, 428, "precondition_required", "If-Match must carry the session's ETag.", out);
  if (!if_match_allows(if_match, session.etag))
    return answer_error(ticket, 412, "precondition_failed", "If-Match does not name the present ICE session.", out);
  const auto fragment = parse_ice_fragment(request.body);
  if (!fragment) return answer_error(ticket, 400, "sdp_invalid", "The body is not an SDP fragment.", out);
  if (fragment->ufrag.empty() || fragment->ufrag == session.ice.ufrag) {
    for (const std::string& candidate : fragment->candidates)
      out.hub.push_back(ClientRequest{session.client, {"", request::Candidate{session.connection(), candidate}}});
    return answer(ticket, cors_response(204), out);
  }
  if (fragment->password.empty())
    return answer_error(ticket, 400, "sdp_invalid", "An ICE restart needs both ice-ufrag and ice-pwd.", out);
  const std::string mark = std::to_string(ticket.value);
  session.restarts[mark] = fragment->ufrag;
  const request::RestartIce restart{session.connection(), fragment->ufrag, fragment->password};
  out.hub.push_back(ClientRequest{session.client, {mark, restart}});
}

void Whip::remove(RequestTicket ticket, const Session& session, WhipOutput& out) {
  out.hub.push_back(ClientRequest{session.client, {"", request::Leave{}}});
  answer(ticket, cors_response(200), out);
  end(session.client, out);
}

void Whip::abandon(RequestTicket ticket, WhipOutput& out) {
  for (const auto& [client, session] : sessions_)
    if (session.creating == ticket) return end(client, out);
}

// ---- what the Hub says

void Whip::receive(Time now, const ToClient& given, WhipOutput& out) {
  Session* session = find(given.client);
  if (!session) return;
  if (const auto* body = std::get_if<message::Joined>(&given.message)) joined(*session, *body, out);
  if (const auto* body = std::get_if<message::Published>(&given.message)) created(now, *session, body->sdp, out);
  if (const auto* body = std::get_if<message::Playing>(&given.message)) created(now, *session, body->sdp, out);
  if (const auto* body = std::get_if<message::Restarted>(&given.message)) restarted(now, *session, given.mark, *body, out);
  if (const auto* body = std::get_if<message::Failed>(&given.message)) failed(*session, given.mark, body->error, out);
  if (const auto* body = std::get_if<message::IceServers>(&given.message)) session->ice_servers = body->servers;
  if (const auto* body = std::get_if<message::Connection>(&given.message)) connection_changed(now, *session, body->state, out);
  // Its worker is gone, and nobody can ask this client for a new connection.
  if (std::holds_alternative<message::Moved>(given.message)) end(given.client, out);
}

void Whip::receive(const CloseClient& close, WhipOutput& out) {
  const Session* session = find(close.client);
  if (!session)
    out.hub.push_back(ClientClosed{close.client});
  else
    end(close.client, out);
}

void Whip::joined(Session& session, const message::Joined& joined, WhipOutput& out) {
  session.ice_servers = joined.ice_servers;
  Request request = request::Publish{.sdp = session.offer, .tracks = {}};
  if (session.viewer) request = request::Play{session.offer};
  session.offer.clear();
  out.hub.push_back(ClientRequest{session.client, {create_mark, std::move(request)}});
}

void Whip::created(Time now, Session& session, const std::string& sdp, WhipOutput& out) {
  const auto ticket = std::exchange(session.creating, std::nullopt);
  if (!ticket) return;
  HttpResponse response = cors_response(201);
  response.add("Content-Type", std::string(sdp_type));
  response.add("Location", (session.viewer ? "/whep/" : "/whip/") + percent_encode(session.room) + "/" + session.id);
  response.add("ETag", session.etag);
  response.add("Accept-Patch", std::string(fragment_type));
  for (const IceServer& server : session.ice_servers) response.add("Link", link_of(server));
  response.body = sdp;
  answer(*ticket, std::move(response), out);
  wait_for_connection(now, session);
}

void Whip::restarted(Time now, Session& session, const std::string& mark, const message::Restarted& restarted, WhipOutput& out) {
  const auto restart = session.restarts.extract(mark);
  if (restart.empty()) return;
  session.ice.ufrag = restart.mapped();
  session.etag = '"' + random_word() + '"';
  IceFragment fragment = session.ice;  // group, media line and mid are the same on both sides
  fragment.ufrag = restarted.ufrag;
  fragment.password = restarted.password;
  fragment.candidates = restarted.candidates;
  for (std::string& candidate : fragment.candidates)
    if (candidate.starts_with("a=")) candidate.erase(0, 2);
  HttpResponse response = cors_response(200);
  response.add("Content-Type", std::string(fragment_type));
  response.add("ETag", session.etag);
  for (const IceServer& server : session.ice_servers) response.add("Link", link_of(server));
  response.body = write_ice_fragment(fragment);
  answer(RequestTicket{std::stoull(mark)}, std::move(response), out);
  wait_for_connection(now, session);
}

void Whip::failed(const Session& session, const std::string& mark, const Error& error, WhipOutput& out) {
  if (session.creating) {
    answer(*session.creating, error_response(status_of(error), error), out);
    sessions_.at(session.client).creating.reset();
    return end(session.client, out);
  }
  if (sessions_.at(session.client).restarts.erase(mark) > 0)
    answer(RequestTicket{std::stoull(mark)}, error_response(status_of(error), error), out);
}

void Whip::connection_changed(Time now, Session& session, control::ConnectionState state, WhipOutput& out) {
  if (state == control::ConnectionState::failed) return end(session.client, out);
  if (state == control::ConnectionState::connected) session.give_up = never;
  if (state == control::ConnectionState::disconnected) wait_for_connection(now, session);
}

void Whip::wait_for_connection(Time now, Session& session) {
  session.give_up = now + connection_deadline;
  deadlines_.set(session.client, session.give_up);
}

void Whip::advance(Time now, WhipOutput& out) {
  while (const auto client = deadlines_.take_due(now)) {
    const Session* session = find(*client);
    if (!session) continue;
    if (session->give_up <= now)
      end(*client, out);
    else
      deadlines_.set(*client, session->give_up);
  }
}

void Whip::end(ClientId client, WhipOutput& out) {
  const auto node = sessions_.extract(client);
  const Session& session = node.mapped();
  const Error error{"server_busy", "The session has ended before it was answered."};
  if (session.creating) answer(*session.creating, error_response(503, error), out);
  for (const auto& [mark, ufrag] : session.restarts) answer(RequestTicket{std::stoull(mark)}, error_response(503, error), out);
  ids_.erase(session.id);
  deadlines_.remove(client);
  out.hub.push_back(ClientClosed{client});
}

Whip::Session* Whip::find(ClientId client) {
  const auto found = sessions_.find(client);
  return found == sessions_.end() ? nullptr : &found->second;
}

Whip::Session* Whip::find(const Target& target) {
  const auto found = ids_.find(target.session);
  Session* session = found == ids_.end() ? nullptr : find(found->second);
  return session && session->room == target.room && session->viewer == target.viewer ? session : nullptr;
}

std::string Whip::random_word() {
  std::array<std::uint8_t, 16> bytes{};
  random_.fill(bytes);
  return base64url_encode(bytes);
}

}  // namespace parley::signaling
