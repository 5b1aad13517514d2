#include "sfu/net/http_text.hpp"

#include <algorithm>
#include <cctype>

namespace parley::net {
namespace {

const char* reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 409:
      return "Conflict";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 422:
      return "Unprocessable Content";
    case 428:
      return "Precondition Required";
    case 429:
      return "Too Many Requests";
    case 503:
      return "Service Unavailable";
    default:
      return status < 400 ? "OK" : "Error";
  }
}

std::string without_line_breaks(std::string text) {
  text.erase(std::remove_if(text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; }), text.end());
  return text;
}

}  // namespace

std::string percent_encoded(std::string_view text, std::string_view plain) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string result;
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    if ((byte < 0x80 && std::isalnum(byte)) || plain.find(character) != plain.npos) {
      result += character;
    } else {
      result += '%';
      result += digits[byte >> 4];
      result += digits[byte & 15];
    }
  }
  return result;
}

std::string encoded_parameter(std::string_view decoded) {
  constexpr std::string_view plain = "-._~";
  const auto equals = std::min(decoded.find('='), decoded.size());
  std::string result = percent_encoded(decoded.substr(0, equals), plain);
  if (equals < decoded.size()) result += "=" + percent_encoded(decoded.substr(equals + 1), plain);
  return result;
}

std::string response_head(const WebResponse& response, bool close) {
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " " + reason_phrase(response.status) + "\r\n";
  for (const auto& [name, value] : response.headers) head += without_line_breaks(name + ": " + value) + "\r\n";
  // RFC 9110 section 8.6: neither of these two has a body.
  if (response.status != 204 && response.status != 304)
    head += "Content-Length: " + std::to_string(response.body.size()) + "\r\n";
  return head + (close ? "Connection: close\r\n\r\n" : "\r\n");
}

}  // namespace parley::net
