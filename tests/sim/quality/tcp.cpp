#include "tests/sim/quality/tcp.hpp"

#include <algorithm>
#include <cmath>

namespace parley::quality {

namespace {

constexpr std::uint64_t endless = 1'000'000'000;

}  // namespace

Tcp::Tcp(const TcpSettings& settings, std::uint8_t index, Time begin, Random random)
    : settings_(settings), index_(index), random_(std::move(random)), starts_at_(begin + settings.start) {}

void Tcp::advance(Time now, std::vector<Packet>& out) {
  if (now >= starts_at_) begin_transfer();
  if (!under_way_.empty() && now - under_way_.begin()->second >= std::max(2 * round_trip_, shortest_timeout)) {
    left_ += under_way_.size();
    under_way_.clear();
    threshold_ = std::max(window_ / 2, 2.0);
    window_ = 1;
    recovery_until_ = next_;
  }
  while (left_ > 0 && static_cast<double>(under_way_.size()) < window_) {
    --left_;
    under_way_[next_] = now;
    out.push_back({.flow = index_, .kind = Kind::tcp, .number = next_++, .sent = now, .bytes = segment_bytes, .body = {}});
  }
}

void Tcp::begin_transfer() {
  starts_at_ = never;
  left_ = endless;
  if (settings_.transfer_bytes) {
    const auto [least, most] = *settings_.transfer_bytes;
    left_ = (least + random_.below(most - least + 1)) / segment_bytes + 1;
    window_ = initial_window;
    threshold_ = 1e9;
  }
}

void Tcp::receive_acknowledgement(Time now, std::uint64_t segment) {
  const auto found = under_way_.find(segment);
  if (found == under_way_.end()) return;
  round_trip_ += (now - found->second - round_trip_) / 8;
  under_way_.erase(found);
  // Order is kept on the way, so that a segment which three later ones have passed is lost.
  while (!under_way_.empty() && under_way_.begin()->first + 3 <= segment) lose(now, under_way_.begin()->first);
  grow(now);
  if (under_way_.empty() && left_ == 0) finish(now);
}

void Tcp::lose(Time now, std::uint64_t segment) {
  under_way_.erase(segment);
  ++left_;
  if (segment < recovery_until_) return;
  recovery_until_ = next_;
  largest_ = window_;
  window_ = std::max(window_ * beta, 2.0);
  threshold_ = window_;
  epoch_ = now;
}

void Tcp::grow(Time now) {
  if (window_ < threshold_) {
    ++window_;
    return;
  }
  const double elapsed = static_cast<double>((now - epoch_ + round_trip_).count()) / 1e9;
  const double turn = std::cbrt(largest_ * (1 - beta) / cubic);
  const double target = cubic * std::pow(elapsed - turn, 3) + largest_;
  // Reno's window after the same time: CUBIC is never slower.
  const double rounds = static_cast<double>((now - epoch_).count()) / static_cast<double>(round_trip_.count());
  const double friendly = largest_ * beta + 3 * (1 - beta) / (1 + beta) * rounds;
  const double goal = std::min(std::max(target, friendly), 1.5 * window_);
  if (goal > window_) window_ += (goal - window_) / window_;
}

void Tcp::finish(Time now) {
  const double mean = static_cast<double>(settings_.idle_mean.count());
  starts_at_ = now + Duration(static_cast<std::int64_t>(-mean * std::log(1 - random_.uniform())));
}

Time Tcp::wakeup() const {
  if (under_way_.empty()) return starts_at_;
  return under_way_.begin()->second + std::max(2 * round_trip_, shortest_timeout);
}

}  // namespace parley::quality
