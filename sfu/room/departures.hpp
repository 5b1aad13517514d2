#pragma once
// What has been decided to be sent to one receiver and has not been sent yet. Forwarding only writes a note here; the packet is
// built and encrypted when it leaves, together with everything else for this receiver, because datagrams for one destination
// cost half as much when they pass the network stack together.

#include "sfu/base/prefetch.hpp"
#include "sfu/media/pacer.hpp"
#include "sfu/media/retransmission_budget.hpp"
#include "sfu/media/sent_history.hpp"
#include "sfu/room/context.hpp"

namespace parley::room {

class Subscription;

/// The note: a packet by its place in the publication's cache, and the numbers under which it leaves.
struct Departure {
  enum class Kind : std::uint8_t { media, retransmission, padding, nothing };
  Subscription* subscription = nullptr;
  media::SentRecord record;
  Kind kind = Kind::media;
  PayloadType published;  ///< the publisher's payload type
};

class Departures {
 public:
  explicit Departures(Context& context) : context_(context) {}
  ~Departures();
  Departures(const Departures&) = delete;
  Departures& operator=(const Departures&) = delete;

  void set_streams(std::size_t streams) { pacer_.set_streams(streams); }
  /// How much of what the receiver's network carries may be retransmissions. Whoever knows an estimate says so.
  media::RetransmissionBudget& retransmissions() { return retransmissions_; }
  /// Bits per second at which to pace; 0: not known.
  void set_rate(std::uint64_t bits_per_second);
  /// push() will be called soon.
  void expect() const { prefetch(this, sizeof *this); }
  /// A new departure of so many bytes, for the caller to fill. Null: too much waits, and that is counted. `urgent`: not paced.
  Departure* push(Time now, bool urgent, std::size_t bytes, Drops& drops);
  /// Sends what may leave now. Whoever takes this out of Context::leaving calls it.
  void flush(Time now, Output& out);
  /// A slot may have begun. Whoever takes this out of Context::waiting calls it.
  void end_wait(Time now);
  void forget(const Subscription& subscription);
  /// What waits of this subscription's media is not sent any more: a key frame of a smaller picture follows, which need not wait
  /// behind what the network does not carry. Retransmissions stay.
  void drop_media(const Subscription& subscription, Drops& drops);

 private:
  /// Into Context::leaving, or Context::waiting, or neither.
  void announce(Time now);
  void wait();

  Context& context_;
  bool leaving_ = false;  ///< in context_.leaving
  bool waiting_ = false;  ///< in context_.waiting
  media::Pacer<Departure> pacer_;
  media::RetransmissionBudget retransmissions_;
};

}  // namespace parley::room
