#pragma once
// Forward error correction for one outgoing stream: out of a few packets as they are sent comes one repair packet, from which a
// receiver that has lost one of them makes it again, without waiting for a round trip. The form is that of
// draft-ietf-payload-flexible-fec-scheme-03 section 4.2.2, which Chromium takes; later drafts and RFC 8627 look different.
//
//    |R|F|P|X|  CC   |M| PT recovery |        length recovery        |   R and F are 0
//    |                          TS recovery                          |
//    |   SSRC count  |                   reserved                    |   one protected SSRC
//    |                             SSRC                              |
//    |            SN base            |k|          mask 0..14         |   k is 1 in the last part of the mask
//    |k|                        mask 15..45                          |
//    |k|                        mask 46..108, 63 bits                |
//
// Bit i of the mask says that SN base + i is among those that are protected. What follows is the XOR of what stands behind
// their fixed RTP headers. Header extensions that are filled in on the way (send time, transport-wide number) count as
// zeros, because the receiver sets them to zero too.

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "sfu/base/bytes.hpp"
#include "sfu/base/ids.hpp"
#include "sfu/base/time.hpp"
#include "sfu/rtp/extensions.hpp"

namespace parley::media {

/// How much is repaired: each repair packet stands for a row of `packets`. Neighbours belong to different rows, of which
/// `interleave` are being filled at a time, so that as many losses in a row are repaired.
struct FlexfecProtection {
  std::size_t packets = 10;
  std::size_t interleave = 1;
  bool operator==(const FlexfecProtection&) const = default;
};

class FlexfecEncoder {
 public:
  static constexpr std::size_t longest_row = 24;
  static constexpr std::size_t most_rows = 4;
  /// A row that is at least half full is finished with the picture during which it gets this old: a repair should not come later
  /// than a retransmission would.
  static constexpr Duration oldest_row = milliseconds(60);
  /// Bits of the mask.
  static constexpr std::size_t longest_mask = 109;
  /// Of a packet behind its fixed header; larger ones are not protected.
  static constexpr std::size_t largest_protected = 1500;
  static constexpr std::size_t longest_header = 32;

  /// Memory for the rows is taken here: 1.6 kB each.
  explicit FlexfecEncoder(Ssrc protected_stream, const FlexfecProtection& protection);

  /// For the rows that begin from now on.
  void set_protection(const FlexfecProtection& protection);
  const FlexfecProtection& protection() const { return protection_; }

  /// A packet that is sent now: its RTP header with extensions, and more in `header` or in `payload`, wherever the caller has it.
  /// In the order of their sequence numbers; earlier ones are ignored.
  void add(Time now, Bytes header, Bytes payload, const rtp::ExtensionIds& extensions);
  /// The payload of the next repair packet that is due, or nothing. Valid until the next call. After each add(), until there is
  /// none left.
  std::optional<Bytes> take();

 private:
  struct Row {
    std::size_t count = 0;  ///< 0: empty
    bool finished = false;
    Time began{};
    std::uint16_t base = 0;
    std::uint16_t newest = 0;
    std::array<std::uint64_t, 2> mask{};  ///< from the highest bit on
    std::array<std::uint8_t, 2> flags{};
    std::uint16_t length = 0;
    std::uint32_t timestamp = 0;
    std::size_t longest = 0;
    std::array<std::uint8_t, largest_protected> bytes{};
  };
  void protect(Time now, Bytes header, Bytes payload, Row& row);
  void finish_old(Time now);
  static std::size_t write_header(const Row& row, Ssrc protected_stream, MutableBytes out);

  Ssrc protected_;
  FlexfecProtection protection_;
  std::vector<Row> rows_;
  std::size_t next_ = 0;  ///< the row of the next packet
  std::optional<std::uint16_t> newest_;
  std::array<std::uint8_t, longest_header + largest_protected> repair_{};
};

/// Switches protection on and off by the loss that the receiver reports, and lets it follow the loss. A machine that is only told
/// things.
class FlexfecSwitch {
 public:
  /// More than this for so long: on. Retransmission copes with less, and costs nothing while nothing is lost.
  static constexpr double on_above = 0.01;
  static constexpr Duration on_after = seconds(3);
  static constexpr double off_below = 0.003;
  static constexpr Duration off_after = seconds(10);

  /// From a report: the share of packets that were lost since the one before.
  void receive(Time now, double loss);
  /// Nothing: off.
  std::optional<FlexfecProtection> protection() const;

 private:
  double loss_ = 0;  ///< smoothed
  bool on_ = false;
  std::optional<Time> since_;  ///< when the loss crossed the threshold at which this changes
};

}  // namespace parley::media
