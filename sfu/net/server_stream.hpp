#pragma once
// A connection that was accepted, or one of our own, as a stream of bytes, with TLS or without; it never blocks, and what it
// holds for a slow reader is limited.

#include <memory>

#include "sfu/base/bytes.hpp"
#include "sfu/net/file_descriptor.hpp"

struct ssl_st;

namespace parley::net {

class ServerTls;

class ServerStream {
 public:
  /// A second of 2 Mbit/s. What waits longer is too old to be of use.
  static constexpr std::size_t output_limit = 256 << 10;

  /// `tls`: nullptr for a stream without.
  ServerStream(FileDescriptor descriptor, const ServerTls* tls);

  /// Reads once into `space`, and returns how many bytes came: none when there is nothing now (or the handshake goes on), or when
  /// the stream has ended, which ended() tells.
  std::size_t read(MutableBytes space);
  /// TLS has bytes that the descriptor does not tell of any more: read again.
  bool has_more() const;
  /// Queues the bytes, all or none. False: the reader is too slow, and they are dropped.
  bool push(Bytes head, Bytes payload, Bytes tail);
  /// Writes what the kernel takes.
  void flush();

  bool wants_output() const { return !ended_ && (sent_ < output_.size() || handshake_wants_output_); }
  /// What waits for the reader.
  std::size_t waiting() const { return output_.size() - sent_; }
  bool ended() const { return ended_; }
  int descriptor() const { return descriptor_.get(); }

 private:
  struct Free {
    void operator()(ssl_st* session) const;
  };
  std::ptrdiff_t read_some(MutableBytes space);
  std::ptrdiff_t write_some(Bytes bytes);
  /// Whether a call that failed only has to be repeated later. Otherwise the stream has ended.
  bool may_repeat(std::ptrdiff_t result);

  FileDescriptor descriptor_;
  std::unique_ptr<ssl_st, Free> tls_;
  Buffer output_;
  std::size_t sent_ = 0;
  bool handshake_wants_output_ = false;
  bool ended_ = false;
};

}  // namespace parley::net
