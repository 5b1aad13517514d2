#pragma once
// libnice's NiceAgent, a full ICE agent that is none of our code, as a peer for tests.

#include <nice/agent.h>
#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "sfu/transport/ice_lite.hpp"

namespace parley::transport {

inline constexpr guint component = 1;

/// An agent with one stream of one component, bound to 127.0.0.1, on a main loop that the test turns.
class NicePeer {
 public:
  /// A TURN server, and who may use it.
  struct Relay {
    Address server;
    std::string user;
    std::string password;
  };

  /// With a relay it uses nothing else.
  explicit NicePeer(NiceNominationMode mode, bool controlling = true, const Relay* relay = nullptr)
      : loop_(g_main_context_new()) {
    agent_ = NICE_AGENT(g_object_new(NICE_TYPE_AGENT, "compatibility", NICE_COMPATIBILITY_RFC5245, "main-context", loop_,
                                     "controlling-mode", controlling ? TRUE : FALSE, "upnp", FALSE, "ice-tcp", FALSE,
                                     "nomination-mode", mode, "force-relay", relay ? TRUE : FALSE, nullptr));
    NiceAddress address;
    nice_address_init(&address);
    nice_address_set_from_string(&address, "127.0.0.1");
    nice_agent_add_local_address(agent_, &address);
    stream_ = nice_agent_add_stream(agent_, component);
    if (relay)
      nice_agent_set_relay_info(agent_, stream_, component, relay->server.host().c_str(), relay->server.port(),
                                relay->user.c_str(), relay->password.c_str(), NICE_RELAY_TYPE_TURN_UDP);
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

  /// Where it can be reached.
  std::vector<Address> candidates() const {
    std::vector<Address> addresses;
    GSList* const list = nice_agent_get_local_candidates(agent_, stream_, component);
    for (const GSList* entry = list; entry; entry = entry->next) {
      const auto* const candidate = static_cast<const NiceCandidate*>(entry->data);
      std::array<gchar, NICE_ADDRESS_STRING_LEN> host{};
      nice_address_to_string(&candidate->addr, host.data());
      const auto port = static_cast<std::uint16_t>(nice_address_get_port(&candidate->addr));
      if (const auto address = Address::parse(host.data(), port)) addresses.push_back(*address);
    }
    g_slist_free_full(list, reinterpret_cast<GDestroyNotify>(nice_candidate_free));
    return addresses;
  }
  /// Knows who will come, and not from where: an offer without candidates.
  void expect(const IceCredentials& remote) {
    nice_agent_set_remote_credentials(agent_, stream_, remote.ufrag.c_str(), remote.password.c_str());
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

}  // namespace parley::transport
