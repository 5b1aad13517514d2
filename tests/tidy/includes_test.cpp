// Who may include whom: the table of the architecture, read from the include lines. The link lines of CMake enforce it, too,
// but a header-only include slips through those.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "tests/tidy/source_tree.hpp"

using namespace parley::tidy;

namespace {

using Names = std::set<std::string>;

/// Each layer, by folder, and the layers that it may use besides itself.
const std::map<std::string, Names> allowed = {
    {"sfu/base", {}},
    {"sfu/stun", {"sfu/base"}},
    {"sfu/rtp", {"sfu/base"}},
    {"sfu/sdp", {"sfu/base"}},
    {"sfu/control", {"sfu/base"}},
    {"sfu/transport", {"sfu/base", "sfu/stun", "sfu/rtp"}},
    {"sfu/media", {"sfu/base", "sfu/rtp"}},
    {"sfu/room", {"sfu/base", "sfu/stun", "sfu/transport", "sfu/media", "sfu/rtp", "sfu/sdp", "sfu/control"}},
    {"sfu/net", {"sfu/base", "sfu/control"}},
    {"signaling", {"sfu/base", "sfu/control"}},
    {"loadtest", {"sfu/base", "sfu/stun", "sfu/rtp", "sfu/sdp", "sfu/transport", "sfu/media", "sfu/control"}},
    {"turn", {"sfu/base", "sfu/stun"}},
};

/// "sfu/net/clock.hpp" gives "sfu/net", "signaling/hub.hpp" gives "signaling".
std::string layer_of(const std::string& path) {
  const auto first = path.find('/');
  if (path.substr(0, first) != "sfu") return path.substr(0, first);
  const auto second = path.find('/', first + 1);
  return second == path.npos ? "sfu" : path.substr(0, second);
}

/// A main.cpp, or a driver in the folder program/ beside it: where pure layers meet sockets.
bool is_driver(const std::string& path) { return path.ends_with("/main.cpp") || path.find("/program/") != path.npos; }

std::vector<SourceFile> product() { return read_tree({"sfu", "signaling", "loadtest", "turn"}); }

bool is_system_header(const std::string& header) {
  for (const char* folder : {"sys/", "netinet/", "arpa/", "net/", "linux/"}) {
    if (header.starts_with(folder)) return true;
  }
  const Names single = {"unistd.h", "fcntl.h", "poll.h", "signal.h", "ifaddrs.h", "netdb.h", "pthread.h", "sched.h", "dlfcn.h"};
  return single.contains(header);
}

}  // namespace

TEST_CASE("Each layer includes only the layers that it stands on") {
  for (const SourceFile& file : product()) {
    if (is_driver(file.path)) continue;
    const std::string layer = layer_of(file.path);
    INFO(file.path);
    REQUIRE(allowed.contains(layer));
    for (const std::string& include : file.own_includes()) {
      INFO("includes " << include);
      const std::string other = layer_of(include);
      CHECK((other == layer || allowed.at(layer).contains(other)));
    }
  }
}

TEST_CASE("An include line names its file from the root of the repository") {
  for (const SourceFile& file : product()) {
    for (const std::string& include : file.own_includes()) {
      INFO(file.path << " includes " << include);
      CHECK(std::filesystem::exists(std::filesystem::path(PARLEY_SOURCE_DIR) / include));
    }
  }
}

TEST_CASE("Only net makes system calls") {
  // The seed of everything random has to come from somewhere (read once, by main), and inet_pton is a parser, not a call.
  const Names exceptions = {"sfu/base/random.cpp", "sfu/base/address.cpp"};
  for (const SourceFile& file : product()) {
    if (file.below("sfu/net/") || exceptions.contains(file.path)) continue;
    for (const std::string& header : file.foreign_includes()) {
      INFO(file.path << " includes " << header);
      CHECK_FALSE(is_system_header(header));
    }
  }
}

TEST_CASE("A library of others is included by few .cpp files, and by no header") {
  // Who may include what begins with this; everything else of others is a mistake.
  const std::map<std::string, Names> users = {
      {"libwebsockets.h", {"sfu/net/web_head.cpp", "sfu/net/web_server.cpp"}},
      {"ev.h", {"sfu/net/web_loop.cpp"}},
      {"srtp2/", {}},
      {"intel-ipsec-mb.h", {"sfu/transport/ipsec_mb_cipher.cpp"}},
      {"yaml-cpp/", {"signaling/config.cpp", "loadtest/scenario_parse.cpp", "turn/program/config_file.cpp"}},
      {"openssl/",
       {"sfu/base/crypto.cpp", "sfu/transport/certificate.cpp", "sfu/transport/dtls.cpp", "sfu/transport/hmac_sha1.cpp",
        "sfu/transport/openssl_cipher.cpp", "sfu/net/certificate.cpp", "sfu/net/client_stream.cpp", "sfu/net/server_stream.cpp",
        "sfu/net/server_tls.cpp"}},
      {"bpf/", {"sfu/net/fast_path.cpp"}},
      {"nice/", {}},
      {"stun/", {}},
      {"usrsctp.h", {"sfu/transport/sctp.cpp"}},
      {"vpx/", {"loadtest/clips/vpx.cpp"}},
      {"wels/", {"loadtest/clips/openh264.cpp"}},
      {"opus/", {"loadtest/clips/opus.cpp"}},
  };
  for (const SourceFile& file : product()) {
    for (const std::string& header : file.foreign_includes()) {
      INFO(file.path << " includes " << header);
      for (const auto& [library, files] : users) {
        if (header.starts_with(library)) CHECK(files.contains(file.path));
      }
      for (const char* library : {"nlohmann/", "CLI/", "spdlog/"}) {
        if (header.starts_with(library)) CHECK_FALSE(file.is_header());
      }
      for (const char* library : {"CLI/", "spdlog/"}) {
        if (header.starts_with(library)) CHECK(is_driver(file.path));
      }
    }
  }
}
