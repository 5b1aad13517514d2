// How a page shows what it receives, on its way to the worker, and what comes back: the qualities, and what a publisher may
// switch off.

#include <catch2/catch.hpp>

#include "hub_harness.hpp"

using namespace parley;
using namespace parley::signaling;
using namespace parley::signaling::testing;

namespace {

View view_of(TrackId track, std::uint32_t width, std::uint32_t height) {
  return {.track = track, .visible = true, .width = width, .height = height, .priority = 100, .maximum = {}};
}

control::QualityChanged quality_of(ParticipantId participant, TrackId track, std::uint64_t bits_per_second) {
  const control::Picture current{0, 0, 2, 320, 180, bits_per_second, false};
  const control::Picture wanted{2, 0, 2, 1280, 720, 1'500'000, false};
  return {participant, track, current, wanted, control::Limit::bandwidth, 900'000};
}

/// Bob publishes a microphone and a camera, and Ada receives both.
struct Scene {
  explicit Scene(HubSettings settings = {}, std::uint64_t workers = 1) : hub(std::move(settings), workers) {
    bob = hub.join("bob");
    const auto tracks = hub.publish(bob.client);
    microphone = tracks[0];
    camera = tracks[1];
    ada = hub.join("ada");
    hub.worker().seen.clear();
    hub.clear(ada.client);
    hub.clear(bob.client);
  }
  void show(View view) { hub.request(ada.client, request::SetViews{{view}}); }

  HubHarness hub;
  HubHarness::Person ada, bob;
  TrackId microphone, camera;
};

}  // namespace

TEST_CASE("a view reaches the worker as it was said, once, and nobody hears anything back") {
  Scene scene;
  const View view{scene.camera, false, 640, 360, 200, {1, 2, 0}};
  scene.show(view);
  scene.show(view);
  const auto told = scene.hub.worker().take<control::SetView>();
  REQUIRE(told.size() == 1);
  CHECK(told[0] == control::SetView{scene.ada.id, scene.camera, false, 640, 360, 200, {1, 2, 0}});
  CHECK_FALSE(scene.hub.has_mail(scene.ada.client));
}

TEST_CASE("one message carries the views of many tracks") {
  Scene scene;
  scene.hub.request(scene.ada.client, request::SetViews{{view_of(scene.camera, 1, 2), view_of(scene.microphone, 3, 4)}});
  CHECK(scene.hub.worker().take<control::SetView>().size() == 2);
}

TEST_CASE("a view of a track that is not received is ignored and counted") {
  Scene scene;
  scene.show(view_of(TrackId{4711}, 640, 360));
  scene.hub.request(scene.ada.client, request::Unsubscribe{scene.camera});
  scene.show(view_of(scene.camera, 640, 360));
  CHECK(scene.hub.worker().take<control::SetView>().empty());
  CHECK(scene.hub.count(HubCounter::view_ignored) == 2);
}

TEST_CASE("too many views are refused and counted, none of them is taken, and later they are heard again") {
  HubSettings settings;
  settings.limits.views_per_second = 1;
  settings.limits.view_burst = 3;
  Scene scene(settings);
  for (std::uint32_t width = 1; width <= 2; ++width) scene.show(view_of(scene.camera, width, 1));
  CHECK(scene.hub.worker().take<control::SetView>().size() == 2);
  scene.hub.request(scene.ada.client, request::SetViews{{view_of(scene.camera, 9, 9), view_of(scene.microphone, 9, 9)}});
  CHECK(scene.hub.error(scene.ada.client) == "too_many_views");
  CHECK(scene.hub.count(HubCounter::too_many_views) == 1);
  CHECK(scene.hub.worker().take<control::SetView>().empty());
  scene.hub.pass(seconds(2));
  scene.show(view_of(scene.camera, 3, 1));
  CHECK(scene.hub.worker().take<control::SetView>().size() == 1);
}

TEST_CASE("the newest view survives a worker: the next one is told it right after the subscription") {
  Scene scene({}, 2);
  scene.show(view_of(scene.camera, 320, 180));
  scene.show(view_of(scene.camera, 640, 360));
  scene.hub.worker_down(WorkerId{1});
  scene.hub.worker(2).seen.clear();
  scene.hub.publish(scene.bob.client, true);
  std::vector<std::string> order;
  for (const auto& [request, command] : scene.hub.worker(2).seen) {
    if (const auto* subscribe = std::get_if<control::Subscribe>(&command); subscribe && subscribe->track == scene.camera)
      order.push_back("subscribe");
    if (const auto* view = std::get_if<control::SetView>(&command)) {
      order.push_back("view");
      CHECK(view->width == 640);
    }
  }
  CHECK(order == std::vector<std::string>{"subscribe", "view"});
}

TEST_CASE("a view survives a lost connection, and is forgotten with its subscription") {
  Scene scene({}, 2);
  scene.show(view_of(scene.camera, 640, 360));
  scene.hub.disconnect(scene.ada.client);
  const ClientId again = scene.hub.open();
  scene.hub.request(again, request::Resume{scene.ada.session});
  CHECK(scene.hub.take<message::Resumed>(again).size() == 1);
  scene.hub.request(again, request::SetViews{{view_of(scene.camera, 640, 360)}});
  CHECK(scene.hub.worker().take<control::SetView>().size() == 1);  // the worker still knows it
  scene.hub.request(again, request::Unsubscribe{scene.camera});
  scene.hub.request(again, request::Subscribe{scene.camera});
  CHECK(scene.hub.worker().take<control::SetView>().empty());
}

TEST_CASE("a quality is told to the one who receives, and again to a page that has come back") {
  Scene scene;
  scene.hub.worker_says(WorkerId{1}, quality_of(scene.ada.id, scene.camera, 100'000));
  scene.hub.worker_says(WorkerId{1}, quality_of(scene.ada.id, scene.camera, 150'000));
  const auto told = scene.hub.take<message::Quality>(scene.ada.client);
  REQUIRE(told.size() == 2);
  CHECK(told[1].track == scene.camera);
  CHECK(told[1].current.bits_per_second == 150'000);
  CHECK(told[1].wanted.height == 720);
  CHECK(told[1].limit == control::Limit::bandwidth);
  CHECK(told[1].estimate_bits_per_second == 900'000);
  CHECK_FALSE(scene.hub.has_mail(scene.bob.client));
  scene.hub.disconnect(scene.ada.client);
  const ClientId again = scene.hub.open();
  scene.hub.request(again, request::Resume{scene.ada.session});
  REQUIRE(std::holds_alternative<message::Resumed>(scene.hub.inbox(again).front().message));
  const auto repeated = scene.hub.take<message::Quality>(again);
  REQUIRE(repeated.size() == 1);
  CHECK(repeated[0].current.bits_per_second == 150'000);
}

TEST_CASE("a paused subscription is told with its reason and its words, and again to a page that has come back") {
  Scene scene;
  scene.hub.worker_says(WorkerId{1}, control::SubscriptionChanged{scene.ada.id, scene.camera, control::SubscriptionState::paused,
                                                                  "bandwidth", "Your connection carries 0.1 Mbit/s now."});
  const auto told = scene.hub.take<message::Subscription>(scene.ada.client);
  REQUIRE(told.size() == 1);
  CHECK(told[0].state == control::SubscriptionState::paused);
  CHECK(told[0].reason == "bandwidth");
  scene.hub.disconnect(scene.ada.client);
  const ClientId again = scene.hub.open();
  scene.hub.request(again, request::Resume{scene.ada.session});
  CHECK(scene.hub.take<message::Subscription>(again).at(0).message == "Your connection carries 0.1 Mbit/s now.");
}

TEST_CASE("a quality of a subscription that has ended meanwhile is not told") {
  Scene scene;
  scene.hub.request(scene.ada.client, request::Unsubscribe{scene.camera});
  scene.hub.clear(scene.ada.client);
  scene.hub.worker_says(WorkerId{1}, quality_of(scene.ada.id, scene.camera, 100'000));
  CHECK_FALSE(scene.hub.has_mail(scene.ada.client));
}

TEST_CASE("a publisher is told what somebody watches, and again when it has come back") {
  Scene scene;
  scene.hub.worker_says(WorkerId{1}, control::EncodingsWanted{scene.bob.id, scene.camera, {"q"}, true});
  scene.hub.worker_says(WorkerId{1}, control::EncodingsWanted{scene.bob.id, TrackId{4711}, {"q"}, true});  // of nobody's
  scene.hub.worker_says(WorkerId{1}, control::EncodingsWanted{scene.bob.id, scene.microphone, {}, false});
  const auto told = scene.hub.take<message::Encodings>(scene.bob.client);
  REQUIRE(told.size() == 2);
  CHECK(told[0].rids == std::vector<std::string>{"q"});
  CHECK_FALSE(told[1].any);
  CHECK_FALSE(scene.hub.has_mail(scene.ada.client));
  scene.hub.disconnect(scene.bob.client);
  const ClientId again = scene.hub.open();
  scene.hub.request(again, request::Resume{scene.bob.session});
  CHECK(scene.hub.take<message::Encodings>(again).size() == 2);
}

TEST_CASE("what a dead worker has said of qualities and encodings is not repeated") {
  Scene scene({}, 2);
  scene.hub.worker_says(WorkerId{1}, control::EncodingsWanted{scene.bob.id, scene.camera, {"q"}, true});
  scene.hub.worker_says(WorkerId{1}, quality_of(scene.ada.id, scene.camera, 100'000));
  scene.hub.worker_down(WorkerId{1});
  for (const auto& person : {scene.ada, scene.bob}) {
    scene.hub.disconnect(person.client);
    const ClientId again = scene.hub.open();
    scene.hub.request(again, request::Resume{person.session});
    CHECK(scene.hub.take<message::Quality>(again).empty());
    CHECK(scene.hub.take<message::Encodings>(again).empty());
  }
}

TEST_CASE("the worker learns which track is a shared screen") {
  HubHarness hub;
  const auto bob = hub.join("bob");
  hub.request(bob.client, request::Publish{"v=0",
                                           {{.mid = "1", .source = Source::camera, .name = {}},
                                            {.mid = "2", .source = Source::screen, .name = {}}},
                                           false});
  const auto published = hub.worker().take<control::Publish>().at(0);
  CHECK_FALSE(published.tracks.at(0).screen);
  CHECK(published.tracks.at(1).screen);
}
