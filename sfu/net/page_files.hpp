#pragma once
// The files of the web page, read once at start: they are small, and a path that somebody sends never reaches the file
// system.

#include <map>
#include <string>
#include <string_view>

#include "sfu/net/web_message.hpp"

namespace parley::net {

class PageFiles {
 public:
  /// Every file below `directory`; none when there is no such directory.
  explicit PageFiles(const std::string& directory);

  /// What a GET or HEAD of that path gets: the file (index.html for "/"), 304, 404, or 405 for other methods.
  WebResponse respond(const WebRequest& request) const;
  /// Whether there is anything at "/".
  bool has_index() const { return files_.contains("/index.html"); }

 private:
  struct File {
    std::string bytes;
    std::string type;
    std::string tag;
    bool immutable = false;  ///< its name contains a hash of its content
  };
  std::map<std::string, File, std::less<>> files_;  // by path, "/assets/index-5f2a.js"
};

}  // namespace parley::net
