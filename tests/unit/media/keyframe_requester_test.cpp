#include "sfu/media/keyframe_requester.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/media/helpers.hpp"

using namespace parley;
using namespace parley::media;
using namespace parley::media::testing;

namespace {

bool asks(KeyframeRequester& requester, Duration when) {
  std::vector<Ssrc> out;
  requester.advance(at(when), out);
  return out == std::vector<Ssrc>{{7}};
}

}  // namespace

TEST_CASE("the first request is sent at once, and the others are gathered into it") {
  KeyframeRequester requester({7});
  CHECK(requester.wakeup() == never);
  requester.request(at(seconds(1)));
  requester.request(at(seconds(1)));
  CHECK(requester.wakeup() == at(seconds(1)));
  CHECK(asks(requester, seconds(1)));
  requester.request(at(seconds(1) + milliseconds(1)));
  CHECK_FALSE(asks(requester, seconds(1) + milliseconds(999)));
}

TEST_CASE("a request is repeated each second until the key frame comes") {
  KeyframeRequester requester({7});
  requester.request(at(seconds(1)));
  CHECK(asks(requester, seconds(1)));
  CHECK(requester.wakeup() == at(seconds(2)));
  CHECK(asks(requester, seconds(2)));
  requester.keyframe_received();
  CHECK(requester.wakeup() == never);
  CHECK_FALSE(asks(requester, seconds(3)));
}

TEST_CASE("another receiver's request after the key frame keeps the distance of 500 ms") {
  KeyframeRequester requester({7});
  requester.request(at(seconds(1)));
  CHECK(asks(requester, seconds(1)));
  requester.keyframe_received();
  requester.request(at(seconds(1) + milliseconds(100)));
  CHECK(requester.wakeup() == at(seconds(1) + milliseconds(500)));
  CHECK_FALSE(asks(requester, seconds(1) + milliseconds(499)));
  CHECK(asks(requester, seconds(1) + milliseconds(500)));
}

TEST_CASE("a source that never answers is given up, until somebody asks again") {
  KeyframeRequester requester({7});
  requester.request(at(seconds(0)));
  int asked = 0;
  Duration last{};
  while (requester.wakeup() != never) {
    last = requester.wakeup().time_since_epoch();
    asked += asks(requester, last);
  }
  CHECK(asked == KeyframeRequester::maximum_tries);
  requester.request(at(last));
  CHECK(requester.wakeup() == at(last + milliseconds(500)));
}
