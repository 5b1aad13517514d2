#include "signaling/program/credentials.hpp"

#include <filesystem>

#include "sfu/net/system_error.hpp"

namespace parley::signaling {
namespace {

constexpr const char* file = "keys";
constexpr std::size_t key_characters = 12;
constexpr std::size_t secret_characters = 43;  // 258 bits, more than the hash needs

}  // namespace

bool has_credentials(const std::string& state) {
  std::error_code unreadable;  // whoever opens it says so
  return std::filesystem::exists(state + "/" + file, unreadable) || unreadable;
}

Credentials load_credentials(const net::StateDirectory& state, Random& random) {
  const auto text = state.read(file);
  if (!text) {
    const Credentials fresh{"parley" + random.ice_characters(key_characters), random.ice_characters(secret_characters)};
    state.write(file, fresh.key + ": " + fresh.secret + "\n");
    return fresh;
  }
  const auto colon = text->find(": ");
  const auto end = text->find_first_of("\r\n", colon);
  if (colon == text->npos || colon == 0 || std::min(end, text->size()) - colon - 2 < secret_bytes_minimum)
    throw net::SystemError::sentence(state.file(file) +
                                     " is damaged: it should be one line, \"key: secret\". Delete it to make a new one.");
  return {text->substr(0, colon), text->substr(colon + 2, end - colon - 2)};
}

}  // namespace parley::signaling
