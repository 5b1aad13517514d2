#include "sfu/room/room.hpp"

#include <algorithm>
#include <cassert>

#include "sfu/room/data_pump.hpp"
#include "sfu/room/description.hpp"

namespace parley::room {

namespace {

/// The first packet of speech opens a microphone while another one rests: the beginning of a word is lost otherwise.
constexpr Duration one_packet = milliseconds(20);

/// So many receivers before its turn the memory of one is fetched: first the subscription, then what it points to.
constexpr std::size_t far_ahead = 6;
constexpr std::size_t near_ahead = 3;

bool is_camera(const Publication& publication) { return publication.kind() == control::Kind::video && !publication.screen(); }

}  // namespace

Room::Room(RoomId id, Context& context)
    : id_(id),
      context_(context),
      data_(context.statistics, context.limits.data_bytes_per_room),
      audible_({.seats = context.limits.audible_speakers, .speech_to_enter_idle = one_packet}),
      visible_({.seats = context.limits.last_n}) {}

Participant& Room::add(ParticipantId participant, std::string cname, DataPermissions data) {
  auto& added = participants_[participant] = std::make_unique<Participant>();
  added->id = participant;
  added->cname = std::move(cname);
  data_.add(participant, data);
  return *added;
}

Participant* Room::find(ParticipantId participant) {
  const auto found = participants_.find(participant);
  return found == participants_.end() ? nullptr : found->second.get();
}

void Room::remove(Time now, ParticipantId id, Output& out) {
  auto* participant = find(id);
  if (!participant) return;
  if (participant->subscribing) {
    for (const auto& subscription : participant->subscribing->subscriptions()) unlink(*subscription);
    participant->subscribing->transport().close(now, out.outbox);
  }
  if (participant->publishing) {
    for (const auto& [section, publication] : participant->publishing->publications()) end(now, *publication, out);
    participant->publishing->transport().close(now, out.outbox);
  }
  speakers_.remove(now, id);
  leave_seats(now, id, out);
  data_.remove(id, out.outbox.drops);
  participants_.erase(id);
  assert(!participants_.empty() || data_.empty());
}

Result<control::Published> Room::publish(Time now, Participant& publisher, const control::Publish& command, Output& out) {
  // A connection that takes another's place is tried out first, so that a refused offer leaves the old one alone.
  std::unique_ptr<PublishingConnection> fresh;
  if (!publisher.publishing || command.replace)
    fresh = std::make_unique<PublishingConnection>(context_, publisher.id, make_credentials(context_.random));
  auto negotiated = (fresh ? *fresh : *publisher.publishing).negotiate(command);
  if (!negotiated) return negotiated.error();
  if (fresh) replace_publishing(now, publisher, std::move(fresh), out);
  for (const auto& publication : negotiated->ended) end(now, *publication, out);
  for (const auto& request : command.tracks)
    if (auto* publication = publisher.publishing->find(request.track)) publication->set_screen(request.screen);
  update_seats(now, publisher, out);
  return std::move(negotiated->published);
}

void Room::replace_publishing(Time now, Participant& publisher, std::unique_ptr<PublishingConnection> fresh, Output& out) {
  const auto old = std::exchange(publisher.publishing, std::move(fresh));
  if (!old) return;
  data_.disconnect(publisher.id, out.outbox.drops);
  for (const auto& [section, publication] : old->publications()) {
    std::vector<ParticipantId> subscribers;
    for (const auto* subscription : publication->subscriptions()) subscribers.push_back(subscription->subscriber());
    end(now, *publication, out);
    // Tracks that live on under their id keep their receivers.
    auto* successor = publisher.publishing->find(publication->track());
    if (!successor) continue;
    successor->mute(publication->muted());
    for (const auto subscriber : subscribers) resubscribe(now, *find(subscriber), publisher, publication->track(), out);
  }
  old->transport().close(now, out.outbox);
}

void Room::unpublish(Time now, Participant& publisher, TrackId track, Output& out) {
  if (const auto publication = publisher.publishing->take(track)) end(now, *publication, out);
  update_seats(now, publisher, out);
}

void Room::end(Time now, Publication& publication, Output& out) {
  while (!publication.subscriptions().empty()) {
    auto& subscription = *publication.subscriptions().back();
    unlink(subscription);
    find(subscription.subscriber())->subscribing->remove(now, publication.track(), out);
  }
}

Result<std::monostate> Room::subscribe(Time now, Participant& subscriber, Participant& publisher, TrackId track, Output& out) {
  auto* publication = publisher.publishing ? publisher.publishing->find(track) : nullptr;
  if (!publication) return Error{"track_unknown", "There is no such track (any more)."};
  if (!subscriber.subscribing)
    subscriber.subscribing = std::make_unique<SubscribingConnection>(context_, subscriber.id, make_credentials(context_.random));
  if (subscriber.subscribing->find(track)) return std::monostate{};
  if (subscriber.subscribing->subscriptions().size() >= context_.limits.subscriptions_per_participant)
    return Error{"too_many_tracks", "At most " + std::to_string(context_.limits.subscriptions_per_participant) +
                                        " tracks can be received at once. Unsubscribe from one first."};
  auto& subscription = subscriber.subscribing->add(track);
  link(*publication, subscription);
  subscriber.subscribing->place(now, subscription, publisher.cname, out);
  return std::monostate{};
}

void Room::resubscribe(Time now, Participant& subscriber, Participant& publisher, TrackId track, Output& out) {
  const auto subscribed = subscribe(now, subscriber, publisher, track, out);
  if (subscribed) return;
  const auto& [code, message] = subscribed.error();
  out.tell(control::SubscriptionChanged{subscriber.id, track, control::SubscriptionState::refused, code, message});
}

void Room::unsubscribe(Time now, Participant& subscriber, TrackId track, Output& out) {
  auto* subscription = subscriber.subscribing ? subscriber.subscribing->find(track) : nullptr;
  if (!subscription) return;
  unlink(*subscription);
  subscriber.subscribing->remove(now, track, out);
}

void Room::replace_subscribing(Time now, Participant& subscriber, Output& out) {
  auto old = std::move(subscriber.subscribing);
  if (!old) return;
  for (const auto& subscription : old->subscriptions()) {
    auto* publication = subscription->publication();
    unlink(*subscription);
    if (auto* publisher = find(publication->publisher())) resubscribe(now, subscriber, *publisher, publication->track(), out);
  }
  old->transport().close(now, out.outbox);
}

void Room::link(Publication& publication, Subscription& subscription) {
  subscription.set_publication(&publication);
  publication.subscriptions().push_back(&subscription);
}

void Room::unlink(Subscription& subscription) {
  if (auto* publication = subscription.publication()) std::erase(publication->subscriptions(), &subscription);
  subscription.set_publication(nullptr);
  subscription.unbind();
}

void Room::receive_rtp(Time now, Participant& publisher, Bytes packet, Output& out) {
  const auto arrival = publisher.publishing->receive_rtp(now, packet, out);
  if (!arrival) return;
  auto& publication = *arrival->publication;
  const auto& accepted = arrival->accepted;
  if (accepted.first)
    out.tell(control::TrackStarted{publisher.id, publication.track(), publication.codec_name(accepted.packet->payload_type)});
  if (publication.muted()) {
    out.outbox.drops.add(DropReason::track_muted);
    return;
  }
  if (accepted.packet && publication.kind() == control::Kind::audio) hear(now, publisher.id, *accepted.packet, out);
  if (!publication.permitted()) {
    out.outbox.drops.add(DropReason::track_not_selected);
    return;
  }
  const auto& subscriptions = publication.subscriptions();
  for (std::size_t i = 0; i < subscriptions.size(); ++i) {
    if (i + far_ahead < subscriptions.size()) subscriptions[i + far_ahead]->expect();
    if (i + near_ahead < subscriptions.size()) subscriptions[i + near_ahead]->expect_forward();
    auto* const subscription = subscriptions[i];
    if (accepted.new_source) subscription->restart();
    if (accepted.packet)
      subscription->forward(now, accepted.layer, *accepted.packet, out);
    else
      subscription->skip(now, accepted.layer, *accepted.padding, out);
  }
}

void Room::hear(Time now, ParticipantId speaker, const media::MediaPacket& packet, Output& out) {
  for (const auto& item : packet.extensions.items()) {
    if (item.extension != rtp::Extension::audio_level) continue;
    const auto level = rtp::parse_audio_level(packet.extensions.value(item));
    if (!level) continue;
    speakers_.receive(now, speaker, *level);
    // Only now: sound that comes without levels cannot be chosen by them, and is always forwarded.
    if (audible_.add(now, speaker)) apply_selection(now, speaker, out);
    for (auto* selection : {&audible_, &visible_}) {
      const auto replaced = selection->receive(now, speaker, *level);
      if (!replaced) continue;
      apply_selection(now, *replaced, out);
      apply_selection(now, speaker, out);
    }
  }
}

void Room::update_seats(Time now, Participant& publisher, Output& out) {
  bool sound = false;
  bool camera = false;
  for (const auto& [section, publication] : publisher.publishing->publications()) {
    sound |= publication->kind() == control::Kind::audio;
    camera |= is_camera(*publication);
  }
  const auto leave = [&](media::SpeakerSelection& selection) {
    if (const auto successor = selection.remove(now, publisher.id)) apply_selection(now, *successor, out);
  };
  if (!sound) leave(audible_);
  if (!camera) leave(visible_);
  if (camera) visible_.add(now, publisher.id);
  apply_selection(now, publisher.id, out);
}

void Room::leave_seats(Time now, ParticipantId participant, Output& out) {
  for (auto* selection : {&audible_, &visible_})
    if (const auto successor = selection->remove(now, participant)) apply_selection(now, *successor, out);
}

void Room::apply_selection(Time now, ParticipantId id, Output& out) {
  auto* participant = find(id);
  if (!participant || !participant->publishing) return;
  for (const auto& [section, publication] : participant->publishing->publications()) {
    if (publication->screen()) continue;
    const bool camera = is_camera(*publication);
    const bool permitted = (camera ? visible_ : audible_).selected(id);
    if (permitted == publication->permitted()) continue;
    publication->permit(permitted);
    for (auto* subscription : publication->subscriptions()) {
      subscription->restart();
      if (permitted)
        subscription->request_keyframe(now);
      else if (camera)
        subscription->become(control::SubscriptionState::paused, "policy",
                             "Only the cameras of those who spoke last are shown in this room.", out);
    }
  }
}

void Room::mute(Time now, Publication& publication, bool muted) {
  publication.mute(muted);
  if (muted) speakers_.remove(now, publication.publisher());
  // What comes after the pause joins on as after a change of source, and a picture begins with a key frame.
  for (auto* subscription : publication.subscriptions()) {
    subscription->restart();
    if (!muted) subscription->request_keyframe(now);
  }
}

void Room::receive_data(Participant& participant, Output& out) {
  room::receive_data(participant.id, participant.publishing->transport(), data_, out.outbox.drops);
}

void Room::send_data(Time now, Participant& participant, Output& out) {
  room::send_data(now, participant.id, participant.publishing->transport(), data_, out.outbox);
}

Participant* Room::take_data_receiver() {
  while (const auto id = data_.take_active())
    if (auto* participant = find(*id); participant->publishing) return participant;
  return nullptr;
}

void Room::advance(Time now, Output& out) {
  std::optional<std::vector<media::SpeakingLevel>> changed;
  speakers_.advance(now, changed);
  if (!changed) return;
  control::SpeakersChanged event{id_, {}};
  for (const auto& speaker : *changed) event.speakers.push_back({speaker.participant, speaker.level});
  out.tell(std::move(event));
}

}  // namespace parley::room
