// The keys of one participant: from what everybody in the room knows and the participant's identity to the keys of AES-GCM,
// and on from each to the next one by a ratchet, which cannot be turned back: who gets a key learns nothing of what was said
// before.
//
//    secret ──PBKDF2 (a text) or as it is──▶ shared ──HKDF, identity──▶ base 0 ──HKDF──▶ base 1 ──HKDF──▶ …
//                                                                        └─HKDF─▶ key 0    └─HKDF─▶ key 1

import type { Bytes } from "../data/message.js";
import { stepValues } from "./frame.js";

/** A text that people can say to each other, or at least 16 random bytes. */
export type Secret = string | Bytes;

/** OWASP's advice of 2023 for PBKDF2 with SHA-256; it is done once for each text. */
const passwordRounds = 600_000;
/** Steps of the ratchet that a receiver goes ahead at once to find a key; farther ones are reached in several attempts. */
const mostSteps = 64;
/** The next attempt after one that did not help comes only after this time (ms): anybody can write a number into a frame. */
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
  /** Since the secret was set. */
  step: number;
  base: Bytes;
}

/** A key, and the step that it is of. */
export interface StepKey {
  step: number;
  key: CryptoKey;
}

/** A frame that was decrypted, and the step of the key that did it. */
export interface Opened {
  step: number;
  plaintext: ArrayBuffer;
}

type Attempt = (key: CryptoKey) => Promise<ArrayBuffer>;

async function advance(from: Step, to: number): Promise<Step> {
  let { step, base } = from;
  for (; step < to; step++) base = await derive(base, "ratchet");
  return { step, base };
}

export class KeyChain {
  private readonly keys = new Map<number, CryptoKey>();
  private jumpAllowed = -Infinity;
  /** How far attempts in vain have come, never behind `current`: the next one may go on from here. */
  private scout: Step;

  private constructor(private current: Step) {
    this.scout = current;
  }

  static async begin(shared: Bytes, identity: string): Promise<KeyChain> {
    return new KeyChain({ step: 0, base: await derive(shared, `participant ${identity}`) });
  }

  /** The sender's key of `step`, or of a later one if the chain is there already. */
  async reach(step: number): Promise<StepKey> {
    this.settle(await advance(this.current, step));
    const { current } = this;
    return { step: current.step, key: await this.key(current) };
  }

  /**
   * Gives `attempt` the key of the step that a frame names, and stays there when it succeeds. Undefined: there is no such
   * key, or it is too far ahead for one attempt, or the attempt failed. `now` in ms.
   */
  async open(name: number, now: number, attempt: Attempt): Promise<Opened | undefined> {
    const step = this.nearest(name);
    const known = step === this.current.step ? await this.key(this.current) : this.keys.get(step);
    if (known) return tryKey({ step, key: known }, attempt);
    if (step < this.current.step || now < this.jumpAllowed) return undefined;
    const opened = await this.jump(step, attempt);
    if (!opened) this.jumpAllowed = now + pauseAfterFailure;
    return opened;
  }

  private async jump(step: number, attempt: Attempt): Promise<Opened | undefined> {
    const from = this.scout.step <= step ? this.scout : this.current;
    const there = await advance(from, Math.min(step, from.step + mostSteps));
    if (there.step > this.current.step) this.scout = there;
    if (there.step < step) return undefined;
    const key = await importKey(there.base);
    const opened = await tryKey({ step, key }, attempt);
    if (!opened) return undefined;
    this.settle(there);
    this.remember(step, key);
    return opened;
  }

  /** Of the steps that a frame may mean by a number, which are `stepValues` apart, the one nearest to ours. */
  private nearest(name: number): number {
    const ahead = (name - this.current.step) & (stepValues - 1);
    return this.current.step + (ahead < stepValues / 2 ? ahead : ahead - stepValues);
  }

  /** Frames are worked on at the same time: one that comes to its end late takes nothing back. */
  private settle(there: Step): void {
    if (there.step > this.current.step) this.current = there;
    if (this.scout.step < this.current.step) this.scout = this.current;
  }

  private async key({ step, base }: Step): Promise<CryptoKey> {
    const known = this.keys.get(step);
    if (known) return known;
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

async function tryKey({ step, key }: StepKey, attempt: Attempt): Promise<Opened | undefined> {
  const plaintext = await attempt(key).catch(() => undefined);
  return plaintext && { step, plaintext };
}

async function importKey(base: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", await derive(base, "key"), "AES-GCM", false, ["encrypt", "decrypt"]);
}
