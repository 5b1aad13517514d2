#include "signaling/program/workers.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "sfu/control/codec.hpp"
#include "sfu/net/system_error.hpp"

namespace parley::signaling {

WorkerProcesses::WorkerProcesses(const Config& config, std::uint32_t count, std::string executable)
    : executable_(std::move(executable)),
      media_port_(config.media_port),
      advertised_(config.advertise),
      last_n_(config.last_n),
      audible_speakers_(config.audible_speakers),
      restarts_(count),
      was_ready_(count, false) {
  transport_ = config.media_udp && config.media_tcp ? "udp,tcp" : config.media_udp ? "udp" : "tcp";
}

std::vector<std::string> WorkerProcesses::arguments(std::uint32_t index) const {
  const auto port = [index](std::uint16_t first) { return static_cast<std::uint16_t>(first + index); };
  std::vector<std::string> result = {"--control-fd",
                                     std::to_string(net::ChildProcess::inherited_descriptor),
                                     "--index",
                                     std::to_string(index),
                                     "--media-port",
                                     std::to_string(port(media_port_)),
                                     "--media-transport",
                                     transport_,
                                     "--last-n",
                                     std::to_string(last_n_),
                                     "--audible-speakers",
                                     std::to_string(audible_speakers_)};
  for (const Address& address : advertised_) {
    result.push_back("--advertise");
    result.push_back(address.port() == 0 ? address.host() : address.with_port(port(address.port())).text());
  }
  return result;
}

void WorkerProcesses::advance(Time now, net::Poller& poller) {
  for (const std::uint32_t index : restarts_.due(now)) start(now, index, poller);
}

void WorkerProcesses::start(Time now, std::uint32_t index, net::Poller& poller) {
  auto [ours, theirs] = net::Mailbox::pair();
  net::ChildProcess child(executable_, arguments(index), std::move(theirs).release());
  poller.add(ours.descriptor());
  const int descriptor = ours.descriptor();
  processes_.emplace(descriptor, Process{index, std::move(child), std::move(ours)});
  restarts_.started(now, index);
}

void WorkerProcesses::handle(Time now, const net::Poller::Readiness& ready, net::Poller& poller, std::vector<FrontInput>& out) {
  const auto found = processes_.find(ready.descriptor);
  if (found == processes_.end()) return;
  Process& process = found->second;
  std::vector<std::string> messages;
  const bool alive = (!ready.readable || process.mailbox.receive(messages)) && (!ready.writable || process.mailbox.flush());
  for (const std::string& text : messages) {
    auto event = control::parse_event(text);
    if (!event) continue;
    if (std::holds_alternative<control::Ready>(event->event)) was_ready_[process.index] = true;
    out.push_back(WorkerEvent{{process.index}, std::move(*event)});
  }
  if (alive) {
    poller.want_output(ready.descriptor, process.mailbox.wants_output());
    return;
  }
  if (!was_ready_[process.index] && !restarts_.stopped()) {
    process.child.ended_within(net::ChildProcess::last_words);
    throw net::SystemError::sentence("Worker " + std::to_string(process.index) + " cannot start, for the reason above.");
  }
  if (!restarts_.stopped())
    spdlog::warn("Worker {} (process {}) has ended; starting another.", process.index, process.child.id());
  restarts_.ended(now, process.index);
  out.push_back(WorkerDown{{process.index}});
  processes_.erase(found);
}

void WorkerProcesses::send(const ToWorker& message, net::Poller& poller) {
  const auto found = std::find_if(processes_.begin(), processes_.end(),
                                  [&](const auto& entry) { return entry.second.index == message.worker.value; });
  if (found == processes_.end()) return;
  Process& process = found->second;
  if (!process.mailbox.send(control::write(message.message)))
    process.child.terminate();  // its pipe ends with it, and handle() sees that
  else if (process.mailbox.wants_output())
    poller.want_output(found->first, true);
}

}  // namespace parley::signaling
