#include "sfu/room/description.hpp"

namespace parley::room {

sdp::LocalTransport describe_local(const Context& context, const transport::IceCredentials& local) {
  const auto& fingerprint = context.certificate.fingerprint();
  return {local.ufrag, local.password, {fingerprint.algorithm, fingerprint.digest}, context.candidates};
}

transport::IceCredentials remote_credentials(const sdp::RemoteTransport& remote) {
  return {remote.ice_ufrag, remote.ice_password};
}

std::vector<transport::Fingerprint> remote_fingerprints(const sdp::RemoteTransport& remote) {
  std::vector<transport::Fingerprint> fingerprints;
  for (const auto& fingerprint : remote.fingerprints) fingerprints.push_back({fingerprint.algorithm, fingerprint.digest});
  return fingerprints;
}

transport::IceCredentials make_credentials(Random& random) { return {random.ice_characters(8), random.ice_characters(24)}; }

control::ConnectionState describe(transport::State state) {
  switch (state) {
    case transport::State::connecting:
      return control::ConnectionState::connecting;
    case transport::State::connected:
      return control::ConnectionState::connected;
    case transport::State::disconnected:
      return control::ConnectionState::disconnected;
    case transport::State::failed:
    case transport::State::closed:
      return control::ConnectionState::failed;
  }
  return control::ConnectionState::failed;
}

}  // namespace parley::room
