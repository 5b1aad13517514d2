#pragma once
// An outgoing TCP connection, with TLS over it if wanted, that never waits: it goes on whenever its descriptor is ready.

#include <memory>
#include <string>
#include <string_view>

#include "sfu/base/address.hpp"
#include "sfu/net/file_descriptor.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace parley::net {

/// What all TLS connections of a program have in common.
class ClientTls {
 public:
  /// `insecure`: any certificate will do. Otherwise it must be the host's, signed by an authority that the system trusts.
  /// Throws SystemError.
  explicit ClientTls(bool insecure);
  ssl_ctx_st* context() const { return context_.get(); }

 private:
  struct Free {
    void operator()(ssl_ctx_st* context) const;
  };
  std::unique_ptr<ssl_ctx_st, Free> context_;
};

class ClientStream {
 public:
  enum class State { connecting, open, closed };

  /// Begins to connect. `local` is the address to connect from (port 0); unspecified: any. `tls` may be null, and must outlive
  /// the stream; `host` is whose certificate is expected.
  ClientStream(const Address& remote, const Address& local, const ClientTls* tls, const std::string& host);

  /// The descriptor is ready: goes on connecting, appends to `input` what has come, and writes what waits.
  void handle(std::string& input);
  void write(std::string_view bytes);

  State state() const { return state_; }
  /// Why it is closed: "Connection refused".
  const std::string& reason() const { return reason_; }
  bool wants_output() const;
  int descriptor() const { return descriptor_.get(); }

 private:
  struct Free {
    void operator()(ssl_st* session) const;
  };
  void connect(const Address& remote, const Address& local);
  void prepare_tls(const ClientTls& tls, const std::string& host);
  void close(std::string reason);
  void finish_connecting();
  void read(std::string& input);
  void flush();
  bool is_temporary(int result);

  FileDescriptor descriptor_;
  std::unique_ptr<ssl_st, Free> tls_;
  State state_ = State::connecting;
  bool handshake_wants_output_ = true;
  std::string output_;
  std::string reason_;
};

}  // namespace parley::net
