// The keys of one participant: from what everybody in the room knows and the participant's identity to the keys of AES-GCM,
// and on from each to the next one by a ratchet, which cannot be turned back: who gets a key learns nothing of what was said
// before.
//
//    secret ──PBKDF2 (a text) or as it is──▶ shared ──HKDF, identity──▶ base 0 ──HKDF──▶ base 1 ──HKDF──▶ …
//                                                                        └─HKDF─▶ key 0    └─HKDF─▶ key 1

import type { Bytes } from "../data/message.js";

/** A text that people can say to each other, or at least 16 random bytes. */
export type Secret = string | Bytes;

/** OWASP's advice of 2023 for PBKDF2 with SHA-256; it is done once for each text. */
const passwordRounds = 600_000;
/** Steps of the ratchet that a receiver goes ahead at once to find a key. */
const mostSteps = 64;
/** A step that did not help is tried again only after this time (ms): anybody can write a number into a frame. */
const pauseAfterFailure = 1_000;
/** Frames that come late still find their keys. */
const mostKeys = 4;

const text = new TextEncoder();
const hash = "SHA-256";

async function derive(base: Bytes, info: string): Promise<Bytes> {
  const key = await crypto.subtle.importKey("raw", base, "HKDF", false, ["deriveBits"]);
  const how = { name: "HKDF", hash, salt: new Uint8Array(), info: text.encode(`parley ${info}`) };
  return new Uint8Array(await crypto.subtle.deriveBits(how, key, 256));
}

/** What `secret` means in this room: the same text in two rooms gives different keys. */
export async function shareSecret(secret: Secret, room: string): Promise<Bytes> {
  if (typeof secret !== "string") return derive(secret, `room ${room}`);
  const key = await crypto.subtle.importKey("raw", text.encode(secret), "PBKDF2", false, ["deriveBits"]);
  const salt = text.encode(`parley room ${room}`);
  return new Uint8Array(await crypto.subtle.deriveBits({ name: "PBKDF2", hash, salt, iterations: passwordRounds }, key, 256));
}

interface Step {
  step: number;
  base: Bytes;
}

const next = async ({ step, base }: Step): Promise<Step> => ({ step: (step + 1) & 0xff, base: await derive(base, "ratchet") });

export class KeyChain {
  private readonly keys = new Map<number, CryptoKey>();
  private jumpAllowed = -Infinity;

  private constructor(private current: Step) {}

  static async begin(shared: Bytes, identity: string): Promise<KeyChain> {
    return new KeyChain({ step: 0, base: await derive(shared, `participant ${identity}`) });
  }

  get step(): number {
    return this.current.step;
  }

  /** The sender's key from now on. */
  async ratchet(): Promise<void> {
    this.current = await next(this.current);
  }

  async key(): Promise<CryptoKey> {
    return this.keys.get(this.current.step) ?? this.keep(this.current);
  }

  /**
   * Gives `attempt` the key of the step that a frame names, and stays there when it succeeds. Undefined: there is no such
   * key, or the attempt failed. `now` in ms.
   */
  async open(step: number, now: number, attempt: (key: CryptoKey) => Promise<ArrayBuffer>): Promise<ArrayBuffer | undefined> {
    const known = step === this.current.step ? await this.key() : this.keys.get(step);
    if (known) return attempt(known).catch(() => undefined);
    const ahead = (step - this.current.step) & 0xff;
    if (ahead > mostSteps || now < this.jumpAllowed) return undefined;
    let there = this.current;
    for (let gone = 0; gone < ahead; gone++) there = await next(there);
    const key = await importKey(there.base);
    const plaintext = await attempt(key).catch(() => undefined);
    if (!plaintext) {
      this.jumpAllowed = now + pauseAfterFailure;
      return undefined;
    }
    this.current = there;
    this.remember(step, key);
    return plaintext;
  }

  private async keep({ step, base }: Step): Promise<CryptoKey> {
    const key = await importKey(base);
    this.remember(step, key);
    return key;
  }

  private remember(step: number, key: CryptoKey): void {
    this.keys.set(step, key);
    const [oldest] = this.keys.keys();
    if (this.keys.size > mostKeys && oldest !== undefined) this.keys.delete(oldest);
  }
}

async function importKey(base: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", await derive(base, "key"), "AES-GCM", false, ["encrypt", "decrypt"]);
}
