// A section of a fake peer connection, with its sender and its receiver.

import type { FakeTrack } from "./fake-track.js";

export class FakeTransceiver {
  mid: string | null = null;
  direction = "sendonly";
  stopped = false;
  preferences: RTCRtpCodec[] = [];
  readonly sender: {
    track: unknown;
    replaceTrack(track: unknown): Promise<void>;
    getParameters(): unknown;
    setParameters(parameters: { encodings: RTCRtpEncodingParameters[] }): Promise<void>;
    getStats(): Promise<unknown>;
  };
  /** What the sender was told last. */
  encodings: RTCRtpEncodingParameters[];
  /** How often it was told. */
  told = 0;
  readonly receiver: { track: FakeTrack; getStats(): Promise<Map<string, unknown>> };
  /** What has been received until now. */
  readonly received = { framesDecoded: 0, packetsReceived: 0 };

  constructor(
    readonly kind: "audio" | "video",
    track: unknown,
    readonly init: RTCRtpTransceiverInit | undefined,
    received: FakeTrack,
  ) {
    const report = (): Map<string, unknown> => new Map([["in", { type: "inbound-rtp", kind, ...this.received }]]);
    this.receiver = { track: received, getStats: () => Promise.resolve(report()) };
    this.encodings = structuredClone(init?.sendEncodings ?? [{}]);
    this.sender = {
      track,
      replaceTrack: (next) => {
        this.sender.track = next;
        return Promise.resolve();
      },
      getParameters: () => ({
        codecs: [{ mimeType: kind === "video" ? "video/VP8" : "audio/opus" }],
        encodings: structuredClone(this.encodings),
      }),
      setParameters: ({ encodings }) => {
        this.encodings = structuredClone(encodings);
        this.told += 1;
        return Promise.resolve();
      },
      getStats: () => Promise.resolve(new Map()),
    };
  }
  /** The names of the encodings that are being sent. */
  get active(): (string | undefined)[] {
    return this.encodings.filter(({ active }) => active !== false).map(({ rid }) => rid);
  }
  setCodecPreferences(codecs: RTCRtpCodec[]): void {
    this.preferences = codecs;
  }
  stop(): void {
    this.stopped = true;
  }
}
