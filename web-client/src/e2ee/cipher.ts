// Encrypts what we send and decrypts what we receive, frame by frame; knows everybody's keys. It runs in the worker
// (worker.ts) and, being without any, in tests.

import type { Bytes } from "../data/message.js";
import { ivSize, restore, seal, unseal } from "./frame.js";
import { KeyChain, shareSecret } from "./keys.js";
import type { Secret } from "./keys.js";

/** `not_encrypted`: they send in the clear, and that is not shown in a room that is to be private. */
export type EncryptionState = "ok" | "wrong_key" | "not_encrypted";

/** So many frames in a row have to fail before it is said: one that was damaged on the way is no wrong key. */
const failuresToTell = 3;

interface Sender {
  state: EncryptionState | undefined;
  failures: number;
}

/**
 * Names all frames of one sender: its first bytes are random, and the others count. No two frames are encrypted with the
 * same one.
 */
export class Counter {
  private readonly iv = crypto.getRandomValues(new Uint8Array(ivSize));
  private readonly view = new DataView(this.iv.buffer);
  private left = 2 ** 32;

  next(): Bytes {
    if (this.left-- === 0) {
      crypto.getRandomValues(this.iv);
      this.left = 2 ** 32 - 1;
    }
    this.view.setUint32(ivSize - 4, this.view.getUint32(ivSize - 4) + 1);
    return this.iv.slice();
  }
}

export class Cipher {
  /** By index, what everybody shares; by identity and index, what was set for one. */
  private readonly shared = new Map<number, Promise<Bytes>>();
  private readonly own = new Map<string, Promise<Bytes>>();
  private readonly chains = new Map<string, Promise<KeyChain>>();
  private readonly senders = new Map<string, Sender>();
  private index: number | undefined;
  /**
   * By index, how far the ratchet has gone: ours, or that of whoever is ahead. All go on together, so that who begins anew,
   * and knows only the secret, learns from the others how far they themselves had come.
   */
  private readonly steps = new Map<number, number>();

  /** `told`: how it stands with somebody's frames has changed. `reached`: we send with a later key of a chain from now on. */
  constructor(
    private readonly room: string,
    private readonly identity: string,
    private readonly told: (identity: string, state: EncryptionState) => void,
    private readonly reached: (index: number, step: number) => void = () => undefined,
  ) {}

  /**
   * The secret number `index` of everybody, or only of `identity`. We send with the newest that was set, and go on from `step`
   * of its chain, which an earlier stay had reached.
   */
  setSecret(secret: Secret, index: number, identity?: string, step = 0): void {
    const ready = shareSecret(secret, this.room);
    if (identity === undefined) this.shared.set(index, ready);
    else this.own.set(chainName(identity, index), ready);
    for (const name of this.chains.keys())
      if (name === chainName(identity ?? name.slice(name.indexOf(" ") + 1), index)) this.chains.delete(name);
    if (identity !== undefined && identity !== this.identity) return;
    this.index = index;
    this.steps.set(index, step);
  }

  /** A track of theirs begins: they may have come anew, so how it stands with their frames is told once more. */
  expect(identity: string): void {
    this.senders.delete(identity);
  }

  /** From now on we send with the next key of the chain. */
  ratchet(): void {
    if (this.index !== undefined) this.goOn(this.index, this.stepOf(this.index) + 1);
  }

  /** Undefined: there is no key yet, and nothing is sent in the clear. */
  async encrypt(data: Bytes, codec: string, counter: Counter): Promise<Bytes | undefined> {
    const { index } = this;
    const chain = index === undefined ? undefined : await this.chain(this.identity, index);
    if (!chain || index === undefined) return undefined;
    const { step, key } = await chain.reach(this.stepOf(index));
    return seal(data, codec, { index, step }, counter.next(), (iv, additionalData, plaintext) =>
      crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, key, plaintext),
    );
  }

  /** Undefined: it cannot be read, and `told` says why. `now` in ms. */
  async decrypt(data: Bytes, identity: string, now: number): Promise<Bytes | undefined> {
    const sealed = unseal(data);
    if (!sealed) return this.failed(identity, "not_encrypted");
    const { iv, additional: additionalData, ciphertext } = sealed;
    const { index, step } = sealed.name;
    const chain = await this.chain(identity, index);
    const opened = await chain?.open(step, now, (key) =>
      crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData }, key, ciphertext),
    );
    if (!opened) return this.failed(identity, "wrong_key");
    // Only now: what a frame says of its step is proven by the key that opened it.
    this.goOn(index, opened.step);
    this.become(identity, { state: "ok", failures: 0 });
    return restore(sealed, opened.plaintext);
  }

  private stepOf(index: number): number {
    return this.steps.get(index) ?? 0;
  }

  private goOn(index: number, step: number): void {
    if (step <= this.stepOf(index)) return;
    this.steps.set(index, step);
    this.reached(index, step);
  }

  private chain(identity: string, index: number): Promise<KeyChain> | undefined {
    const name = chainName(identity, index);
    const known = this.chains.get(name);
    const shared = this.own.get(name) ?? this.shared.get(index);
    if (known || !shared) return known;
    const chain = shared.then((bytes) => KeyChain.begin(bytes, identity));
    this.chains.set(name, chain);
    return chain;
  }

  private failed(identity: string, state: EncryptionState): undefined {
    const failures = (this.senders.get(identity)?.failures ?? 0) + 1;
    this.become(identity, { state: failures < failuresToTell ? this.senders.get(identity)?.state : state, failures });
  }

  private become(identity: string, sender: Sender): void {
    const before = this.senders.get(identity)?.state;
    this.senders.set(identity, sender);
    if (sender.state && sender.state !== before) this.told(identity, sender.state);
  }
}

const chainName = (identity: string, index: number): string => `${index} ${identity}`;
