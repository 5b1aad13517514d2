#include "sfu/transport/cipher.hpp"

#include <catch2/catch.hpp>

#include "sfu/base/crypto.hpp"
#include "sfu/base/random.hpp"
#include "tests/support/back_ends.hpp"

namespace parley::transport {

namespace {

template <std::size_t Size>
std::array<std::uint8_t, Size> random_array(Random& random) {
  std::array<std::uint8_t, Size> bytes;
  random.fill(bytes);
  return bytes;
}

Buffer random_bytes(Random& random, std::size_t size) {
  Buffer bytes(size);
  random.fill(bytes);
  return bytes;
}

CounterModeKey::Tag expected_tag(Bytes key, Bytes message) {
  CounterModeKey::Tag tag;
  std::ranges::copy_n(hmac_sha1(key, message).begin(), tag.size(), tag.begin());
  return tag;
}

/// A message and its tag, due under a key of its own.
struct Due {
  Cipher::AuthenticationKey authentication;
  std::unique_ptr<CounterModeKey> key;
  Buffer message;
  CounterModeKey::Tag tag{};

  Due(Cipher& cipher, Random& random, std::size_t size)
      : authentication(random_array<20>(random)),
        key(cipher.make_counter_mode_key(random_array<16>(random), authentication)),
        message(random_bytes(random, size)) {}
  bool good() const { return tag == expected_tag(authentication, message); }
};

}  // namespace

TEST_CASE("The fastest back end there is becomes the cipher") {
  CHECK(make_openssl_cipher()->name() == "OpenSSL");
  CHECK(make_cipher()->name() == test::back_ends().back().name);
}

TEST_CASE("Both back ends seal with AES-GCM to the same bytes, and open what the other has sealed") {
  Random random = Random::from_number(1);
  const auto first = make_openssl_cipher();
  const auto second = make_cipher();
  for (std::size_t size = 0; size < 1500; ++size) {
    INFO(size);
    const auto key = random_array<16>(random);
    const auto iv = random_array<12>(random);
    const Buffer associated = random_bytes(random, random.below(100));
    const Buffer plain = random_bytes(random, size);
    const auto left = first->make_gcm_key(key);
    const auto right = second->make_gcm_key(key);
    Buffer one(size + GcmKey::tag_size);
    left->seal(iv, associated, plain, one);
    Buffer two = plain;
    two.resize(one.size());
    right->seal(iv, associated, Bytes(two).first(size), two);
    REQUIRE(one == two);
    REQUIRE(left->open(iv, associated, two));
    REQUIRE(right->open(iv, associated, one));
    REQUIRE(std::ranges::equal(Bytes(one).first(size), plain));
    REQUIRE(std::ranges::equal(Bytes(two).first(size), plain));
    for (GcmKey* const key_of : {left.get(), right.get()}) {
      left->seal(iv, associated, plain, one);
      one[random.below(one.size())] ^= 0x10;
      REQUIRE_FALSE(key_of->open(iv, associated, one));
    }
  }
}

TEST_CASE("Both back ends encrypt in counter mode to the same bytes, in place or not") {
  Random random = Random::from_number(2);
  const auto first = make_openssl_cipher();
  const auto second = make_cipher();
  for (std::size_t size = 0; size < 1500; ++size) {
    INFO(size);
    const auto key = random_array<16>(random);
    // The last block count before the counter's low half wraps is in it, too.
    auto iv = random_array<16>(random);
    if (size % 3 == 0) iv[14] = iv[15] = 0xFF;
    const Buffer plain = random_bytes(random, size);
    const auto left = first->make_counter_mode_key(key, {});
    const auto right = second->make_counter_mode_key(key, {});
    Buffer one(size);
    left->crypt(iv, plain, one);
    Buffer two = plain;
    right->crypt(iv, two, two);
    REQUIRE(one == two);
    left->crypt(iv, two, two);
    REQUIRE(two == plain);
  }
}

TEST_CASE("A tag is the front of the HMAC, at once and later") {
  Random random = Random::from_number(3);
  const auto back_end = GENERATE(from_range(test::back_ends()));
  INFO(back_end.name);
  const auto cipher = back_end.make();
  for (std::size_t size = 0; size < 1500; ++size) {
    INFO(size);
    Due due(*cipher, random, size);
    REQUIRE(due.key->authenticate(due.message) == expected_tag(due.authentication, due.message));
    due.key->authenticate_later(due.message, due.tag);
    cipher->flush();
    REQUIRE(due.good());
  }
}

TEST_CASE("However many tags of however many keys are due, all are written at the flush, each to its place") {
  Random random = Random::from_number(4);
  const auto back_end = GENERATE(from_range(test::back_ends()));
  INFO(back_end.name);
  const auto cipher = back_end.make();
  for (const std::size_t count : {1, 2, 4, 5, 7, 8, 9, 15, 16, 17, 31, 63, 64, 65, 80, 500}) {
    INFO(count);
    std::vector<Due> all;
    for (std::size_t i = 0; i < count; ++i) all.emplace_back(*cipher, random, random.below(2) ? 1136 : random.below(1500));
    for (Due& due : all) due.key->authenticate_later(due.message, due.tag);
    cipher->flush();
    for (const Due& due : all) REQUIRE(due.good());
    for (Due& due : all) due.tag = {};
    cipher->flush();
    for (const Due& due : all) REQUIRE(due.tag == CounterModeKey::Tag{});
  }
}

TEST_CASE("A tag may be written over the end of its message, and nothing behind it is touched") {
  const auto back_end = GENERATE(from_range(test::back_ends()));
  INFO(back_end.name);
  const auto cipher = back_end.make();
  const Cipher::AuthenticationKey authentication{1, 2, 3};
  const auto key = cipher->make_counter_mode_key({}, authentication);
  Buffer packet(120, 0x77);
  const Buffer before = packet;
  key->authenticate_later(Bytes(packet).first(104), MutableBytes(packet).subspan(100, 10));
  cipher->flush();
  const auto tag = expected_tag(authentication, Bytes(before).first(104));
  CHECK(std::ranges::equal(Bytes(packet).first(100), Bytes(before).first(100)));
  CHECK(std::ranges::equal(Bytes(packet).subspan(100, 10), tag));
  CHECK(std::ranges::equal(Bytes(packet).subspan(110), Bytes(before).subspan(110)));
}

TEST_CASE("A key that goes takes no tag with it that is due") {
  Random random = Random::from_number(5);
  const auto back_end = GENERATE(from_range(test::back_ends()));
  INFO(back_end.name);
  const auto cipher = back_end.make();
  Due due(*cipher, random, 300);
  Due other(*cipher, random, 400);
  other.key->authenticate_later(other.message, other.tag);
  due.key->authenticate_later(due.message, due.tag);
  due.key.reset();
  CHECK(due.good());
  cipher->flush();
  CHECK(other.good());
}

TEST_CASE("The end of a turn flushes") {
  Random random = Random::from_number(6);
  const auto back_end = GENERATE(from_range(test::back_ends()));
  INFO(back_end.name);
  const auto cipher = back_end.make();
  Due due(*cipher, random, 300);
  {
    const Cipher::Turn turn(*cipher);
    due.key->authenticate_later(due.message, due.tag);
  }
  CHECK(due.good());
}

}  // namespace parley::transport
