// Workers come and go.

#include <catch2/catch.hpp>

#include "hub_harness.hpp"

using namespace parley;
using namespace parley::signaling;
using namespace parley::signaling::testing;

TEST_CASE("a room stays on its worker, and a new room goes to the least loaded one") {
  HubHarness hub({}, 2);
  hub.join("ada", "tea");
  CHECK(hub.worker(1).take<control::AddParticipant>().size() == 1);
  hub.join("bob", "coffee");
  CHECK(hub.worker(2).take<control::AddParticipant>().size() == 1);
  hub.join("carol", "tea");
  CHECK(hub.worker(1).take<control::AddParticipant>().size() == 1);
  hub.join("dave", "water");
  CHECK(hub.worker(2).take<control::AddParticipant>().size() == 1);
  hub.worker_says(WorkerId{2}, control::Statistics{{}, 2, 90000});
  hub.join("erin", "wine");
  CHECK(hub.worker(1).take<control::AddParticipant>().size() == 1);
}

TEST_CASE("without a ready worker nobody is let into a new room") {
  HubHarness hub({}, 0);
  const ClientId client = hub.open();
  hub.request(client, request::Join{.token = token_for("tea", "ada"), .room = {}, .name = {}, .attributes = {}, .only = {}});
  CHECK(hub.error(client) == "server_busy");
  CHECK(hub.summary().rooms == 0);
  CHECK(hub.count(HubCounter::server_busy) == 1);
}

TEST_CASE("when a worker dies its rooms go on at another one, with the same tracks") {
  HubHarness hub({}, 2);
  const auto ada = hub.join("ada");
  const auto bob = hub.join("bob");
  const auto tracks = hub.publish(bob.client);
  const auto offer = hub.take<message::Offer>(ada.client).at(0);
  hub.request(ada.client, request::Answer{offer.revision, "v=0"});
  hub.request(bob.client, request::Mute{tracks[0], true});
  hub.clear(ada.client);
  hub.clear(bob.client);

  hub.worker_down(WorkerId{1});
  CHECK(hub.worker(2).take<control::AddParticipant>().size() == 2);
  CHECK(hub.take<message::Moved>(ada.client).size() == 1);
  CHECK(hub.take<message::Moved>(bob.client).size() == 1);
  CHECK(hub.worker(2).take<control::Subscribe>().empty());  // nothing is there yet
  CHECK(hub.count(HubCounter::moved) == 2);

  hub.request(bob.client, request::Publish{"v=0 offer",
                                           {{.mid = "0", .source = Source::microphone, .name = {}, .muted = true},
                                            {.mid = "1", .source = Source::camera, .name = {}}},
                                           true});
  CHECK(hub.take<message::Published>(bob.client).at(0).tracks.at(0).track == tracks[0]);
  const auto subscribed = hub.worker(2).take<control::Subscribe>();
  REQUIRE(subscribed.size() == 2);
  CHECK(subscribed[0].participant == ada.id);
  CHECK(subscribed[0].track == tracks[0]);
  CHECK(hub.worker(2).take<control::Mute>().size() == 1);  // the new worker did not know
  CHECK(hub.take<message::TrackPublished>(ada.client).empty());
  CHECK(hub.take<message::TrackUnpublished>(ada.client).empty());
  const auto again = hub.take<message::Offer>(ada.client);
  REQUIRE(again.size() == 1);
  CHECK(again[0].replace);
  CHECK(again[0].revision > offer.revision);
  hub.pass(minutes(1));
  CHECK(hub.take<message::TrackUnpublished>(ada.client).empty());
}

TEST_CASE("a room waits for a worker that is started again, and a publish meanwhile waits with it") {
  HubHarness hub({}, 1);
  const auto ada = hub.join("ada");
  const auto bob = hub.join("bob");
  const auto tracks = hub.publish(bob.client);
  hub.worker_down(WorkerId{1});
  CHECK(hub.take<message::Moved>(bob.client).size() == 1);
  hub.request(bob.client, request::Publish{"v=0 older", {}, true}, "1");
  hub.request(bob.client, request::Publish{"v=0 newer", {{.mid = "1", .source = Source::camera, .name = {}}}, true}, "2");
  CHECK(hub.error(bob.client) == "server_busy");  // the older one
  hub.pass(seconds(3));
  hub.worker_up(WorkerId{1});
  CHECK(hub.worker(1).take<control::AddParticipant>().size() == 2);
  const auto publishes = hub.worker(1).take<control::Publish>();
  REQUIRE(publishes.size() == 1);
  CHECK(publishes[0].offer == "v=0 newer");
  CHECK(hub.take<message::Published>(bob.client).at(0).tracks.at(0).track == tracks[1]);
  CHECK(hub.take<message::TrackUnpublished>(ada.client).at(0).track == tracks[0]);
}

TEST_CASE("a room that waits in vain is closed, and takes nobody in meanwhile") {
  HubHarness hub({}, 1);
  const auto ada = hub.join("ada");
  hub.worker_down(WorkerId{1});
  const ClientId late = hub.open();
  hub.request(late, request::Join{.token = token_for("tea", "late"), .room = {}, .name = {}, .attributes = {}, .only = {}});
  CHECK(hub.error(late) == "server_busy");
  hub.disconnect(late);
  hub.pass(milliseconds(9999));
  CHECK(hub.take<message::Closed>(ada.client).empty());
  hub.pass(milliseconds(1));
  CHECK(hub.take<message::Closed>(ada.client).at(0).code == message::ClosedCode::room_closed);
  CHECK(hub.inbox(ada.client).back().mark.empty());
  CHECK(hub.summary().rooms == 0);
  CHECK(hub.summary().participants == 0);
}

TEST_CASE("whoever waited for an answer of the dead worker's is told, before it hears that it was moved") {
  HubHarness hub({}, 2);
  const auto ada = hub.join("ada");
  hub.worker(1).silent = true;
  hub.request(ada.client, request::Publish{"v=0", {}, false}, "5");
  hub.worker_down(WorkerId{1});
  const auto& inbox = hub.inbox(ada.client);
  REQUIRE(inbox.size() == 2);
  CHECK(inbox[0].mark == "5");
  CHECK(std::get<message::Failed>(inbox[0].message).error.code == "server_busy");
  CHECK(std::holds_alternative<message::Moved>(inbox[1].message));
}

TEST_CASE("whoever was away while the worker died hears of it on coming back") {
  HubHarness hub({}, 2);
  const auto ada = hub.join("ada");
  const auto bob = hub.join("bob");
  hub.publish(bob.client);
  hub.disconnect(bob.client);
  hub.worker_down(WorkerId{1});
  const ClientId again = hub.open();
  hub.request(again, request::Resume{bob.session});
  REQUIRE(hub.inbox(again).size() == 2);
  CHECK(std::holds_alternative<message::Resumed>(hub.inbox(again)[0].message));
  CHECK(std::holds_alternative<message::Moved>(hub.inbox(again)[1].message));
  CHECK(hub.take<message::TrackUnpublished>(ada.client).empty());
}

TEST_CASE("whoever was away hears of the move before the new worker's offer, which the move must not end") {
  HubHarness hub({}, 2);
  const auto ada = hub.join("ada");
  const auto bob = hub.join("bob");
  hub.disconnect(bob.client);
  hub.worker_down(WorkerId{1});
  hub.worker_says(WorkerId{2}, control::Offered{bob.id, 1, "v=0", {}});
  const ClientId again = hub.open();
  hub.request(again, request::Resume{bob.session});
  const auto& inbox = hub.inbox(again);
  REQUIRE(inbox.size() == 3);
  CHECK_FALSE(std::get<message::Resumed>(inbox[0].message).offer);
  CHECK(std::holds_alternative<message::Moved>(inbox[1].message));
  CHECK(std::get<message::Offer>(inbox[2].message).sdp == "v=0");
}

TEST_CASE("whoever has not published again when its connection breaks hears of the move once more, and gets a new offer") {
  HubHarness hub({}, 2);
  const auto bob = hub.join("bob");
  hub.publish(bob.client);
  hub.worker_down(WorkerId{1});
  hub.worker_says(WorkerId{2}, control::Offered{bob.id, 1, "v=0", {}});
  const auto offer = hub.take<message::Offer>(bob.client).at(0);
  hub.request(bob.client, request::Answer{offer.revision, "v=0"});
  hub.disconnect(bob.client);
  const ClientId again = hub.open();
  hub.request(again, request::Resume{bob.session});
  CHECK(hub.take<message::Moved>(again).size() == 1);
  const auto asked = hub.worker(2).take<control::Renegotiate>();
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].replace);
}

TEST_CASE("tracks that do not come back after a move are given up") {
  HubHarness hub({}, 2);
  const auto ada = hub.join("ada");
  const auto bob = hub.join("bob");
  const auto tracks = hub.publish(bob.client);
  hub.worker_down(WorkerId{1});
  hub.pass(milliseconds(14'999));
  CHECK(hub.take<message::TrackUnpublished>(ada.client).empty());
  hub.pass(milliseconds(1));
  CHECK(hub.take<message::TrackUnpublished>(ada.client).size() == 2);
}

TEST_CASE("what a dead worker still says about people who have moved is not heard") {
  HubHarness hub({}, 2);
  const auto ada = hub.join("ada");
  hub.worker_down(WorkerId{1});
  hub.clear(ada.client);
  hub.worker_says(WorkerId{1},
                  control::ConnectionChanged{ada.id, control::Connection::publishing, control::ConnectionState::connected});
  hub.worker_says(WorkerId{1}, control::Offered{ada.id, 9, "v=0", {}});
  hub.worker_says(WorkerId{1}, control::SpeakersChanged{RoomId{1}, {}});
  CHECK_FALSE(hub.has_mail(ada.client));
}

TEST_CASE("a worker that is ready again without having been reported down has lost its rooms all the same") {
  HubHarness hub({}, 1);
  const auto ada = hub.join("ada");
  hub.worker_up(WorkerId{1});
  CHECK(hub.take<message::Moved>(ada.client).size() == 1);
  CHECK(hub.worker(1).take<control::AddParticipant>().size() == 1);
}

TEST_CASE("a newcomer is not subscribed to what the new worker does not have yet") {
  HubHarness hub({}, 2);
  const auto bob = hub.join("bob");
  const auto tracks = hub.publish(bob.client);
  hub.worker_down(WorkerId{1});
  const auto ada = hub.join("ada");
  CHECK(ada.joined.participants.at(0).tracks.size() == 2);
  hub.request(ada.client, request::Subscribe{tracks[0]});
  CHECK(hub.take<message::Ok>(ada.client).size() == 1);
  CHECK(hub.worker(2).take<control::Subscribe>().empty());
  CHECK(hub.publish(bob.client, true) == tracks);
  CHECK(hub.worker(2).take<control::Subscribe>().size() == 2);
}

TEST_CASE("a viewer that was moved receives nothing until it has offered again") {
  HubHarness hub({}, 2);
  const auto bob = hub.join("bob");
  hub.publish(bob.client);
  const auto viewer = hub.join(grant_for("tea", "viewer"),
                               {.token = {}, .room = {}, .name = {}, .attributes = {}, .presence = Presence::viewer, .only = {}});
  hub.request(viewer.client, request::Play{"v=0 offer"});
  hub.worker_down(WorkerId{1});
  hub.publish(bob.client, true);
  CHECK(hub.worker(2).take<control::Subscribe>().empty());
  hub.request(viewer.client, request::Play{"v=0 offer"});
  CHECK(hub.worker(2).take<control::Subscribe>().size() == 2);
}

TEST_CASE("an answer to the dead worker's offer does not reach the new one") {
  HubHarness hub({}, 2);
  const auto bob = hub.join("bob");
  hub.publish(bob.client);
  const auto ada = hub.join("ada");
  const auto offer = hub.take<message::Offer>(ada.client).at(0);
  hub.worker_down(WorkerId{1});
  hub.request(ada.client, request::Answer{offer.revision, "v=0"});
  CHECK(hub.error(ada.client) == "stale_answer");
  CHECK(hub.worker(2).take<control::AcceptAnswer>().empty());
}

TEST_CASE("a second move gives its own time to publish again") {
  HubHarness hub({}, 3);
  const auto ada = hub.join("ada");
  const auto bob = hub.join("bob");
  hub.publish(bob.client);
  hub.worker_down(WorkerId{1});
  hub.publish(bob.client, true);
  hub.pass(seconds(10));
  hub.disconnect(bob.client);
  hub.worker_down(WorkerId{2});
  hub.pass(seconds(14));  // the first move's time is over, Bob's session is not
  CHECK(hub.take<message::TrackUnpublished>(ada.client).empty());
}
