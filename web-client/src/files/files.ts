// All files that come and go. Who offers what is said on a topic of the room's; the pieces take a direct connection when the two
// browsers find one soon, and otherwise a topic on which the server makes the sender wait for the receiver.

import type { Browser, Milliseconds, Timer } from "../browser.js";
import type { Data } from "../data/data.js";
import type { Bytes, Payload } from "../data/message.js";
import { connectionLost } from "../data/outlet.js";
import { Scratch } from "../data/scratch.js";
import { ParleyError } from "../errors.js";
import type { Help } from "../media/connection.js";
import type { RemoteParticipant } from "../participant.js";
import { directPath, FileDirect } from "./direct.js";
import { LastWords } from "./last-words.js";
import { forgetSending, rememberSending, sendingRecords } from "./memory.js";
import type { SendingRecord } from "./memory.js";
import { parseFileMessage, randomName, readPiece } from "./message.js";
import type { FileMessage, FileOfferMessage } from "./message.js";
import { FileReceiver } from "./receiver.js";
import type { FileOffer } from "./receiver.js";
import { FileSender } from "./sender.js";
import type { FilePath, SenderHost } from "./sender.js";
import type { FileTransfer } from "./transfer.js";
import { UnfinishedFile } from "./unfinished.js";

/** How a file is sent. */
export interface SendFileOptions {
  /** False: over the server, also where the browsers could reach each other. Default: true. */
  direct?: boolean;
  /** Where the file came from (File System Access): after a reload of the page it can go on without being chosen again. */
  handle?: FileSystemFileHandle;
}

export interface FilesHost {
  data: Pick<Data, "post" | "abandon" | "up">;
  room(): string;
  help(): Help;
  find(identity: string): RemoteParticipant | undefined;
  /** Signaling between two browsers. Rejects when the room allows no direct connections. */
  tellDirect(to: RemoteParticipant, kind: string, payload: string): Promise<unknown>;
  /** False: nobody in this page would hear it. */
  offered(offer: FileOffer): boolean;
}

const wordsTopic = "parley/files";
const piecesTopic = (place: number): string => `parley/file/${place}`;

/** Files on their way out at a time; the others wait for their turn. */
const mostSending = 4;
/** Questions that one participant may put to the user at a time. */
const mostOffers = 8;
/** Files of one participant that come or have come; of finished ones a word is kept, and the oldest of those go first. */
const mostRemembered = 64;
/** Browsers on one network find each other in half a second. */
const directTime: Milliseconds = 4_000;
/** A sender who has not come back by then does not come back. */
const patience: Milliseconds = 600_000;

/** Errors that another attempt does not mend. */
const lasting = new Set(["not_allowed", "data_unavailable"]);

interface Outgoing {
  sender: FileSender;
  /** Among those who send at a time. */
  place: number | undefined;
  direct: FileDirect | undefined;
  mayTryDirect: boolean;
}

interface Incoming {
  receiver: FileReceiver;
  direct: FileDirect | undefined;
  /** Ends the wait for a sender who has left. */
  patience: Timer | undefined;
}

export class Files {
  private readonly outgoing = new Map<string, Outgoing>();
  /** By the sender's identity and the transfer's id: nobody reaches the files of somebody else. */
  private readonly incoming = new Map<string, Incoming>();
  private readonly lastWords = new LastWords();
  private readonly places = new Set<number>();
  private queue: (() => void)[] = [];
  private closed = false;

  constructor(
    private readonly browser: Browser,
    private readonly host: FilesHost,
  ) {}

  /** A file that is on its way to them already goes on as it is. */
  send(file: File, to: RemoteParticipant, { direct = true, handle }: SendFileOptions = {}): FileTransfer {
    const running = [...this.outgoing.values()].find(({ sender }) => sender.isSending(file, to.identity));
    if (running) return running.sender.transfer;
    const id = randomName(8);
    const sender = new FileSender(id, file, to, this.browser, this.senderHost(id, to.identity));
    this.outgoing.set(id, { sender, place: undefined, direct: undefined, mayTryDirect: direct });
    void this.carry(id, sender, file, handle);
    return sender.transfer;
  }

  /** What an earlier load of this page was sending in this room. */
  async unfinished(): Promise<UnfinishedFile[]> {
    const records = await sendingRecords(Date.now());
    const running = new Set([...this.outgoing.values()].map(({ sender }) => sender.key));
    return records
      .filter(({ room, key }) => room === this.host.room() && !running.has(key))
      .map((record) => new UnfinishedFile(record, this.host.find, (...file) => this.send(...file)));
  }

  /** On a topic of ours, or straight from the other browser. */
  receive(from: RemoteParticipant, payload: Payload, way: "direct" | "server" = "server"): void {
    if (payload instanceof Uint8Array) return this.takePiece(from, payload, way);
    const message = parseFileMessage(payload);
    if (message) this.take(from, message, way);
  }

  /** Signaling between two browsers. */
  receiveDirect(from: RemoteParticipant, kind: string, text: string): void {
    const payload = parseObject(text);
    const id = String(payload?.["id"]);
    const incoming = this.incoming.get(keyOf(from, id));
    const outgoing = this.outgoingOf(from, id);
    if (!payload) return;
    if (incoming && kind === "offer") this.answerDirect(incoming, from);
    const direct = incoming?.direct ?? outgoing?.direct;
    if (direct) void direct.take(kind, payload);
    else if (kind === "offer") this.host.tellDirect(from, "end", JSON.stringify({ id })).catch(() => undefined);
  }

  /** Data flows again, or no longer. */
  dataChanged(up: boolean): void {
    for (const { receiver, direct } of this.incoming.values()) {
      if (direct?.state === "open") continue;
      if (up) receiver.askAgain();
      else receiver.interrupted();
    }
    for (const { sender } of this.outgoing.values()) sender.look();
  }

  joined(participant: RemoteParticipant): void {
    for (const { sender } of this.outgoing.values()) {
      if (sender.transfer.participant.identity !== participant.identity) continue;
      sender.transfer.participant = participant;
      sender.look();
    }
    for (const { receiver } of this.incoming.values()) {
      if (receiver.from.identity === participant.identity) receiver.transfer.participant = participant;
    }
  }

  left(participant: RemoteParticipant): void {
    for (const { sender, direct } of this.outgoing.values()) {
      if (sender.transfer.participant === participant && direct?.state !== "open") sender.interrupt(true);
    }
    for (const incoming of this.incoming.values()) {
      if (incoming.receiver.from === participant && incoming.direct?.state !== "open") this.senderLeft(incoming);
    }
  }

  /** The end of the stay: files that are not through will not be. */
  close(): void {
    this.closed = true;
    const error = new ParleyError("left", "The room was left.");
    for (const { sender, direct } of this.outgoing.values()) {
      sender.fail(error);
      direct?.close();
    }
    for (const { receiver, direct } of this.incoming.values()) {
      receiver.fail(error.code, error.message);
      direct?.close();
    }
  }

  // Sending

  private async carry(id: string, sender: FileSender, file: File, handle?: FileSystemFileHandle): Promise<void> {
    const { identity } = sender.transfer.participant;
    const { name, size, lastModified: modified } = file;
    const facts = { identity, room: this.host.room(), name, size, modified };
    const same = (record: SendingRecord): boolean =>
      (Object.keys(facts) as (keyof typeof facts)[]).every((fact) => record[fact] === facts[fact]);
    const key = (await sendingRecords(Date.now())).find(same)?.key ?? randomName(16);
    await rememberSending({ ...facts, key, begun: Date.now(), ...(handle && { handle }) });
    await sender.run(key);
    this.outgoing.get(id)?.direct?.close();
    this.outgoing.delete(id);
    if (!this.closed) await forgetSending(key);
  }

  private senderHost(id: string, identity: string): SenderHost {
    return {
      tell: (message) => this.tell(identity, message),
      present: () => this.host.find(identity) !== undefined,
      up: () => this.host.data.up,
      path: () => this.path(id, identity),
      enter: () => this.enter(id),
      leave: () => this.leave(id),
    };
  }

  private path(id: string, identity: string): FilePath | undefined {
    const outgoing = this.outgoing.get(id);
    const to = this.host.find(identity);
    if (!outgoing || !to) return undefined;
    if (outgoing.mayTryDirect) this.tryDirect(outgoing, to);
    const { direct, place } = outgoing;
    if (direct?.state === "open") return directPath(direct);
    if (direct?.state === "connecting" || place === undefined || !this.host.data.up) return undefined;
    return this.serverPath(piecesTopic(place), identity);
  }

  private serverPath(topic: string, identity: string): FilePath {
    const { data, find } = this.host;
    const { take } = new Scratch();
    return {
      kind: "server",
      get usable() {
        return data.up;
      },
      send: (payload) => {
        const to = find(identity);
        return to ? data.post(topic, "wait", payload, [to], { care: "lost", take }) : Promise.reject(connectionLost());
      },
      abandon: () => data.abandon(topic, "wait", connectionLost()),
    };
  }

  /** Once for each transfer: what failed would fail again, and the server's way is there. */
  private tryDirect(outgoing: Outgoing, to: RemoteParticipant): void {
    outgoing.mayTryDirect = false;
    const { sender } = outgoing;
    const direct = new FileDirect(this.browser, this.host.help(), sender.id, {
      tell: (kind, payload) => this.host.tellDirect(to, kind, JSON.stringify(payload)),
      received: (payload) => this.receive(sender.transfer.participant, payload, "direct"),
      changed: () => (direct.state === "over" ? sender.interrupt(false) : sender.look()),
    });
    outgoing.direct = direct;
    void direct.offer();
    this.browser.setTimeout(() => {
      if (direct.state === "connecting") direct.close();
    }, directTime);
  }

  /** Resolves when it is this file's turn. */
  private async enter(id: string): Promise<void> {
    while (this.places.size >= mostSending) await new Promise<void>((resolve) => this.queue.push(resolve));
    let place = 0;
    while (this.places.has(place)) place += 1;
    this.places.add(place);
    const outgoing = this.outgoing.get(id);
    if (outgoing) outgoing.place = place;
  }

  private leave(id: string): void {
    const outgoing = this.outgoing.get(id);
    if (outgoing?.place !== undefined) this.places.delete(outgoing.place);
    if (outgoing) outgoing.place = undefined;
    this.queue.shift()?.();
  }

  // Receiving

  private take(from: RemoteParticipant, message: FileMessage, way: "direct" | "server"): void {
    const { file, id } = message;
    if (file === "offer") return this.takeOffer(from, message);
    if (file !== "where" && file !== "end" && file !== "cancel") return this.outgoingOf(from, id)?.sender.receive(message);
    const incoming = file === "cancel" ? this.incoming.get(keyOf(from, id)) : this.incomingOn(way, from, id);
    if (incoming) return incoming.receiver.receive(message);
    const last = this.lastWords.of(keyOf(from, id));
    if (last || file !== "cancel") this.tell(from.identity, last ?? { file: "gone", id });
  }

  private takePiece(from: RemoteParticipant, bytes: Uint8Array, way: "direct" | "server"): void {
    const piece = readPiece(bytes as Bytes);
    if (piece) this.incomingOn(way, from, piece.id)?.receiver.take(piece);
  }

  /** The pieces and what is in order with them come over the server once the sender has given up the direct way. */
  private incomingOn(way: "direct" | "server", from: RemoteParticipant, id: string): Incoming | undefined {
    const incoming = this.incoming.get(keyOf(from, id));
    if (way === "server") incoming?.direct?.close();
    return incoming;
  }

  private takeOffer(from: RemoteParticipant, offer: FileOfferMessage): void {
    const key = keyOf(from, offer.id);
    const known = this.incoming.get(key);
    if (known) return known.receiver.renew(offer, from);
    const last = this.lastWords.of(key);
    if (last) return this.tell(from.identity, last);
    for (const [before, incoming] of this.incoming) {
      if (!incoming.receiver.continues(offer, from.identity)) continue;
      incoming.direct?.close();
      incoming.direct = undefined;
      this.incoming.delete(before);
      this.incoming.set(key, incoming);
      return incoming.receiver.renew(offer, from);
    }
    const theirs = [...this.incoming.values()].filter(({ receiver }) => receiver.from.identity === from.identity);
    const open = theirs.filter(({ receiver }) => receiver.transfer.state === "offered");
    if (open.length >= mostOffers || !this.makeRoom(from.identity, theirs.length))
      return this.tell(from.identity, { file: "decline", id: offer.id });
    this.askUser(key, offer, from);
  }

  private askUser(key: string, offer: FileOfferMessage, from: RemoteParticipant): void {
    const tell = (message: FileMessage): void => this.answer(receiver.from, message);
    const pathNow = (): "direct" | "server" => (this.directTo(receiver.from, receiver.id) ? "direct" : "server");
    const receiver = new FileReceiver(offer, from, this.browser, tell, pathNow);
    const incoming: Incoming = { receiver, direct: undefined, patience: undefined };
    this.incoming.set(key, incoming);
    const off = receiver.transfer.on("stateChanged", () => {
      if (!receiver.transfer.over) return;
      off();
      this.ended(incoming);
    });
    // A page that does not know of files leaves the offer unseen, and the sender says so to its user.
    if (this.host.offered(receiver)) this.tell(from.identity, { file: "seen", id: offer.id });
    else this.incoming.delete(key);
  }

  /** The page keeps the file for as long as it likes; here nothing does. */
  private ended({ receiver, direct, patience: timer }: Incoming): void {
    const key = keyOf(receiver.from, receiver.id);
    this.incoming.delete(key);
    this.lastWords.keep(key, receiver.from.identity, receiver.lastWord);
    this.browser.clearTimeout(timer);
    // The sender closes the direct connection when it has heard the last word; unless it can't.
    if (direct) this.browser.setTimeout(() => direct.close(), directTime);
  }

  private makeRoom(identity: string, coming: number): boolean {
    return coming + this.lastWords.count(identity) < mostRemembered || this.lastWords.dropOldest(identity);
  }

  private answerDirect(incoming: Incoming, from: RemoteParticipant): void {
    const { receiver } = incoming;
    if (incoming.direct || !receiver.accepted) return;
    const direct = new FileDirect(this.browser, this.host.help(), receiver.id, {
      tell: (kind, payload) => this.host.tellDirect(from, kind, JSON.stringify(payload)),
      received: (payload) => this.receive(receiver.from, payload, "direct"),
      changed: () => {
        if (direct.state === "over" && !receiver.transfer.over) receiver.interrupted();
      },
    });
    incoming.direct = direct;
  }

  private senderLeft(incoming: Incoming): void {
    const { receiver } = incoming;
    if (receiver.transfer.state === "offered") return receiver.withdrawn();
    receiver.interrupted();
    this.browser.clearTimeout(incoming.patience);
    incoming.patience = this.browser.setTimeout(() => {
      if (!this.host.find(receiver.from.identity))
        receiver.fail("file_sender_left", `${receiver.from.name} did not come back.`);
    }, patience);
  }

  /** The receiver's words go the way of the pieces, where that is a direct one. */
  private answer(to: RemoteParticipant, message: FileMessage): void {
    const direct = this.directTo(to, message.id);
    if (direct) direct.send(message).catch(() => this.tell(to.identity, message));
    else this.tell(to.identity, message);
  }

  private directTo(from: RemoteParticipant, id: string): FileDirect | undefined {
    const direct = this.incoming.get(keyOf(from, id))?.direct;
    return direct?.state === "open" ? direct : undefined;
  }

  // Both

  private tell(identity: string, message: FileMessage): void {
    const to = this.host.find(identity);
    if (to) this.host.data.post(wordsTopic, "all", message, [to]).catch((error: unknown) => this.notTold(message, error));
  }

  /** What is lost is asked for again; what is not possible stays so. */
  private notTold({ id }: FileMessage, error: unknown): void {
    if (error instanceof ParleyError && lasting.has(error.code)) this.outgoing.get(id)?.sender.fail(error);
  }

  private outgoingOf(to: RemoteParticipant, id: string): Outgoing | undefined {
    const outgoing = this.outgoing.get(id);
    return outgoing?.sender.transfer.participant.identity === to.identity ? outgoing : undefined;
  }
}

const keyOf = (from: RemoteParticipant, id: string): string => `${id} ${from.identity}`;

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
