// libnice's NiceAgent, a full ICE agent that is none of our code, as the peer of our lite one, over real loopback sockets.

#include <nice/agent.h>
#include <catch2/catch.hpp>

#include "sfu/transport/ice_lite.hpp"
#include "tests/interop/loopback.hpp"

namespace parley::transport {

namespace {

constexpr guint component = 1;

/// A controlling agent with one stream of one component, bound to 127.0.0.1, on a main loop that the test turns.
class NicePeer {
 public:
  explicit NicePeer(NiceNominationMode mode) : loop_(g_main_context_new()) {
    agent_ =
        NICE_AGENT(g_object_new(NICE_TYPE_AGENT, "compatibility", NICE_COMPATIBILITY_RFC5245, "main-context", loop_,
                                "controlling-mode", TRUE, "upnp", FALSE, "ice-tcp", FALSE, "nomination-mode", mode, nullptr));
    NiceAddress address;
    nice_address_init(&address);
    nice_address_set_from_string(&address, "127.0.0.1");
    nice_agent_add_local_address(agent_, &address);
    stream_ = nice_agent_add_stream(agent_, component);
    nice_agent_attach_recv(agent_, stream_, component, loop_, received, this);
    REQUIRE(nice_agent_gather_candidates(agent_, stream_));
  }
  NicePeer(const NicePeer&) = delete;
  NicePeer& operator=(const NicePeer&) = delete;
  ~NicePeer() {
    nice_agent_remove_stream(agent_, stream_);
    g_object_unref(agent_);
    turn();
    g_main_context_unref(loop_);
  }

  IceCredentials local() const {
    gchar* ufrag = nullptr;
    gchar* password = nullptr;
    nice_agent_get_local_credentials(agent_, stream_, &ufrag, &password);
    IceCredentials credentials{ufrag, password};
    g_free(ufrag);
    g_free(password);
    return credentials;
  }

  void connect(const IceCredentials& remote, const Address& address) {
    nice_agent_set_remote_credentials(agent_, stream_, remote.ufrag.c_str(), remote.password.c_str());
    NiceCandidate* const candidate = nice_candidate_new(NICE_CANDIDATE_TYPE_HOST);
    candidate->component_id = component;
    candidate->stream_id = stream_;
    candidate->transport = NICE_CANDIDATE_TRANSPORT_UDP;
    candidate->priority = 2130706431;
    nice_address_set_from_string(&candidate->addr, address.host().c_str());
    nice_address_set_port(&candidate->addr, address.port());
    GSList* const list = g_slist_append(nullptr, candidate);
    CHECK(nice_agent_set_remote_candidates(agent_, stream_, component, list) == 1);
    g_slist_free_full(list, reinterpret_cast<GDestroyNotify>(nice_candidate_free));
  }

  void restart() { nice_agent_restart(agent_); }

  void turn() {
    while (g_main_context_iteration(loop_, FALSE)) continue;
  }
  bool ready() const { return nice_agent_get_component_state(agent_, stream_, component) == NICE_COMPONENT_STATE_READY; }
  void send(std::string_view text) { nice_agent_send(agent_, stream_, component, static_cast<guint>(text.size()), text.data()); }

  std::vector<std::string> texts;

 private:
  static void received(NiceAgent*, guint, guint, guint size, gchar* data, gpointer self) {
    static_cast<NicePeer*>(self)->texts.emplace_back(data, size);
  }

  GMainContext* loop_;
  NiceAgent* agent_ = nullptr;
  guint stream_ = 0;
};

/// Our agent on its socket, and the other one, in turns until `done` or for ten seconds.
struct Bench {
  explicit Bench(NiceNominationMode mode) : nice(mode) {}

  template <typename Condition>
  bool run_until(Condition done) {
    const Time deadline = test::real_time() + seconds(10);
    while (!done() && test::real_time() < deadline) {
      nice.turn();
      const auto arrived = socket.receive(std::chrono::milliseconds(2));
      if (!arrived) continue;
      const Path path{Protocol::udp, socket.address(), arrived->first};
      if (!arrived->second.empty() && arrived->second[0] > 3) {
        texts.emplace_back(arrived->second.begin(), arrived->second.end());
        continue;
      }
      Outbox out;
      ours.receive(test::real_time(), path, arrived->second, out);
      for (const auto& entry : out.datagrams.entries()) socket.send(entry.path.remote, entry.bytes());
      drops += out.drops;
    }
    return done();
  }

  IceLite ours{{"serverfrag", "server-password-server-password"}};
  NicePeer nice;
  test::LoopbackSocket socket;
  std::vector<std::string> texts;
  Drops drops;
};

}  // namespace

TEST_CASE("libnice as a full agent gets ready with our lite one, and data passes both ways") {
  Bench bench(GENERATE(NICE_NOMINATION_MODE_REGULAR, NICE_NOMINATION_MODE_AGGRESSIVE));
  bench.ours.set_remote_ufrag(bench.nice.local().ufrag);
  bench.nice.connect(bench.ours.local(), bench.socket.address());
  REQUIRE(bench.run_until([&] { return bench.nice.ready() && bench.ours.selected(); }));
  bench.nice.send("from libnice");
  bench.socket.send(bench.ours.selected()->remote, as_bytes("from us"));
  CHECK(bench.run_until([&] { return !bench.texts.empty() && !bench.nice.texts.empty(); }));
  CHECK(bench.texts == std::vector<std::string>{"from libnice"});
  CHECK(bench.nice.texts == std::vector<std::string>{"from us"});
  // libnice keeps NAT bindings open with indications, which need no answer; all else was understood.
  CHECK(bench.drops.total() == bench.drops[DropReason::stun_unexpected]);
}

TEST_CASE("libnice restarts ICE against us and gets ready again") {
  Bench bench(NICE_NOMINATION_MODE_REGULAR);
  bench.ours.set_remote_ufrag(bench.nice.local().ufrag);
  bench.nice.connect(bench.ours.local(), bench.socket.address());
  REQUIRE(bench.run_until([&] { return bench.nice.ready() && bench.ours.selected(); }));
  bench.nice.restart();
  bench.ours.restart({"renewedfrag", "renewed-password-renewed-password"});
  bench.ours.set_remote_ufrag(bench.nice.local().ufrag);
  bench.nice.connect(bench.ours.local(), bench.socket.address());
  CHECK(bench.run_until([&] { return bench.nice.ready(); }));
  bench.nice.send("again");
  CHECK(bench.run_until([&] { return !bench.texts.empty(); }));
}

}  // namespace parley::transport
