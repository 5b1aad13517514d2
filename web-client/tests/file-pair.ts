// Two people who send each other files, on a fake browser each and a fake server between them: it passes messages on, and can
// lose them.

import type { Payload } from "../src/data/message.js";
import { readPayload, writePayload } from "../src/data/message.js";
import type { Take } from "../src/data/scratch.js";
import type { ParleyError } from "../src/errors.js";
import { Files } from "../src/files/files.js";
import type { SendFileOptions } from "../src/files/files.js";
import type { AcceptOptions, FileOffer } from "../src/files/receiver.js";
import type { FileTransfer } from "../src/files/transfer.js";
import { RemoteParticipant } from "../src/participant.js";
import type { FakeDataChannel } from "../testing/index.js";
import { FakeBrowser, person, settle } from "./fakes.js";

export interface Sent {
  topic: string;
  payload: Payload;
}

/** Content that can be told from any other place of the file. */
export function contentOf(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  for (let index = 0; index < size; index++) bytes[index] = (index * 31 + (index >> 8) * 7 + (index >> 16)) & 0xff;
  return bytes;
}

/** Whether both are the same bytes; far faster than a test framework finds out. */
export function same(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

/** A file in memory whose reading needs no disk. */
export function fakeFile(content: Uint8Array<ArrayBuffer>, name = "holiday.mp4", type = "video/mp4"): File {
  const slice = (from: number, to: number): unknown => ({
    arrayBuffer: () => Promise.resolve(content.slice(from, to).buffer),
  });
  return { name, type, size: content.length, lastModified: 1_790_000_000_000, slice } as unknown as File;
}

/** A disk that notes what it is given; `hold` keeps it from finishing. */
export class FakeDisk {
  readonly parts: Uint8Array[] = [];
  closed = false;
  aborted = false;
  failure: Error | undefined;
  /** What each write takes. */
  pause: () => Promise<void> = () => Promise.resolve();
  private waiting: (() => void)[] = [];
  private held = false;

  get stream(): WritableStream<Uint8Array<ArrayBuffer>> {
    const writer = {
      write: async (bytes: Uint8Array) => {
        if (this.failure) throw this.failure;
        await this.pause();
        if (this.held) await new Promise<void>((resolve) => this.waiting.push(resolve));
        this.parts.push(bytes.slice());
      },
      close: () => Promise.resolve((this.closed = true)),
      abort: () => Promise.resolve((this.aborted = true)),
    };
    return { getWriter: () => writer } as unknown as WritableStream<Uint8Array<ArrayBuffer>>;
  }
  hold(): void {
    this.held = true;
  }
  async release(): Promise<void> {
    this.held = false;
    this.waiting.splice(0).forEach((resolve) => resolve());
    await settle();
  }
  get content(): Uint8Array {
    const whole = new Uint8Array(this.size);
    let at = 0;
    for (const part of this.parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }
  get size(): number {
    return this.parts.reduce((sum, part) => sum + part.length, 0);
  }
}

export class Side {
  readonly sent: Sent[] = [];
  /** Pieces that came. */
  readonly heard: Uint8Array[] = [];
  /** What pieces and their messages were written into. */
  readonly memory = new Set<ArrayBufferLike>();
  readonly offers: FileOffer[] = [];
  readonly files: Files;
  /** How the other one appears here; undefined while they are away. */
  peer: RemoteParticipant | undefined;
  other!: Side;
  up = true;
  /** What the other one gets of what is sent here. Undefined: it is lost. */
  passes: (message: Sent) => boolean = () => true;
  listening = true;
  /** Why nothing of ours is sent at all. */
  refusal: ParleyError | undefined;
  direct: "off" | "on" = "off";
  readonly directly: { kind: string; payload: string }[] = [];

  constructor(
    readonly browser: FakeBrowser,
    private readonly peerIdentity: string,
  ) {
    this.peer = this.newPeer();
    this.files = new Files(browser.api, {
      data: {
        up: true,
        post: (topic, _mode, payload, _to, how) => this.post({ topic, payload }, how?.take),
        abandon: () => undefined,
      },
      room: () => "tea",
      help: () => ({}),
      find: (identity) => (identity === this.peer?.identity ? this.peer : undefined),
      tellDirect: (_to, kind, payload) => {
        if (this.direct === "off") return Promise.reject(new Error("direct_off"));
        this.directly.push({ kind, payload });
        if (this.other.peer) this.other.files.receiveDirect(this.other.peer, kind, payload);
        return Promise.resolve();
      },
      offered: (offer) => {
        if (this.listening) this.offers.push(offer);
        return this.listening;
      },
    });
    Object.defineProperty(this.files["host"].data, "up", { get: () => this.up });
  }

  newPeer(): RemoteParticipant {
    const nothing = undefined as never;
    return new RemoteParticipant(person("p1", this.peerIdentity), nothing, true, this.browser.api, nothing);
  }

  send(file: File, options?: SendFileOptions): FileTransfer {
    return this.files.send(file, this.peer as RemoteParticipant, options);
  }
  /** What was said in words of this kind. */
  words(kind: string): Record<string, unknown>[] {
    return this.sent.map(({ payload }) => payload as Record<string, unknown>).filter(({ file }) => file === kind);
  }
  /** Bytes of pieces, repeated ones included. */
  get pieceBytes(): number {
    return this.sent.reduce((sum, { payload }) => sum + (payload instanceof Uint8Array ? payload.length - 16 : 0), 0);
  }
  /** Something arrives here, whoever made it. */
  hear(payload: unknown): void {
    if (payload instanceof Uint8Array) this.heard.push(payload);
    if (this.peer) this.files.receive(this.peer, payload as Payload);
  }
  setUp(up: boolean): void {
    this.up = up;
    this.files.dataChanged(up);
  }
  /** The other one's page goes. */
  loses(): void {
    const gone = this.peer as RemoteParticipant;
    this.peer = undefined;
    this.files.left(gone);
  }
  finds(): void {
    this.peer = this.newPeer();
    this.files.joined(this.peer);
  }
  /** The next offer, accepted onto a disk. */
  async accepts(options: AcceptOptions = {}): Promise<{ transfer: FileTransfer; disk: FakeDisk }> {
    await settle();
    const disk = new FakeDisk();
    const offer = this.offers.at(-1);
    if (!offer) throw new Error("Nothing was offered.");
    const transfer = await offer.accept({ to: disk.stream, ...options });
    return { transfer, disk };
  }

  private async post(message: Sent, take?: Take): Promise<void> {
    if (this.refusal) throw this.refusal;
    if (!this.up) throw new Error("connection_lost");
    this.sent.push(message);
    const written = writePayload(message.payload, 0, take);
    if (message.payload instanceof Uint8Array) this.memory.add(message.payload.buffer).add(written.buffer);
    const copy = readPayload(written.slice()) as Payload;
    await Promise.resolve();
    if (this.passes(message) && this.other.up) this.other.hear(copy);
  }
}

/** Ada sends, Bob receives; both in one time. */
export function pair(): { ada: Side; bob: Side; browser: FakeBrowser } {
  const browser = new FakeBrowser();
  const ada = new Side(browser, "bob");
  const bob = new Side(browser, "ada");
  ada.other = bob;
  bob.other = ada;
  return { ada, bob, browser };
}

/** Lets the two ends of the newest direct connection find each other; what one sends, the other hears. */
export function connectDirectly(browser: FakeBrowser): [FakeDataChannel, FakeDataChannel] {
  const [near, far] = browser.peers.slice(-2).map(({ channels }) => channels[0]);
  if (!near || !far) throw new Error("There is no direct connection.");
  for (const [from, to] of [[near, far] as const, [far, near] as const]) {
    from.send = (bytes) => {
      const copy = bytes.slice();
      void Promise.resolve().then(() => to.readyState === "open" && to.hearAll(copy));
    };
    from.close = () => undefined;
  }
  near.open();
  far.open();
  return [near, far];
}

/** The same file again, from a page that has just been loaded. */
export function reloaded(side: Side): Side {
  const fresh = new Side(side.browser, side.peer?.identity ?? "bob");
  fresh.other = side.other;
  side.other.other = fresh;
  side.passes = () => false;
  return fresh;
}

export const mebibyte = 1 << 20;

/** Lets time pass until it is over. */
export async function untilOver(browser: FakeBrowser, transfer: FileTransfer, seconds = 120): Promise<void> {
  for (let turn = 0; turn < seconds * 20 && !transfer.over; turn++) await browser.advance(50);
}

/** Lets time pass until so many bytes are written. */
export async function untilWritten(browser: FakeBrowser, disk: { size: number }, bytes: number): Promise<void> {
  for (let turn = 0; turn < 2_000 && disk.size < bytes; turn++) await browser.advance(1);
}

export const errorOf = (transfer: FileTransfer): Promise<string> =>
  transfer.done.then(
    () => "done",
    ({ code }: ParleyError) => code,
  );

export async function accept(offer: Side["offers"][number]): Promise<FileTransfer> {
  return offer.accept({ to: new FakeDisk().stream });
}
