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
}

type Stream = Partial<RTCInboundRtpStreamStats & RTCOutboundRtpStreamStats> & { id: string; type: string; timestamp: number };

interface Count {
  bytes: number;
  at: number;
}

/** Reads one report after the other: a rate is the difference of two. */
export class Reception {
  private readonly counts = new Map<string, Count>();

  read(report: RTCStatsReport): Flow[] {
    const flows: Flow[] = [];
    report.forEach((entry: Stream) => {
      if (entry.type !== "inbound-rtp" && entry.type !== "outbound-rtp") return;
      const codec: unknown = entry.codecId === undefined ? undefined : report.get(entry.codecId);
      flows.push({
        rid: entry.rid ?? "",
        width: entry.frameWidth ?? 0,
        height: entry.frameHeight ?? 0,
        framesPerSecond: Math.round(entry.framesPerSecond ?? 0),
        bitrate: this.rate(entry.id, { bytes: entry.bytesReceived ?? entry.bytesSent ?? 0, at: entry.timestamp }),
        codec: mimeTypeOf(codec).split("/")[1] ?? "",
        limited: entry.qualityLimitationReason ?? "none",
      });
    });
    return flows.sort((left, right) => left.width - right.width);
  }

  private rate(id: string, now: Count): number {
    const before = this.counts.get(id);
    this.counts.set(id, now);
    if (!before || now.at <= before.at || now.bytes < before.bytes) return 0;
    return Math.round(((now.bytes - before.bytes) * 8000) / (now.at - before.at));
  }
}

function mimeTypeOf(codec: unknown): string {
  return typeof codec === "object" && codec !== null && "mimeType" in codec ? String(codec.mimeType) : "";
}
