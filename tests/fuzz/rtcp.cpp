// Fuzz target: RTCP. Every message that is read is bounded by the size of its packet, and reads the same after it is written.

#include <cstdint>
#include <cstdlib>
#include <set>
#include <variant>
#include <vector>

#include "sfu/rtp/rtcp/compound.hpp"

using namespace parley;
using namespace parley::rtp;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

template <typename Message>
Message written_and_read(const Message& message, Buffer& out) {
  Writer writer(out);
  write(message, writer);
  require(writer.ok() && writer.size() % 4 == 0);
  Compound again(writer.written());
  const auto read = again.next();
  require(read && std::holds_alternative<Message>(*read) && !again.next() && again.ok());
  return std::get<Message>(*read);
}

template <typename Message>
void check_written(const Message& message, Buffer& out) {
  require(written_and_read(message, out) == message);
}

struct Check {
  std::size_t size;
  Buffer out = Buffer(1 << 16);

  void operator()(const UnknownRtcp&) {}
  void operator()(const Remb& remb) { require(remb.sources.size() * 4 <= size); }
  void operator()(const SenderReport& report) { check_written(report, out); }
  void operator()(const ReceiverReport& report) { check_written(report, out); }
  void operator()(const Sdes& sdes) { check_written(sdes, out); }
  void operator()(const Bye& bye) { check_written(bye, out); }
  void operator()(const Pli& pli) { check_written(pli, out); }
  void operator()(const Fir& fir) { check_written(fir, out); }
  void operator()(const Nack& nack) {
    require(nack.sequences.size() <= size / 4 * 17);
    // Neighbours are put into one mask, which has neither order nor repetition.
    const auto again = written_and_read(nack, out);
    require(std::set(again.sequences.begin(), again.sequences.end()) == std::set(nack.sequences.begin(), nack.sequences.end()));
  }
  void operator()(const TransportFeedback& feedback) {
    require(feedback.arrivals.size() <= maximum_feedback_packets);
    // Arrivals before the first reference time have no form of their own in what is written.
    for (const auto& arrival : feedback.arrivals)
      if (arrival && *arrival < Duration::zero()) return;
    require(written_and_read(feedback, out).arrivals.size() == feedback.arrivals.size());
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Compound messages({data, size});
  std::size_t count = 0;
  for (Check check{size}; const auto message = messages.next(); ++count) std::visit(check, *message);
  require(count <= size / 4);
  return 0;
}

std::vector<std::vector<std::uint8_t>> seeds() {
  std::vector<std::uint8_t> compound(512);
  Writer writer(compound);
  write(SenderReport{.sender = {1}, .ntp = 2, .timestamp = 3, .packets = 4, .octets = 5, .blocks = {{}}}, writer);
  write(Sdes{{{{1}, "someone"}}}, writer);
  write(Bye{{{1}}}, writer);
  compound.resize(writer.size());
  return {
      compound,
      {0x81, 201, 0, 7, 0, 0, 0, 1, 0, 0, 0, 2, 3, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0, 6, 0, 0, 0, 7, 0, 0, 0, 8},
      {0x81, 205, 0, 3, 0x12, 0x34, 0x56, 0x78, 0x23, 0x45, 0x67, 0x89, 0x00, 0x00, 0x80, 0x85},
      {0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2},
      {0x84, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 3, 0, 0, 0},
      {0x8F, 206, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, 'R', 'E', 'M', 'B', 1, 7, 0xFB, 0x93, 0, 0, 0, 2},
      {0xAF, 0xCD, 0x00, 0x05, 0xFA, 0x17, 0xFA, 0x17, 0x43, 0x03, 0x2F, 0xA0,
       0x00, 0x99, 0x00, 0x01, 0x3D, 0xE8, 0x02, 0x17, 0x20, 0x01, 0x94, 0x01},
      {0x8F, 0xCD, 0x00, 0x07, 0,    0,    0,    1,    0,    0,    0, 2, 0, 10, 0, 19,
       0,    0,    1,    9,    0x20, 0x02, 0xA0, 0x01, 0xC6, 0x00, 1, 2, 3, 4,  5, 0xFF},
      {0x80, 207, 0, 1, 0, 0, 0, 1},
  };
}
