// What a failed scenario prints: how each client, the workers and the Hub are at the end.

#include <sstream>

#include "tests/sim/world.hpp"

namespace parley::sim {

namespace {

std::string_view name(loadtest::Connection::State state) {
  constexpr std::string_view names[] = {"idle", "connecting", "connected", "disconnected", "failed"};
  return names[static_cast<std::size_t>(state)];
}

std::string_view name(loadtest::ProbeCount count) {
  constexpr std::string_view names[] = {"packets",         "duplicates",   "repaired",         "frames_shown",
                                        "keyframes_shown", "frames_late",  "frames_abandoned", "freezes",
                                        "damaged",         "wrong_source", "misplaced"};
  return names[static_cast<std::size_t>(count)];
}

template <typename Enum>
void write(const Counters<Enum>& counters, std::ostream& out) {
  for (std::size_t i = 0; i < Counters<Enum>::size; ++i)
    if (const auto count = counters[static_cast<Enum>(i)]) out << ' ' << name(static_cast<Enum>(i)) << '=' << count;
}

void write(const Client& client, std::ostream& out) {
  const auto& peer = client.peer();
  out << "client " << int{client.number()} << (client.joined() ? " joined" : "") << (client.left() ? " left" : "");
  if (peer.publisher()) {
    out << "; sending is " << name(peer.publisher()->connection().state());
    out << ", packets=" << peer.publisher()->counters()[loadtest::SendCount::packets];
  }
  if (peer.subscriber()) {
    out << "; receiving is " << name(peer.subscriber()->connection().state());
    for (const auto& [mid, track] : peer.subscriber()->tracks()) {
      out << "\n    track " << track.track().value << (track.kind() == control::Kind::audio ? " audio" : " video");
      if (track.probe().source()) out << " from " << track.probe().source()->publisher;
      write(track.probe().counters(), out);
    }
  }
  for (std::size_t i = 0; peer.data() && i < loadtest::data_modes; ++i) {
    const auto& counts = peer.data()->modes[i];
    out << "\n    data " << loadtest::data_mode_names[i] << " sent=" << counts.sent << " received=" << counts.received
        << " lost=" << counts.lost << " repeated=" << counts.repeated << " misplaced=" << counts.misplaced
        << " left=" << counts.left << " refused=" << counts.refused;
  }
  for (const auto& [track, quality] : client.qualities())
    out << "\n    told of track " << track.value << ": encoding " << int{quality.current.encoding}
        << (quality.current.paused ? ", paused" : "") << ", limit " << static_cast<int>(quality.limit) << ", estimate "
        << quality.estimate_bits_per_second;
  for (const auto& error : client.errors()) out << "\n    error " << error.code << ": " << error.message;
  out << '\n';
}

}  // namespace

std::string World::describe() const {
  std::ostringstream out;
  out << "seed " << settings_.seed << '\n';
  for (const auto& violation : violations_) out << "VIOLATION " << violation << '\n';
  for (const auto& [number, person] : people_) write(*person.client, out);
  for (const auto& worker : workers_) {
    out << "worker" << (worker.engine ? "" : " (down)");
    if (worker.engine) write(worker.engine->statistics(), out);
    out << "\n    drops";
    write(worker.out.outbox.drops, out);
    out << '\n';
  }
  const auto summary = hub_.summary();
  out << "hub: " << summary.rooms << " rooms, " << summary.participants << " participants, " << summary.clients << " clients;";
  write(summary.counters, out);
  return out.str();
}

}  // namespace parley::sim
