// The way out into one data channel after the other: what is sent waits here while the channel is not open, while it has
// enough to do, and while its credit is used up. So whoever awaits `send` is never faster than the network.

import { ParleyError } from "../errors.js";
import type { Bytes } from "./message.js";

/** This much lies in the channel: enough for 100 Mbit/s over 80 ms, and little enough to be gone in a moment. */
const fullBuffer = 1 << 20;
/** What an impatient sender may leave waiting, in bytes and in messages. */
const largestQueue = 16 << 20;
const longestQueue = 4096;
/** Old news on a lossy topic is worth less than its room. */
const longestLossyQueue = 64;

/**
 * `kept`: what has not left when a channel is lost goes into the next one. `lost`: its promise rejects, the sender knows better
 * what to do. `lossy`: when too much waits, the oldest is given up in silence.
 */
export type Care = "kept" | "lost" | "lossy";

interface Waiting {
  bytes: Bytes;
  resolve(): void;
  reject(error: ParleyError): void;
}

export class Outlet {
  private channel: RTCDataChannel | undefined;
  private waiting: Waiting[] = [];
  private waitingBytes = 0;
  /** Handed to the channel, the last of them perhaps not yet gone. */
  private handed: Waiting[] = [];
  private heldBytes = 0;
  /** All that this channel has been given. */
  private given = 0;
  private credit = Infinity;

  constructor(private readonly care: Care) {}

  /** Resolves when the channel has taken it; rejects when it can't be sent. */
  send(bytes: Bytes): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.care === "lossy") this.makeRoom();
      else if (this.waitingBytes + bytes.length > largestQueue || this.waiting.length >= longestQueue)
        return reject(
          new ParleyError("data_queue_full", "Too much waits to be sent. Await each send() before the next one."),
        );
      this.waiting.push({ bytes, resolve, reject });
      this.waitingBytes += bytes.length;
      this.flush();
    });
  }

  /** `credit`: how many bytes the channel may be given, until more is granted. */
  attach(channel: RTCDataChannel, credit = Infinity): void {
    this.detach();
    this.channel = channel;
    this.credit = credit;
    channel.bufferedAmountLowThreshold = fullBuffer / 2;
    channel.onbufferedamountlow = () => this.flush();
    channel.onopen = () => this.flush();
    this.flush();
  }

  /** The channel is gone. */
  detach(): void {
    if (!this.channel) return;
    const buffered = this.channel.bufferedAmount;
    this.channel.onbufferedamountlow = this.channel.onopen = null;
    this.channel = undefined;
    if (this.care === "kept") this.takeBack(buffered);
    if (this.care === "lost") this.fail(connectionLost());
    this.handed = [];
    this.heldBytes = this.given = 0;
  }

  /** In all, since the channel was attached. */
  grant(total: number): void {
    this.credit = Math.max(this.credit, total);
    this.flush();
  }

  /** Rejects everything that waits. */
  fail(error: ParleyError): void {
    const waiting = this.waiting;
    this.waiting = [];
    this.waitingBytes = 0;
    waiting.forEach(({ reject }) => reject(error));
  }

  private flush(): void {
    const { channel } = this;
    while (channel?.readyState === "open" && channel.bufferedAmount < fullBuffer) {
      const [next] = this.waiting;
      if (!next || this.given + next.bytes.length > this.credit) return;
      try {
        channel.send(next.bytes);
      } catch {
        // It closes just now; `detach` follows.
        return;
      }
      this.waiting.shift();
      this.waitingBytes -= next.bytes.length;
      this.given += next.bytes.length;
      if (this.care === "kept") this.remember(next, channel.bufferedAmount);
      next.resolve();
    }
  }

  /** Keeps what may still be in the channel's buffer. */
  private remember(message: Waiting, buffered: number): void {
    this.handed.push(message);
    this.heldBytes += message.bytes.length;
    for (let [first] = this.handed; first && this.heldBytes - first.bytes.length >= buffered; [first] = this.handed) {
      this.handed.shift();
      this.heldBytes -= first.bytes.length;
    }
  }

  /** The last `buffered` bytes have not left: they go first into the next channel. A message in the middle goes whole. */
  private takeBack(buffered: number): void {
    let size = 0;
    while (size < buffered && this.handed.length > 0) {
      const last = this.handed.pop() as Waiting;
      size += last.bytes.length;
      this.waiting.unshift({ ...last, resolve: () => undefined, reject: () => undefined });
      this.waitingBytes += last.bytes.length;
    }
  }

  private makeRoom(): void {
    if (this.waiting.length < longestLossyQueue) return;
    const oldest = this.waiting.shift();
    this.waitingBytes -= oldest?.bytes.length ?? 0;
    oldest?.resolve();
  }
}

export function connectionLost(): ParleyError {
  return new ParleyError("connection_lost", "The connection was lost before this was sent.");
}
