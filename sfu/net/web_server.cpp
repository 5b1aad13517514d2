// With web_head, the file that knows libwebsockets (4.1). Listening and accepting is done here, not there: so a port that is
// taken is an error that says so, and limits apply before a byte is read. Facts about the library that this relies on: a write is
// only allowed from a WRITEABLE callback, with LWS_PRE bytes of room in front; a chunked body has no BODY_COMPLETION.
#include "sfu/net/web_server.hpp"

#include <libwebsockets.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <unordered_map>

#include "sfu/net/connection_count.hpp"
#include "sfu/net/system_error.hpp"
#include "sfu/net/tcp_listener.hpp"
#include "sfu/net/web_client.hpp"
#include "sfu/net/web_exchange.hpp"
#include "sfu/net/web_head.hpp"
#include "sfu/net/web_loop.hpp"

namespace parley::net {
namespace {

/// One piece of a response, so that a large file does not hold the loop up.
constexpr std::size_t piece_size = 32 << 10;
/// Requests whose headers are being read at the same time; more wait for their turn.
constexpr unsigned header_pool = 256;
/// Seconds until a body is there, or an answer: longer than the front waits for a worker (10 s).
constexpr int request_patience = 30;
/// Seconds of silence after which a client is asked (ping), and after which it is given up: the person behind it is then
/// shown as reconnecting.
constexpr lws_retry_bo_t liveness{nullptr, 0, 0, 5, 12, 0};

/// Kept by libwebsockets for each connection: which client or request it is at present.
struct Session {
  std::uint64_t id;
};

struct Client {
  lws* wsi;
  WebClient client;
};

struct Request {
  lws* wsi;
  WebExchange exchange;
};

struct DestroyContext {
  void operator()(lws_context* context) const { lws_context_destroy(context); }
};

/// To which port it came, libwebsockets forgets: the Host header may lead it to another virtual host.
struct Connection {
  Address remote;
  WebPort port;
};

struct Listener {
  TcpListener listener;
  lws_vhost* vhost;
  WebPort port;
};

}  // namespace

struct WebServer::State {
  explicit State(WebServerConfig given);

  static int on_event(lws* wsi, lws_callback_reasons reason, void* session, void* input, std::size_t size);
  int handle(lws* wsi, lws_callback_reasons reason, Session* session, std::string_view input);

  lws_vhost* make_vhost(const char* name, bool tls);
  void listen(WebPort port, const Address& address, const char* option);
  void accept(Listener& listener);
  void forget_connection(lws* wsi);
  bool asks_for_socket(lws* wsi) const;
  Connection connection_of(lws* wsi) const;

  void open_client(lws* wsi, Session& session);
  int receive_message(std::uint64_t id, std::string_view piece, bool last);
  int write_message(std::uint64_t id);
  void close_client(std::uint64_t id);

  void begin_request(lws* wsi, Session& session, std::string_view path);
  void receive_body(std::uint64_t id, std::string_view piece);
  void deliver(std::uint64_t id);
  void hold(lws* wsi);
  void release(int descriptor);
  void end(lws* wsi);
  int write_response(std::uint64_t id);
  void close_request(std::uint64_t id);
  void rest_if_idle();

  WebServerConfig config;
  Clock clock;
  Poller poller;
  std::array<lws_protocols, 3> protocols{};
  std::vector<Listener> listeners;
  bool poller_ready = false;
  bool timers_changed = false;
  int idle_turns = 0;
  WebTurn turn;
  WebServerCounters counters;
  std::uint64_t last_id = 0;
  std::unordered_map<std::uint64_t, Client> clients;
  std::unordered_map<std::uint64_t, Request> requests;
  std::unordered_map<int, lws*> held;  ///< by descriptor: those who wait for an answer
  std::unordered_map<lws*, Connection> connections;
  ConnectionCount count;
  WebLoop loop;
  /// Last, so that it goes first: libwebsockets closes its connections through on_event.
  std::unique_ptr<lws_context, DestroyContext> context;
};

// ---- start

WebServer::State::State(WebServerConfig given)
    : config(std::move(given)), count(config.connections, config.connections_per_address) {
  lws_set_log_level(0, nullptr);
  protocols[0] = {"http", on_event, sizeof(Session), 0, 0, nullptr, 0};
  protocols[1] = {config.subprotocol.c_str(), on_event, sizeof(Session), 16 << 10, 0, nullptr, 0};
  lws_context_creation_info info{};
  info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT | LWS_SERVER_OPTION_VALIDATE_UTF8 |
                 LWS_SERVER_OPTION_LIBEV;
  void* loops[] = {loop.get()};
  info.foreign_loops = loops;
  info.user = this;
  info.fd_limit_per_thread = static_cast<unsigned>(config.connections) + 64;
  info.max_http_header_data2 = web_header_limit;
  info.max_http_header_pool2 = header_pool;
  info.pt_serv_buf_size = piece_size;
  context.reset(lws_create_context(&info));
  if (!context)
    throw SystemError::sentence(
        "The web server cannot start (out of memory or of file descriptors, or "
        "libwebsockets' plug-in for libev is missing: libwebsockets-evlib-ev).");
  if (config.http) listen(WebPort::http, *config.http, "--http");
  if (config.https) listen(WebPort::https, *config.https, "--https");
  if (config.metrics) listen(WebPort::metrics, *config.metrics, "--metrics");
  // The descriptor that all others hide behind (epoll nests); libwebsockets closes its copy itself.
  lws_sock_file_fd_type descriptor{};
  descriptor.filefd = ::dup(poller.descriptor());
  if (!lws_adopt_descriptor_vhost(make_vhost("poller", false), LWS_ADOPT_RAW_FILE_DESC, descriptor, "http", nullptr))
    throw SystemError("The web server cannot start");
}

lws_vhost* WebServer::State::make_vhost(const char* name, bool tls) {
  lws_context_creation_info info{};
  info.vhost_name = name;
  info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
  info.protocols = protocols.data();
  info.retry_and_idle_policy = &liveness;
  info.timeout_secs = 10;
  info.keepalive_timeout = 60;
  info.alpn = "http/1.1";
  if (tls) {
    info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    info.ssl_cert_filepath = config.certificate.c_str();
    info.ssl_private_key_filepath = config.key.c_str();
  }
  lws_vhost* vhost = lws_create_vhost(context.get(), &info);
  if (!vhost && tls)
    throw SystemError::sentence("The certificate " + config.certificate + " with the key " + config.key +
                                " cannot be used. Both must be PEM files that belong together.");
  if (!vhost) throw SystemError::sentence("The web server cannot start (out of memory).");
  return vhost;
}

void WebServer::State::listen(WebPort port, const Address& address, const char* option) {
  TcpListener listener(address, option);
  poller.add(listener.descriptor());
  listeners.push_back({std::move(listener), make_vhost(option, port == WebPort::https), port});
}

// ---- connections

void WebServer::State::accept(Listener& listener) {
  while (auto accepted = listener.listener.accept()) {
    if (!count.add(accepted->remote)) {
      ++counters.too_many_connections;
      continue;
    }
    lws_sock_file_fd_type descriptor{};
    descriptor.sockfd = ::dup(accepted->descriptor.get());  // on failure libwebsockets closes it, too
    const int type = LWS_ADOPT_HTTP | LWS_ADOPT_SOCKET | (listener.port == WebPort::https ? LWS_ADOPT_ALLOW_SSL : 0);
    lws* wsi = lws_adopt_descriptor_vhost(listener.vhost, static_cast<lws_adoption_type>(type), descriptor, nullptr, nullptr);
    timers_changed = true;
    if (wsi)
      connections[wsi] = {accepted->remote, listener.port};
    else
      count.remove(accepted->remote);
  }
}

void WebServer::State::forget_connection(lws* wsi) {
  std::erase_if(held, [&](const auto& entry) { return entry.second == wsi; });
  const auto found = connections.find(wsi);
  if (found == connections.end()) return;
  count.remove(found->second.remote);
  connections.erase(found);
}

bool WebServer::State::asks_for_socket(lws* wsi) const {
  return requested_path(wsi) == config.socket_path && connection_of(wsi).port != WebPort::metrics;
}

Connection WebServer::State::connection_of(lws* wsi) const {
  const auto found = connections.find(wsi);
  return found == connections.end() ? Connection{} : found->second;
}

int WebServer::State::on_event(lws* wsi, lws_callback_reasons reason, void* session, void* input, std::size_t size) {
  auto* state = static_cast<State*>(lws_context_user(lws_get_context(wsi)));
  const bool has_input = input && (reason == LWS_CALLBACK_HTTP || reason == LWS_CALLBACK_HTTP_BODY ||
                                   reason == LWS_CALLBACK_RECEIVE || reason == LWS_CALLBACK_HTTP_CONFIRM_UPGRADE);
  const std::string_view text = has_input ? std::string_view(static_cast<const char*>(input), size) : std::string_view();
  return state->handle(wsi, reason, static_cast<Session*>(session), text);
}

int WebServer::State::handle(lws* wsi, lws_callback_reasons reason, Session* session, std::string_view input) {
  switch (reason) {
    case LWS_CALLBACK_RAW_RX_FILE:
      poller_ready = true;
      return 0;
    case LWS_CALLBACK_WSI_DESTROY:
      forget_connection(wsi);
      return 0;
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
      if (lws_hdr_total_length(wsi, WSI_TOKEN_KEY) == 0) return -1;  // no HTTP/2
      if (asks_for_socket(wsi)) return 0;
      lws_return_http_status(wsi, HTTP_STATUS_NOT_FOUND, nullptr);
      return 1;
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
      return asks_for_socket(wsi) ? 0 : 1;
    case LWS_CALLBACK_ESTABLISHED:
      open_client(wsi, *session);
      return 0;
    case LWS_CALLBACK_RECEIVE:
      return receive_message(session->id, input, lws_is_final_fragment(wsi) && lws_remaining_packet_payload(wsi) == 0);
    case LWS_CALLBACK_SERVER_WRITEABLE:
      return write_message(session->id);
    case LWS_CALLBACK_CLOSED:
      close_client(session->id);
      return 0;
    case LWS_CALLBACK_HTTP:
      begin_request(wsi, *session, input);
      return 0;
    case LWS_CALLBACK_HTTP_BODY:
      receive_body(session->id, input);
      return 0;
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
      deliver(session->id);
      return 0;
    case LWS_CALLBACK_HTTP_WRITEABLE:
      return write_response(session->id);
    case LWS_CALLBACK_CLOSED_HTTP:
      if (session) close_request(session->id);
      return 0;
    default:
      return 0;
  }
}

// ---- WebSocket clients

void WebServer::State::open_client(lws* wsi, Session& session) {
  session.id = ++last_id;
  clients.emplace(session.id, Client{wsi, {}});
  turn.events.push_back(WebClientOpened{{session.id}, connection_of(wsi).remote, requested_host(wsi)});
}

int WebServer::State::receive_message(std::uint64_t id, std::string_view piece, bool last) {
  const auto found = clients.find(id);
  if (found == clients.end()) return -1;
  if (found->second.client.closing()) return 0;  // nobody listens any more
  auto message = found->second.client.receive(piece, last, config.message_limit);
  if (!message) return 0;
  if (message->size() > config.message_limit) ++counters.messages_too_large;
  turn.events.push_back(WebClientMessage{{id}, std::move(*message)});
  return 0;
}

int WebServer::State::write_message(std::uint64_t id) {
  const auto found = clients.find(id);
  if (found == clients.end()) return -1;
  auto& [wsi, client] = found->second;
  if (auto message = client.pop()) {
    const std::size_t size = message->size();
    message->insert(0, LWS_PRE, '\0');
    if (lws_write(wsi, reinterpret_cast<unsigned char*>(message->data()) + LWS_PRE, size, LWS_WRITE_TEXT) < 0) return -1;
  }
  if (client.has_output()) {
    lws_callback_on_writable(wsi);
  } else if (client.closing()) {
    std::string reason = client.closing()->reason;
    lws_close_reason(wsi, static_cast<lws_close_status>(client.closing()->code), reinterpret_cast<unsigned char*>(reason.data()),
                     reason.size());
    return -1;
  }
  return 0;
}

void WebServer::State::close_client(std::uint64_t id) {
  if (clients.erase(id) > 0) turn.events.push_back(WebClientClosed{{id}});
}

// ---- HTTP requests

void WebServer::State::begin_request(lws* wsi, Session& session, std::string_view path) {
  session.id = ++last_id;
  WebRequest head = read_head(wsi, path);
  head.ticket = {session.id};
  head.remote = connection_of(wsi).remote;
  head.to_metrics_port = connection_of(wsi).port == WebPort::metrics;
  lws_set_timeout(wsi, PENDING_TIMEOUT_USER_REASON_BASE, request_patience);
  const auto [added, is_new] = requests.emplace(session.id, Request{wsi, WebExchange(std::move(head), config.message_limit)});
  switch (added->second.exchange.next()) {
    case WebExchange::Next::read_body:
      return;
    case WebExchange::Next::deliver:
      return deliver(session.id);
    case WebExchange::Next::refuse:
      ++counters.messages_too_large;
      lws_callback_on_writable(wsi);
  }
}

void WebServer::State::receive_body(std::uint64_t id, std::string_view piece) {
  if (const auto found = requests.find(id); found != requests.end()) found->second.exchange.add_body(piece);
}

void WebServer::State::deliver(std::uint64_t id) {
  const auto found = requests.find(id);
  WebRequest request;
  if (found == requests.end() || !found->second.exchange.take_request(request)) return;
  hold(found->second.wsi);
  turn.events.push_back(std::move(request));
}

/// Until the answer, libwebsockets leaves further input unread, and would be woken by it again and again. So it looks away; that
/// the client goes is noticed here.
void WebServer::State::hold(lws* wsi) {
  const int descriptor = lws_get_socket_fd(wsi);
  lws_rx_flow_control(wsi, 0);
  held[descriptor] = wsi;
  poller.add(descriptor);
  poller.want(descriptor, false, false);
}

void WebServer::State::release(int descriptor) {
  const auto found = held.find(descriptor);
  if (found == held.end()) return;
  lws* const wsi = found->second;
  held.erase(found);
  poller.remove(descriptor);
  lws_rx_flow_control(wsi, 1);  // or else it would not write, either
}

/// Of a client that is gone: libwebsockets would only see it when it reads.
void WebServer::State::end(lws* wsi) {
  const int descriptor = lws_get_socket_fd(wsi);
  held.erase(descriptor);
  poller.remove(descriptor);
  lws_set_timeout(wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
  timers_changed = true;
}

int WebServer::State::write_response(std::uint64_t id) {
  const auto found = requests.find(id);
  if (found == requests.end() || !found->second.exchange.answered()) return 0;
  auto& [wsi, exchange] = found->second;
  std::array<unsigned char, LWS_PRE + piece_size> buffer;
  const std::string_view piece = exchange.next_piece(piece_size);
  std::copy(piece.begin(), piece.end(), buffer.begin() + LWS_PRE);
  const auto kind = exchange.finished() ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP;
  if (lws_write(wsi, buffer.data() + LWS_PRE, piece.size(), kind) < 0) return -1;
  if (!exchange.finished()) {
    lws_callback_on_writable(wsi);
    return 0;
  }
  lws* connection = wsi;
  const bool ends = exchange.ends_connection();
  requests.erase(found);
  return ends || lws_http_transaction_completed(connection) ? -1 : 0;
}

void WebServer::State::close_request(std::uint64_t id) {
  const auto found = requests.find(id);
  if (found == requests.end()) return;
  release(lws_get_socket_fd(found->second.wsi));
  if (found->second.exchange.waits_for_answer()) turn.events.push_back(WebRequestAbandoned{{id}});
  requests.erase(found);
}

/// While a response waits for a slow reader, libwebsockets is woken by input that it leaves unread. A client that sends ahead
/// and does not read must not keep the whole processor busy: after many turns that brought nothing, each takes a millisecond.
void WebServer::State::rest_if_idle() {
  constexpr int patience = 100;
  idle_turns = turn.events.empty() && !poller_ready ? idle_turns + 1 : 0;
  if (idle_turns > patience) ::usleep(1000);
}

// ---- the public face

WebServer::WebServer(WebServerConfig config) : state_(std::make_unique<State>(std::move(config))) {}
WebServer::~WebServer() = default;
WebServer::WebServer(WebServer&&) noexcept = default;

const WebTurn& WebServer::wait(Time until) {
  State& state = *state_;
  state.turn.events.clear();
  state.turn.ready.clear();
  const Time now = state.clock.now();
  // Timers that were set from outside of its callbacks, libwebsockets only sees when it is called for.
  if (std::exchange(state.timers_changed, false)) lws_cancel_service(state.context.get());
  state.loop.run(std::min<Duration>(std::max(until, now) - now, hours(1)));
  state.turn.now = state.clock.now();
  state.rest_if_idle();
  if (!std::exchange(state.poller_ready, false)) return state.turn;
  for (const auto& ready : state.poller.wait(Duration{0})) {
    const auto own = std::find_if(state.listeners.begin(), state.listeners.end(),
                                  [&](const Listener& listener) { return listener.listener.descriptor() == ready.descriptor; });
    if (own != state.listeners.end())
      state.accept(*own);
    else if (const auto gone = state.held.find(ready.descriptor); gone != state.held.end())
      state.end(gone->second);
    else
      state.turn.ready.push_back(ready);
  }
  return state.turn;
}

void WebServer::send(WebClientId id, std::string text) {
  const auto found = state_->clients.find(id.value);
  if (found == state_->clients.end() || found->second.client.closing()) return;
  auto& [wsi, client] = found->second;
  if (client.push(std::move(text), state_->config.output_limit)) {
    lws_callback_on_writable(wsi);
  } else {  // it does not read, so it would not read a closing message, either
    ++state_->counters.slow_clients;
    client.drop_output();
    client.close(LWS_CLOSE_STATUS_POLICY_VIOLATION, "too slow");
    lws_set_timeout(wsi, PENDING_TIMEOUT_USER_REASON_BASE, 1);
    state_->timers_changed = true;
  }
}

void WebServer::close(WebClientId id, std::uint16_t code, std::string_view reason) {
  const auto found = state_->clients.find(id.value);
  if (found == state_->clients.end()) return;
  found->second.client.close(code, reason);
  lws_callback_on_writable(found->second.wsi);
}

void WebServer::respond(WebTicket ticket, WebResponse response) {
  const auto found = state_->requests.find(ticket.value);
  if (found == state_->requests.end() || !found->second.exchange.respond(response)) return;
  state_->release(lws_get_socket_fd(found->second.wsi));
  lws_callback_on_writable(found->second.wsi);
}

Poller& WebServer::poller() { return state_->poller; }
const Clock& WebServer::clock() const { return state_->clock; }
const WebServerCounters& WebServer::counters() const { return state_->counters; }

std::uint16_t WebServer::port(WebPort which) const {
  for (const Listener& listener : state_->listeners)
    if (listener.port == which) return listener.listener.port();
  return 0;
}

bool WebServer::idle() const {
  const auto& clients = state_->clients;
  return std::all_of(clients.begin(), clients.end(),
                     [](const auto& entry) { return !entry.second.client.has_output() && !entry.second.client.closing(); });
}

}  // namespace parley::net
