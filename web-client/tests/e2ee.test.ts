import { describe, expect, it, vi } from "vitest";
import type { Bytes } from "../src/data/message.js";
import { Cipher, Counter } from "../src/e2ee/cipher.js";
import type { EncryptionState } from "../src/e2ee/cipher.js";
import { Encryption } from "../src/e2ee/encryption.js";
import { unseal } from "../src/e2ee/frame.js";
import { KeyChain } from "../src/e2ee/keys.js";

const key = new Uint8Array(32).fill(7);
const anotherKey = new Uint8Array(32).fill(8);

const bytes = (...values: number[]): Bytes => Uint8Array.from(values);
const filled = (size: number, first: number[] = []): Bytes => {
  const frame = Uint8Array.from({ length: size }, (_, place) => (place * 31 + 5) & 0xff);
  frame.set(first);
  return frame;
};
const vp8Key = filled(400, [0x90, 0x44, 0x00, 0x9d, 0x01, 0x2a]);
const vp8Delta = filled(300, [0x71, 0x2b, 0x00]);

/** Two people who know `secrets`, and what the second is told of the first. */
function pair(sent: Bytes | string = key, expected: Bytes | string = sent): { ada: Cipher; bob: Cipher; told: EncryptionState[] } {
  const told: EncryptionState[] = [];
  const ada = new Cipher("tea", "ada", () => undefined);
  const bob = new Cipher("tea", "bob", (identity, state) => told.push(`${identity}` === "ada" ? state : "wrong_key"));
  ada.setSecret(sent, 0);
  bob.setSecret(expected, 0);
  return { ada, bob, told };
}

async function sent(ada: Cipher, frame: Bytes, codec: string, counter = new Counter()): Promise<Bytes> {
  return (await ada.encrypt(frame, codec, counter)) as Bytes;
}

const stepOf = (frame: Bytes): number | undefined => unseal(frame)?.name.step;

/** Whether any 24 bytes of `secret` stand in `frame`. */
function shows(frame: Bytes, secret: Bytes): boolean {
  const text = String(frame);
  for (let at = 0; at + 24 <= secret.length; at++) if (text.includes(String(secret.slice(at, at + 24)))) return true;
  return false;
}

describe("an encrypted frame", () => {
  const seen = [0x0a, 0x02, 0x11, 0x22];
  const av1 = bytes(0x12, 0x00, ...seen, 0x32, 0xac, 0x02, ...filled(300));
  const av1Layer = bytes(...seen, 0x36, 0x28, 0xac, 0x02, ...filled(300));
  const h264 = bytes(0, 0, 0, 1, 0x67, 0x42, 0xc0, 0x1f, 0, 0, 0, 1, 0x68, 0xce, 0, 0, 0, 1, 0x65, ...filled(300), 0, 0, 1, 2);
  const frames: [string, string, Bytes, number][] = [
    ["a key frame of VP8", "VP8", vp8Key, 10],
    ["another frame of VP8", "VP8", vp8Delta, 3],
    ["VP9", "VP9", filled(300), 0],
    ["Opus", "OPUS", filled(40), 0],
    ["Opus in silence", "OPUS", bytes(0xf8), 0],
    ["AV1", "AV1", av1, 6],
    ["AV1 in layers", "AV1", av1Layer, 4],
    ["H.264", "H264", h264, 19],
  ];

  it.each(frames)("of %s comes back as it was, and shows only its head", async (_name, codec, frame, readable) => {
    const { ada, bob, told } = pair();
    const encrypted = await sent(ada, frame, codec);
    expect(encrypted.slice(0, readable)).toEqual(frame.slice(0, readable));
    expect(shows(encrypted, frame.slice(readable))).toBe(false);
    const decrypted = await bob.decrypt(encrypted, "ada", 0);
    // AV1: the picture comes back with the type and size that it had.
    expect(decrypted).toEqual(frame);
    expect(told).toEqual(["ok"]);
  });

  it("of AV1 is one that packetizers can read, which leave out the temporal delimiter", async () => {
    const { ada, bob } = pair();
    const encrypted = await sent(ada, av1, "AV1");
    expect(encrypted[6]).toBe(0x32);
    const size = ((encrypted[7] as number) & 0x7f) + (encrypted[8] as number) * 128;
    expect(size).toBe(encrypted.length - 9);
    expect(await bob.decrypt(encrypted.slice(2), "ada", 0)).toEqual(av1.slice(2));
  });

  it("of H.264 has no start code where none was", async () => {
    const { ada, bob } = pair();
    const counter = new Counter();
    for (let round = 0; round < 200; round++) {
      const encrypted = await sent(ada, h264, "H264", counter);
      const codes = encrypted.filter((byte, at) => byte <= 1 && at >= 2 && encrypted[at - 1] === 0 && encrypted[at - 2] === 0);
      expect(codes.length).toBeLessThanOrEqual(6);
      expect(await bob.decrypt(encrypted, "ada", 0)).toEqual(h264);
    }
  });

  it("never has the IV of another one", async () => {
    const { ada } = pair();
    const seen = new Set<string>();
    for (const counter of [new Counter(), new Counter()])
      for (let frame = 0; frame < 300; frame++) seen.add(String(unseal(await sent(ada, vp8Delta, "VP8", counter))?.iv));
    expect(seen.size).toBe(600);
  });

  it("that was changed on the way, even in its head, is not taken", async () => {
    const { ada, bob } = pair();
    for (const place of [1, 40, 310]) {
      const encrypted = await sent(ada, vp8Delta, "VP8");
      encrypted[place] = (encrypted[place] as number) ^ 1;
      expect(await bob.decrypt(encrypted, "ada", 0)).toBeUndefined();
    }
  });

  it("can come twice and late", async () => {
    const { ada, bob } = pair();
    const frames = [await sent(ada, vp8Key, "VP8"), await sent(ada, vp8Delta, "VP8")];
    for (const place of [1, 0, 1]) expect(await bob.decrypt(frames[place] as Bytes, "ada", 0)).toBeDefined();
  });

  it.each([0, 1, 20, 33, 34])("of %s bytes, or any other nonsense, is none", async (size) => {
    const { bob } = pair();
    for (const form of [0, 10, 250, 0xfe, 0xff]) {
      const nonsense = filled(size);
      nonsense.set([form, 0x50, 0x45].slice(0, size), Math.max(0, size - 3));
      expect(await bob.decrypt(nonsense, "ada", 0)).toBeUndefined();
    }
  });
});

describe("a key", () => {
  it("that is wrong shows as such, after three frames, and the right one mends it", async () => {
    const { ada, bob, told } = pair(key, anotherKey);
    for (const expected of [[], [], ["wrong_key"], ["wrong_key"]]) {
      expect(await bob.decrypt(await sent(ada, vp8Key, "VP8"), "ada", 0)).toBeUndefined();
      expect(told).toEqual(expected);
    }
    bob.setSecret(key, 0);
    expect(await bob.decrypt(await sent(ada, vp8Key, "VP8"), "ada", 0)).toEqual(vp8Key);
    expect(told).toEqual(["wrong_key", "ok"]);
  });

  it("can be a text, and holds for one room", async () => {
    const { ada, bob } = pair("a few words");
    expect(await bob.decrypt(await sent(ada, vp8Key, "VP8"), "ada", 0)).toEqual(vp8Key);
    const elsewhere = new Cipher("coffee", "bob", () => undefined);
    elsewhere.setSecret("a few words", 0);
    expect(await elsewhere.decrypt(await sent(ada, vp8Key, "VP8"), "ada", 0)).toBeUndefined();
    // 600,000 rounds of PBKDF2, three times over, on a machine that may be busy.
  }, 60_000);

  it("is another one for each participant", async () => {
    const { ada, bob } = pair();
    expect(await bob.decrypt(await sent(ada, vp8Key, "VP8"), "carol", 0)).toBeUndefined();
  });

  it("that is missing keeps everything back", async () => {
    const ada = new Cipher("tea", "ada", () => undefined);
    expect(await ada.encrypt(vp8Key, "VP8", new Counter())).toBeUndefined();
  });

  it("can be set for one participant only", async () => {
    const { ada, bob } = pair();
    ada.setSecret(anotherKey, 0, "ada");
    expect(await bob.decrypt(await sent(ada, vp8Key, "VP8"), "ada", 0)).toBeUndefined();
    bob.setSecret(anotherKey, 0, "ada");
    expect(await bob.decrypt(await sent(ada, vp8Key, "VP8"), "ada", 0)).toEqual(vp8Key);
  });

  it("can be exchanged while frames with the old one are on their way", async () => {
    const { ada, bob } = pair();
    const old = await sent(ada, vp8Key, "VP8");
    bob.setSecret(anotherKey, 1);
    ada.setSecret(anotherKey, 1);
    expect(await bob.decrypt(await sent(ada, vp8Delta, "VP8"), "ada", 0)).toEqual(vp8Delta);
    expect(await bob.decrypt(old, "ada", 0)).toEqual(vp8Key);
  });
});

describe("the ratchet", () => {
  it("is followed by the receivers, and late frames still find their key", async () => {
    const { ada, bob, told } = pair();
    const before = await sent(ada, vp8Key, "VP8");
    for (let step = 0; step < 3; step++) ada.ratchet();
    expect(await bob.decrypt(await sent(ada, vp8Key, "VP8"), "ada", 0)).toEqual(vp8Key);
    expect(await bob.decrypt(before, "ada", 0)).toBeUndefined();
    const third = await sent(ada, vp8Key, "VP8");
    ada.ratchet();
    expect(await bob.decrypt(await sent(ada, vp8Key, "VP8"), "ada", 0)).toEqual(vp8Key);
    expect(await bob.decrypt(third, "ada", 0)).toEqual(vp8Key);
    expect(told).toEqual(["ok"]);
  });

  it.each([
    [64, 0],
    [65, 1000],
    [300, 4000],
  ])("is followed from the first key over %i steps, 64 at a time, within %i ms", async (steps, until) => {
    const { ada, bob } = pair();
    for (let step = 0; step < steps; step++) ada.ratchet();
    const frame = await sent(ada, vp8Key, "VP8");
    for (let now = 0; now < until; now += 500) expect(await bob.decrypt(frame, "ada", now)).toBeUndefined();
    expect(await bob.decrypt(frame, "ada", until)).toEqual(vp8Key);
  });

  it("goes on where numbers come to their end, for those who are near", async () => {
    const { ada, bob } = pair();
    let now = 0;
    for (const steps of [2000, 2000, 95, 1, 1]) {
      for (let step = 0; step < steps; step++) ada.ratchet();
      const frame = await sent(ada, vp8Key, "VP8");
      for (let attempt = 1; attempt * 64 < steps; attempt++, now += 1000)
        expect(await bob.decrypt(frame, "ada", now)).toBeUndefined();
      expect(await bob.decrypt(frame, "ada", now)).toEqual(vp8Key);
    }
  });

  it("does not lead back: a frame of long ago finds no key", async () => {
    const { ada, bob } = pair();
    const before = await sent(ada, vp8Key, "VP8");
    for (let step = 0; step < 5; step++) {
      ada.ratchet();
      expect(await bob.decrypt(await sent(ada, vp8Key, "VP8"), "ada", 0)).toEqual(vp8Key);
    }
    expect(await bob.decrypt(before, "ada", 0)).toBeUndefined();
  });

  it("is gone on with by all who read it: who begins anew with the first key can be read after a frame of theirs", async () => {
    const { ada, bob } = pair();
    for (let step = 0; step < 10; step++) ada.ratchet();
    expect(await bob.decrypt(await sent(ada, vp8Key, "VP8"), "ada", 0)).toEqual(vp8Key);
    const again = pair().ada;
    expect(await bob.decrypt(await sent(again, vp8Key, "VP8"), "ada", 0)).toBeUndefined();
    expect(await again.decrypt(await sent(bob, vp8Delta, "VP8"), "bob", 0)).toEqual(vp8Delta);
    expect(await bob.decrypt(await sent(again, vp8Key, "VP8"), "ada", 0)).toEqual(vp8Key);
    expect(stepOf(await sent(again, vp8Key, "VP8"))).toBe(10);
  });

  it("is not gone on with for what was not decrypted, nor back for somebody who is behind", async () => {
    const { ada, bob } = pair();
    for (let step = 0; step < 10; step++) ada.ratchet();
    const forged = await sent(ada, vp8Key, "VP8");
    forged[40] = (forged[40] as number) ^ 1;
    expect(await bob.decrypt(forged, "ada", 0)).toBeUndefined();
    expect(stepOf(await sent(bob, vp8Key, "VP8"))).toBe(0);
    expect(await ada.decrypt(await sent(bob, vp8Key, "VP8"), "bob", 0)).toEqual(vp8Key);
    expect(stepOf(await sent(ada, vp8Key, "VP8"))).toBe(10);
    ada.ratchet();
    expect(stepOf(await sent(ada, vp8Key, "VP8"))).toBe(11);
  });

  it("is not taken back by a frame that is opened later than its successor", async () => {
    const chain = await KeyChain.begin(key, "ada");
    // The attempt with step 5 ends only after that with step 6 has come to its end altogether.
    const five = chain.open(5, 0, async () => (await six, new ArrayBuffer()));
    const six = chain.open(6, 0, async () => new ArrayBuffer());
    expect([(await six)?.step, (await five)?.step]).toEqual([6, 5]);
    expect((await chain.reach(0)).step).toBe(6);
  });

  it("begins anew with another key", async () => {
    const { ada, bob } = pair();
    for (let step = 0; step < 10; step++) ada.ratchet();
    for (const one of [ada, bob]) one.setSecret(anotherKey, 0);
    const frame = await sent(ada, vp8Key, "VP8");
    expect(stepOf(frame)).toBe(0);
    expect(await bob.decrypt(frame, "ada", 0)).toEqual(vp8Key);
  });

  it("stands beside the number of the key in a frame", async () => {
    const { ada, bob } = pair();
    for (const one of [ada, bob]) one.setSecret(anotherKey, 15, undefined, 300);
    const frame = await sent(ada, vp8Key, "VP8");
    expect(unseal(frame)?.name).toEqual({ index: 15, step: 300 });
    for (const now of [0, 1000, 2000, 3000]) expect(await bob.decrypt(frame, "ada", now)).toBeUndefined();
    expect(await bob.decrypt(frame, "ada", 4000)).toEqual(vp8Key);
  });

  it("is not tried for every frame of somebody who only writes large numbers", async () => {
    const { ada, bob } = pair();
    ada.ratchet();
    const good = await sent(ada, vp8Key, "VP8");
    const forged = good.slice();
    forged[forged.length - 4] = 60;
    expect(await bob.decrypt(forged, "ada", 0)).toBeUndefined();
    expect(await bob.decrypt(good, "ada", 999)).toBeUndefined();
    expect(await bob.decrypt(good, "ada", 1000)).toEqual(vp8Key);
  });
});

describe("a frame in the clear", () => {
  it("is not shown, and its sender is said not to encrypt", async () => {
    const { bob, told } = pair();
    for (let frame = 0; frame < 3; frame++) expect(await bob.decrypt(vp8Key, "ada", 0)).toBeUndefined();
    expect(told).toEqual(["not_encrypted"]);
  });
});

describe("a key", () => {
  it.each([
    ["that was not filled in", "", 0, 0],
    ["of too few bytes", new Uint8Array(15), 0, 0],
    ["with an index that no frame can name", "tea", 16, 0],
    ["ratcheted no number of times", "tea", 0, NaN],
  ])("%s is refused", (_what, secret, index, step) => {
    vi.stubGlobal("RTCRtpScriptTransform", class {});
    const encryption = new Encryption();
    expect(() => encryption.setKey(secret, { index, step })).toThrow(expect.objectContaining({ code: "key_invalid" }) as Error);
    encryption.setKey("tea");
    vi.unstubAllGlobals();
  });
});
