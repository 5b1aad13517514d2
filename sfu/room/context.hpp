#pragma once
// What every part of one Engine shares: its certificate, randomness, limits and counters, and the lists of those for whom
// something is to leave. Owned by the Engine and handed down by reference.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sfu/base/counters.hpp"
#include "sfu/base/fifo.hpp"
#include "sfu/base/outbox.hpp"
#include "sfu/base/random.hpp"
#include "sfu/base/time.hpp"
#include "sfu/control/event.hpp"
#include "sfu/transport/certificate.hpp"
#include "sfu/transport/cipher.hpp"

namespace parley::room {

class Departures;

/// Bounds on what one participant can make a worker hold. The front refuses most excess earlier and with better words;
/// these hold even if it does not.
struct Limits {
  /// A browser shows and sends a camera, a screen and two sounds; 16 leaves room for a studio.
  std::uint32_t tracks_per_participant = 16;
  /// 16 tracks of 3 simulcast encodings with a retransmission SSRC each would be 96; browsers restart a few of them.
  std::uint32_t ssrcs_per_participant = 128;
  /// Sections of a receiving connection. Browsers slow down noticeably past 100 (each is a transceiver with a decoder).
  std::uint32_t subscriptions_per_participant = 256;
  /// Videos of a room that are forwarded: of those who spoke last. 0: all of them.
  std::uint32_t last_n = 0;
  /// Microphones of a room that are forwarded: the loudest. 0: all of them.
  std::uint32_t audible_speakers = 0;
  /// What may wait in a room's data topics: of sixty senders at once a file each, a window ahead of its slowest receiver. Of one
  /// sender's it is at most a third of what then remains free (DataStore::free_for_one): sixteen files.
  std::size_t data_bytes_per_room = 64 * 1024 * 1024;
};

#define PARLEY_METRICS(METRIC)                                                        \
  METRIC(datagrams_received)                                                          \
  METRIC(rtp_received)                                                                \
  METRIC(rtp_forwarded) /* copies sent to subscribers, retransmissions apart */       \
  METRIC(rtx_received)  /* lost packets that a publisher repaired */                  \
  METRIC(rtx_sent)      /* lost packets that we repaired for a subscriber */          \
  METRIC(fec_sent)      /* repair packets, without being asked */                     \
  METRIC(nack_sent)     /* sequence numbers asked of publishers */                    \
  METRIC(nack_received) /* sequence numbers that subscribers asked for */             \
  METRIC(probe_sent)    /* packets sent again only to see what the network carries */ \
  METRIC(pli_sent)                                                                    \
  METRIC(pli_received)      /* PLI and FIR */                                         \
  METRIC(data_all_received) /* messages of data topics, by mode */                    \
  METRIC(data_wait_received)                                                          \
  METRIC(data_lossy_received)                                                         \
  METRIC(data_all_received_bytes)                                                     \
  METRIC(data_wait_received_bytes)                                                    \
  METRIC(data_lossy_received_bytes)                                                   \
  METRIC(data_all_sent) /* copies, handed to a receiver's connection */               \
  METRIC(data_wait_sent)                                                              \
  METRIC(data_lossy_sent)                                                             \
  METRIC(data_all_sent_bytes)                                                         \
  METRIC(data_wait_sent_bytes)                                                        \
  METRIC(data_lossy_sent_bytes)                                                       \
  METRIC(data_topics_left) /* by readers that were too slow */                        \
  METRIC(commands_refused)

enum class Metric : std::uint8_t {
#define PARLEY_METRIC(name) name,
  PARLEY_METRICS(PARLEY_METRIC)
#undef PARLEY_METRIC
      count_
};

constexpr std::string_view name(Metric metric) {
  constexpr std::string_view names[] = {
#define PARLEY_METRIC(name) #name,
      PARLEY_METRICS(PARLEY_METRIC)
#undef PARLEY_METRIC
  };
  return names[static_cast<std::size_t>(metric)];
}

using Statistics = Counters<Metric>;

struct Context {
  transport::Certificate certificate;
  Random random;
  Limits limits;
  std::vector<std::string> candidates;
  Statistics statistics;
  std::unique_ptr<transport::Cipher> cipher;
  /// Receivers for whom something may leave at once, in the order in which that came up. The Engine lets it leave.
  Fifo<Departures*> leaving;
  Time leaving_since{};  ///< when the list was last empty
  /// Those for whom something leaves in a later slot of their pacer, and when the first of these begins. A list for all of them
  /// costs less than a deadline for each: the slots of all receivers begin at the same instants.
  Fifo<Departures*> waiting;
  Time waiting_until = never;
};

/// The Engine's `out`. The driver sends and clears `outbox.datagrams`, `events` and `close` after each turn; `outbox.drops`
/// counts for as long as the worker lives.
struct Output {
  Outbox outbox;
  std::vector<control::EventMessage> events;
  /// TCP connections to close.
  std::vector<Path> close;

  template <typename Event>
  void tell(Event event, RequestId request = {}) {
    events.push_back({request, std::move(event)});
  }
};

/// Names one of a participant's two connections.
struct ConnectionKey {
  ParticipantId participant;
  control::Connection connection = control::Connection::publishing;
  auto operator<=>(const ConnectionKey&) const = default;
};

}  // namespace parley::room
