// One topic in one mode, as we send it: a data channel of its own on whatever publishing connection there is, and what waits
// for it. A channel that closes alone is opened again, a few times.

import type { Browser, Milliseconds } from "../browser.js";
import { ParleyError } from "../errors.js";
import { protocolOf } from "./message.js";
import type { Bytes, Mode } from "./message.js";
import { Outlet } from "./outlet.js";
import type { Care } from "./outlet.js";

/** A server that does not want the topic says so by closing its channel. */
const mostClosures = 3;
const pauseBeforeOpening: Milliseconds = 1_000;
/** A channel that lived so long was wanted. */
const longLife: Milliseconds = 10_000;

export class Topic {
  private readonly outlet: Outlet;
  private peer: RTCPeerConnection | undefined;
  private channel: RTCDataChannel | undefined;
  private closures = 0;
  private openedAt: Milliseconds = 0;

  constructor(
    readonly name: string,
    readonly mode: Mode,
    care: Care,
    private readonly browser: Browser,
    private readonly listen: (channel: RTCDataChannel, topic: Topic) => void,
  ) {
    this.outlet = new Outlet(care);
  }

  send(bytes: Bytes): Promise<void> {
    const sending = this.outlet.send(bytes);
    // After refusals it stays closed until somebody wants it again.
    if (this.peer && !this.channel && this.closures >= mostClosures) {
      this.closures = 0;
      this.open();
    }
    return sending;
  }

  attach(peer: RTCPeerConnection): void {
    this.detach();
    this.peer = peer;
    this.open();
  }

  detach(): void {
    this.outlet.detach();
    if (this.channel) this.channel.onclose = this.channel.onmessage = null;
    this.channel = this.peer = undefined;
    this.closures = 0;
  }

  grant(total: number): void {
    this.outlet.grant(total);
  }

  /** Rejects what waits. */
  fail(error: ParleyError): void {
    this.outlet.fail(error);
  }

  private open(): void {
    if (!this.peer) return;
    const lossy = this.mode === "lossy" ? { ordered: false, maxRetransmits: 0 } : {};
    const channel = this.peer.createDataChannel(this.name, { protocol: protocolOf(this.mode), ...lossy });
    this.channel = channel;
    this.openedAt = this.browser.now();
    channel.onclose = () => this.closed(channel);
    this.listen(channel, this);
    this.outlet.attach(channel, this.mode === "wait" ? 0 : Infinity);
  }

  private closed(channel: RTCDataChannel): void {
    if (channel !== this.channel) return;
    this.channel = undefined;
    this.outlet.detach();
    this.closures = this.browser.now() - this.openedAt > longLife ? 1 : this.closures + 1;
    if (this.closures >= mostClosures)
      return this.fail(new ParleyError("topic_refused", `The server does not carry the topic "${this.name}".`));
    const { peer } = this;
    this.browser.setTimeout(() => {
      if (peer === this.peer && !this.channel) this.open();
    }, pauseBeforeOpening);
  }
}
