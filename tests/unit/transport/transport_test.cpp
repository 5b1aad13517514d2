#include "sfu/transport/transport.hpp"

#include <catch2/catch.hpp>

#include "tests/support/two_ends.hpp"

namespace parley::transport {

namespace {

using test::joined;
using test::receiver_report;
using test::rtp_header;
using test::TwoEnds;

const Buffer payload(200, 0x5a);
const Address elsewhere = Address::v4({203, 0, 113, 9}, 50001);

bool rtp_reaches_client(TwoEnds& ends, std::uint16_t sequence) {
  const std::size_t before = ends.client.rtp.size();
  ends.server.send_rtp(ends.now, rtp_header(sequence, 1), payload, ends.server_out);
  ends.flush();
  ends.run(milliseconds(50));
  return ends.client.rtp.size() == before + 1 && ends.client.rtp.back() == joined(rtp_header(sequence, 1), payload);
}

bool rtp_reaches_server(TwoEnds& ends, std::uint16_t sequence) {
  const std::size_t before = ends.server_rtp.size();
  ends.client.send_rtp(rtp_header(sequence, 2), payload, ends.client_out);
  ends.flush();
  ends.run(milliseconds(50));
  return ends.server_rtp.size() == before + 1 && ends.server_rtp.back() == joined(rtp_header(sequence, 2), payload);
}

}  // namespace

TEST_CASE("ICE, DTLS and SRTP come up, and RTP and RTCP pass both ways") {
  TwoEnds ends(1);
  CHECK(ends.server.state() == State::connecting);
  CHECK_FALSE(ends.server.ready());
  ends.connect_and_wait();
  CHECK(ends.server.state() == State::connected);
  CHECK(ends.server.ready());
  CHECK(ends.added.size() == 1);
  CHECK(ends.added == ends.server.paths());
  CHECK(rtp_reaches_client(ends, 1));
  CHECK(rtp_reaches_server(ends, 1));
  ends.server.send_rtcp(ends.now, receiver_report(1), ends.server_out);
  ends.client.send_rtcp(receiver_report(2), ends.client_out);
  ends.flush();
  ends.run(milliseconds(50));
  CHECK(ends.client.rtcp == std::vector<Buffer>{receiver_report(1)});
  CHECK(ends.server_rtcp == std::vector<Buffer>{receiver_report(2)});
  CHECK(ends.server_out.drops.total() == 0);
}

TEST_CASE("No plain payload is on the link") {
  TwoEnds ends(1);
  ends.connect_and_wait();
  REQUIRE(rtp_reaches_client(ends, 1));
  const Buffer plain(16, 0x5a);
  CHECK(std::ranges::search(ends.to_client.back(), plain).empty());
}

TEST_CASE("DTLS from a 5-tuple without a valid check is dropped unread") {
  TwoEnds ends(1);
  ends.connect();
  Dtls dtls(ends.client_certificate, Dtls::Role::client, {});
  const Path stranger{Protocol::udp, ends.server_address, elsewhere};
  Outbox hello;
  dtls.start(ends.now, stranger, hello);
  Buffer datagram(hello.datagrams.entries()[0].bytes().begin(), hello.datagrams.entries()[0].bytes().end());
  ends.server.receive(ends.now, stranger, datagram, ends.server_out);
  CHECK(ends.server_out.datagrams.empty());
  CHECK(ends.server_out.drops[DropReason::dtls_before_ice] == 1);
}

TEST_CASE("DTLS is not accepted before the fingerprints are known, and then is by its repetition") {
  TwoEnds ends(1);
  const IceCredentials remote = ends.client.ice.local();
  ends.client.connect(ends.now, ends.client_address, ends.server.local_credentials(), {ends.server_certificate.fingerprint()},
                      {{Protocol::udp, ends.server_address}});
  ends.run(milliseconds(60));
  CHECK(ends.client.ice.selected());
  CHECK(ends.server_out.drops[DropReason::dtls_before_ice] == 1);
  ends.server.set_remote(remote, {ends.client_certificate.fingerprint()});
  Buffer again = ends.to_server.back();
  ends.server.receive(ends.now, ends.server.paths()[0], again, ends.server_out);
  ends.flush();
  ends.run(milliseconds(200));
  CHECK(ends.server.state() == State::connected);
}

TEST_CASE("DTLS is answered on the path it came from as long as nothing is nominated") {
  TwoEnds ends(1);
  ends.server.set_remote(ends.client.ice.local(), {ends.client_certificate.fingerprint()});
  // A client whose nomination is lost: it sends one plain check and begins DTLS.
  IceClient plain(ends.client.ice.local(), Random::from_number(2));
  plain.connect(ends.now, ends.client_address, ends.server.local_credentials(), {{Protocol::udp, ends.server_address}});
  Outbox from_client;
  plain.advance(ends.now, from_client);
  const Path path{Protocol::udp, ends.server_address, ends.client_address};
  Dtls dtls(ends.client_certificate, Dtls::Role::client, {ends.server_certificate.fingerprint()});
  dtls.start(ends.now, path, from_client);
  for (const auto& entry : from_client.datagrams.entries()) {
    Buffer datagram(entry.bytes().begin(), entry.bytes().end());
    ends.server.receive(ends.now, path, datagram, ends.server_out);
  }
  REQUIRE(ends.server_out.datagrams.entries().size() >= 2);
  CHECK(ends.server_out.datagrams.entries()[1].path == path);
  CHECK(ends.server.state() == State::connecting);
}

TEST_CASE("The wrong fingerprint fails the transport for good") {
  TwoEnds ends(1);
  ends.server.set_remote(ends.client.ice.local(), {ends.server_certificate.fingerprint()});
  ends.client.connect(ends.now, ends.client_address, ends.server.local_credentials(), {ends.server_certificate.fingerprint()},
                      {{Protocol::udp, ends.server_address}});
  ends.run(seconds(2));
  CHECK(ends.server.state() == State::failed);
  CHECK_FALSE(ends.client.srtp);
  ends.server.send_rtp(ends.now, rtp_header(1, 1), payload, ends.server_out);
  CHECK(ends.server_out.datagrams.empty());
  CHECK(ends.server_out.drops[DropReason::send_no_path] == 1);
}

TEST_CASE("Media before the keys, or from a 5-tuple without a valid check, is dropped") {
  TwoEnds ends(1);
  ends.connect();
  ends.run(milliseconds(25));
  REQUIRE(ends.server.paths().size() == 1);
  Buffer packet = joined(rtp_header(1, 2), payload);
  ends.server.receive(ends.now, ends.server.paths()[0], packet, ends.server_out);
  CHECK(ends.server_out.drops[DropReason::srtp_before_keys] == 1);
  ends.run(seconds(1));
  REQUIRE(ends.server.ready());
  const Path stranger{Protocol::udp, ends.server_address, elsewhere};
  const Received received = ends.server.receive(ends.now, stranger, packet, ends.server_out);
  CHECK(received.kind == Received::Kind::nothing);
  CHECK(ends.server_out.drops[DropReason::unknown_path] == 1);
}

TEST_CASE("Without checks for 30 s nothing more is sent, and a check brings it back with the same keys") {
  TwoEnds ends(1);
  ends.connect_and_wait();
  ends.link.loss = 1.0;
  ends.run(seconds(31));
  CHECK(ends.server.state() == State::disconnected);
  CHECK_FALSE(ends.server.ready());
  ends.server.send_rtp(ends.now, rtp_header(1, 1), payload, ends.server_out);
  CHECK(ends.server_out.datagrams.empty());
  CHECK(ends.server_out.drops[DropReason::send_consent_expired] == 1);
  ends.link.loss = 0;
  ends.client.ice.move(ends.now, ends.client_address);
  ends.run(milliseconds(100));
  CHECK(ends.server.state() == State::connected);
  CHECK(rtp_reaches_client(ends, 2));
  CHECK(rtp_reaches_server(ends, 2));
}

TEST_CASE("A client whose address changes is followed") {
  TwoEnds ends(1);
  ends.connect_and_wait();
  REQUIRE(rtp_reaches_client(ends, 1));
  ends.client.ice.move(ends.now, elsewhere);
  ends.run(milliseconds(100));
  REQUIRE(ends.added.size() == 2);
  CHECK(ends.added[1].remote == elsewhere);
  CHECK(ends.client.ice.selected()->local == elsewhere);
  CHECK(rtp_reaches_client(ends, 2));
  CHECK(rtp_reaches_server(ends, 2));
}

TEST_CASE("An ICE restart from either side leaves DTLS and SRTP untouched") {
  const bool server_begins = GENERATE(false, true);
  TwoEnds ends(1);
  ends.connect_and_wait();
  REQUIRE(rtp_reaches_client(ends, 1));
  const IceCredentials local{"newserver", "new-server-password-of-32-letters"};
  const IceCredentials remote{"newclient", "new-client-password-of-32-letters"};
  if (server_begins) {
    ends.server.restart_ice(local);
    ends.server.set_remote(remote, {ends.client_certificate.fingerprint()});
  } else {
    ends.server.restart_ice(local, remote);
  }
  CHECK(ends.server.local_credentials() == local);
  CHECK(rtp_reaches_client(ends, 2));
  ends.client.ice.set_local(remote);
  ends.client.ice.connect(ends.now, elsewhere, local, {{Protocol::udp, ends.server_address}});
  ends.run(milliseconds(100));
  CHECK(ends.server.state() == State::connected);
  CHECK(ends.client.ice.selected()->local == elsewhere);
  CHECK(rtp_reaches_client(ends, 3));
  CHECK(rtp_reaches_server(ends, 3));
  ends.run(minutes(2));
  CHECK(rtp_reaches_client(ends, 4));
}

TEST_CASE("Closing tells the peer, and nothing is sent or accepted afterwards") {
  TwoEnds ends(1);
  ends.connect_and_wait();
  ends.server.close(ends.now, ends.server_out);
  CHECK(ends.server.state() == State::closed);
  CHECK(ends.server.wakeup() == never);
  ends.flush();
  ends.run(milliseconds(50));
  CHECK(ends.client.dtls->state() == Dtls::State::closed);
  CHECK_FALSE(rtp_reaches_server(ends, 1));
  ends.server.send_rtp(ends.now, rtp_header(1, 1), payload, ends.server_out);
  CHECK(ends.server_out.datagrams.empty());
  for (Buffer datagram : ends.to_server) ends.server.receive(ends.now, ends.added[0], datagram, ends.server_out);
  CHECK(ends.server_out.datagrams.empty());
}

TEST_CASE("A peer that closes is gone") {
  TwoEnds ends(1);
  ends.connect_and_wait();
  ends.client.dtls->close(ends.now, *ends.client.ice.selected(), ends.client_out);
  ends.flush();
  ends.run(milliseconds(50));
  CHECK(ends.server.state() == State::closed);
}

TEST_CASE("When the only TCP connection closes the transport is disconnected") {
  TwoEnds ends(1);
  ends.server.set_remote(ends.client.ice.local(), {ends.client_certificate.fingerprint()});
  ends.client.connect(ends.now, ends.client_address, ends.server.local_credentials(), {ends.server_certificate.fingerprint()},
                      {{Protocol::tcp, ends.server_address}});
  ends.run(milliseconds(500));
  REQUIRE(ends.server.ready());
  CHECK(ends.added[0].protocol == Protocol::tcp);
  CHECK(rtp_reaches_client(ends, 1));
  ends.server.path_closed(ends.added[0]);
  CHECK(ends.server.state() == State::disconnected);
  CHECK(ends.server.paths().empty());
}

TEST_CASE("A stream that was forgotten leaves the others alone") {
  TwoEnds ends(1);
  ends.connect_and_wait();
  REQUIRE(rtp_reaches_client(ends, 1));
  REQUIRE(rtp_reaches_server(ends, 1));
  ends.server.forget_stream(Ssrc{2});
  ends.server.forget_stream(Ssrc{77});
  CHECK(rtp_reaches_client(ends, 2));
  CHECK(rtp_reaches_server(ends, 2));
}

TEST_CASE("What is neither STUN, DTLS nor RTP is counted") {
  TwoEnds ends(1);
  ends.connect_and_wait();
  for (Buffer datagram : {Buffer{}, Buffer{7}, Buffer{16, 1, 2}, Buffer{64, 0, 0, 4}, Buffer{200, 200}})
    CHECK(ends.server.receive(ends.now, ends.added[0], datagram, ends.server_out).kind == Received::Kind::nothing);
  CHECK(ends.server_out.drops[DropReason::unknown_protocol] == 5);
}

}  // namespace parley::transport
