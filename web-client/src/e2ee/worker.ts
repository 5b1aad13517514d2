// The worker through which all encoded frames go in an encrypted room. It only passes frames and messages on to the cipher.

import { Cipher, Counter } from "./cipher.js";
import type { EncryptionState } from "./cipher.js";
import type { Secret } from "./keys.js";

/** What the page tells the worker. */
export type ToWorker =
  | { type: "room"; room: string; identity: string }
  /** `step`: how far an earlier stay had ratcheted it. */
  | { type: "secret"; secret: Secret; index: number; step: number; identity?: string }
  | { type: "ratchet" }
  /** The receiver number `receiver` gets frames of this participant's from now on. */
  | { type: "receiving"; receiver: number; identity: string };

/** What the worker tells the page. */
export type FromWorker =
  | { type: "state"; identity: string; state: EncryptionState }
  /** The secret `index` has been ratcheted so far. */
  | { type: "reached"; index: number; step: number };

/** Given to each RTCRtpScriptTransform. */
export type TransformOptions = { side: "send" } | { side: "receive"; receiver: number; kind: string };

interface EncodedFrame {
  data: ArrayBuffer;
  getMetadata(): { mimeType?: string };
}

/** W3C webrtc-encoded-transform, section 4. TypeScript has it only for programs that are workers altogether. */
interface Transformer {
  readable: ReadableStream<EncodedFrame>;
  writable: WritableStream<EncodedFrame>;
  options: TransformOptions;
  sendKeyFrameRequest?(): Promise<unknown>;
}

let cipher: Cipher | undefined;
/** By number of the receiver. */
const identities = new Map<number, string>();
/** Those that receive pictures. */
const pictures = new Set<Transformer>();

function reached(index: number, step: number): void {
  self.postMessage({ type: "reached", index, step } satisfies FromWorker);
}

function tell(identity: string, state: EncryptionState): void {
  self.postMessage({ type: "state", identity, state } satisfies FromWorker);
  if (state !== "ok") return;
  // What was thrown away was missed by the decoder: it begins anew.
  for (const transformer of pictures)
    if (senderOf(transformer) === identity) transformer.sendKeyFrameRequest?.().catch(() => undefined);
}

function receiving(receiver: number, identity: string): void {
  identities.set(receiver, identity);
  cipher?.expect(identity);
}

function senderOf({ options }: Transformer): string | undefined {
  return options.side === "receive" ? identities.get(options.receiver) : undefined;
}

function codecOf(frame: EncodedFrame): string {
  return (frame.getMetadata().mimeType?.split("/")[1] ?? "").toUpperCase();
}

type Change = (frame: EncodedFrame, data: Uint8Array<ArrayBuffer>) => Promise<Uint8Array<ArrayBuffer> | undefined>;

function change(transformer: Transformer): Change {
  const counter = new Counter();
  if (transformer.options.side === "send") return async (frame, data) => cipher?.encrypt(data, codecOf(frame), counter);
  return async (_frame, data) => cipher?.decrypt(data, senderOf(transformer) ?? "", performance.now());
}

function run(transformer: Transformer): void {
  const changed = change(transformer);
  const { options } = transformer;
  if (options.side === "receive" && options.kind === "video") pictures.add(transformer);
  const through = new TransformStream<EncodedFrame, EncodedFrame>({
    async transform(frame, controller) {
      const data = await changed(frame, new Uint8Array(frame.data)).catch(() => undefined);
      if (!data) return;
      frame.data = data.buffer;
      controller.enqueue(frame);
    },
  });
  const end = (): void => void pictures.delete(transformer);
  transformer.readable.pipeThrough(through).pipeTo(transformer.writable).then(end, end);
}

self.addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
  if (data.type === "room") cipher = new Cipher(data.room, data.identity, tell, reached);
  else if (data.type === "secret") cipher?.setSecret(data.secret, data.index, data.identity, data.step);
  else if (data.type === "ratchet") cipher?.ratchet();
  else receiving(data.receiver, data.identity);
});
self.addEventListener("rtctransform", (event) => run((event as Event & { transformer: Transformer }).transformer));
