#pragma once
// Between the SDP layer and the transport layer: the same facts in the words of each.

#include "sfu/room/context.hpp"
#include "sfu/sdp/negotiate.hpp"
#include "sfu/transport/transport.hpp"

namespace parley::room {

sdp::LocalTransport describe_local(const Context& context, const transport::IceCredentials& local);
transport::IceCredentials remote_credentials(const sdp::RemoteTransport& remote);
std::vector<transport::Fingerprint> remote_fingerprints(const sdp::RemoteTransport& remote);

/// 48 bits of ufrag: enough that a worker never has the same twice. 144 bits of password (RFC 8445 asks for 128).
transport::IceCredentials make_credentials(Random& random);

control::ConnectionState describe(transport::State state);

}  // namespace parley::room
