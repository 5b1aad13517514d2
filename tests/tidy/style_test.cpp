// The rules of style that a machine can check.
#include <catch2/catch.hpp>
#include <set>

#include "tests/tidy/source_tree.hpp"

using namespace parley::tidy;

namespace {

std::vector<SourceFile> product() { return read_tree({"sfu", "signaling", "loadtest", "turn"}); }

/// A line without its comment, as far as that can be told without a parser.
std::string code_of(const std::string& line) {
  const auto comment = line.find("//");
  return comment == line.npos ? line : line.substr(0, comment);
}

void check_absent(const SourceFile& file, const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < file.lines.size(); ++i) {
    for (const std::string& word : words) {
      INFO(file.path << ":" << i + 1 << " says " << word);
      CHECK(code_of(file.lines[i]).find(word) == std::string::npos);
    }
  }
}

}  // namespace

TEST_CASE("Nobody but net reads a clock") {
  for (const SourceFile& file : product()) {
    if (!file.below("sfu/net/"))
      check_absent(file, {"_clock::now", "clock_gettime(", "gettimeofday(", "time(nullptr)", "time(NULL)"});
  }
}

TEST_CASE("Ownership is a tree: no shared_ptr, and no threads that would need locks") {
  // The relay's workers are threads, because they count quotas together; what they tell each other goes through this one lock.
  const std::string lock = "turn/program/guarded.hpp";
  for (const SourceFile& file : product())
    if (file.path != lock) check_absent(file, {"shared_ptr", "std::mutex", "std::thread(", "std::async"});
}

TEST_CASE("Bytes from the wire are read by Reader, not by casts") {
  for (const SourceFile& file : product()) check_absent(file, {"__attribute__((packed))", "#pragma pack", "ntohl(", "htonl("});
}

TEST_CASE("A header opens with its guard and the paragraph that a newcomer needs") {
  for (const SourceFile& file : product()) {
    if (!file.is_header()) continue;
    INFO(file.path);
    REQUIRE(file.lines.size() > 2);
    CHECK(file.lines[0] == "#pragma once");
    CHECK(file.lines[1].starts_with("// "));
  }
}

TEST_CASE("Files stay short enough to be read in one go") {
  // It adapts the whole of libwebsockets, whose header nobody else may see.
  const std::set<std::string> longer = {"sfu/net/web_server.cpp"};
  for (const SourceFile& file : product()) {
    INFO(file.path);
    CHECK(file.lines.size() <= (file.is_header() ? 300u : longer.contains(file.path) ? 480u : 400u));
  }
}

TEST_CASE("No line is longer than 130 columns, and none ends in blanks or contains a tab") {
  for (const SourceFile& file : product()) {
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      // Bytes of UTF-8 that continue a character take no column.
      std::size_t columns = 0;
      for (const char c : file.lines[i]) columns += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
      const bool good = columns <= 130 && !file.lines[i].ends_with(' ') && file.lines[i].find('\t') == std::string::npos;
      INFO(file.path << ":" << i + 1);
      if (!good) CHECK(file.lines[i] == "");
    }
  }
}

TEST_CASE("Nothing is left to be done later") {
  for (const SourceFile& file : product()) {
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      for (const char* word : {"TODO", "FIXME", "XXX"}) {
        INFO(file.path << ":" << i + 1);
        CHECK(file.lines[i].find(word) == std::string::npos);
      }
    }
  }
}

TEST_CASE("The npm lock files name no registry") {
  for (const char* folder : {"web-client", "tests/e2e"}) {
    std::ifstream stream(std::string(PARLEY_SOURCE_DIR) + "/" + folder + "/package-lock.json");
    for (std::string line; std::getline(stream, line);) {
      INFO(folder << ": " << line);
      CHECK(line.find("\"resolved\"") == std::string::npos);
    }
  }
}
