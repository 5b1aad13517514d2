// What flows, read out of the browser's statistics: sizes, frames and rates of one track, in either direction.

/** One stream: what we receive, or one of the encodings that we send. */
export interface Flow {
  /** The encoding's name when there are several. */
  rid: string;
  width: number;
  height: number;
  framesPerSecond: number;
  /** bit/s since the report before. */
  bitrate: number;
  codec: string;
  /** Of what we send: why the browser sends no better. */
  limited: "none" | "cpu" | "bandwidth" | "other";
  direction: "received" | "sent";
  /** Packets that came, and that did not, since the report before. */
  packets: number;
  lost: number;
}

type Stream = Partial<RTCInboundRtpStreamStats & RTCOutboundRtpStreamStats> & {
  id: string;
  type: string;
  timestamp: number;
};

interface Count {
  bytes: number;
  packets: number;
  lost: number;
  at: number;
}

/** The encodings of a camera by name, the smallest first. */
const sizes = ["q", "h", "f"];

/** Reads one report after the other: a rate is the difference of two. */
export class Reception {
  private readonly counts = new Map<string, Count>();

  read(report: RTCStatsReport): Flow[] {
    const flows: Flow[] = [];
    report.forEach((entry: Stream) => {
      if (entry.type !== "inbound-rtp" && entry.type !== "outbound-rtp") return;
      const before = this.counts.get(entry.id);
      const now = countOf(entry);
      this.counts.set(entry.id, now);
      const codec: unknown = entry.codecId === undefined ? undefined : report.get(entry.codecId);
      flows.push({
        rid: entry.rid ?? "",
        width: entry.frameWidth ?? 0,
        height: entry.frameHeight ?? 0,
        framesPerSecond: Math.round(entry.framesPerSecond ?? 0),
        bitrate: rate(before, now),
        codec: mimeTypeOf(codec).split("/")[1] ?? "",
        limited: entry.qualityLimitationReason ?? "none",
        direction: entry.type === "inbound-rtp" ? "received" : "sent",
        packets: since(before?.packets, now.packets),
        lost: since(before?.lost, now.lost),
      });
    });
    // One that is off has a name, but no width.
    return flows.sort((left, right) => sizes.indexOf(left.rid) - sizes.indexOf(right.rid) || left.width - right.width);
  }
}

function countOf(entry: Stream): Count {
  return {
    bytes: entry.bytesReceived ?? entry.bytesSent ?? 0,
    packets: entry.packetsReceived ?? entry.packetsSent ?? 0,
    lost: entry.packetsLost ?? 0,
    at: entry.timestamp,
  };
}

function rate(before: Count | undefined, now: Count): number {
  if (!before || now.at <= before.at || now.bytes < before.bytes) return 0;
  return Math.round(((now.bytes - before.bytes) * 8000) / (now.at - before.at));
}

/** A stream that began anew counts from zero; the first report tells of no time at all. */
function since(before: number | undefined, now: number): number {
  return before === undefined ? 0 : Math.max(0, now - before);
}

/** Seconds to the server (or the other browser) and back, as the connection of this report last measured it. */
export function roundTrip(report: RTCStatsReport): number | undefined {
  let found: number | undefined;
  report.forEach((entry: { type: string; nominated?: boolean; currentRoundTripTime?: number; roundTripTime?: number }) => {
    if (entry.type === "candidate-pair" && entry.nominated) found = entry.currentRoundTripTime ?? found;
    if (entry.type === "remote-inbound-rtp") found ??= entry.roundTripTime;
  });
  return found;
}

function mimeTypeOf(codec: unknown): string {
  return typeof codec === "object" && codec !== null && "mimeType" in codec ? String(codec.mimeType) : "";
}
