#include "sfu/net/page_files.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "sfu/base/crypto.hpp"

namespace parley::net {
namespace {

std::string type_of(const std::filesystem::path& path) {
  static const std::map<std::string, std::string> types = {{".html", "text/html; charset=utf-8"},
                                                           {".js", "text/javascript; charset=utf-8"},
                                                           {".css", "text/css; charset=utf-8"},
                                                           {".json", "application/json"},
                                                           {".map", "application/json"},
                                                           {".svg", "image/svg+xml"},
                                                           {".png", "image/png"},
                                                           {".jpg", "image/jpeg"},
                                                           {".webp", "image/webp"},
                                                           {".ico", "image/x-icon"},
                                                           {".woff2", "font/woff2"},
                                                           {".wasm", "application/wasm"},
                                                           {".txt", "text/plain; charset=utf-8"},
                                                           {".webmanifest", "application/manifest+json"},
                                                           {".mp3", "audio/mpeg"},
                                                           {".ogg", "audio/ogg"},
                                                           {".wav", "audio/wav"}};
  const auto found = types.find(path.extension().string());
  return found == types.end() ? "application/octet-stream" : found->second;
}

/// Scripts only from here; sound and picture from WebRTC (blob: and data: are what the page makes itself). Styles may be
/// inline: a tile's place in the grid is computed.
constexpr const char* content_policy =
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "media-src 'self' data: blob: mediastream:; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'self'";
constexpr const char* permissions_policy =
    "camera=(self), microphone=(self), display-capture=(self), autoplay=(self), fullscreen=(self), geolocation=()";

std::string read(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << stream.rdbuf();
  return bytes.str();
}

WebResponse plain(int status, const std::string& text) {
  return {status, {{"Content-Type", "text/plain; charset=utf-8"}, {"X-Content-Type-Options", "nosniff"}}, text + "\n"};
}

}  // namespace

PageFiles::PageFiles(const std::string& directory) {
  std::error_code error;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory, error)) {
    if (!entry.is_regular_file()) continue;
    const std::string path = "/" + std::filesystem::relative(entry.path(), directory).generic_string();
    File file{read(entry.path()), type_of(entry.path()), {}, path.starts_with("/assets/")};
    file.tag = "\"" + base64url_encode(Bytes(sha256(as_bytes(file.bytes))).first(12)) + "\"";
    files_[path] = std::move(file);
  }
}

WebResponse PageFiles::respond(const WebRequest& request) const {
  if (request.method != "GET" && request.method != "HEAD") {
    WebResponse refusal = plain(405, "Only GET and HEAD work here.");
    refusal.headers.emplace_back("Allow", "GET, HEAD");
    return refusal;
  }
  const auto found = files_.find(request.path == "/" ? "/index.html" : request.path);
  if (found == files_.end())
    return plain(
        404, files_.empty() ? "The page has not been built yet. Run deploy/start, which builds it." : "There is nothing here.");
  const File& file = found->second;
  WebResponse response;
  response.headers = {{"Content-Type", file.type},
                      {"Cache-Control", file.immutable ? "public, max-age=31536000, immutable" : "no-cache"},
                      {"ETag", file.tag},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Referrer-Policy", "no-referrer"}};
  if (file.type.starts_with("text/html")) {
    response.headers.emplace_back("Content-Security-Policy", content_policy);
    response.headers.emplace_back("Permissions-Policy", permissions_policy);
  }
  const auto known = request.headers.find("if-none-match");
  if (known != request.headers.end() && known->second.find(file.tag) != known->second.npos)
    response.status = 304;
  else
    response.body = file.bytes;
  return response;
}

}  // namespace parley::net
