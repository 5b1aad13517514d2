// What two pages say to each other about a file. Words (JSON) and pieces of the file (bytes) travel on the same ordered channel,
// so whoever hears `where` or `end` has got everything that was sent before, or it is lost.
//
//   sender                receiver
//   offer           →               who offers, what, how large; again until it is `seen`
//                   ←     seen
//                   ←     accept    from which byte on (more than 0: it has some of it already), or `decline`
//   piece, piece …  →
//                   ←     at        so much is written, so much has come
//   where           →               after a loss: `at` answers with the same `turn`
//                   ←     lost      something is missing: ask me where
//   end             →               the hash of the whole
//                   ←     done      or `damaged`
//   cancel, or `stop` from the receiver. `gone`: the receiver knows of no such transfer.

import type { Bytes, Payload } from "../data/message.js";
import { takeNew } from "../data/scratch.js";

/** What a piece carries at most: a message of 64 KiB with all heads. Larger ones cost the server and the browsers no less. */
export const pieceSize = 65_536 - 64;
/** How far a sender may be ahead of what the receiver has written. */
export const windowSize = 4 << 20;

export interface FileOfferMessage {
  file: "offer";
  id: string;
  /** Only sender and receiver know it: whoever has it may go on with this file, after a reload for example. */
  key: string;
  name: string;
  size: number;
  type: string;
  /** Milliseconds since 1970. */
  modified: number;
}

export type FileMessage =
  | FileOfferMessage
  | { file: "seen" | "decline" | "lost" | "done" | "damaged" | "cancel" | "gone"; id: string }
  | { file: "accept"; id: string; from: number }
  | { file: "stop"; id: string; reason: string }
  | { file: "where"; id: string; turn: number }
  | { file: "at"; id: string; written: number; next: number; turn: number }
  | { file: "end"; id: string; hash: string };

export interface FilePiece {
  id: string;
  offset: number;
  bytes: Bytes;
}

type Check = (value: unknown) => boolean;

const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const upTo =
  (length: number): Check =>
  (value) =>
    typeof value === "string" && value.length <= length;
const hexadecimal =
  (length: number): Check =>
  (value) =>
    typeof value === "string" && value.length === length && /^[0-9a-f]*$/.test(value);

const shapes: Record<FileMessage["file"], Record<string, Check>> = {
  offer: { key: hexadecimal(32), name: upTo(1024), size: count, type: upTo(256), modified: count },
  seen: {},
  decline: {},
  lost: {},
  done: {},
  damaged: {},
  cancel: {},
  gone: {},
  accept: { from: count },
  stop: { reason: upTo(64) },
  where: { turn: count },
  at: { written: count, next: count, turn: count },
  end: { hash: hexadecimal(64) },
};

const isId = hexadecimal(16);

/** Undefined: not what a well-behaved page sends. */
export function parseFileMessage(payload: Payload | undefined): FileMessage | undefined {
  if (typeof payload !== "object" || payload === null || payload instanceof Uint8Array) return undefined;
  const message = payload as Record<string, unknown>;
  const kind = message["file"];
  if (typeof kind !== "string" || !Object.hasOwn(shapes, kind) || !isId(message["id"])) return undefined;
  const fits = Object.entries(shapes[kind as FileMessage["file"]]).every(([field, check]) => check(message[field]));
  return fits ? (payload as FileMessage) : undefined;
}

const pieceHead = 16;

export function writePiece(id: string, offset: number, content: Uint8Array, take = takeNew): Bytes {
  const bytes = take(pieceHead + content.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, parseInt(id.slice(0, 8), 16));
  view.setUint32(4, parseInt(id.slice(8), 16));
  view.setUint32(8, Math.floor(offset / 2 ** 32));
  view.setUint32(12, offset >>> 0);
  bytes.set(content, pieceHead);
  return bytes;
}

/** Undefined: too short to be one, or empty. */
export function readPiece(bytes: Bytes): FilePiece | undefined {
  if (bytes.length <= pieceHead) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const word = (at: number): string => view.getUint32(at).toString(16).padStart(8, "0");
  const offset = view.getUint32(8) * 2 ** 32 + view.getUint32(12);
  return { id: word(0) + word(4), offset, bytes: bytes.subarray(pieceHead) };
}

/** So many random bytes in hexadecimal digits. */
export function randomName(bytes: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
