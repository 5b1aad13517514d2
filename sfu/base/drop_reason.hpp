#pragma once
// Every reason why a packet can die. Reading this list is reading what the forwarding path refuses to do.

#include <cstdint>
#include <string_view>

#include "sfu/base/counters.hpp"

namespace parley {

#define PARLEY_DROP_REASONS(REASON)                                                          \
  /* before it is known whose packet it is */                                                \
  REASON(empty_datagram)                                                                     \
  REASON(oversized_datagram)                                                                 \
  REASON(unknown_protocol)          /* first byte outside of RFC 7983's ranges */            \
  REASON(unknown_path)              /* not STUN, and from a 5-tuple that no check opened */  \
  REASON(stun_malformed)                                                                     \
  REASON(stun_unknown_ufrag)                                                                 \
  REASON(stun_bad_integrity)                                                                 \
  REASON(stun_unexpected)           /* an indication or a response that nobody waits for */  \
  REASON(too_many_paths)                                                                     \
  /* the secure transport */                                                                 \
  REASON(dtls_before_ice)                                                                    \
  REASON(dtls_malformed)                                                                     \
  REASON(dtls_failed)               /* arrived after the handshake had failed */             \
  REASON(dtls_unexpected)           /* forged or repeated */                                 \
  REASON(srtp_before_keys)                                                                   \
  REASON(srtp_bad_tag)                                                                       \
  REASON(srtp_replayed)                                                                      \
  REASON(srtp_failed)                                                                        \
  /* data channels */                                                                        \
  REASON(sctp_not_negotiated)       /* data on a connection without data channels */         \
  REASON(sctp_malformed)            /* a wrong checksum, or nothing that a browser sends */  \
  REASON(sctp_closed)               /* arrived after the association had ended */            \
  REASON(channel_malformed)         /* a message of RFC 8832 that makes no sense */          \
  REASON(channel_wrong_side)        /* opened under an id that is ours to give, or in use */ \
  REASON(channel_too_many)                                                                   \
  REASON(channel_unknown)           /* a message on a channel that nobody has opened */      \
  REASON(channel_unknown_ppid)      /* neither text nor binary, or the deprecated parts */   \
  REASON(channel_message_too_large)                                                          \
  /* RTP from a publisher */                                                                 \
  REASON(rtp_malformed)                                                                      \
  REASON(rtp_unknown_ssrc)          /* no MID, no signalled SSRC, no unique payload type */  \
  REASON(rtp_unknown_payload_type)                                                           \
  REASON(rtp_unknown_rid)                                                                    \
  REASON(rtp_too_many_ssrcs)                                                                 \
  REASON(rtp_duplicate)                                                                      \
  REASON(rtp_too_old)                                                                        \
  REASON(rtp_padding_only)          /* counted in statistics, squeezed out of what is sent */\
  REASON(rtp_not_publishing)        /* RTP on a connection that only receives */             \
  REASON(rtp_payload_malformed)     /* its payload descriptor is cut off */                  \
  REASON(rtp_dependency_malformed)  /* its dependency descriptor contradicts itself */       \
  REASON(rtx_malformed)                                                                      \
  REASON(rtx_without_original)                                                               \
  REASON(red_malformed)                                                                      \
  REASON(track_muted)                                                                        \
  REASON(track_not_selected)        /* last-N, or not among the loudest */                   \
  /* on the way to one subscriber */                                                         \
  REASON(forward_not_ready)         /* its DTLS or ICE is not up yet */                      \
  REASON(forward_other_layer)                                                                \
  REASON(forward_before_keyframe)                                                            \
  REASON(forward_codec_unsupported)                                                          \
  REASON(forward_after_switch)      /* a late packet of the layer that was left */           \
  REASON(forward_too_large)                                                                  \
  REASON(pacer_full)                /* more waits for this receiver than is of any use: the picture stops until a key frame */ \
  REASON(pacer_expired)             /* the publisher has gone while the packet waited */     \
  REASON(pacer_outdated)            /* waited when the receiver went down to a smaller picture */ \
  /* RTCP */                                                                                 \
  REASON(rtcp_malformed)                                                                     \
  REASON(rtcp_unknown_ssrc)                                                                  \
  REASON(nack_not_cached)                                                                    \
  REASON(nack_too_soon)             /* asked again before the answer can have arrived */     \
  REASON(nack_too_often)            /* sent again as often as is of any use */               \
  REASON(nack_over_budget)          /* retransmissions have their share of the bandwidth */  \
  /* data topics */                                                                          \
  REASON(data_unknown_topic)        /* a channel of another protocol, or without a good label */ \
  REASON(data_too_many_topics)      /* of the room; the channel is closed again */           \
  REASON(data_no_channel_free)      /* towards a receiver that has as many as there can be */ \
  REASON(data_without_channel)      /* on a channel that was closed, or never opened */      \
  REASON(data_malformed)                                                                     \
  REASON(data_not_permitted)        /* by the token, or because the sender is hidden */      \
  REASON(data_receiver_unknown)                                                              \
  REASON(data_receiver_without_data) /* it has no data connection */                         \
  REASON(data_receiver_left)        /* the topic, because it read too slowly */              \
  REASON(data_receiver_gone)        /* it has left the room, or connects anew, while the message waited */ \
  REASON(data_beyond_credit)                                                                 \
  REASON(data_too_large)                                                                     \
  REASON(data_store_full)           /* the sender's part of what may wait in the room */      \
  REASON(data_backlog_full)         /* dropped when a reader left the topic */               \
  REASON(data_lossy_backlog_full)   /* the oldest, for a newer one */                        \
  REASON(data_send_refused)         /* larger than the receiver takes, or its channel is closing */ \
  REASON(data_too_many_refusals)    /* of which the sender is not told */                    \
  /* sending */                                                                              \
  REASON(send_no_path)                                                                       \
  REASON(send_consent_expired)                                                               \
  REASON(send_queue_full)                                                                    \
  REASON(send_refused)              /* the kernel would not take it */                       \
  /* TCP framing */                                                                          \
  REASON(tcp_frame_too_large)                                                                \
  REASON(tcp_first_frame_not_stun)                                                           \
  REASON(tcp_too_many_connections)

enum class DropReason : std::uint8_t {
#define PARLEY_REASON(name) name,
  PARLEY_DROP_REASONS(PARLEY_REASON)
#undef PARLEY_REASON
      count_
};

constexpr std::string_view name(DropReason reason) {
  constexpr std::string_view names[] = {
#define PARLEY_REASON(name) #name,
      PARLEY_DROP_REASONS(PARLEY_REASON)
#undef PARLEY_REASON
  };
  return reason < DropReason::count_ ? names[static_cast<std::size_t>(reason)] : "unknown";
}

using Drops = Counters<DropReason>;

}  // namespace parley
