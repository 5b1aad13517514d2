#pragma once
// Reads captures/wire: logs of the RTP that Chromium 156 and Firefox ESR 153 really sent, decrypted. Each packet has its header
// fields, the length of its payload and the first bytes of it; build() makes a packet of that, with zeros for the bytes that were
// not kept.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <stdexcept>
#include <string>
#include <vector>

#include "sfu/base/time.hpp"
#include "sfu/rtp/packet.hpp"

namespace parley::captures {

struct CapturedPacket {
  Duration at{};
  rtp::Header header;
  Buffer payload;  ///< of the length that it had
  std::uint8_t padding = 0;
  std::map<std::uint8_t, Buffer> elements;  ///< by id; only some captures kept the values
};

inline Buffer from_hex(const std::string& text) {
  Buffer bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(text.substr(i, 2), nullptr, 16)));
  return bytes;
}

inline std::map<std::uint8_t, Buffer> read_elements(const std::string& text) {
  static const std::regex element("(\\d+)=([0-9a-f]+)");
  std::map<std::uint8_t, Buffer> result;
  for (auto match = std::sregex_iterator(text.begin(), text.end(), element); match != std::sregex_iterator(); ++match)
    result[static_cast<std::uint8_t>(std::stoul((*match)[1]))] = from_hex((*match)[2]);
  return result;
}

/// `name` without ".txt". Within an SSRC the packets are in the order in which they arrived.
inline std::vector<CapturedPacket> read(const std::string& name) {
  std::ifstream file(std::string(PARLEY_SOURCE_DIR "/tests/captures/wire/") + name + ".txt");
  if (!file) throw std::runtime_error("no capture " + name);
  static const std::regex source("^SSRC (\\d+) .*");
  static const std::regex field("(\\S+?)=(\\S*)");
  std::vector<CapturedPacket> packets;
  std::string ssrc;
  for (std::string line; std::getline(file, line);) {
    std::smatch match;
    if (std::regex_match(line, match, source)) ssrc = match[1];
    if (line.find(" seq=") == std::string::npos || line.find(" pad=") == std::string::npos) continue;
    std::map<std::string, std::string> fields;
    for (auto at = std::sregex_iterator(line.begin(), line.end(), field); at != std::sregex_iterator(); ++at)
      fields.try_emplace((*at)[1], (*at)[2]);
    const auto number = [&](const char* key) { return std::stoul(fields.at(key)); };
    CapturedPacket packet;
    packet.at = milliseconds(std::stoul(line));
    packet.header = {{static_cast<std::uint8_t>(number("pt"))},
                     number("m") == 1,
                     static_cast<std::uint16_t>(number("seq")),
                     static_cast<std::uint32_t>(number("ts")),
                     {static_cast<std::uint32_t>(std::stoul(fields.contains("ssrc") ? fields["ssrc"] : ssrc))}};
    packet.payload = from_hex(fields.at("pl"));
    packet.payload.resize(number("len"));
    packet.padding = static_cast<std::uint8_t>(number("pad"));
    packet.elements = read_elements(line.substr(line.find("ext=") + 4));
    packets.push_back(std::move(packet));
  }
  return packets;
}

inline std::vector<std::string> names() {
  std::vector<std::string> result;
  for (const auto& entry : std::filesystem::directory_iterator(PARLEY_SOURCE_DIR "/tests/captures/wire"))
    result.push_back(entry.path().stem().string());
  std::ranges::sort(result);
  return result;
}

inline std::vector<CapturedPacket> of_ssrc(const std::vector<CapturedPacket>& packets, std::uint32_t ssrc) {
  std::vector<CapturedPacket> result;
  std::ranges::copy_if(packets, std::back_inserter(result), [&](const auto& packet) { return packet.header.ssrc.value == ssrc; });
  return result;
}

inline Buffer build(const CapturedPacket& packet) {
  rtp::ElementList elements;
  for (const auto& [id, value] : packet.elements) elements.add(id, value);
  Buffer bytes(2048);
  std::size_t size = 0;
  if (packet.payload.empty()) {
    size = rtp::write_padding(packet.header, elements, packet.padding, bytes);
  } else {
    size = rtp::write_header(packet.header, elements, bytes);
    std::ranges::copy(packet.payload, bytes.begin() + static_cast<std::ptrdiff_t>(size));
    size += packet.payload.size();
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace parley::captures
