#include "turn/program/streams.hpp"

namespace parley::turn {
namespace {

/// Accepted in one turn, so that a flood of connections does not keep media waiting.
constexpr int accepts_per_turn = 32;
/// Up to three bytes (RFC 8656 section 12.5).
constexpr std::array<std::uint8_t, 4> zeros{};

std::optional<StreamCount> why_useless(Time now, const ClientStream& stream) {
  if (stream.bytes.wants_output() && stream.progress + Streams::write_patience <= now) return StreamCount::slow;
  if (stream.joined) return std::nullopt;
  if (stream.expiry <= now) return StreamCount::silent;
  return std::nullopt;
}

}  // namespace

std::vector<int> Streams::accept(Time now, net::TcpListener& listener, const net::ServerTls* tls, net::Poller& poller) {
  std::vector<int> descriptors;
  for (int i = 0; i < accepts_per_turn; ++i) {
    auto accepted = listener.accept();
    if (!accepted) break;
    if (!connections_.add(accepted->remote)) {
      count(StreamCount::too_many);
      continue;
    }
    count(StreamCount::accepted);
    const Path path{Protocol::tcp, accepted->local, accepted->remote};
    const int descriptor = accepted->descriptor.get();
    poller.add(descriptor);
    descriptors.push_back(descriptor);
    descriptors_[path] = descriptor;
    streams_.insert_or_assign(
        descriptor,
        ClientStream{net::ServerStream(std::move(accepted->descriptor), tls), path, {}, now + first_patience, now, {}});
  }
  return descriptors;
}

ClientStream& Streams::adopt(ClientStream stream, net::Poller& poller) {
  const int descriptor = stream.bytes.descriptor();
  connections_.add(stream.path.remote);
  poller.add(descriptor);
  descriptors_[stream.path] = descriptor;
  return streams_.insert_or_assign(descriptor, std::move(stream)).first->second;
}

ClientStream* Streams::find(int descriptor) {
  const auto found = streams_.find(descriptor);
  return found == streams_.end() ? nullptr : &found->second;
}

ClientStream* Streams::find(const Path& client) {
  const auto found = descriptors_.find(client);
  return found == descriptors_.end() ? nullptr : find(found->second);
}

bool Streams::read(ClientStream& stream) {
  const std::size_t size = stream.bytes.read(stream.reader.space());
  stream.reader.filled(size);
  return size > 0;
}

void Streams::push(const ToClient& message) {
  ClientStream* const stream = find(message.client);
  if (!stream || stream->closing) return;
  if (!stream->bytes.push(message.head(), message.payload, Bytes(zeros).first(message.padding)))
    return count(StreamCount::dropped);
  pending_.push_back(stream->bytes.descriptor());
}

void Streams::flush(Time now, net::Poller& poller) {
  for (const int descriptor : pending_)
    if (ClientStream* stream = find(descriptor)) flush(now, *stream, poller);
  pending_.clear();
}

void Streams::flush(Time now, ClientStream& stream, net::Poller& poller) {
  const std::size_t before = stream.bytes.waiting();
  stream.bytes.flush();
  if (stream.bytes.waiting() < before || before == 0) stream.progress = now;
  if (!stream.joined) poller.want_output(stream.bytes.descriptor(), stream.bytes.wants_output());
}

void Streams::set_allocated(Time now, const Path& client, bool allocated) {
  if (ClientStream* stream = find(client)) stream->expiry = allocated ? never : now + idle_patience;
}

void Streams::close_soon(const Path& client) {
  if (ClientStream* stream = find(client)) stream->closing = true;
}

std::optional<ClientStream> Streams::take(const Path& client, net::Poller& poller) {
  const auto found = descriptors_.find(client);
  if (found == descriptors_.end()) return std::nullopt;
  auto node = streams_.extract(found->second);
  if (node.mapped().reader.broken() && !node.mapped().joined) count(StreamCount::broken);
  poller.remove(found->second);
  descriptors_.erase(found);
  connections_.remove(client.remote);
  return std::move(node.mapped());
}

std::vector<Path> Streams::ended(Time now) {
  std::vector<Path> paths;
  for (auto& [descriptor, stream] : streams_) {
    if (const auto reason = why_useless(now, stream)) {
      count(*reason);
      paths.push_back(stream.path);
    } else if (!stream.joined && stream.is_over()) {
      paths.push_back(stream.path);
    }
  }
  return paths;
}

}  // namespace parley::turn
