#include "signaling/moving.hpp"

#include <algorithm>

#include "signaling/entering.hpp"

namespace parley::signaling {
namespace {

/// The worker knows nobody of the room yet: all are added, and the publishes that came meanwhile are handed over.
void settle(HubState& state, Room& room, WorkerId worker, HubOutput& out) {
  room.worker = worker;
  room.waiting_until = never;
  for (const auto& [id, participant] : room.participants) add_to_worker(state, room, participant, out);
  for (auto& [id, held] : std::exchange(room.held, {}))
    if (state.pending.contains(held.request)) out.push_back(ToWorker{worker, std::move(held)});
}

/// Whoever waits for an answer of the dead worker's will not get one.
void fail_pending(HubState& state, const Participant& participant, HubOutput& out) {
  for (const Pending& pending : state.pending.take_all(participant.id))
    if (pending.is_awaited())
      refuse(state, pending.client, pending.mark, {"server_busy", "The media worker has stopped. Try again."}, out);
}

void forget_connections(Participant& participant) {
  for (Track& track : participant.tracks) {
    track.live = false;
    track.wanted.reset();
  }
  for (auto& [track, subscription] : participant.subscriptions) {
    subscription.state.reset();
    subscription.quality.reset();
  }
  participant.has_publishing_connection = false;
  participant.has_subscribing_connection = false;
  participant.receiving = participant.presence == Presence::conversation;
  participant.unanswered.reset();
}

void lose_worker(Time now, HubState& state, Room& room, HubOutput& out) {
  room.worker.reset();
  for (auto& [id, participant] : room.participants) {
    fail_pending(state, participant, out);
    forget_connections(participant);
  }
  if (const auto worker = state.workers.choose()) {
    settle(state, room, *worker, out);
  } else {
    room.waiting_until = now + state.settings.limits.worker_deadline;
    state.room_deadlines.set(room.id, room.waiting_until);
  }
  for (auto& [id, participant] : room.participants) tell_moved(now, state, participant, out);
}

}  // namespace

void worker_ready(Time now, HubState& state, WorkerId worker, const control::Ready& ready, HubOutput& out) {
  worker_down(now, state, worker, out);  // a worker that was started again remembers nothing
  state.workers.up(worker, ready.candidates);
  for (auto& [id, room] : state.rooms)
    if (!room.worker) settle(state, room, *state.workers.choose(), out);
}

void worker_down(Time now, HubState& state, WorkerId worker, HubOutput& out) {
  if (!state.workers.find(worker)) return;
  state.workers.down(worker);
  state.counters.add(HubCounter::workers_lost);
  for (auto& [id, room] : state.rooms)
    if (room.worker == worker) lose_worker(now, state, room, out);
}

void candidates_changed(HubState& state, WorkerId id, const control::CandidatesChanged& event, HubOutput& out) {
  Worker* worker = state.workers.find(id);
  if (!worker) return;
  std::vector<std::string> fresh;
  for (const std::string& candidate : event.candidates)
    if (std::ranges::find(worker->candidates, candidate) == worker->candidates.end()) fresh.push_back(candidate);
  worker->candidates = event.candidates;
  for (const auto& [room_id, room] : state.rooms) {
    if (room.worker != id) continue;
    for (const auto& [participant_id, participant] : room.participants)
      for (const std::string& candidate : fresh) {
        using control::Connection;
        if (participant.has_publishing_connection) send(participant, message::Candidate{Connection::publishing, candidate}, out);
        if (participant.has_subscribing_connection)
          send(participant, message::Candidate{Connection::subscribing, candidate}, out);
      }
  }
}

void give_up(HubState& state, RoomId id, HubOutput& out) {
  const auto room = state.rooms.find(id);
  if (room == state.rooms.end() || room->second.worker) return;
  state.counters.add(HubCounter::server_busy);
  std::vector<ParticipantId> everybody;
  for (const auto& [participant_id, participant] : room->second.participants) {
    everybody.push_back(participant_id);
    if (participant.client)
      close(state, *participant.client, message::ClosedCode::room_closed, "No media worker is ready. Try again later.", out);
  }
  for (const ParticipantId participant : everybody) leave(state, room->second, participant, message::LeftReason::lost, out);
}

void add_to_worker(HubState& state, Room& room, const Participant& participant, HubOutput& out) {
  if (Worker* worker = room.worker ? state.workers.find(*room.worker) : nullptr) ++worker->participants;
  const std::string cname = "p" + std::to_string(participant.id.value);
  const bool publishes_data = participant.permissions.can_publish_data;
  command(state, room, control::AddParticipant{room.id, participant.id, cname, publishes_data, !participant.is_announced()}, out);
}

void tell_moved(Time now, HubState& state, Participant& participant, HubOutput& out) {
  state.counters.add(HubCounter::moved);
  if (!participant.client) {
    participant.moved_unseen = true;
    return;
  }
  send(participant, message::Moved{}, out);
  if (!participant.has_dead_tracks()) return;
  participant.republish_until = now + state.settings.limits.resume_window;
  state.participant_deadlines.set(participant.id, participant.republish_until);
}

}  // namespace parley::signaling
