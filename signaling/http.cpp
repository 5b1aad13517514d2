// Percent-encoding (RFC 3986 section 2.1) and the few headers that every part needs.

#include "signaling/http.hpp"

#include <algorithm>
#include <optional>

namespace parley::signaling {
namespace {

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~").find(c) != std::string_view::npos;
}

bool equal_ignoring_case(std::string_view left, std::string_view right) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
  return std::equal(left.begin(), left.end(), right.begin(), right.end(), [&](char a, char b) { return lower(a) == lower(b); });
}

}  // namespace

std::string_view HttpRequest::header(std::string_view name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

std::string_view HttpResponse::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key == name) return value;
  return {};
}

bool percent_decode(std::string_view text, std::string& out) {
  out.clear();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return false;
    const auto high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
    if (!high || !low) return false;
    out += static_cast<char>(*high << 4 | *low);
    i += 2;
  }
  return true;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_unreserved(c))
      encoded += c;
    else
      encoded.append({'%', digits[byte >> 4], digits[byte & 15]});
  }
  return encoded;
}

std::string query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    const auto equals = pair.find('=');
    std::string value;
    if (equals != std::string_view::npos && pair.substr(0, equals) == name && percent_decode(pair.substr(equals + 1), value))
      return value;
  }
  return {};
}

std::string host_of(std::string_view header) {
  constexpr std::size_t longest = 253;  // a DNS name, RFC 1035 section 2.3.4
  if (header.starts_with('[')) {
    const std::string_view address = header.substr(1, std::min(header.find(']'), header.size()) - 1);
    return Address::parse(address, 0) ? "[" + std::string(address) + "]" : std::string();
  }
  const std::string_view host = header.substr(0, header.find(':'));
  const bool plain = std::ranges::all_of(host, [](char c) { return is_unreserved(c) && c != '_' && c != '~'; });
  return plain && host.size() <= longest ? std::string(host) : std::string();
}

std::string_view bearer_token(const HttpRequest& request) {
  constexpr std::string_view scheme =
      "Bearer ";  // RFC 6750 section 2.1; the scheme's case does not matter, RFC 9110 section 11.1
  std::string_view value = request.header("authorization");
  if (value.size() < scheme.size() || !equal_ignoring_case(value.substr(0, scheme.size()), scheme)) return {};
  value.remove_prefix(scheme.size());
  while (value.starts_with(' ')) value.remove_prefix(1);
  while (value.ends_with(' ')) value.remove_suffix(1);
  return value;
}

}  // namespace parley::signaling
