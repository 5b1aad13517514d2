#ifndef PARLEY_FAST_PATH_MAPS_H
#define PARLEY_FAST_PATH_MAPS_H
/* What sfu/net/fast_path.cpp and its program in the kernel, fast_path.bpf.c, tell each other. Addresses have 16 bytes, those of
   IPv4 mapped (::ffff:192.0.2.1); addresses, ports and channels are in network order. */

#include <linux/types.h>

enum {
  fast_path_channels = 16384,               /* at a time: as many as allocations of a worker */
  fast_path_ways = 2 * fast_path_channels,  /* a channel has one each way */
};

/* A datagram that comes. */
struct fast_path_arrival {
  __u8 local[16];
  __u8 remote[16];
  __u16 local_port;
  __u16 remote_port;
  __u16 channel; /* 0: from a peer, without a channel header */
  __u16 unused;
};

/* How it leaves. */
struct fast_path_departure {
  __u8 local[16];
  __u8 remote[16];
  __u16 local_port;
  __u16 remote_port;
  __u16 channel; /* of the header that it gets; 0: it loses the one that it has */
  __u16 unused;
  __u32 way; /* index of its fast_path_way */
};

struct fast_path_way {
  __u64 until; /* nanoseconds of the monotonic clock: what comes later goes to the socket */
  __u64 packets;
  __u64 bytes;  /* payload */
  __u64 passed; /* datagrams that went to the socket nevertheless: cut, padded, too large, or of this machine's making */
};

#endif
