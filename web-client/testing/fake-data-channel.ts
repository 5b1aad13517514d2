// A data channel that a test opens, fills and drains.

export class FakeDataChannel {
  readyState: "connecting" | "open" | "closed" = "connecting";
  bufferedAmount = 0;
  bufferedAmountLowThreshold = 0;
  binaryType = "blob";
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onbufferedamountlow: (() => void) | null = null;
  /** What the channel was given, whether it has left or not. */
  readonly sent: Uint8Array[] = [];
  /** Whatever is sent leaves at once. */
  fast = true;

  constructor(
    readonly label: string,
    readonly init: RTCDataChannelInit = {},
  ) {}

  get protocol(): string {
    return this.init.protocol ?? "";
  }
  send(bytes: Uint8Array): void {
    if (this.readyState !== "open") throw new Error("not open");
    this.sent.push(bytes.slice());
    if (!this.fast) this.bufferedAmount += bytes.length;
  }
  close(): void {
    this.readyState = "closed";
  }

  open(): void {
    this.readyState = "open";
    this.onopen?.();
  }
  /** So many bytes go out, or all. */
  drain(bytes = this.bufferedAmount): void {
    const before = this.bufferedAmount;
    this.bufferedAmount -= bytes;
    if (before > this.bufferedAmountLowThreshold && this.bufferedAmount <= this.bufferedAmountLowThreshold)
      this.onbufferedamountlow?.();
  }
  hear(...bytes: number[]): void {
    this.hearAll(Uint8Array.from(bytes));
  }
  hearAll(bytes: Uint8Array): void {
    this.onmessage?.({ data: bytes.slice().buffer });
  }
  /** The other end, or the association, has closed it. */
  end(): void {
    this.readyState = "closed";
    this.onclose?.();
  }
}
