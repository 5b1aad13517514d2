// One file on its way between two participants, as the page sees it: state, progress, rate, the way it takes, and the end.

import type { Browser, Milliseconds } from "../browser.js";
import { Emitter } from "../emitter.js";
import { ParleyError } from "../errors.js";
import type { RemoteParticipant } from "../participant.js";

/**
 * `offered`: the receiver has not yet answered. `waiting`: accepted, and nothing moves just now: its turn has not come, or the
 * connection or the other side is away; it goes on by itself. The last four are final.
 */
export type FileTransferState = "offered" | "waiting" | "active" | "done" | "declined" | "cancelled" | "failed";

/** What happens to a file on its way. */
export interface FileTransferEvents {
  stateChanged: [FileTransferState];
  /** `transferred`, `rate` or `path` changed. At most four times a second. */
  progress: [];
}

export interface FileFacts {
  /** Fit for showing and saving: see `safeFileName`. */
  name: string;
  size: number;
  type: string;
}

const final = new Set<FileTransferState>(["done", "declined", "cancelled", "failed"]);
const tellEvery: Milliseconds = 250;
/** The rate is that of the last seconds. */
const rateOver: Milliseconds = 3_000;

/** A file on its way, at either end: how far it is, and how it ended. */
export class FileTransfer extends Emitter<FileTransferEvents> {
  readonly name: string;
  readonly size: number;
  readonly type: string;
  /** Bytes that a sender has sent; more than `transferred` where some got lost and were sent again. */
  sent = 0;
  /** Resolves when the receiver has the whole file and its hash is right: for a receiver with the file itself, unless it was
   * written to a place of your own choice. Rejects with a ParleyError. */
  readonly done: Promise<File | undefined>;
  private settle!: { resolve(file: File | undefined): void; reject(error: ParleyError): void };
  private current: FileTransferState = "offered";
  private moved = 0;
  private way: "direct" | "server" | undefined;
  private failure: ParleyError | undefined;
  private marks: [at: Milliseconds, moved: number][] = [];
  private toldAt: Milliseconds = -Infinity;

  /** @internal */
  constructor(
    readonly direction: "sending" | "receiving",
    public participant: RemoteParticipant,
    { name, size, type }: FileFacts,
    private readonly browser: Browser,
    private give: () => void,
  ) {
    super();
    this.name = name;
    this.size = size;
    this.type = type;
    this.done = new Promise((resolve, reject) => (this.settle = { resolve, reject }));
    // Whoever only listens to the events need not look at the promise.
    this.done.catch(() => undefined);
  }

  get state(): FileTransferState {
    return this.current;
  }

  get over(): boolean {
    return final.has(this.current);
  }

  /** Bytes that the receiver has written. */
  get transferred(): number {
    return this.moved;
  }

  /** Bytes per second, over the last seconds. */
  get rate(): number {
    const [first] = this.marks;
    const last = this.marks.at(-1);
    if (this.current !== "active" || !first || !last || last[0] <= first[0]) return 0;
    return ((last[1] - first[1]) / (last[0] - first[0])) * 1000;
  }

  /** Straight between the two browsers, or over the server. Undefined until it flows. */
  get path(): "direct" | "server" | undefined {
    return this.way;
  }

  /** Why it failed. */
  get error(): ParleyError | undefined {
    return this.failure;
  }

  /** Gives it up; the other side is told. Nothing of the file stays with the receiver. */
  cancel(): void {
    if (this.over) return;
    this.give();
    this.finish("cancelled", new ParleyError("file_cancelled", "The transfer was cancelled."));
  }

  /** @internal */
  become(state: "offered" | "waiting" | "active"): void {
    if (this.over || state === this.current) return;
    this.marks = [];
    this.change(state);
  }

  /** @internal */
  progress(moved: number, path = this.way): void {
    const now = this.browser.now();
    const turned = path !== this.way;
    this.moved = moved;
    this.way = path;
    if (now - this.toldAt < tellEvery && !turned) return;
    this.toldAt = now;
    this.marks = [...this.marks.filter(([at]) => now - at <= rateOver), [now, moved]];
    this.emit("progress");
  }

  /** @internal */
  finish(state: "done" | "declined" | "cancelled" | "failed", result?: File | ParleyError): void {
    if (this.over) return;
    // Whoever keeps the transfer does not keep what carried it.
    this.give = () => undefined;
    if (result instanceof ParleyError) {
      this.failure = state === "failed" ? result : undefined;
      this.settle.reject(result);
    } else {
      this.moved = this.size;
      this.settle.resolve(result);
    }
    this.change(state);
    this.emit("progress");
  }

  private change(state: FileTransferState): void {
    this.current = state;
    this.emit("stateChanged", state);
  }
}
