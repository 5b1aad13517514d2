#include "sfu/transport/dtls.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <stdexcept>

namespace parley::transport {

namespace {

/// UDP payload of a handshake datagram: fits into IPv6's minimum MTU of 1280 bytes with a relay's headers.
constexpr long handshake_mtu = 1200;
/// RFC 6347 section 4.2.4.1 says 1 s and allows less; browsers begin at 50 ms. OpenSSL gives up after 12 in vain: 18 s.
constexpr auto first_retransmission = milliseconds(100);
constexpr auto longest_retransmission = seconds(2);
/// The server's order counts. AES-GCM costs a third of AES-CM with HMAC-SHA1.
const char* profile_names(std::optional<SrtpProfile> only) {
  if (!only) return "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80";
  return only == SrtpProfile::aead_aes_128_gcm ? "SRTP_AEAD_AES_128_GCM" : "SRTP_AES128_CM_SHA1_80";
}
/// Our certificate is ECDSA; every browser has the first one (RFC 8827 section 6.5). With all of them `smallest_sealed` holds.
constexpr char cipher_suites[] = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384";
constexpr char groups[] = "X25519:P-256:P-384";
/// RFC 6347 section 4.1: a record carries at most 2^14 bytes.
constexpr std::size_t max_record_size = 16384;
/// RFC 5764 section 4.2.
constexpr std::string_view exporter_label = "EXTRACTOR-dtls_srtp";
/// Content type, version, epoch, sequence number, length (RFC 6347 section 4.1).
constexpr std::size_t record_header_size = 13;
/// An encrypted record has its nonce and its tag (RFC 5288 section 3).
constexpr std::size_t smallest_sealed = 8 + 16;
constexpr std::uint16_t dtls_1_0 = 0xfeff;
constexpr std::uint16_t dtls_1_2 = 0xfefd;

unsigned int retransmission_timeout(SSL*, unsigned int previous_us) {
  const auto next = previous_us == 0 ? microseconds(first_retransmission) : 2 * microseconds(previous_us);
  return static_cast<unsigned int>(std::min<microseconds>(next, longest_retransmission).count());
}

const EVP_MD* digest_named(std::string_view algorithm) {
  if (algorithm == "sha-256") return EVP_sha256();
  if (algorithm == "sha-384") return EVP_sha384();
  if (algorithm == "sha-512") return EVP_sha512();
  return nullptr;
}

bool matches(const X509* certificate, const Fingerprint& expected) {
  const EVP_MD* const digest = digest_named(expected.algorithm);
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> actual{};
  unsigned int size = 0;
  return digest && X509_digest(certificate, digest, actual.data(), &size) == 1 &&
         std::ranges::equal(Bytes(actual).first(size), expected.digest);
}

/// The records at the beginning of a datagram that OpenSSL may see. It must pass over whatever a stranger can have sent (RFC 6347
/// section 4.1.2.7), but ends the connection at an encrypted record that is shorter than nonce and tag; and of one whose version
/// it does not expect it takes the content for further records. `first`: a ClientHello, which may say DTLS 1.0, is still
/// expected.
Bytes possible_records(Bytes datagram, bool first) {
  std::size_t end = 0;
  while (datagram.size() - end >= record_header_size) {
    Reader reader(datagram.subspan(end));
    reader.skip(1);
    const std::uint16_t version = reader.u16();
    const bool sealed = reader.u16() > 0;
    reader.skip(6);
    const std::size_t length = reader.u16();
    if (version != dtls_1_2 && !(first && version == dtls_1_0)) break;
    if (length > reader.remaining() || (sealed && length < smallest_sealed)) break;
    end += record_header_size + length;
  }
  return datagram.first(end);
}

}  // namespace

/// OpenSSL's connection and the ends of its BIO: a datagram is put in before a call and those that it makes come out during it.
struct Dtls::Session {
  struct FreeSsl {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  std::unique_ptr<SSL, FreeSsl> ssl;
  std::vector<Fingerprint> expected;
  bool peer_is_expected = false;
  Bytes incoming;
  const Path* reply_to = nullptr;
  Outbox* out = nullptr;
  bool has_written = false;  ///< in this turn
  std::vector<Buffer> data;  ///< that has arrived in it
  Flow flow;                 ///< of what is sent

  /// Connects the ends for the time of one call into OpenSSL.
  struct Turn {
    Turn(Session& of, const Path& path, Bytes datagram, Outbox& outbox) : session(of) {
      // What another connection of this thread left in the queue would be taken for an error of this one.
      ERR_clear_error();
      session.incoming = datagram;
      session.reply_to = &path;
      session.out = &outbox;
      session.has_written = false;
      session.data.clear();
    }
    ~Turn() {
      session.incoming = {};
      session.reply_to = nullptr;
      session.out = nullptr;
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    Session& session;
  };

  static int read(BIO* bio, char* data, int size) {
    auto& session = *static_cast<Session*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    if (session.incoming.empty()) {
      BIO_set_retry_read(bio);
      return -1;
    }
    const std::size_t taken = std::min(session.incoming.size(), static_cast<std::size_t>(size));
    std::memcpy(data, session.incoming.data(), taken);
    session.incoming = {};
    return static_cast<int>(taken);
  }

  static int write(BIO* bio, const char* data, int size) {
    auto& session = *static_cast<Session*>(BIO_get_data(bio));
    session.has_written = true;
    const std::size_t length = static_cast<std::size_t>(size);
    if (!session.out || length > DatagramBatch::slot_size) return size;
    if (session.flow.path() != *session.reply_to) session.flow = Flow(*session.reply_to);
    std::memcpy(session.out->datagrams.reserve().data(), data, length);
    session.out->datagrams.commit(session.flow, length);
    return size;
  }

  static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

  static const BIO_METHOD* bio_method() {
    static const std::unique_ptr<BIO_METHOD, decltype(&BIO_meth_free)> method = [] {
      std::unique_ptr<BIO_METHOD, decltype(&BIO_meth_free)> made(BIO_meth_new(BIO_TYPE_SOURCE_SINK, "datagrams"), &BIO_meth_free);
      BIO_meth_set_read(made.get(), read);
      BIO_meth_set_write(made.get(), write);
      BIO_meth_set_ctrl(made.get(), control);
      return made;
    }();
    return method.get();
  }

  /// RFC 5764 section 4.2: client key, server key, client salt, server salt.
  std::optional<SrtpKeys> export_keys(Role role) const {
    const SRTP_PROTECTION_PROFILE* const chosen = SSL_get_selected_srtp_profile(ssl.get());
    if (!chosen) return std::nullopt;
    SrtpKeys keys{.profile = static_cast<SrtpProfile>(chosen->id), .send = {}, .receive = {}};
    const std::size_t salt_size = keys.profile == SrtpProfile::aead_aes_128_gcm ? 12 : 14;
    std::array<std::uint8_t, 2 * (16 + 14)> material{};
    if (SSL_export_keying_material(ssl.get(), material.data(), 2 * (16 + salt_size), exporter_label.data(), exporter_label.size(),
                                   nullptr, 0, 0) != 1)
      return std::nullopt;
    Reader reader(material);
    const Bytes client_key = reader.take(16);
    const Bytes server_key = reader.take(16);
    Buffer client(client_key.begin(), client_key.end());
    Buffer server(server_key.begin(), server_key.end());
    for (Buffer* const key : {&client, &server}) {
      const Bytes salt = reader.take(salt_size);
      key->insert(key->end(), salt.begin(), salt.end());
    }
    keys.send = role == Role::client ? client : server;
    keys.receive = role == Role::client ? server : client;
    return keys;
  }

  /// In place of the check by authorities: the certificate must be one that the SDP announced.
  static int verify(int, X509_STORE_CTX* store) {
    auto* const ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto& session = *static_cast<Session*>(SSL_get_app_data(ssl));
    const X509* const certificate = X509_STORE_CTX_get0_cert(store);
    session.peer_is_expected =
        std::ranges::any_of(session.expected, [&](const Fingerprint& one) { return matches(certificate, one); });
    if (!session.peer_is_expected) X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
    return session.peer_is_expected;
  }
};

Dtls::Dtls(const Certificate& certificate, Role role, std::vector<Fingerprint> remote, std::optional<SrtpProfile> only)
    : session_(std::make_unique<Session>()), role_(role) {
  session_->expected = std::move(remote);
  session_->ssl.reset(SSL_new(certificate.context()));
  SSL* const ssl = session_->ssl.get();
  BIO* const bio = BIO_new(Session::bio_method());
  if (!ssl || !bio) throw std::runtime_error("OpenSSL did not make a DTLS connection");
  BIO_set_data(bio, session_.get());
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl, bio, bio);
  SSL_set_app_data(ssl, session_.get());
  SSL_set_verify(ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, Session::verify);
  SSL_set_options(ssl, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_set_mtu(ssl, handshake_mtu);
  DTLS_set_timer_cb(ssl, retransmission_timeout);
  // SSL_set_tlsext_use_srtp is the one that returns 0 when it works.
  if (SSL_set_min_proto_version(ssl, DTLS1_2_VERSION) != 1 || SSL_set_cipher_list(ssl, cipher_suites) != 1 ||
      SSL_set1_groups_list(ssl, groups) != 1 || SSL_set_tlsext_use_srtp(ssl, profile_names(only)) != 0)
    throw std::runtime_error("OpenSSL refused a DTLS option");
  if (role == Role::client)
    SSL_set_connect_state(ssl);
  else
    SSL_set_accept_state(ssl);
}

Dtls::Dtls(Dtls&&) noexcept = default;
Dtls& Dtls::operator=(Dtls&&) noexcept = default;
Dtls::~Dtls() = default;

void Dtls::start(Time now, const Path& reply_to, Outbox& out) { step(now, reply_to, {}, out); }

void Dtls::receive(Time now, const Path& reply_to, Bytes datagram, Outbox& out) {
  session_->data.clear();
  if (state_ == State::failed || state_ == State::closed) return out.drops.add(DropReason::dtls_failed);
  const Bytes possible = possible_records(datagram, role_ == Role::client || !answered_);
  const std::uint64_t unexpected = out.drops[DropReason::dtls_unexpected];
  if (!possible.empty()) step(now, reply_to, possible, out);
  const bool counted = out.drops[DropReason::dtls_unexpected] > unexpected;
  if (possible.size() < datagram.size() && !counted) out.drops.add(DropReason::dtls_malformed);
}

void Dtls::advance(Time now, const Path& reply_to, Outbox& out) {
  if (now >= wakeup_) step(now, reply_to, {}, out);
}

void Dtls::close(Time now, const Path& reply_to, Outbox& out) {
  if (state_ == State::connected) {
    const Session::Turn turn(*session_, reply_to, {}, out);
    SSL_shutdown(session_->ssl.get());
  }
  become(now, State::closed);
}

const std::vector<Buffer>& Dtls::data() const { return session_->data; }

void Dtls::send(const Path& to, Bytes data, Outbox& out) {
  const Session::Turn turn(*session_, to, {}, out);
  SSL_write(session_->ssl.get(), data.data(), static_cast<int>(data.size()));
}

void Dtls::step(Time now, const Path& reply_to, Bytes datagram, Outbox& out) {
  const Session::Turn turn(*session_, reply_to, datagram, out);
  SSL* const ssl = session_->ssl.get();
  State next = state_;
  if (DTLSv1_handle_timeout(ssl) < 0) next = State::failed;
  if (next == State::handshaking) next = handshake();
  if (next == State::connected) next = read();
  answered_ |= session_->has_written;
  const bool silent = !session_->has_written && session_->data.empty();
  if (state_ == State::connected && next == state_ && !datagram.empty() && silent) out.drops.add(DropReason::dtls_unexpected);
  become(now, next);
}

Dtls::State Dtls::handshake() {
  SSL* const ssl = session_->ssl.get();
  const int result = SSL_do_handshake(ssl);
  if (result != 1) return SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ ? State::handshaking : State::failed;
  keys_ = session_->peer_is_expected ? session_->export_keys(role_) : std::nullopt;
  return keys_ ? State::connected : State::failed;
}

Dtls::State Dtls::read() {
  // A handshake message that the peer repeats because our last flight was lost is answered in here too.
  SSL* const ssl = session_->ssl.get();
  std::array<std::uint8_t, max_record_size> record;
  for (;;) {
    const int result = SSL_read(ssl, record.data(), static_cast<int>(record.size()));
    if (result > 0) {
      session_->data.emplace_back(record.data(), record.data() + result);
      continue;
    }
    if (SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ) return State::connected;
    return SSL_get_error(ssl, result) == SSL_ERROR_ZERO_RETURN ? State::closed : State::failed;
  }
}

void Dtls::become(Time now, State next) {
  state_ = next;
  timeval left{};
  const bool running = next == State::handshaking || next == State::connected;
  wakeup_ = running && DTLSv1_get_timeout(session_->ssl.get(), &left) == 1
                ? now + seconds(left.tv_sec) + microseconds(left.tv_usec)
                : never;
}

}  // namespace parley::transport
