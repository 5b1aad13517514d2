#pragma once
// TLS for a server's streams: the certificate, which is read again when its file changes, and one session for each connection.

#include <memory>
#include <string>

#include "sfu/base/time.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace parley::net {

class ServerTls {
 public:
  /// Reads PEM files: the chain, and its key. Throws SystemError.
  ServerTls(std::string certificate, std::string key);

  enum class Change { none, read, unreadable };
  /// Looks whether one of the files is another one now. `unreadable`: it is, and what was read before holds on.
  Change read_again();

  ssl_ctx_st* context() const { return context_.get(); }

 private:
  struct Free {
    void operator()(ssl_ctx_st* context) const;
  };
  using Context = std::unique_ptr<ssl_ctx_st, Free>;
  static Context read(const std::string& certificate, const std::string& key);
  std::string stamp() const;

  std::string certificate_;
  std::string key_;
  std::string stamp_;  ///< of both files: when they changed, and their sizes
  Context context_;
};

}  // namespace parley::net
