/* The fast path of a relay: a program that Linux runs for each frame that comes by an interface (tc, clsact, direct action). A
   datagram of a channel gets other addresses, loses or gets its channel header (RFC 8656 section 12.4), and leaves by the same
   interface, without having been near a socket. Everything else goes on to the sockets as if this were not here.

   What must be left alone, although a way for it exists: fragments and IP options; padded channel data; what would not fit into the
   interface's MTU; runs that are not cut yet (GSO); and datagrams of this machine or its containers, whose checksum is not made
   yet: the place for it, which the kernel has noted, moves with the header. */

#include "sfu/net/fast_path_maps.h"

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <linux/udp.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

char licence_terms[] SEC("license") = "Dual MIT/GPL";

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, fast_path_ways);
  __type(key, struct fast_path_arrival);
  __type(value, struct fast_path_departure);
} routes SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, fast_path_ways);
  __type(key, __u32);
  __type(value, struct fast_path_way);
} ways SEC(".maps");

/* The one field of the kernel's own structure that matters; libbpf finds where this kernel has it. */
struct sk_buff {
  __u8 ip_summed : 2;
} __attribute__((preserve_access_index));
enum { checksum_is_partial = 3 };

struct channel_header {
  __be16 number;
  __be16 length;
};
struct v4_headers {
  struct iphdr ip;
  struct udphdr udp;
  struct channel_header channel;
};
struct v6_headers {
  struct ipv6hdr ip;
  struct udphdr udp;
  struct channel_header channel;
};
/* What the checksum of UDP covers of all that changes: for IPv4 the four bytes at the end of each address. */
struct summed {
  __u8 addresses[32];
  __be16 ports[2];
  __be16 lengths[2]; /* in the pseudo header, and in that of UDP */
  struct channel_header channel;
};
/* A datagram that has a way. */
struct passage {
  struct fast_path_departure* departure;
  struct fast_path_way* way;
  __u16 payload;
};

enum { to_sockets = TC_ACT_UNSPEC, to_this_host = 0, hops = 64 };

static __always_inline __u16 folded(__s64 sum) {
  sum = (sum & 0xffff) + ((__u64)sum >> 16 & 0xffff) + ((__u64)sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return (__u16)~sum;
}

static __always_inline void map_v4(__u8* to, __be32 address) {
  to[10] = to[11] = 0xff;
  __builtin_memcpy(to + 12, &address, 4);
}

static __always_inline int is_partial(struct __sk_buff* skb) {
  return BPF_CORE_READ_BITFIELD_PROBED((struct sk_buff*)skb, ip_summed) == checksum_is_partial;
}

/* 0: there is no way for this one, or it may not be used. */
static __always_inline int find(struct __sk_buff* skb, struct fast_path_arrival* arrival, const struct udphdr* udp,
                                const struct channel_header* header, int cut, struct passage* passage) {
  arrival->local_port = udp->dest;
  arrival->remote_port = udp->source;
  struct fast_path_departure* departure = bpf_map_lookup_elem(&routes, arrival);
  /* 01 in the two highest bits is channel data, from a client. */
  if (!departure && (*(const __u8*)header & 0xc0) == 0x40) {
    arrival->channel = header->number;
    departure = bpf_map_lookup_elem(&routes, arrival);
  }
  if (!departure) return 0;
  struct fast_path_way* way = bpf_map_lookup_elem(&ways, &departure->way);
  if (!way || way->until < bpf_ktime_get_ns()) return 0;
  const __u16 content = bpf_ntohs(udp->len) - sizeof *udp;
  __u32 mtu = 0;
  const int fits = !departure->channel || bpf_check_mtu(skb, 0, &mtu, sizeof *header, 0) == 0;
  const int padded = !departure->channel && bpf_ntohs(header->length) + sizeof *header != content;
  if (cut || padded || !fits || skb->gso_size != 0 || is_partial(skb)) {
    __sync_fetch_and_add(&way->passed, 1);
    return 0;
  }
  passage->departure = departure;
  passage->way = way;
  passage->payload = departure->channel ? content : content - sizeof *header;
  return 1;
}

/* New ports, lengths, channel header and checksum, which has been right so far; behind it, in the frame, room is made or closed. */
static __always_inline int rewrite(struct __sk_buff* skb, const struct passage* passage, struct udphdr* udp,
                                   struct channel_header* header, struct summed* before, struct summed* after) {
  const struct fast_path_departure* departure = passage->departure;
  const __u16 channel = departure->channel;
  before->ports[0] = udp->source;
  before->ports[1] = udp->dest;
  before->lengths[0] = before->lengths[1] = udp->len;
  if (!channel) before->channel = *header;
  udp->source = departure->local_port;
  udp->dest = departure->remote_port;
  udp->len = bpf_htons(sizeof *udp + passage->payload + (channel ? sizeof *header : 0));
  header->number = channel;
  header->length = bpf_htons(passage->payload);
  after->ports[0] = udp->source;
  after->ports[1] = udp->dest;
  after->lengths[0] = after->lengths[1] = udp->len;
  if (channel) after->channel = *header;
  if (udp->check) {
    const __u16 sum = ~udp->check;
    udp->check = folded(bpf_csum_diff((__be32*)before, sizeof *before, (__be32*)after, sizeof *after, sum));
    if (!udp->check) udp->check = 0xffff;
  }
  return bpf_skb_adjust_room(skb, channel ? (int)sizeof *header : -(int)sizeof *header, BPF_ADJ_ROOM_NET, 0) == 0;
}

static __always_inline int leave(struct __sk_buff* skb, const struct passage* passage) {
  __sync_fetch_and_add(&passage->way->packets, 1);
  __sync_fetch_and_add(&passage->way->bytes, passage->payload);
  return (int)bpf_redirect_neigh(skb->ifindex, 0, 0, 0);
}

static __always_inline int relay_v4(struct __sk_buff* skb) {
  struct v4_headers headers;
  if (bpf_skb_load_bytes(skb, ETH_HLEN, &headers, sizeof headers) != 0) return to_sockets;
  struct iphdr* ip = &headers.ip;
  const __u16 size = bpf_ntohs(headers.udp.len);
  if (ip->ihl != 5 || ip->protocol != IPPROTO_UDP || size < sizeof headers - sizeof *ip ||
      bpf_ntohs(ip->tot_len) != sizeof *ip + size)
    return to_sockets;
  struct fast_path_arrival arrival = {};
  map_v4(arrival.local, ip->daddr);
  map_v4(arrival.remote, ip->saddr);
  const int cut = (ip->frag_off & bpf_htons(0x3fff)) != 0;
  struct passage passage;
  if (!find(skb, &arrival, &headers.udp, &headers.channel, cut, &passage)) return to_sockets;

  struct summed before = {}, after = {};
  __builtin_memcpy(before.addresses, &ip->saddr, 8);
  __builtin_memcpy(&ip->saddr, passage.departure->local + 12, 4);
  __builtin_memcpy(&ip->daddr, passage.departure->remote + 12, 4);
  __builtin_memcpy(after.addresses, &ip->saddr, 8);
  const int channel = passage.departure->channel;
  if (!rewrite(skb, &passage, &headers.udp, &headers.channel, &before, &after)) return to_sockets;
  ip->tot_len = bpf_htons(sizeof *ip + bpf_ntohs(headers.udp.len));
  ip->ttl = hops;
  ip->check = 0;
  ip->check = folded(bpf_csum_diff(0, 0, (__be32*)ip, sizeof *ip, 0));
  const __u32 changed = channel ? sizeof headers : sizeof headers - sizeof headers.channel;
  if (bpf_skb_store_bytes(skb, ETH_HLEN, &headers, changed, 0) != 0) return TC_ACT_SHOT;
  return leave(skb, &passage);
}

static __always_inline int relay_v6(struct __sk_buff* skb) {
  struct v6_headers headers;
  if (bpf_skb_load_bytes(skb, ETH_HLEN, &headers, sizeof headers) != 0) return to_sockets;
  struct ipv6hdr* ip = &headers.ip;
  /* Without a checksum, which IPv6 demands, it is the sockets' to refuse. */
  if (ip->nexthdr != IPPROTO_UDP || bpf_ntohs(headers.udp.len) < sizeof headers - sizeof *ip ||
      ip->payload_len != headers.udp.len || !headers.udp.check)
    return to_sockets;
  struct fast_path_arrival arrival = {};
  __builtin_memcpy(arrival.local, &ip->daddr, 16);
  __builtin_memcpy(arrival.remote, &ip->saddr, 16);
  struct passage passage;
  if (!find(skb, &arrival, &headers.udp, &headers.channel, 0, &passage)) return to_sockets;

  struct summed before = {}, after = {};
  __builtin_memcpy(before.addresses, &ip->saddr, 32);
  __builtin_memcpy(&ip->saddr, passage.departure->local, 16);
  __builtin_memcpy(&ip->daddr, passage.departure->remote, 16);
  __builtin_memcpy(after.addresses, &ip->saddr, 32);
  const int channel = passage.departure->channel;
  if (!rewrite(skb, &passage, &headers.udp, &headers.channel, &before, &after)) return to_sockets;
  ip->payload_len = headers.udp.len;
  ip->hop_limit = hops;
  const __u32 changed = channel ? sizeof headers : sizeof headers - sizeof headers.channel;
  if (bpf_skb_store_bytes(skb, ETH_HLEN, &headers, changed, 0) != 0) return TC_ACT_SHOT;
  return leave(skb, &passage);
}

SEC("tc")
int relay(struct __sk_buff* skb) {
  if (skb->vlan_present || skb->pkt_type != to_this_host) return to_sockets;
  if (skb->protocol == bpf_htons(ETH_P_IP)) return relay_v4(skb);
  if (skb->protocol == bpf_htons(ETH_P_IPV6)) return relay_v6(skb);
  return to_sockets;
}
