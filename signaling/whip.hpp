#pragma once
// WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep): HTTP requests to the Hub's Requests, its Messages to HTTP answers. It only
// translates: a session is a client of the Hub, with an id of the upper half. A session's URL is a capability (128 random
// bits), so PATCH and DELETE need no token. Left out: WHEP's counter-offer (406 with an offer) and its event streams.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sfu/base/deadlines.hpp"
#include "sfu/base/random.hpp"
#include "signaling/http.hpp"
#include "signaling/hub.hpp"
#include "signaling/ice_fragment.hpp"

namespace parley::signaling {

inline constexpr std::uint64_t whip_client_base = std::uint64_t{1} << 63;

/// What it has to say to the Hub and to HTTP clients.
struct WhipOutput {
  std::vector<HubInput> hub;
  std::vector<HttpAnswer> answers;
};

class Whip {
 public:
  Whip(std::size_t body_bytes_limit, Random random) : body_bytes_limit_(body_bytes_limit), random_(std::move(random)) {}

  static bool handles(std::string_view path) { return path.starts_with("/whip/") || path.starts_with("/whep/"); }

  void receive(Time now, RequestTicket ticket, const HttpRequest& request, WhipOutput& out);
  void receive(Time now, const ToClient& message, WhipOutput& out);
  void receive(const CloseClient& close, WhipOutput& out);
  /// Who asked for a session has hung up, and can never learn its URL.
  void abandon(RequestTicket ticket, WhipOutput& out);
  /// Sessions that do not connect, or do not come back.
  void advance(Time now, WhipOutput& out);
  Time wakeup() const { return deadlines_.next(); }

  std::size_t sessions() const { return sessions_.size(); }

 private:
  /// What a path names: an endpoint, or one of its sessions.
  struct Target {
    bool viewer = false;
    std::string room;
    std::string session;  ///< empty: the endpoint
  };
  struct Session {
    ClientId client;
    bool viewer = false;
    std::string room;
    std::string id;                               ///< the last part of its URL
    std::optional<RequestTicket> creating;        ///< the POST that is not answered yet
    std::string offer;                            ///< until it is handed on
    IceFragment ice;                              ///< the client's, as it is now
    std::string etag;                             ///< with its quotes; names the ICE session (RFC 9725 section 4.3.1)
    std::map<std::string, std::string> restarts;  ///< by mark: the client's new ufrag
    std::vector<IceServer> ice_servers;           ///< the newest
    Time give_up = never;

    control::Connection connection() const { return viewer ? control::Connection::subscribing : control::Connection::publishing; }
  };

  static std::optional<Target> parse_target(std::string_view path);
  void create(RequestTicket ticket, const HttpRequest& request, const Target& target, WhipOutput& out);
  void patch(RequestTicket ticket, const HttpRequest& request, Session& session, WhipOutput& out);
  void remove(RequestTicket ticket, const Session& session, WhipOutput& out);
  void request_on_session(RequestTicket ticket, const HttpRequest& request, Session* session, WhipOutput& out);

  void joined(Session& session, const message::Joined& joined, WhipOutput& out);
  void created(Time now, Session& session, const std::string& answer, WhipOutput& out);
  void restarted(Time now, Session& session, const std::string& mark, const message::Restarted& restarted, WhipOutput& out);
  void failed(const Session& session, const std::string& mark, const Error& error, WhipOutput& out);
  void connection_changed(Time now, Session& session, control::ConnectionState state, WhipOutput& out);
  void wait_for_connection(Time now, Session& session);
  /// Forgets the session; the Hub is told that its connection is gone.
  void end(ClientId client, WhipOutput& out);

  Session* find(ClientId client);
  Session* find(const Target& target);
  std::string random_word();

  std::size_t body_bytes_limit_;
  Random random_;
  std::uint64_t last_client_ = whip_client_base;
  std::map<ClientId, Session> sessions_;
  std::map<std::string, ClientId> ids_;
  Deadlines<ClientId> deadlines_;
};

}  // namespace parley::signaling
