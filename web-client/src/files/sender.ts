// The sending end of one file: offers it, then sends what the receiver does not have yet, over whatever way there is. It never
// remembers what was on its way: after every loss it asks the receiver where it is, on the channel that then carries the
// pieces, so that the answer counts everything that still arrived. Nothing else is sent twice.

import type { Browser, Milliseconds, Timer } from "../browser.js";
import type { Payload } from "../data/message.js";
import { Scratch } from "../data/scratch.js";
import { ParleyError } from "../errors.js";
import type { RemoteParticipant } from "../participant.js";
import { pieceSize, windowSize, writePiece } from "./message.js";
import type { FileMessage } from "./message.js";
import { FileReader } from "./reader.js";
import { damaged } from "./receiver.js";
import { FileTransfer } from "./transfer.js";

/** One way to the receiver, as long as it lasts. */
export interface FilePath {
  readonly kind: "direct" | "server";
  readonly usable: boolean;
  /** In order, one after the other; resolves when there is room for more, rejects when the way is lost or given up. */
  send(payload: Payload): Promise<void>;
  /** What is being sent is not wanted any more. `broken`: and the way does not work. */
  abandon(broken: boolean): void;
}

export interface SenderHost {
  /** Words that need not be in order with the pieces. */
  tell(message: FileMessage): void;
  /** Whether the receiver is in the room. */
  present(): boolean;
  /** Whether words leave at once. */
  up(): boolean;
  /** The best way now; undefined while there is none. */
  path(): FilePath | undefined;
  /** A place among those who send at a time, and back. */
  enter(): Promise<void>;
  leave(): void;
}

/** An offer that nobody has seen is repeated: the receiver's page may still be connecting. */
const offerAgain: Milliseconds = 2_000;
const offersUnseen = 8;
/** Without a word from the receiver for so long, the way is not what it was. */
const stallTime: Milliseconds = 5_000;
const firstWindow = 1 << 20;
const smallestWindow = 128 << 10;
/** How long the receiver may be away. */
const patience: Milliseconds = 600_000;

export class FileSender {
  readonly transfer: FileTransfer;
  private readonly reader: FileReader;
  private readonly scratch = new Scratch();
  private position = 0;
  private written = 0;
  private accepted = false;
  /** The receiver has accepted it once: being away is no refusal any more. */
  private consented = false;
  private seen = false;
  /** The receiver's answer to the question `turn` is what we wait for. */
  private turn = 0;
  private asking = false;
  private lost = false;
  private path: FilePath | undefined;
  private heardAt: Milliseconds;
  private ring: () => void = () => undefined;
  private bell: Timer;
  /** The secret by which the receiver knows this file again. */
  key = "";

  constructor(
    readonly id: string,
    private readonly file: File,
    participant: RemoteParticipant,
    private readonly browser: Browser,
    private readonly host: SenderHost,
  ) {
    const facts = { name: file.name, size: file.size, type: file.type };
    this.transfer = new FileTransfer("sending", participant, facts, browser, () => this.giveUp());
    this.reader = new FileReader(file);
    this.heardAt = browser.now();
  }

  /** Whether the same file is on its way to this receiver. */
  isSending({ name, size, lastModified }: File, identity: string): boolean {
    const { file, transfer } = this;
    const same = file.name === name && file.size === size && file.lastModified === lastModified;
    return same && !transfer.over && transfer.participant.identity === identity;
  }

  /** Until the end, however it ends. */
  async run(key: string): Promise<void> {
    this.key = key;
    try {
      await this.offer();
      while (!this.transfer.over) await this.turnOfSending();
    } catch (error) {
      if (!this.transfer.over) this.host.tell({ file: "cancel", id: this.id });
      this.transfer.finish("failed", ParleyError.from(error, "file_failed"));
    } finally {
      this.reader.close();
    }
  }

  receive(message: FileMessage): void {
    this.heardAt = this.browser.now();
    if (message.file === "seen") this.seen = true;
    else if (message.file === "accept") this.takeAccept(message.from);
    else if (message.file === "at") this.takeAt(message);
    else if (message.file === "lost") this.interrupt(false);
    else if (message.file === "gone") this.offerAnew();
    else this.finish(message);
    this.ring();
  }

  /** Somebody came, went or is connected again: whatever waits looks anew. */
  look(): void {
    this.ring();
  }

  /** The way that was in use is no more, or a better one is there. */
  interrupt(broken: boolean): void {
    this.lost = true;
    this.path?.abandon(broken);
    this.ring();
  }

  /** Nothing will come of it. */
  fail(error: ParleyError): void {
    this.transfer.finish("failed", error);
    this.interrupt(true);
  }

  private finish(message: FileMessage): void {
    const { transfer } = this;
    if (message.file === "done") transfer.finish("done");
    else if (message.file === "decline")
      transfer.finish("declined", new ParleyError("file_declined", `${transfer.participant.name} has declined the file.`));
    else if (message.file === "damaged") transfer.finish("failed", damaged());
    else if (message.file === "stop" && message.reason === "cancelled")
      transfer.finish(
        "cancelled",
        new ParleyError("file_cancelled", `${transfer.participant.name} has cancelled the transfer.`),
      );
    else if (message.file === "stop") transfer.finish("failed", receiverFailed(message.reason));
    if (transfer.over) this.path?.abandon(false);
  }

  private takeAccept(from: number): void {
    if (this.accepted || from > this.file.size) return;
    this.accepted = this.consented = true;
    this.position = this.written = from;
    this.transfer.become("waiting");
    this.transfer.progress(from);
  }

  private takeAt({ written, next, turn }: Extract<FileMessage, { file: "at" }>): void {
    if (next > this.file.size || written > next) return;
    this.written = Math.max(this.written, written);
    if (this.transfer.state === "active") this.transfer.progress(this.written, this.path?.kind);
    if (turn !== this.turn || !this.asking) return;
    this.asking = false;
    this.position = next;
  }

  /** The receiver's page knows nothing of this transfer any more: it is asked like the first time. */
  private offerAnew(): void {
    if (!this.accepted) return;
    this.accepted = this.seen = false;
    this.position = this.written = 0;
    this.transfer.become("offered");
    this.interrupt(false);
  }

  private async offer(): Promise<void> {
    const { name, size, type, lastModified: modified } = this.file;
    const until = this.browser.now() + patience;
    for (let offers = 0; !this.accepted && !this.transfer.over;) {
      if (!this.host.present()) await this.untilPresent();
      const late = offers >= offersUnseen || this.browser.now() >= until;
      if (!this.seen && late) throw notSeen(this.transfer.participant.name);
      // While nothing leaves, silence says nothing about the receiver's page.
      if (!this.seen && (offers === 0 || this.host.up())) {
        this.host.tell({ file: "offer", id: this.id, key: this.key, name, size, type, modified });
        offers += 1;
      }
      await this.news(this.seen ? patience : offerAgain);
    }
  }

  private async turnOfSending(): Promise<void> {
    if (!this.accepted) return this.offer();
    if (!this.host.present()) return this.untilPresent();
    await this.host.enter();
    try {
      await this.sendWhilePossible();
    } finally {
      this.host.leave();
    }
  }

  /** Returns when it is over, or when the receiver is away. */
  private async sendWhilePossible(): Promise<void> {
    await this.reader.hashUpTo(this.position);
    let fresh = this.position === this.written && this.transfer.sent === 0;
    while (!this.transfer.over && this.accepted && this.host.present()) {
      this.lost = false;
      this.path = this.host.path();
      if (!this.path) {
        this.transfer.become("waiting");
        fresh = false;
        await this.news(stallTime);
        continue;
      }
      if (fresh || (await this.agree(this.path))) await this.sendOver(this.path);
      fresh = false;
    }
    this.path = undefined;
  }

  /** Finds out what the receiver has. */
  private async agree(path: FilePath): Promise<boolean> {
    this.asking = true;
    const turn = ++this.turn;
    if (!(await this.give(path, { file: "where", id: this.id, turn }))) return this.pauseAfterLoss();
    const until = this.browser.now() + stallTime;
    while (this.asking && !this.lost && !this.transfer.over && this.browser.now() < until) await this.news(1_000);
    if (this.asking) {
      this.transfer.become("waiting");
      if (!this.transfer.over) path.abandon(true);
    }
    return !this.asking && !this.lost;
  }

  private async sendOver(path: FilePath): Promise<void> {
    const { size } = this.file;
    let ended = false;
    this.heardAt = this.browser.now();
    this.transfer.become("active");
    this.transfer.progress(this.written, path.kind);
    while (!this.lost && !this.transfer.over && path.usable) {
      if (this.position < size && this.position - this.written < this.window) {
        if (!(await this.sendPiece(path))) return this.pauseAfterLoss().then(() => undefined);
      } else if (this.position === size && !ended) {
        ended = await this.give(path, { file: "end", id: this.id, hash: await this.reader.hash() });
        if (!ended) return;
      } else {
        await this.news(1_000);
      }
      // Nothing is heard: whether it got lost, or the receiver's disk is slow, is for `agree` to find out.
      if (this.browser.now() - this.heardAt > stallTime) return;
    }
  }

  /** Two seconds' worth may be on its way: what waits somewhere does not make it faster, and would have to be sent again. */
  private get window(): number {
    const { rate } = this.transfer;
    return rate === 0 ? firstWindow : Math.min(Math.max(2 * rate, smallestWindow), windowSize);
  }

  private async sendPiece(path: FilePath): Promise<boolean> {
    const { position } = this;
    const bytes = await this.reader.read(position, Math.min(pieceSize, this.file.size - position));
    if (this.lost || this.transfer.over) return false;
    if (!(await this.give(path, writePiece(this.id, position, bytes, this.scratch.take)))) return false;
    this.position = position + bytes.length;
    this.transfer.sent += bytes.length;
    return true;
  }

  /** False: it could not be sent, or is not wanted any more. */
  private async give(path: FilePath, payload: Payload): Promise<boolean> {
    let timer: Timer;
    // A way that takes nothing, while nothing comes back either, is none.
    const watch = (): void => {
      if (this.browser.now() - this.heardAt > 2 * stallTime) path.abandon(true);
      else timer = this.browser.setTimeout(watch, stallTime);
    };
    timer = this.browser.setTimeout(watch, stallTime);
    try {
      await path.send(payload);
      return !this.lost && !this.transfer.over;
    } catch {
      return false;
    } finally {
      this.browser.clearTimeout(timer);
    }
  }

  /** A way that fails at once must not be tried in a tight loop. */
  private async pauseAfterLoss(): Promise<boolean> {
    this.transfer.become("waiting");
    if (!this.transfer.over) await this.news(500);
    return false;
  }

  private async untilPresent(): Promise<void> {
    const { transfer } = this;
    if (!this.consented) throw new ParleyError("file_receiver_left", `${transfer.participant.name} has left the room.`);
    transfer.become("waiting");
    const until = this.browser.now() + patience;
    while (!this.host.present() && !transfer.over) {
      if (this.browser.now() >= until)
        throw new ParleyError("file_receiver_left", `${transfer.participant.name} has left and did not come back.`);
      await this.news(patience);
    }
    // Who comes back is offered it again: the page may know it still, or ask its user anew.
    this.accepted = this.seen = false;
  }

  /** Until something happens, but not longer than so long. */
  private news(longest: Milliseconds): Promise<void> {
    return new Promise((resolve) => {
      const ring = (): void => {
        this.browser.clearTimeout(this.bell);
        this.ring = () => undefined;
        resolve();
      };
      this.bell = this.browser.setTimeout(ring, longest);
      this.ring = ring;
    });
  }

  private giveUp(): void {
    this.host.tell({ file: "cancel", id: this.id });
    this.interrupt(false);
  }
}

function notSeen(name: string): ParleyError {
  const sentence = `${name} can't receive files just now: their page may be an older one. Try again later.`;
  return new ParleyError("file_unsupported", sentence);
}

/** What the other page gives as its reason may be anything. */
function receiverFailed(reason: string): ParleyError {
  if (reason === "file_not_saved")
    return new ParleyError(reason, "The receiver could not write the file: their disk may be full.");
  return new ParleyError("file_failed", "The receiver has given up on the file. Send it again.");
}
