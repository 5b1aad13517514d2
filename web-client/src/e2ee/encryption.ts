// End-to-end encryption: sound and pictures are encrypted in this browser and decrypted in the others', and the server
// forwards what it cannot read. Give an Encryption to the Room; a page that has none does not load any of this.
//
//    const room = new Room({ encryption: new Encryption({ key: "what everybody was told" }) });
//
// Covered are all tracks, over the server and directly. Not covered: chat, names, messages, files that go over the server, and
// who speaks how loudly.

import { ParleyError } from "../errors.js";
import type { EncryptionState } from "./cipher.js";
import type { Secret } from "./keys.js";
import type { FromWorker, ToWorker, TransformOptions } from "./worker.js";
import EncryptionWorker from "./worker.js?worker&inline";

/** How an Encryption is made. */
export interface EncryptionOptions {
  /**
   * What everybody in the room knows: a text, or at least 16 random bytes. Without it nothing is sent or shown until
   * `setKey`.
   */
  key?: Secret;
  /** How far `key` had been ratcheted when an earlier page left the room: its `step` then. Default: 0. */
  step?: number;
  /**
   * Makes the worker, where the page's content security policy forbids workers from `blob:`:
   * `() => new Worker(new URL("parley-client/worker", import.meta.url), { type: "module" })`.
   */
  worker?: () => Worker;
}

type SecretMessage = Extract<ToWorker, { type: "secret" }>;

/** What a room needs of its encryption. */
export interface Encrypter {
  /** A stay in the room begins. */
  begin(room: string, identity: string, told: (identity: string, state: EncryptionState) => void): void;
  sending(sender: RTCRtpSender): void;
  receiving(receiver: RTCRtpReceiver, identity: string): void;
  end(): void;
}

/** End-to-end encryption of all sound and pictures, for one room at a time: `new Room({ encryption })`. */
export class Encryption implements Encrypter {
  private worker: Worker | undefined;
  private identity: string | undefined;
  /** What was set and how far it was ratcheted, for the next stay: the others do not go back. */
  private readonly secrets: SecretMessage[] = [];
  private readonly receivers = new WeakMap<RTCRtpReceiver, number>();
  private nextReceiver = 1;

  /** Throws a ParleyError where the browser cannot do it. */
  constructor(private readonly options: EncryptionOptions = {}) {
    if (!Encryption.supported)
      throw new ParleyError("unsupported_browser", "This browser cannot encrypt calls. Update it, or use another one.");
    const { key, step } = options;
    if (key !== undefined) this.setKey(key, step === undefined ? {} : { step });
  }

  static get supported(): boolean {
    return "RTCRtpScriptTransform" in globalThis && globalThis.crypto?.subtle !== undefined;
  }

  /**
   * Another key for everybody, or for one participant (by identity). `index`, 0 to 15: where the new one is to be used while
   * some still have the old one, it gets another index, and receivers keep both. We send with what was set last. `step`: how far an
   * earlier page had ratcheted it.
   */
  setKey(key: Secret, { index = 0, identity, step = 0 }: { index?: number; identity?: string; step?: number } = {}): void {
    if (!isUsable(key, index, step)) throw keyInvalid();
    const message: SecretMessage = { type: "secret", secret: key, index, step, ...(identity !== undefined && { identity }) };
    const before = this.secrets.findIndex((known) => known.index === index && known.identity === identity);
    if (before !== -1) this.secrets.splice(before, 1);
    this.secrets.push(message);
    this.tell(message);
  }

  /**
   * We go on with the next key, from which nobody finds the way back to this one. The others follow by themselves, and send with
   * their own next keys, too, when our frames reach them.
   */
  ratchet(): void {
    // Counted here, too: the stay may end before the worker has told.
    const secret = this.newest();
    if (secret) secret.step++;
    this.tell({ type: "ratchet" });
  }

  /**
   * How far the key that we send with has been ratcheted. A page that keeps it beside the key, and gives both to the next Encryption
   * when it is loaded anew, goes on from there: the others do not go back.
   */
  get step(): number {
    return this.newest()?.step ?? 0;
  }

  /** @internal */
  begin(room: string, identity: string, told: (identity: string, state: EncryptionState) => void): void {
    this.end();
    this.worker = this.options.worker?.() ?? new EncryptionWorker();
    this.worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (data.type === "state") told(data.identity, data.state);
      else this.reached(data.index, data.step);
    };
    this.identity = identity;
    this.tell({ type: "room", room, identity });
    this.secrets.forEach((secret) => this.tell(secret));
  }

  /** @internal */
  sending(sender: RTCRtpSender): void {
    sender.transform ??= this.transform({ side: "send" });
  }

  /** @internal */
  receiving(receiver: RTCRtpReceiver, identity: string): void {
    const known = this.receivers.get(receiver);
    const number = known ?? this.nextReceiver++;
    // Sections are used again, for other people's tracks, but a transform is for the life of a receiver.
    this.tell({ type: "receiving", receiver: number, identity });
    if (known !== undefined) return;
    this.receivers.set(receiver, number);
    // Chromium takes none any more once the description has been answered.
    receiver.transform = this.transform({ side: "receive", receiver: number, kind: receiver.track.kind });
  }

  /** @internal */
  end(): void {
    this.worker?.terminate();
    this.worker = undefined;
  }

  /** Of the secrets that are for us, or of those with this index, the one that was set last: we send with it. */
  private newest(index?: number): SecretMessage | undefined {
    const ours = this.secrets.filter(({ identity }) => identity === undefined || identity === this.identity);
    return ours.filter((known) => index === undefined || known.index === index).at(-1);
  }

  private reached(index: number, step: number): void {
    const secret = this.newest(index);
    if (secret) secret.step = Math.max(secret.step, step);
  }

  private tell(message: ToWorker): void {
    this.worker?.postMessage(message);
  }

  private transform(options: TransformOptions): RTCRtpScriptTransform | null {
    return this.worker ? new RTCRtpScriptTransform(this.worker, options) : null;
  }
}

/** An empty key, of a form that was not filled in for example, would be known to everybody. */
function isUsable(key: Secret, index: number, step: number): boolean {
  const isCount = (value: number): boolean => Number.isInteger(value) && value >= 0;
  return key.length >= (typeof key === "string" ? 1 : 16) && isCount(index) && index < 16 && isCount(step);
}

function keyInvalid(): ParleyError {
  return new ParleyError("key_invalid", "A key is a text, or at least 16 random bytes, its index is from 0 to 15, and its step a count.");
}
