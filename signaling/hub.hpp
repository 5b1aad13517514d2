#pragma once
// The heart of the front: rooms, participants, sessions and workers as one pure machine. It knows no JSON, no HTTP and no
// process. Clients (whatever dialect they speak) send Requests and get Messages; workers get Commands and send Events.

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "sfu/base/address.hpp"
#include "sfu/base/random.hpp"
#include "sfu/base/time.hpp"
#include "sfu/control/command.hpp"
#include "sfu/control/event.hpp"
#include "signaling/participant.hpp"
#include "signaling/protocol.hpp"
#include "signaling/relay.hpp"

namespace parley::signaling {

struct HubState;

/// A media worker: one parley-sfu process. A worker that was started again may carry the same id.
using WorkerId = Id<struct WorkerTag>;

struct HubSettings {
  Limits limits;
  std::vector<IceServer> ice_servers;
  bool direct = true;  ///< browsers may connect to each other
};

// ---- what comes in

/// The first thing said about a client.
struct ClientOpened {
  ClientId client;
  Address address;
  std::string host = {};  ///< under which it has reached this server; empty: it did not say
};
struct ClientRequest {
  ClientId client;
  RequestMessage message;
};
/// The dialect could not read what the client sent: it is answered with the error, and counted.
struct ClientUnreadable {
  ClientId client;
  std::string mark;
  Error error;
};
/// The connection is gone. Also said after a CloseClient, or when the client has closed it.
struct ClientClosed {
  ClientId client;
};
/// A worker is up once its Ready event has come.
struct WorkerEvent {
  WorkerId worker;
  control::EventMessage message;
};
struct WorkerDown {
  WorkerId worker;
};
/// The bundled relay is up: from now on clients are told of it.
struct RelayReady {
  Relay relay;
};
/// The server is about to end: everybody is told.
struct ServerStopping {};

using HubInput = std::variant<ClientOpened, ClientRequest, ClientUnreadable, ClientClosed, WorkerEvent, WorkerDown, RelayReady,
                              ServerStopping>;

// ---- what goes out

/// The connection is to be closed once everything sent to the client has gone out; ClientClosed is still to follow.
struct CloseClient {
  ClientId client;
};
struct ToWorker {
  WorkerId worker;
  control::CommandMessage message;
};

/// In the order in which it happened.
using HubOutput = std::vector<std::variant<ToClient, CloseClient, ToWorker>>;

/// What /metrics and /healthz tell.
struct WorkerSummary {
  WorkerId worker;
  std::uint32_t participants = 0;
  control::Statistics statistics;
};
struct HubSummary {
  std::size_t clients = 0;
  std::size_t rooms = 0;
  std::size_t participants = 0;
  std::vector<WorkerSummary> workers;  ///< the ready ones
  Counters<HubCounter> counters;
};

/// What somebody in a room receives, and why: one entry for each subscription, in the order in which the tracks were published.
struct WhySummary {
  struct Entry {
    std::string publisher;       ///< identity
    std::string publisher_name;  ///< may be empty
    TrackInfo track;
    Subscription subscription;
  };
  std::string room;
  std::string identity;
  std::string name;  ///< may be empty
  std::vector<Entry> entries;
};

class Hub {
 public:
  Hub(HubSettings settings, Keys keys, Random random);
  ~Hub();
  Hub(Hub&&) noexcept;

  void receive(Time now, const HubInput& input, HubOutput& out);
  /// Deadlines: joining, coming back, workers that do not answer, rooms that wait for a worker.
  void advance(Time now, HubOutput& out);
  Time wakeup() const;

  HubSummary summary() const;
  bool has_room(const std::string& name) const;
  /// Nothing: there is no such room, or nobody with this identity in it.
  std::optional<WhySummary> why(const std::string& room, const std::string& identity) const;

 private:
  std::unique_ptr<HubState> state_;
};

}  // namespace parley::signaling
