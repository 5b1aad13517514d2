// An encrypted frame, in the manner of SFrame (RFC 9605) but with its fields behind the frame, where no packetizer looks:
//
//    | what must stay readable | ciphertext and tag (16) | IV (12) | step, key (4 bits each) | step (1) | form (1) | "PE" |
//
// Some of a frame has to stay readable for those who forward it or cut it into packets; `form` says how much, and how it is
// found. It is authenticated with the rest, except in AV1 and H.264, whose packetizers write parts of it anew.
//
//    VP8         the frame header (RFC 6386, section 9.1): 10 bytes of a key frame, 3 of others. The server needs the size in it.
//    AV1         everything before the first frame OBU; the rest becomes a single frame OBU, with its header rewritten.
//    H.264       parameter sets and so on, up to the type of the first slice; the rest is escaped as one NAL unit.
//    VP9, Opus   nothing: what the server needs stands in front of the payload, or in a header extension.

import type { Bytes } from "../data/message.js";

export const ivSize = 12;
const tagSize = 16;
const magic = [0x50, 0x45];
/** Behind the IV. */
const endSize = 3 + magic.length;
const trailerSize = ivSize + endSize;
/** A frame names so many steps of the ratchet. */
export const stepValues = 4096;
/** Values of `form` from here on are no number of bytes. */
const formAv1 = 0xfe;
const formH264 = 0xff;

/**
 * Which key: one of several that may be in use at a time, and how often it has been ratcheted since it was set, modulo
 * `stepValues`: its higher 4 bits stand above the key's.
 */
export interface KeyName {
  index: number;
  step: number;
}

export interface Sealed {
  name: KeyName;
  iv: Bytes;
  /** Authenticated, not encrypted. */
  additional: Bytes;
  ciphertext: Bytes;
  readable: Bytes;
}

function join(...parts: ArrayLike<number>[]): Bytes {
  const all = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

// AV1 bitstream specification, section 5.3: type in bits 3 to 6, extension flag, size flag; then LEB128.
const obuFrame = 6;
const obuExtension = 4;
const obuHasSize = 2;
const obuHoldsPicture = new Set([3, 4, obuFrame, 7]);

function readSize(data: Bytes, at: number): { size: number; at: number } {
  let size = 0;
  for (let shift = 0; shift < 32 && at < data.length; shift += 7) {
    const byte = data[at++] as number;
    size += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
  }
  return { size, at };
}

function writeSize(size: number): number[] {
  const bytes: number[] = [];
  do {
    bytes.push((size & 0x7f) | (size > 0x7f ? 0x80 : 0));
    size >>>= 7;
  } while (size > 0);
  return bytes;
}

interface Obu {
  begin: number;
  payload: number;
}

function findPicture(data: Bytes): Obu | undefined {
  for (let begin = 0; begin < data.length; ) {
    const header = data[begin] as number;
    const behind = begin + (header & obuExtension ? 2 : 1);
    const { size, at } = header & obuHasSize ? readSize(data, behind) : { size: data.length - behind, at: behind };
    if (obuHoldsPicture.has((header >> 3) & 15)) return { begin, payload: at };
    begin = at + size;
  }
  return undefined;
}

/** ITU-T H.264, section 7.3.1: where the first slice's own bytes begin. */
function findSlice(data: Bytes): number | undefined {
  for (let at = 0; at + 3 < data.length; at++) {
    if (data[at] !== 0 || data[at + 1] !== 0 || data[at + 2] !== 1) continue;
    const type = (data[at + 3] as number) & 31;
    if (type === 1 || type === 5) return at + 4;
  }
  return undefined;
}

/** ITU-T H.264, section 7.4.1.1: no start code may arise inside. */
function escape(data: Bytes): Bytes {
  const escaped: number[] = [];
  let zeros = 0;
  for (const byte of data) {
    if (zeros === 2 && byte <= 3) {
      escaped.push(3);
      zeros = 0;
    }
    escaped.push(byte);
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return Uint8Array.from(escaped);
}

function unescape(data: Bytes): Bytes {
  let zeros = 0;
  return data.filter((byte) => {
    const inserted = zeros === 2 && byte === 3;
    zeros = byte === 0 && !inserted ? zeros + 1 : 0;
    return !inserted;
  });
}

interface Split {
  form: number;
  readable: Bytes;
  secret: Bytes;
}

function split(codec: string, data: Bytes): Split {
  const after = (form: number, size: number): Split => ({ form, readable: data.slice(0, size), secret: data.slice(size) });
  if (codec === "VP8") {
    const size = Math.min(((data[0] ?? 1) & 1) === 0 ? 10 : 3, data.length);
    return after(size, size);
  }
  const picture = codec === "AV1" ? findPicture(data) : undefined;
  if (picture) return after(formAv1, picture.begin);
  const slice = codec === "H264" ? findSlice(data) : undefined;
  return slice === undefined ? after(0, 0) : after(formH264, slice);
}

/** Encrypts with `encrypt(iv, additional, plaintext)`. `codec` as in "video/VP8", behind the slash. */
export async function seal(
  data: Bytes,
  codec: string,
  { index, step }: KeyName,
  iv: Bytes,
  encrypt: (iv: Bytes, additional: Bytes, plaintext: Bytes) => Promise<ArrayBuffer>,
): Promise<Bytes> {
  const { form, readable, secret } = split(codec, data);
  const end = [((step >> 4) & 0xf0) | index, step & 0xff, form, ...magic];
  const ciphertext = new Uint8Array(await encrypt(iv, join(form < formAv1 ? readable : [], end), secret));
  const body = join(ciphertext, iv, end);
  if (form === formH264) return join(readable, escape(body));
  if (form !== formAv1) return join(readable, body);
  const first = secret[0] as number;
  const header = [(obuFrame << 3) | (first & obuExtension) | obuHasSize];
  if (first & obuExtension) header.push(secret[1] as number);
  return join(readable, header, writeSize(body.length), body);
}

/** Takes an encrypted frame apart. Undefined: it is none. */
export function unseal(data: Bytes): Sealed | undefined {
  const size = data.length;
  if (size < trailerSize + tagSize || magic.some((byte, place) => data[size - magic.length + place] !== byte)) return undefined;
  const form = data[size - magic.length - 1] as number;
  const obu = form === formAv1 ? findPicture(data) : undefined;
  const begin = form === formAv1 ? obu?.begin : form === formH264 ? findSlice(data) : form;
  if (begin === undefined) return undefined;
  const rest = data.slice(obu?.payload ?? begin);
  const body = form === formH264 ? unescape(rest) : rest;
  const ivBegin = body.length - trailerSize;
  if (ivBegin < tagSize) return undefined;
  const end = body.slice(ivBegin + ivSize);
  const readable = data.slice(0, begin);
  const [key, step] = end as unknown as [number, number];
  return {
    name: { index: key & 0xf, step: ((key & 0xf0) << 4) | step },
    iv: body.slice(ivBegin, ivBegin + ivSize),
    additional: join(form < formAv1 ? readable : [], end),
    ciphertext: body.slice(0, ivBegin),
    readable,
  };
}

/** The frame as it was. */
export function restore({ readable }: Sealed, plaintext: ArrayBuffer): Bytes {
  return join(readable, new Uint8Array(plaintext));
}
