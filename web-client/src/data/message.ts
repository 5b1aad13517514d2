// The bytes on a data channel to the server (signaling/PROTOCOL.md, "Data"): envelopes, which the server reads, and in them
// payloads, which it does not. Everything that comes in is checked here, once.

import { ParleyError } from "../errors.js";
import { takeNew } from "./scratch.js";
import type { Take } from "./scratch.js";

/** What `Room.send` takes and the event `data` brings: bytes, text, or anything that JSON can say. */
export type Payload = Uint8Array | string | object | number | boolean | null;

/**
 * What happens to a reader who is too slow. `all`: it leaves the topic. `wait`: the sender waits for it. `lossy`: it loses the
 * oldest messages, and nothing is sent twice.
 */
export type Mode = "all" | "wait" | "lossy";

/** Bytes of their own, not shared with other threads. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** With the envelope's head; the server and both browsers take as much in one piece. */
export const largestMessage = 262_144;
/** The head of a message that comes: of one to everybody it is shorter. */
const receivedHead = 5;
export const longestTopic = 64;
const mostReceivers = 255;

const protocols: Record<Mode, string> = { all: "parley.1/all", wait: "parley.1/wait", lossy: "parley.1/lossy" };

export const protocolOf = (mode: Mode): string => protocols[mode];

export function modeOf(protocol: string): Mode | undefined {
  return (Object.keys(protocols) as Mode[]).find((mode) => protocols[mode] === protocol);
}

/** Why the server did not take a message, or did not pass it on to one receiver. */
export type Refusal =
  | "malformed"
  | "not_allowed"
  | "receiver_unknown"
  | "receiver_without_data"
  | "beyond_credit"
  | "too_large"
  | "receiver_left_topic";

const refusals: Refusal[] = [
  "malformed",
  "not_allowed",
  "receiver_unknown",
  "receiver_without_data",
  "beyond_credit",
  "too_large",
  "receiver_left_topic",
];

export type DataMessage =
  | { type: "data"; sender: string; payload: Bytes }
  /** So many bytes may have been sent on this channel in all. */
  | { type: "credit"; total: number }
  /** We have read too slowly: so many messages are lost, and no more come. */
  | { type: "left"; dropped: number }
  | { type: "refused"; reason: Refusal; receiver: string | undefined };

const kinds = { data: 1, credit: 2, left: 3, refused: 4, join: 5 };

const participantId = (number: number): string => `p${number}`;
const participantNumber = (id: string): number => Number(id.slice(1));

/** The message that brings us back into a topic that we have left. */
export const joinMessage: Bytes = Uint8Array.of(kinds.join);

/** Undefined: nothing that this version knows. */
export function parseData(message: unknown): DataMessage | undefined {
  if (!(message instanceof ArrayBuffer) || message.byteLength < 5) return undefined;
  const view = new DataView(message);
  const kind = view.getUint8(0);
  if (kind === kinds.data)
    return { type: "data", sender: participantId(view.getUint32(1)), payload: new Uint8Array(message, 5) };
  if (kind === kinds.credit && view.byteLength >= 9)
    return { type: "credit", total: view.getUint32(1) * 2 ** 32 + view.getUint32(5) };
  if (kind === kinds.left) return { type: "left", dropped: view.getUint32(1) };
  if (kind !== kinds.refused || view.byteLength < 6) return undefined;
  const reason = refusals[view.getUint8(1) - 1];
  const receiver = view.getUint32(2);
  return reason && { type: "refused", reason, receiver: receiver === 0 ? undefined : participantId(receiver) };
}

const payloadKinds = { bytes: 0, text: 1, json: 2 };

/** JSON.stringify fails for some values, and for others says nothing at all. */
function writeJson(payload: unknown): string {
  let cause: unknown;
  try {
    const json = JSON.stringify(payload) as string | undefined;
    if (json !== undefined) return json;
  } catch (error) {
    cause = error;
  }
  throw new ParleyError(
    "payload_invalid",
    "This message can't be written as JSON: it contains itself, or something that JSON does not know, such as a BigInt. " +
      "Send plain objects, text or bytes.",
    { cause },
  );
}

function contentOf(payload: Payload): [kind: number, content: Uint8Array] {
  if (payload instanceof Uint8Array) return [payloadKinds.bytes, payload];
  if (payload instanceof ArrayBuffer) return [payloadKinds.bytes, new Uint8Array(payload)];
  if (ArrayBuffer.isView(payload))
    return [payloadKinds.bytes, new Uint8Array(payload.buffer, payload.byteOffset, payload.byteLength)];
  const encoder = new TextEncoder();
  if (typeof payload === "string") return [payloadKinds.text, encoder.encode(payload)];
  return [payloadKinds.json, encoder.encode(writeJson(payload))];
}

/** The payload alone, after `head` bytes for the caller to fill. */
export function writePayload(payload: Payload, head = 0, take: Take = takeNew): Bytes {
  const [kind, content] = contentOf(payload);
  const message = take(head + 1 + content.length);
  message[head] = kind;
  message.set(content, head + 1);
  return message;
}

/** A message to these participants; to everybody else when there are none. Undefined: it would be too large. */
export function writeData(payload: Payload, to: readonly string[] = [], take?: Take): Bytes | undefined {
  if (to.length > mostReceivers) return undefined;
  const head = 2 + 4 * to.length;
  const message = writePayload(payload, head, take);
  if (message.length + Math.max(receivedHead - head, 0) > largestMessage) return undefined;
  const view = new DataView(message.buffer);
  message[0] = kinds.data;
  message[1] = to.length;
  to.forEach((id, index) => view.setUint32(2 + 4 * index, participantNumber(id)));
  return message;
}

/** The content as it was sent. Undefined: malformed. */
export function readPayload(payload: Bytes): Payload | undefined {
  const content = payload.subarray(1);
  if (payload[0] === payloadKinds.bytes) return content;
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
    if (payload[0] === payloadKinds.text) return text;
    if (payload[0] === payloadKinds.json) return JSON.parse(text) as Payload;
  } catch {
    // It comes from another participant, who may send what they like.
  }
  return undefined;
}
