#include "sfu/net/fast_path.hpp"

#ifdef PARLEY_FAST_PATH_PROGRAM
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <vector>

#include "sfu/net/fast_path_maps.h"
#include "sfu/net/file_descriptor.hpp"
#include "sfu/net/socket_address.hpp"
#endif

#include "sfu/net/system_error.hpp"

namespace parley::net {

#ifdef PARLEY_FAST_PATH_PROGRAM

// The program, as clang has compiled it.
asm(".pushsection .rodata\n"
    ".balign 8\n"
    "parley_fast_path_program:\n"
    ".incbin \"" PARLEY_FAST_PATH_PROGRAM
    "\"\n"
    "parley_fast_path_program_end:\n"
    ".byte 0\n"
    ".popsection\n");
extern "C" const char parley_fast_path_program[];
extern "C" const char parley_fast_path_program_end[];

namespace {

/// Whatever else hangs there goes first, and ours is replaced by ours at a new start, should one have crashed.
constexpr std::uint32_t priority = 50000;
constexpr std::uint32_t handle = 0x7a11;

struct CloseObject {
  void operator()(bpf_object* object) const { bpf_object__close(object); }
};

void write_address(const Address& address, std::uint8_t* to) {
  const in6_addr mapped = to_in6(address);
  std::memcpy(to, &mapped, sizeof mapped);
}

/// A datagram from `remote`, with the header of `channel` (0: none).
fast_path_arrival arrival(const Address& local, const Address& remote, std::uint16_t channel) {
  fast_path_arrival key{};
  write_address(local, key.local);
  write_address(remote, key.remote);
  key.local_port = htons(local.port());
  key.remote_port = htons(remote.port());
  key.channel = htons(channel);
  return key;
}

/// It leaves for `remote`, with the header of `channel` (0: without).
fast_path_departure departure(const Address& local, const Address& remote, std::uint16_t channel, std::uint32_t way) {
  fast_path_departure value{};
  write_address(local, value.local);
  write_address(remote, value.remote);
  value.local_port = htons(local.port());
  value.remote_port = htons(remote.port());
  value.channel = htons(channel);
  value.way = way;
  return value;
}

std::uint64_t monotonic_nanoseconds() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(time.tv_nsec);
}

/// Where the kernel would send from, to get there; what is our own is reached from itself.
std::optional<Address> source_towards(const Address& remote) {
  const int family = remote.is_v4() ? AF_INET : AF_INET6;
  const FileDescriptor probe(::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const SocketAddress to = to_socket_address(remote, family);
  if (!probe || ::connect(probe.get(), to.pointer(), to.size) != 0) return std::nullopt;
  SocketAddress from;
  if (::getsockname(probe.get(), from.pointer(), &from.size) != 0) return std::nullopt;
  return from_sockaddr(from.pointer());
}

bool same_host(const Address& one, const Address& other) { return one.with_port(0) == other.with_port(0); }

/// Another machine, to which the kernel would go from this address of ours.
bool leads_to(const Address& local, const Address& remote) {
  const auto source = source_towards(remote);
  return source && same_host(*source, local) && !same_host(*source, remote);
}

bool has_address(const std::string& interface, const Address& address) {
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) != 0) return false;
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(all, &::freeifaddrs);
  for (const ifaddrs* one = all; one; one = one->ifa_next)
    if (one->ifa_addr && interface == one->ifa_name && same_host(from_sockaddr(one->ifa_addr), address)) return true;
  return false;
}

unsigned int index_of(const std::string& interface) {
  const unsigned int index = ::if_nametoindex(interface.c_str());
  if (index == 0) throw SystemError::sentence("There is no network interface \"" + interface + "\" for --fast-path.");
  ifreq request{};
  interface.copy(request.ifr_name, sizeof request.ifr_name - 1);
  const FileDescriptor probe(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (::ioctl(probe.get(), SIOCGIFHWADDR, &request) != 0 || request.ifr_hwaddr.sa_family != ARPHRD_ETHER)
    throw SystemError::sentence("--fast-path is for Ethernet interfaces, and \"" + interface + "\" is none.");
  return index;
}

}  // namespace

struct FastPath::State {
  explicit State(const std::string& name) : interface(name) {
    hook.sz = sizeof hook;
    hook.ifindex = static_cast<int>(index_of(interface));
    hook.attach_point = BPF_TC_INGRESS;
    load();
    attach();
    for (std::uint32_t id = fast_path_channels; id > 0; --id) free.push_back(id - 1);
  }
  ~State() {
    bpf_tc_opts mine = filter();
    ::bpf_tc_detach(&hook, &mine);
    ::munmap(ways, memory());
  }

  void load() {
    ::libbpf_set_print(nullptr);
    bpf_object_open_opts options{};
    options.sz = sizeof options;
    options.object_name = "parley_relay";
    object.reset(::bpf_object__open_mem(
        parley_fast_path_program, static_cast<std::size_t>(parley_fast_path_program_end - parley_fast_path_program), &options));
    if (!object || ::bpf_object__load(object.get()) != 0)
      throw SystemError("--fast-path: the kernel does not take the program (it needs CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN)");
    routes = ::bpf_object__find_map_fd_by_name(object.get(), "routes");
    const int of_ways = ::bpf_object__find_map_fd_by_name(object.get(), "ways");
    void* const memory_of_ways = ::mmap(nullptr, memory(), PROT_READ | PROT_WRITE, MAP_SHARED, of_ways, 0);
    if (memory_of_ways == MAP_FAILED) throw SystemError("--fast-path: its counters cannot be read");
    ways = static_cast<fast_path_way*>(memory_of_ways);
  }

  void attach() {
    ::bpf_tc_hook_create(&hook);  // it may be there already
    bpf_tc_opts mine = filter();
    mine.handle = handle;
    mine.flags = BPF_TC_F_REPLACE;
    mine.prog_fd = ::bpf_program__fd(::bpf_object__find_program_by_name(object.get(), "relay"));
    if (::bpf_tc_attach(&hook, &mine) != 0)
      throw SystemError("--fast-path: the program cannot be attached to \"" + interface + "\"");
  }

  static bpf_tc_opts filter() {
    bpf_tc_opts options{};
    options.sz = sizeof options;
    options.handle = handle;
    options.priority = priority;
    return options;
  }
  static constexpr std::size_t memory() { return fast_path_ways * sizeof(fast_path_way); }

  fast_path_way& to_peer(Id id) const { return ways[2 * id]; }
  fast_path_way& to_client(Id id) const { return ways[2 * id + 1]; }
  bool add(const fast_path_arrival& key, const fast_path_departure& value) const {
    return ::bpf_map_update_elem(routes, &key, &value, BPF_ANY) == 0;
  }

  /// Whether `local` is the interface's, and another machine is reached from it.
  bool reaches(const Address& local, const Address& remote) const {
    return leads_to(local, remote) && has_address(interface, local);
  }

  const std::string interface;
  bpf_tc_hook hook{};
  std::unique_ptr<bpf_object, CloseObject> object;
  int routes = -1;
  fast_path_way* ways = nullptr;
  std::vector<Id> free;
  struct Keys {
    fast_path_arrival of_client;
    fast_path_arrival of_peer;
  };
  std::vector<Keys> keys{fast_path_channels};
};

FastPath::FastPath(const std::string& interface) : state_(std::make_unique<State>(interface)) {}
FastPath::~FastPath() = default;

std::optional<FastPath::Id> FastPath::open(const Channel& channel) {
  const auto& [client, number, relayed, peer] = channel;
  if (client.remote.is_v4() != peer.is_v4() || client.protocol != Protocol::udp || number == 0) return std::nullopt;
  if (!state_->reaches(client.local, client.remote) || !state_->reaches(relayed, peer)) return std::nullopt;
  if (state_->free.empty()) return std::nullopt;
  const Id id = state_->free.back();
  state_->to_peer(id) = {};
  state_->to_client(id) = {};
  State::Keys& keys = state_->keys[id];
  keys = {arrival(client.local, client.remote, number), arrival(relayed, peer, 0)};
  if (!state_->add(keys.of_client, departure(relayed, peer, 0, 2 * id))) return std::nullopt;
  if (!state_->add(keys.of_peer, departure(client.local, client.remote, number, 2 * id + 1))) {
    ::bpf_map_delete_elem(state_->routes, &keys.of_client);
    return std::nullopt;
  }
  state_->free.pop_back();
  return id;
}

void FastPath::close(Id id) {
  allow(id, Duration::zero());
  ::bpf_map_delete_elem(state_->routes, &state_->keys[id].of_client);
  ::bpf_map_delete_elem(state_->routes, &state_->keys[id].of_peer);
  state_->free.push_back(id);
}

void FastPath::allow(Id id, Duration lease) {
  const std::uint64_t until = lease > Duration::zero() ? monotonic_nanoseconds() + static_cast<std::uint64_t>(lease.count()) : 0;
  for (fast_path_way* way : {&state_->to_peer(id), &state_->to_client(id)}) std::atomic_ref<__u64>(way->until) = until;
}

FastPath::Totals FastPath::totals(Id id) const {
  const auto read = [](__u64& value) -> std::uint64_t { return std::atomic_ref<__u64>(value).load(std::memory_order_relaxed); };
  fast_path_way& to_peer = state_->to_peer(id);
  fast_path_way& to_client = state_->to_client(id);
  return {{read(to_peer.packets), read(to_peer.bytes)},
          {read(to_client.packets), read(to_client.bytes)},
          read(to_peer.passed) + read(to_client.passed)};
}

#else

struct FastPath::State {};

FastPath::FastPath(const std::string&) {
  throw SystemError::sentence(
      "This build has no --fast-path: it takes Linux, and the packages clang and libbpf-dev when Parley is built.");
}
FastPath::~FastPath() = default;
std::optional<FastPath::Id> FastPath::open(const Channel&) { return std::nullopt; }
void FastPath::close(Id) {}
void FastPath::allow(Id, Duration) {}
FastPath::Totals FastPath::totals(Id) const { return {}; }

#endif

}  // namespace parley::net
