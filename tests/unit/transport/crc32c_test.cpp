#include "sfu/transport/crc32c.hpp"

#include <catch2/catch.hpp>

namespace parley::transport {

TEST_CASE("CRC32c gives the values of RFC 3720 appendix B.4") {
  CHECK(crc32c(Buffer(32, 0x00)) == 0x8A9136AA);
  CHECK(crc32c(Buffer(32, 0xFF)) == 0x62A8AB43);
  CHECK(crc32c(as_bytes("123456789")) == 0xE3069283);
}

TEST_CASE("CRC32c of the parts in turn is that of the whole") {
  const Buffer whole{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19};
  for (std::size_t cut = 0; cut <= whole.size(); ++cut)
    CHECK(crc32c(Bytes(whole).subspan(cut), crc32c(Bytes(whole).first(cut))) == crc32c(whole));
}

TEST_CASE("A written SCTP checksum matches, and no longer when a bit has changed") {
  Buffer packet(40, 0x5a);
  CHECK_FALSE(sctp_checksum_matches(packet));
  write_sctp_checksum(packet);
  CHECK(sctp_checksum_matches(packet));
  for (std::size_t at = 0; at < packet.size(); ++at) {
    packet[at] ^= 0x10;
    CHECK_FALSE(sctp_checksum_matches(packet));
    packet[at] ^= 0x10;
  }
  CHECK_FALSE(sctp_checksum_matches(Bytes(packet).first(11)));
}

}  // namespace parley::transport
