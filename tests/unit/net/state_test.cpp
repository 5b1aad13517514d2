// What a server keeps on disk, and the certificate it makes for itself.
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "sfu/net/certificate.hpp"
#include "sfu/net/file.hpp"
#include "sfu/net/page_files.hpp"
#include "sfu/net/state_directory.hpp"
#include "sfu/net/system_error.hpp"

using namespace parley;
using namespace parley::net;

namespace {

struct Scratch {
  std::string path = std::filesystem::temp_directory_path() / "parley-net-XXXXXX";
  Scratch() { REQUIRE(::mkdtemp(path.data())); }
  ~Scratch() { std::filesystem::remove_all(path); }
  std::string operator/(const std::string& name) const { return path + "/" + name; }
  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(path + "/" + name).parent_path());
    std::ofstream(path + "/" + name) << text;
  }
};

unsigned mode(const std::string& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 0777;
}

}  // namespace

TEST_CASE("The state directory and its files are for their owner only, and survive a restart") {
  const Scratch scratch;
  const std::string path = scratch / "a/b";
  {
    const StateDirectory state(path);
    CHECK_FALSE(state.read("keys"));
    state.write("keys", "one");
    state.write("keys", "two");
  }
  CHECK(mode(path) == 0700);
  CHECK(mode(path + "/keys") == 0600);
  ::chmod(path.c_str(), 0755);
  CHECK(StateDirectory(path).read("keys") == "two");
  CHECK(mode(path) == 0700);
}

TEST_CASE("A state directory of another user is said to be one, and not to hold something else") {
  const Scratch scratch;
  StateDirectory(scratch / "state").write("keys", "one");
  ::chmod(scratch.path.c_str(), 0755);
  if (::seteuid(65534) != 0) return;  // only root can be somebody else
  CHECK_THROWS_WITH(StateDirectory(scratch / "state"), Catch::Contains("cannot be used by whoever runs this: Permission denied"));
  REQUIRE(::seteuid(0) == 0);
}

TEST_CASE("A file is read as a whole, and a directory is not an empty file") {
  const Scratch scratch;
  scratch.write("empty", "");
  scratch.write("long", std::string(10'000, 'x'));
  CHECK(read_file(scratch / "empty") == "");
  CHECK(read_file(scratch / "long") == std::string(10'000, 'x'));
  CHECK_FALSE(read_file(scratch / "nothing"));
  CHECK_FALSE(read_file(scratch.path));
}

TEST_CASE("A directory that belongs to something else is left alone") {
  const Scratch scratch;
  scratch.write("other", "");
  ::chmod(scratch.path.c_str(), 0755);
  CHECK_THROWS_WITH(StateDirectory(scratch.path), Catch::Contains("--state"));
  CHECK(mode(scratch.path) == 0755);
}

TEST_CASE("A certificate of our own is valid for a year") {
  const Time now{hours(24 * 365 * 50)};
  const PemPair pair =
      make_certificate(now, {"localhost", "tea"}, {*Address::parse("192.0.2.1", 0), *Address::parse("2001:db8::1", 0)});
  CHECK(pair.key.find("PRIVATE KEY") != pair.key.npos);
  const auto expiry = certificate_expiry(pair.certificate);
  REQUIRE(expiry);
  CHECK(*expiry == now + hours(24 * 365));
  CHECK_FALSE(certificate_expiry("not a certificate"));
  CHECK_FALSE(certificate_expiry(""));
}

TEST_CASE("The names in a certificate are those that a link can have") {
  const PemPair pair = make_certificate(Time{}, {"meet.example.org", "*.example.org", "tea"}, {*Address::parse("192.0.2.1", 0)});
  CHECK(certificate_names(pair.certificate) == std::vector<std::string>{"meet.example.org", "tea"});
  CHECK(certificate_names(make_certificate(Time{}, {}, {*Address::parse("192.0.2.1", 0)}).certificate).empty());
  CHECK(certificate_names("not a certificate").empty());
}

TEST_CASE("The files of the page have their types, lifetimes and policies") {
  const Scratch scratch;
  scratch.write("index.html", "<!doctype html>");
  scratch.write("assets/app-1a2b.js", "let a");
  const PageFiles page(scratch.path);
  WebRequest request;
  request.method = "GET";
  request.path = "/";
  const auto header = [](const WebResponse& response, const std::string& name) {
    for (const auto& [key, value] : response.headers)
      if (key == name) return value;
    return std::string();
  };
  WebResponse index = page.respond(request);
  CHECK(index.status == 200);
  CHECK(index.body == "<!doctype html>");
  CHECK(header(index, "Content-Type") == "text/html; charset=utf-8");
  CHECK(header(index, "Cache-Control") == "no-cache");
  CHECK(header(index, "Content-Security-Policy").find("default-src 'self'") == 0);
  CHECK(header(index, "Permissions-Policy").find("camera=(self)") == 0);

  request.headers["if-none-match"] = header(index, "ETag");
  CHECK(page.respond(request).status == 304);
  CHECK(page.respond(request).body.empty());

  request = {};
  request.method = "GET";
  request.path = "/assets/app-1a2b.js";
  CHECK(header(page.respond(request), "Content-Type") == "text/javascript; charset=utf-8");
  CHECK(header(page.respond(request), "Cache-Control") == "public, max-age=31536000, immutable");

  for (const char* wrong : {"/../secret", "/assets", "/assets/", "", "/index.html/", "//index.html"}) {
    request.path = wrong;
    CHECK(page.respond(request).status == 404);
  }
  request.method = "POST";
  CHECK(page.respond(request).status == 405);
}

TEST_CASE("A page that has not been built says so") {
  WebRequest request;
  request.method = "GET";
  request.path = "/";
  const WebResponse response = PageFiles("/nowhere").respond(request);
  CHECK(response.status == 404);
  CHECK(response.body.find("deploy/start") != response.body.npos);
}
