// The receiving end of one file: asks the page, takes the pieces in order, hashes and writes them, and tells how far it is.
// Whatever the sender does, no more comes in than was offered, and no more waits to be written than the window allows.

import type { Browser, Milliseconds, Timer } from "../browser.js";
import type { Bytes } from "../data/message.js";
import { ParleyError } from "../errors.js";
import type { RemoteParticipant } from "../participant.js";
import { pieceSize, windowSize } from "./message.js";
import type { FileMessage, FileOfferMessage, FilePiece } from "./message.js";
import { safeFileName, safeFileType } from "./name.js";
import { release } from "./release.js";
import { Sha256 } from "./sha256.js";
import { openSink } from "./sink.js";
import type { FileTarget, Sink } from "./sink.js";
import { FileTransfer } from "./transfer.js";

/** The sender hears how far we are after so many bytes, and after so much time. */
const tellEveryBytes = 512 << 10;
const tellEvery: Milliseconds = 50;

/** How an offered file is received. */
export interface AcceptOptions {
  /**
   * Where it goes. Without it, the user is asked for a place where the browser can do that (in Chrome and Edge; call `accept`
   * from a click), and otherwise it is kept on the browser's private disk space and is the result of `done`.
   */
  to?: FileTarget;
}

/** Somebody wants to send us a file: nothing of it comes before `accept`. */
export interface FileOffer {
  readonly name: string;
  readonly size: number;
  readonly type: string;
  readonly from: RemoteParticipant;
  /** What will become of it: it may be cancelled by the sender before it was answered. */
  readonly transfer: FileTransfer;
  /** Rejects with a ParleyError when there is no place for it; the offer then still stands. */
  accept(options?: AcceptOptions): Promise<FileTransfer>;
  decline(): void;
}

export class FileReceiver implements FileOffer {
  readonly transfer: FileTransfer;
  private sink: Sink | undefined;
  private opening = false;
  private readonly hash = new Sha256();
  /** The next byte that is wanted. */
  private next = 0;
  private written = 0;
  private pending: Bytes[] = [];
  private pendingBytes = 0;
  private writing: Promise<void> | undefined;
  private told = 0;
  private telling: Timer;
  private missing = false;
  private ending = false;

  constructor(
    private offer: FileOfferMessage,
    participant: RemoteParticipant,
    private readonly browser: Browser,
    /** To the sender, on whatever way there is. */
    private readonly tell: (message: FileMessage) => void,
    private readonly pathNow: () => "direct" | "server",
  ) {
    const facts = { name: safeFileName(offer.name), size: offer.size, type: safeFileType(offer.type) };
    this.transfer = new FileTransfer("receiving", participant, facts, browser, () => this.giveUp("cancelled"));
  }

  get id(): string {
    return this.offer.id;
  }
  get name(): string {
    return this.transfer.name;
  }
  get size(): number {
    return this.transfer.size;
  }
  get type(): string {
    return this.transfer.type;
  }
  get from(): RemoteParticipant {
    return this.transfer.participant;
  }

  get accepted(): boolean {
    return this.sink !== undefined && !this.transfer.over;
  }

  /** Once it is over: for a sender who has not heard how it ended. */
  get lastWord(): FileMessage {
    const { id } = this;
    const { state, error } = this.transfer;
    if (state === "done") return { file: "done", id };
    return state === "declined" ? { file: "decline", id } : { file: "stop", id, reason: error?.code ?? "cancelled" };
  }

  async accept({ to }: AcceptOptions = {}): Promise<FileTransfer> {
    if (this.sink || this.opening || this.transfer.over) return this.transfer;
    this.opening = true;
    try {
      this.sink = await openSink(this.transfer, to);
    } finally {
      this.opening = false;
    }
    // The sender may have given up while the user looked for a place.
    if (this.transfer.over) return (this.dropSink(), this.transfer);
    this.transfer.become("waiting");
    this.tell({ file: "accept", id: this.id, from: 0 });
    return this.transfer;
  }

  decline(): void {
    if (this.transfer.over || this.sink) return;
    this.tell({ file: "decline", id: this.id });
    this.transfer.finish("declined", new ParleyError("file_declined", "The file was declined."));
  }

  /** Whether this offer is for the same file: the sender has come back, after a reload of the page for example. */
  continues(offer: FileOfferMessage, identity: string): boolean {
    const { name, size, modified, key } = this.offer;
    const same = name === offer.name && size === offer.size && modified === offer.modified;
    return same && (key === offer.key || identity === this.from.identity);
  }

  /** The same file is offered again: it goes on from where it was, without a new question. */
  renew(offer: FileOfferMessage, participant: RemoteParticipant): void {
    this.offer = offer;
    this.transfer.participant = participant;
    this.missing = false;
    this.tell({ file: "seen", id: this.id });
    if (this.sink) this.tell({ file: "accept", id: this.id, from: this.next });
  }

  receive(message: FileMessage): void {
    if (message.file === "cancel") this.withdrawn();
    else if (message.file === "where") this.answerWhere(message.turn);
    else if (message.file === "end") void this.end(message.hash);
  }

  take({ offset, bytes }: FilePiece): void {
    if (!this.sink || this.transfer.over) return;
    // What has come already came again.
    if (offset < this.next) return;
    if (offset > this.next) return this.askAgain();
    if (this.next + bytes.length > this.size) return this.fail("file_damaged", "More came than was offered.");
    if (this.next - this.written > windowSize + pieceSize)
      return this.fail("file_damaged", "The sender does not wait for us.");
    this.missing = false;
    this.next += bytes.length;
    this.hash.update(bytes);
    this.pending.push(bytes);
    this.pendingBytes += bytes.length;
    this.transfer.become("active");
    this.writing ??= this.writeAll();
  }

  /** Something has been lost on the way to us, or may have been. */
  askAgain(): void {
    if (!this.sink || this.transfer.over || this.missing) return;
    this.missing = true;
    this.tell({ file: "lost", id: this.id });
  }

  interrupted(): void {
    if (this.sink) this.transfer.become("waiting");
  }

  fail(code: string, sentence: string, cause?: unknown): void {
    if (this.transfer.over) return;
    this.giveUp(code);
    this.transfer.finish("failed", new ParleyError(code, sentence, { cause }));
  }

  /** The sender does not want to send it any more. */
  withdrawn(): void {
    this.dropSink();
    this.transfer.finish("cancelled", new ParleyError("file_cancelled", "The sender has cancelled the transfer."));
  }

  private answerWhere(turn: number): void {
    if (!this.sink) return;
    this.missing = false;
    this.tellAt(turn);
  }

  /** What comes while the disk is busy is written in one go afterwards. */
  private async writeAll(): Promise<void> {
    while (this.pendingBytes > 0 && this.sink) {
      const bytes = joined(this.pending, this.pendingBytes);
      this.pending.forEach(release);
      this.pending = [];
      this.pendingBytes = 0;
      try {
        await this.sink.write(bytes);
      } catch (error) {
        this.fail("file_not_saved", "The file could not be written. Free some disk space, then ask for it again.", error);
        break;
      }
      if (this.transfer.over) break;
      this.written += bytes.length;
      this.transfer.progress(this.written, this.pathNow());
      this.tellPlace();
    }
    this.writing = undefined;
  }

  private tellPlace(): void {
    if (this.written - this.told < tellEveryBytes && this.written < this.size) {
      this.telling ??= this.browser.setTimeout(() => this.tellAt(0), tellEvery);
    } else {
      this.tellAt(0);
    }
  }

  private tellAt(turn: number): void {
    this.browser.clearTimeout(this.telling);
    this.telling = undefined;
    if (this.transfer.over) return;
    this.told = this.written;
    this.tell({ file: "at", id: this.id, written: this.written, next: this.next, turn });
  }

  private async end(hash: string): Promise<void> {
    if (!this.sink || this.transfer.over || this.ending) return;
    if (this.next < this.size) return this.askAgain();
    this.ending = true;
    await this.writing;
    if (this.transfer.over) return;
    if (this.hash.digest() !== hash) {
      this.tell({ file: "damaged", id: this.id });
      this.dropSink();
      return this.transfer.finish("failed", damaged());
    }
    try {
      const file = await this.sink.close();
      this.sink = undefined;
      this.tell({ file: "done", id: this.id });
      this.transfer.finish("done", file);
    } catch (error) {
      this.fail("file_not_saved", "The file could not be saved. Free some disk space, then ask for it again.", error);
    }
  }

  private giveUp(reason: string): void {
    this.tell(this.sink ? { file: "stop", id: this.id, reason } : { file: "decline", id: this.id });
    this.dropSink();
  }

  private dropSink(): void {
    const { sink } = this;
    this.sink = undefined;
    this.pending = [];
    this.pendingBytes = 0;
    sink?.abort().catch(() => undefined);
  }
}

function joined(parts: Bytes[], size: number): Bytes {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function damaged(): ParleyError {
  const sentence = "The file did not arrive as it was sent: it may have been changed meanwhile. Send it again.";
  return new ParleyError("file_damaged", sentence);
}
