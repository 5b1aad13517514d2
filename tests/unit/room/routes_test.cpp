#include "sfu/room/routes.hpp"

#include <catch2/catch.hpp>

#include "sfu/stun/builder.hpp"

using namespace parley;
using namespace parley::room;

namespace {

const ConnectionKey one{ParticipantId{1}, control::Connection::publishing};
const ConnectionKey two{ParticipantId{2}, control::Connection::publishing};

Path path(std::uint16_t port, Protocol protocol = Protocol::udp) {
  return {protocol, *Address::parse("192.0.2.1", 40000), *Address::parse("198.51.100.7", port)};
}

}  // namespace

TEST_CASE("media is routed by its path, and by nothing else") {
  Routes routes;
  Drops drops;
  const Buffer media(20, 0x80);
  CHECK_FALSE(routes.find(path(1), media, drops));
  CHECK(drops[DropReason::unknown_path] == 1);
  CHECK_FALSE(routes.find(path(1), {}, drops));
  CHECK(drops[DropReason::empty_datagram] == 1);
  routes.add_path(one, path(1));
  CHECK(routes.find(path(1), media, drops) == one);
}

TEST_CASE("a path goes over to the connection whose check came from it last") {
  Routes routes;
  CHECK_FALSE(routes.add_path(one, path(1)));
  CHECK_FALSE(routes.add_path(one, path(1)));
  CHECK(routes.add_path(two, path(1)) == one);
  CHECK(routes.find(path(1)) == two);
  std::vector<Path> close;
  routes.remove(one, close);
  CHECK(routes.find(path(1)) == two);
}

TEST_CASE("removing a connection closes its TCP paths and leaves nothing behind") {
  Routes routes;
  routes.set_ufrag(one, "first");
  routes.set_ufrag(one, "second");
  routes.set_ufrag(one, "third");
  routes.add_path(one, path(1));
  routes.add_path(one, path(2, Protocol::tcp));
  std::vector<Path> close;
  routes.remove(one, close);
  CHECK(close == std::vector{path(2, Protocol::tcp)});
  CHECK(routes.empty());
}
