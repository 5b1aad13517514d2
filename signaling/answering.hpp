#pragma once
// The HTTP answers of WHIP and WHEP: status codes, CORS (these endpoints are for foreign pages), and what RFC 9725 puts
// into headers.

#include <string>
#include <string_view>
#include <vector>

#include "sfu/base/result.hpp"
#include "signaling/http.hpp"
#include "signaling/protocol.hpp"

namespace parley::signaling {

inline constexpr std::string_view sdp_type = "application/sdp";
inline constexpr std::string_view fragment_type = "application/trickle-ice-sdpfrag";

/// With the CORS headers that every answer carries, errors included: a page could not read them otherwise.
HttpResponse cors_response(int status);
/// RFC 9457 problem details, and what the status calls for: WWW-Authenticate, Retry-After.
HttpResponse error_response(int status, const Error& error);
/// The status that the Hub's or a worker's refusal becomes.
int status_of(const Error& error);
/// To a CORS preflight, and to whoever asks what an endpoint takes.
HttpResponse options_response(bool session);

/// RFC 9725 section 4.6: `<url>; rel="ice-server"; …`
std::string link_of(const IceServer& server);

/// Whether a Content-Type is this media type, whatever its parameters.
bool is_media_type(std::string_view header, std::string_view type);
/// Whether an Accept header (RFC 9110 section 12.5.1) lets us answer with this type. No header: it does.
bool accepts(std::string_view header, std::string_view type);
/// Strong comparison of an If-Match header (RFC 9110 section 13.1.1), which may be a list. RFC 9725's example writes "*"
/// with quotes, so that is a star too.
bool if_match_allows(std::string_view header, std::string_view etag);

}  // namespace parley::signaling
