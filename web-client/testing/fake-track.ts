// A MediaStreamTrack without media.

export class FakeTrack {
  enabled = true;
  readyState: "live" | "ended" = "live";
  contentHint = "";
  onended: (() => void) | null = null;
  constructor(
    readonly kind: "audio" | "video",
    readonly id: string,
  ) {}
  stop(): void {
    this.readyState = "ended";
  }
  /** Unplugged. */
  end(): void {
    this.readyState = "ended";
    this.onended?.();
  }
}
