#include "sfu/transport/ice_lite.hpp"

#include <algorithm>

#include "sfu/stun/builder.hpp"
#include "sfu/stun/message.hpp"

namespace parley::transport {

namespace {

void answer_success(const Path& path, const stun::Message& request, const std::string& password, Outbox& out) {
  stun::Builder answer(out.datagrams.reserve(), stun::Class::success, stun::Method::binding, request.transaction());
  answer.xor_address(stun::Attribute::xor_mapped_address, path.remote);
  out.datagrams.commit(path, answer.finish(as_bytes(password)).size());
}

void answer_unknown(const Path& path, const stun::Message& request, const std::vector<std::uint16_t>& unknown,
                    const std::string& password, Outbox& out) {
  stun::Builder answer(out.datagrams.reserve(), stun::Class::error, stun::Method::binding, request.transaction());
  answer.error(420, "Unknown Attribute").unknown_attributes(unknown);
  if (const Bytes datagram = answer.finish(as_bytes(password)); !datagram.empty()) out.datagrams.commit(path, datagram.size());
}

void answer_role_conflict(const Path& path, const stun::Message& request, const std::string& password, Outbox& out) {
  stun::Builder answer(out.datagrams.reserve(), stun::Class::error, stun::Method::binding, request.transaction());
  answer.error(487, "Role Conflict");
  out.datagrams.commit(path, answer.finish(as_bytes(password)).size());
}

/// Who sent the request is not known and its source may be forged, so that the answer must not be larger than the request.
void answer_unauthenticated(const Path& path, const stun::Message& request, std::size_t request_size, int code, Outbox& out) {
  stun::Builder answer(out.datagrams.reserve(), stun::Class::error, stun::Method::binding, request.transaction());
  answer.error(code, "");
  if (const Bytes datagram = answer.finish(); datagram.size() <= request_size) out.datagrams.commit(path, datagram.size());
}

}  // namespace

IceLite::IceLite(IceCredentials local) : generations_{{std::move(local), {}}} {}

void IceLite::set_remote_ufrag(std::string ufrag) { generations_.back().remote_ufrag = std::move(ufrag); }

void IceLite::restart(IceCredentials local) {
  // A second restart before the first one has finished replaces it: what is in use now stays usable.
  generations_.resize(1);
  generations_.push_back({std::move(local), {}});
}

IceLite::Change IceLite::receive(Time now, const Path& path, Bytes datagram, Outbox& out) {
  const auto message = stun::Message::parse(datagram);
  // RFC 8445 section 7.1.2: each check carries FINGERPRINT, which tells it from other protocols on the same port.
  if (!message || !message->has_fingerprint()) {
    out.drops.add(DropReason::stun_malformed);
    return {};
  }
  if (message->type() != stun::Class::request || message->method() != stun::Method::binding) {
    out.drops.add(DropReason::stun_unexpected);
    return {};
  }
  const Generation* const generation = authenticate(path, *message, datagram.size(), out);
  if (!generation) return {};
  const std::string password = generation->local.password;
  // RFC 8489 section 6.3.1.
  if (const auto unknown = message->unknown_required(); !unknown.empty()) {
    answer_unknown(path, *message, unknown, password, out);
    return {};
  }
  // RFC 8445 section 7.3.1.1: a lite agent is always controlled, so a peer that says it is too has to switch.
  if (message->has(stun::Attribute::ice_controlled)) {
    answer_role_conflict(path, *message, password, out);
    return {};
  }
  const Change change = accept(now, path);
  if (message->has(stun::Attribute::use_candidate)) nominate(path, *generation);
  select(now);
  answer_success(path, *message, password, out);
  return change;
}

const IceLite::Generation* IceLite::authenticate(const Path& path, const stun::Message& request, std::size_t size,
                                                 Outbox& out) const {
  // RFC 8489 section 9.1.3, short-term credentials: 400 when they are not there, 401 when they are wrong.
  const auto username = request.find(stun::Attribute::username);
  if (!username || !request.has_integrity()) {
    out.drops.add(DropReason::stun_bad_integrity);
    answer_unauthenticated(path, request, size, 400, out);
    return nullptr;
  }
  const Generation* const generation = generation_of(as_text(*username));
  if (generation && request.integrity_is_valid(as_bytes(generation->local.password))) return generation;
  out.drops.add(generation ? DropReason::stun_bad_integrity : DropReason::stun_unknown_ufrag);
  answer_unauthenticated(path, request, size, 401, out);
  return nullptr;
}

const IceLite::Generation* IceLite::generation_of(std::string_view username) const {
  const std::string_view ours = stun::receiver_ufrag(username);
  const std::string_view theirs = stun::sender_ufrag(username);
  const auto found = std::ranges::find_if(generations_, [&](const Generation& generation) {
    return generation.local.ufrag == ours && (generation.remote_ufrag.empty() || generation.remote_ufrag == theirs);
  });
  return found == generations_.end() ? nullptr : &*found;
}

IceLite::Change IceLite::accept(Time now, const Path& path) {
  Change change;
  auto tuple = std::ranges::find(tuples_, path, &Tuple::path);
  if (tuple == tuples_.end()) {
    change = {.added = path, .forgotten = make_room()};
    tuple = tuples_.insert(tuples_.end(), Tuple{path, now, 0, now});
  }
  tuple->last_check = tuple->last_heard = now;
  return change;
}

bool IceLite::heard(Time now, const Path& path) {
  const auto speaking = std::ranges::find(tuples_, path, &Tuple::path);
  if (speaking == tuples_.end()) return false;
  speaking->last_heard = now;
  if (!selected_ || *selected_ == path) return false;
  const auto selected = std::ranges::find(tuples_, *selected_, &Tuple::path);
  if (now - selected->last_heard < silence_before_move) return false;
  speaking->nominated = ++nominations_;
  select(now);
  return true;
}

std::optional<Path> IceLite::make_room() {
  if (tuples_.size() < max_paths) return std::nullopt;
  const auto silent = std::ranges::min_element(
      tuples_, {}, [this](const Tuple& tuple) { return std::pair(tuple.path == selected_, tuple.last_check); });
  const Path path = silent->path;
  tuples_.erase(silent);
  return path;
}

void IceLite::nominate(const Path& path, const Generation& generation) {
  std::ranges::find(tuples_, path, &Tuple::path)->nominated = ++nominations_;
  if (&generation != &generations_.front()) generations_.erase(generations_.begin());
}

void IceLite::select(Time now) {
  const Tuple* best = nullptr;
  for (const Tuple& tuple : tuples_)
    if (tuple.nominated > (best ? best->nominated : 0) && now < tuple.last_check + consent_lifetime) best = &tuple;
  selected_ = best ? std::optional(best->path) : std::nullopt;
  was_selected_ = was_selected_ || best;
}

void IceLite::remove(const Path& path) {
  std::erase_if(tuples_, [&](const Tuple& tuple) { return tuple.path == path; });
  if (selected_ != path) return;
  selected_.reset();
  // The newest check stands in for the time, which this function is not told: it is at most too early, and advance() corrects it.
  if (!tuples_.empty()) select(std::ranges::max(tuples_, {}, &Tuple::last_check).last_check);
}

void IceLite::advance(Time now) { select(now); }

Time IceLite::wakeup() const {
  if (!selected_) return never;
  return std::ranges::find(tuples_, *selected_, &Tuple::path)->last_check + consent_lifetime;
}

bool IceLite::knows(const Path& path) const { return std::ranges::find(tuples_, path, &Tuple::path) != tuples_.end(); }

std::vector<Path> IceLite::paths() const {
  std::vector<Path> paths;
  for (const Tuple& tuple : tuples_) paths.push_back(tuple.path);
  return paths;
}

}  // namespace parley::transport
