#include "sfu/transport/sctp.hpp"

#include <usrsctp.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstdlib>
#include <deque>
#include <set>
#include <stdexcept>
#include <unordered_map>

#include "sfu/base/fifo.hpp"
#include "sfu/transport/crc32c.hpp"
#include "sfu/transport/sctp_constants.hpp"
#include "sfu/transport/sctp_packet.hpp"

namespace parley::transport {

namespace {

int on_output(void* handle, void* packet, std::size_t size, std::uint8_t, std::uint8_t);
int on_arrival(struct socket*, union sctp_sockstore, void* data, std::size_t size, struct sctp_rcvinfo info, int flags,
               void* handle);
int on_acknowledged(struct socket*, std::uint32_t free_bytes, void* handle);

}  // namespace

struct Sctp::Association {
  std::uintptr_t handle = 0;
  struct socket* socket = nullptr;
  State state = State::connecting;
  std::deque<Buffer> packets;  ///< no more than one call makes, or one flight of timers: what the peer's window allows
  std::deque<Event> events;
  SctpReassembly reassembly;
  std::set<SctpStream> resets;  ///< that are wanted, or asked for and not granted yet
  std::size_t buffered = 0;
  Fifo<std::size_t> sizes;  ///< of the messages that are buffered
  std::size_t listed = 0;   ///< their sum
  Time active{};            ///< when something was last sent or received
  Time looked{};            ///< when the timers were last looked at
  bool nothing_to_repeat = false;

  Association() = default;
  Association(const Association&) = delete;
  Association& operator=(const Association&) = delete;
  ~Association();

  void open(const SctpParameters& parameters);
  template <typename Value>
  void set_option(int level, int name, const Value& value);
  void notified(Bytes notification);
  void streams_reset(Bytes notification);
  void request_resets();
  void look(Time now);
  bool is_crowded();
};

namespace {

using Association = Sctp::Association;

/// What usrsctp's globals are to this process; see the header.
class Stack {
 public:
  /// It outlives every association, also one that is a global itself.
  static Stack& of_process() {
    static Stack& stack = *new Stack;
    return stack;
  }

  std::uintptr_t add(Time now, Association& association) {
    if (associations_.empty()) ticked_ = now;
    associations_.emplace(++last_handle_, &association);
    usrsctp_register_address(pointer(last_handle_));
    return last_handle_;
  }
  void remove(std::uintptr_t handle) {
    usrsctp_deregister_address(pointer(handle));
    associations_.erase(handle);
  }
  Association* find(void* handle) const {
    const auto found = associations_.find(reinterpret_cast<std::uintptr_t>(handle));
    return found == associations_.end() ? nullptr : found->second;
  }
  static void* pointer(std::uintptr_t handle) { return reinterpret_cast<void*>(handle); }

  /// Lets the timers of all associations fire.
  void run(Time now) {
    if (now < ticked_) ticked_ = now;  // in another test, which has a time of its own
    const auto elapsed = std::chrono::duration_cast<milliseconds>(now - ticked_);
    if (elapsed.count() == 0) return;
    ticked_ += elapsed;
    usrsctp_handle_timers(static_cast<std::uint32_t>(elapsed.count()));
  }

 private:
  Stack();

  std::unordered_map<std::uintptr_t, Association*> associations_;
  std::uintptr_t last_handle_ = 0;
  Time ticked_{};
};

/// Never undone: usrsctp_finish() waits for a thread of usrsctp's (it has one that sleeps for ever, also without threads), and
/// once in some ten times a thousand it waits in vain.
Stack::Stack() {
  usrsctp_init_nothreads(0, on_output, nullptr);
  // The checksum is ours (crc32c.hpp): it is counted when it is wrong, and takes an instruction for 8 bytes.
  usrsctp_enable_crc32c_offload();
  usrsctp_sysctl_set_sctp_ecn_enable(0);  // DTLS has no way to say what the network has marked
  usrsctp_sysctl_set_sctp_pr_enable(1);
  usrsctp_sysctl_set_sctp_asconf_enable(0);
  usrsctp_sysctl_set_sctp_auth_enable(0);
  usrsctp_sysctl_set_sctp_nrsack_enable(0);
  usrsctp_sysctl_set_sctp_pktdrop_enable(0);
  usrsctp_sysctl_set_sctp_reconfig_enable(1);
  usrsctp_sysctl_set_sctp_vtag_time_wait(0);  // a new association is a new DTLS connection: nothing old arrives in it
  usrsctp_sysctl_set_sctp_sendspace(Sctp::send_buffer);
  usrsctp_sysctl_set_sctp_recvspace(Sctp::receive_window);
  usrsctp_sysctl_set_sctp_max_chunks_on_queue(maximum_chunks);
  usrsctp_sysctl_set_sctp_initial_cwnd(initial_window);
  usrsctp_sysctl_set_sctp_max_burst_default(initial_window);
  usrsctp_sysctl_set_sctp_delayed_sack_time_default(acknowledgement_delay_ms);
  usrsctp_sysctl_set_sctp_rto_initial_default(first_timeout_ms);
  usrsctp_sysctl_set_sctp_rto_min_default(shortest_timeout_ms);
  usrsctp_sysctl_set_sctp_rto_max_default(longest_timeout_ms);
  usrsctp_sysctl_set_sctp_init_rto_max_default(longest_timeout_ms);
  usrsctp_sysctl_set_sctp_init_rtx_max_default(maximum_attempts);
  usrsctp_sysctl_set_sctp_assoc_rtx_max_default(maximum_attempts);
  usrsctp_sysctl_set_sctp_path_rtx_max_default(maximum_attempts);
  usrsctp_sysctl_set_sctp_nr_outgoing_streams_default(Sctp::streams);
  usrsctp_sysctl_set_sctp_nr_incoming_streams_default(Sctp::streams);
  usrsctp_sysctl_set_sctp_default_ss_module(SCTP_SS_ROUND_ROBIN);  // a short message does not wait behind a file
}

int on_output(void* handle, void* packet, std::size_t size, std::uint8_t, std::uint8_t) {
  Association* const association = Stack::of_process().find(handle);
  if (!association) return ENOENT;
  const auto* const bytes = static_cast<const std::uint8_t*>(packet);
  write_sctp_checksum(association->packets.emplace_back(bytes, bytes + size));
  return 0;
}

int on_arrival(struct socket*, union sctp_sockstore, void* data, std::size_t size, struct sctp_rcvinfo info, int flags,
               void* handle) {
  const std::unique_ptr<void, decltype(&std::free)> owned(data, &std::free);
  Association* const association = Stack::of_process().find(handle);
  if (!association) return 1;
  const Bytes bytes{static_cast<const std::uint8_t*>(data), size};
  if (!data)
    association->state = Sctp::State::closed;
  else if (flags & MSG_NOTIFICATION)
    association->notified(bytes);
  else if (auto whole =
               association->reassembly.add({info.rcv_sid}, {network_order(info.rcv_ppid)}, bytes, (flags & MSG_EOR) != 0))
    std::visit([&](auto& message) { association->events.push_back(std::move(message)); }, *whole);
  return 1;
}

int on_acknowledged(struct socket*, std::uint32_t free_bytes, void* handle) {
  if (Association* const association = Stack::of_process().find(handle))
    association->buffered = Sctp::send_buffer - std::min<std::size_t>(free_bytes, Sctp::send_buffer);
  return 0;
}

/// usrsctp gives its notifications as structs of its own, in memory that has no type.
template <typename Struct>
Struct copied(Bytes notification) {
  Struct value{};
  std::memcpy(&value, notification.data(), std::min(sizeof value, notification.size()));
  return value;
}

}  // namespace

// --- an association ------------------------------------------------------------------------------------------------------

Sctp::Association::~Association() {
  if (socket) usrsctp_close(socket);
  if (handle) Stack::of_process().remove(handle);
}

template <typename Value>
void Sctp::Association::set_option(int level, int name, const Value& value) {
  if (usrsctp_setsockopt(socket, level, name, &value, sizeof value) != 0)
    throw std::runtime_error("usrsctp refused option " + std::to_string(name));
}

void Sctp::Association::open(const SctpParameters& parameters) {
  constexpr std::uint32_t any_acknowledgement = 1;
  void* const address = Stack::pointer(handle);
  socket = usrsctp_socket(AF_CONN, SOCK_STREAM, IPPROTO_SCTP, on_arrival, on_acknowledged, any_acknowledgement, address);
  if (!socket) throw std::runtime_error("usrsctp did not make a socket");
  usrsctp_set_non_blocking(socket, 1);
  set_option(SOL_SOCKET, SO_LINGER, linger{1, 0});  // usrsctp_close() frees at once
  set_option(IPPROTO_SCTP, SCTP_NODELAY, int{1});
  set_option(IPPROTO_SCTP, SCTP_ENABLE_STREAM_RESET, sctp_assoc_value{SCTP_ALL_ASSOC, 1});
  for (const int event : {SCTP_ASSOC_CHANGE, SCTP_STREAM_RESET_EVENT, SCTP_PARTIAL_DELIVERY_EVENT}) {
    sctp_event wanted{};
    wanted.se_assoc_id = SCTP_ALL_ASSOC;
    wanted.se_type = static_cast<std::uint16_t>(event);
    wanted.se_on = 1;
    set_option(IPPROTO_SCTP, SCTP_EVENT, wanted);
  }
  // ICE checks the path; and of its size we have made sure.
  sctp_paddrparams path{};
  path.spp_flags = SPP_PMTUD_DISABLE | SPP_HB_DISABLE;
  path.spp_pathmtu = maximum_packet - common_header;
  set_option(IPPROTO_SCTP, SCTP_PEER_ADDR_PARAMS, path);

  sockaddr_conn end{};
  end.sconn_family = AF_CONN;
  end.sconn_addr = address;
  end.sconn_port = network_order(parameters.local_port);
  if (usrsctp_bind(socket, reinterpret_cast<sockaddr*>(&end), sizeof end) != 0)
    throw std::runtime_error("usrsctp refused a port");
  end.sconn_port = network_order(parameters.remote_port);
  if (usrsctp_connect(socket, reinterpret_cast<sockaddr*>(&end), sizeof end) != 0 && errno != EINPROGRESS)
    throw std::runtime_error("usrsctp did not connect");
}

void Sctp::Association::notified(Bytes notification) {
  switch (copied<sctp_notification::sctp_tlv>(notification).sn_type) {
    case SCTP_ASSOC_CHANGE: {
      const auto change = copied<sctp_assoc_change>(notification).sac_state;
      // A peer that starts anew within one DTLS connection has forgotten its channels: for us that is the end too.
      if (change == SCTP_COMM_UP && state == State::connecting)
        state = State::connected;
      else
        state = State::closed;
      break;
    }
    case SCTP_STREAM_RESET_EVENT:
      streams_reset(notification);
      break;
    case SCTP_PARTIAL_DELIVERY_EVENT:
      // The peer has given up a message of which pieces had come (RFC 3758).
      reassembly.forget({static_cast<std::uint16_t>(copied<sctp_pdapi_event>(notification).pdapi_stream)});
      break;
    default:
      break;
  }
}

void Sctp::Association::streams_reset(Bytes notification) {
  const auto head = copied<sctp_stream_reset_event>(notification);
  const bool incoming = (head.strreset_flags & SCTP_STREAM_RESET_INCOMING_SSN) != 0;
  if (head.strreset_flags & (SCTP_STREAM_RESET_FAILED | SCTP_STREAM_CHANGED_DENIED)) return;  // usrsctp, or we, ask again
  for (Bytes list = notification.subspan(sizeof head); list.size() >= sizeof(std::uint16_t); list = list.subspan(2)) {
    const SctpStream stream{copied<std::uint16_t>(list)};
    if (incoming) {
      reassembly.forget(stream);
    } else {
      resets.erase(stream);
    }
    events.push_back(StreamReset{stream, incoming ? Direction::incoming : Direction::outgoing});
  }
}

void Sctp::Association::request_resets() {
  if (resets.empty() || state != State::connected) return;
  // Asking again for one that is on its way changes nothing.
  std::vector<std::uint8_t> request(sizeof(sctp_reset_streams) + resets.size() * sizeof(std::uint16_t));
  sctp_reset_streams head{};
  head.srs_flags = SCTP_STREAM_RESET_OUTGOING;
  head.srs_number_streams = static_cast<std::uint16_t>(resets.size());
  std::memcpy(request.data(), &head, sizeof head);
  std::size_t at = sizeof head;
  for (const SctpStream stream : resets) {
    std::memcpy(request.data() + at, &stream.value, sizeof stream.value);
    at += sizeof stream.value;
  }
  usrsctp_setsockopt(socket, IPPROTO_SCTP, SCTP_RESET_STREAMS, request.data(), static_cast<socklen_t>(request.size()));
}

void Sctp::Association::look(Time now) {
  looked = now;
  Stack::of_process().run(now);
  if (!packets.empty()) active = now;
  if (now - active < settled || state != State::connected) {
    nothing_to_repeat = false;
    return;
  }
  sctp_status status{};
  socklen_t size = sizeof status;
  const bool known = usrsctp_getsockopt(socket, IPPROTO_SCTP, SCTP_STATUS, &status, &size) == 0;
  nothing_to_repeat = known && status.sstat_unackdata == 0 && status.sstat_penddata == 0 && resets.empty();
}

/// usrsctp's own limit leaves out what has not been sent yet. What is acknowledged is taken to be the oldest.
bool Sctp::Association::is_crowded() {
  while (!sizes.empty() && listed - sizes.front() >= buffered) listed -= sizes.pop();
  return sizes.size() >= maximum_chunks;
}

// --- the machine ---------------------------------------------------------------------------------------------------------

Sctp::Sctp(Time now, const SctpParameters& parameters) : association_(std::make_unique<Association>()) {
  association_->handle = Stack::of_process().add(now, *association_);
  Stack::of_process().run(now);
  association_->open(parameters);
  association_->active = association_->looked = now;
}

Sctp::Sctp(Sctp&&) noexcept = default;
Sctp& Sctp::operator=(Sctp&&) noexcept = default;

Sctp::~Sctp() = default;

void Sctp::receive(Time now, Bytes packet, Drops& drops) {
  if (association_->state == State::closed) return drops.add(DropReason::sctp_closed);
  const bool sound = sctp_checksum_matches(packet) && is_sound_sctp(packet, association_->state == State::connected);
  if (!sound) return drops.add(DropReason::sctp_malformed);
  Stack::of_process().run(now);
  usrsctp_conninput(Stack::pointer(association_->handle), packet.data(), packet.size(), 0);
  association_->active = association_->looked = now;
  association_->nothing_to_repeat = false;
  association_->request_resets();
}

void Sctp::advance(Time now) {
  if (now < wakeup() || association_->state == State::closed) return;
  association_->look(now);
  association_->request_resets();
}

Time Sctp::wakeup() const {
  const Association& it = *association_;
  if (!it.packets.empty() || !it.events.empty()) return it.looked;
  if (it.state == State::closed || it.nothing_to_repeat) return never;
  return it.looked + std::clamp<Duration>((it.looked - it.active) / tick_share, shortest_tick, longest_tick);
}

Sctp::State Sctp::state() const { return association_->state; }

std::optional<Buffer> Sctp::take_packet() {
  if (association_->packets.empty()) return std::nullopt;
  Buffer packet = std::move(association_->packets.front());
  association_->packets.pop_front();
  return packet;
}

std::optional<Sctp::Event> Sctp::take_event() {
  if (association_->events.empty()) return std::nullopt;
  Event event = std::move(association_->events.front());
  association_->events.pop_front();
  return event;
}

Sent Sctp::send(Time now, SctpStream stream, Ppid ppid, const Reliability& reliability, Bytes message) {
  assert(!message.empty() && message.size() <= maximum_message);
  if (association_->state != State::connected) return Sent::refused;
  Stack::of_process().run(now);
  if (association_->is_crowded()) return Sent::later;
  sctp_sendv_spa how{};
  how.sendv_flags = SCTP_SEND_SNDINFO_VALID;
  how.sendv_sndinfo.snd_sid = stream.value;
  how.sendv_sndinfo.snd_ppid = network_order(ppid.value);
  how.sendv_sndinfo.snd_flags = reliability.ordered ? 0 : SCTP_UNORDERED;
  if (reliability.kind != Reliability::Kind::reliable) {
    how.sendv_flags |= SCTP_SEND_PRINFO_VALID;
    const bool lifetime = reliability.kind == Reliability::Kind::lifetime;
    how.sendv_prinfo.pr_policy = lifetime ? SCTP_PR_SCTP_TTL : SCTP_PR_SCTP_RTX;
    how.sendv_prinfo.pr_value = reliability.limit;
  }
  association_->active = association_->looked = now;
  association_->nothing_to_repeat = false;
  if (usrsctp_sendv(association_->socket, message.data(), message.size(), nullptr, 0, &how, sizeof how, SCTP_SENDV_SPA, 0) < 0)
    return errno == EWOULDBLOCK ? Sent::later : Sent::refused;
  association_->buffered += message.size();
  association_->sizes.push(message.size());
  association_->listed += message.size();
  return Sent::accepted;
}

void Sctp::reset(Time now, SctpStream stream) {
  // Or the timer that repeats it would have all the time behind it in which nobody looked.
  Stack::of_process().run(now);
  association_->resets.insert(stream);
  association_->active = association_->looked = now;
  association_->nothing_to_repeat = false;
  association_->request_resets();
}

std::size_t Sctp::buffered_amount() const { return association_->buffered; }

std::size_t Sctp::congestion_window() const {
  sctp_status status{};
  socklen_t size = sizeof status;
  const bool known = association_->state == State::connected &&
                     usrsctp_getsockopt(association_->socket, IPPROTO_SCTP, SCTP_STATUS, &status, &size) == 0;
  return known ? status.sstat_primary.spinfo_cwnd : 0;
}

bool Sctp::has_room() { return association_->buffered <= send_buffer - maximum_message && !association_->is_crowded(); }

}  // namespace parley::transport
