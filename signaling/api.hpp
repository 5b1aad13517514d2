#pragma once
// The HTTP API beside signaling: invites, health, metrics, and why somebody gets the picture that they get. Pure functions from
// values to answers.

#include <string>
#include <string_view>

#include "sfu/base/random.hpp"
#include "signaling/http.hpp"
#include "signaling/hub.hpp"

namespace parley::signaling {

/// How long a token lives that an invite was exchanged for: a long day's meeting.
inline constexpr Duration exchanged_token_validity = hours(6);

/// POST /api/token: an invite, a room and a name give a token. `key` signs it.
/// Whoever asks for a room that is not there yet will be its host.
HttpResponse exchange_invite(Time now, const HttpRequest& request, const Keys& keys, const std::string& key, const Hub& hub,
                             Random& random);

/// GET /healthz: 200 once a worker is ready.
HttpResponse health(const HubSummary& summary);

/// GET /metrics: for whoever gets to their own port (`apart`: there is one), without one for this machine, unless through a
/// proxy, and for whoever has a token with roomAdmin.
HttpResponse metrics(Time now, const HttpRequest& request, bool apart, const Keys& keys, const HubSummary& summary);

/// GET /api/why?room=tea&participant=ada: what this participant receives and why, for a token of that room with roomAdmin.
HttpResponse why(Time now, const HttpRequest& request, const Keys& keys, const Hub& hub);

/// The Prometheus text format, version 0.0.4.
std::string write_metrics(const HubSummary& summary);

}  // namespace parley::signaling
