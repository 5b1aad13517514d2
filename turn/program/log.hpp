#pragma once
// What an operator reads: one line when an allocation begins, one when it ends, and what became of the certificate.

#include "sfu/net/server_tls.hpp"
#include "turn/output.hpp"

namespace parley::turn {

void log(const Event& event);
/// Nothing when nothing has changed.
void log(net::ServerTls::Change change);
/// The program ends, and breaks off so many allocations.
void log_end(std::uint64_t allocations);

}  // namespace parley::turn
