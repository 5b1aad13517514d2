import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Bytes } from "../src/data/message.js";
import { Cipher, Counter } from "../src/e2ee/cipher.js";
import { Encryption } from "../src/e2ee/encryption.js";
import { unseal } from "../src/e2ee/frame.js";

type Listener = (event: unknown) => void;

/** The worker's own code, as a browser would run it, but in this thread. */
class HereWorker {
  onmessage: ((event: { data: unknown }) => void) | null = null;
  ended = false;
  private readonly listeners = new Map<string, Listener>();
  private readonly ready: Promise<unknown>;

  constructor() {
    this.ready = this.load();
  }

  postMessage(data: unknown): void {
    this.fire("message", { data: structuredClone(data) });
  }

  terminate(): void {
    this.ended = true;
  }

  fire(type: string, event: unknown): void {
    void this.ready.then(() => this.ended || this.listeners.get(type)?.(event));
  }

  private load(): Promise<unknown> {
    vi.stubGlobal("self", {
      addEventListener: (type: string, listener: Listener) => this.listeners.set(type, listener),
      postMessage: (data: unknown) => this.ended || this.onmessage?.({ data }),
    });
    vi.resetModules();
    return import("../src/e2ee/worker.js");
  }
}

/** What a browser lets through a transform, frame by frame. */
class HereTransform {
  private readonly incoming = new TransformStream<unknown, unknown>();
  private readonly outgoing = new TransformStream<unknown, unknown>();
  private readonly writer = this.incoming.writable.getWriter();
  private readonly reader = this.outgoing.readable.getReader();

  constructor(worker: HereWorker, options: unknown) {
    const transformer = { options, readable: this.incoming.readable, writable: this.outgoing.writable };
    worker.fire("rtctransform", { transformer });
  }

  async pass(frame: Bytes): Promise<Bytes> {
    void this.writer.write({ data: frame.slice().buffer, getMetadata: () => ({ mimeType: "audio/opus" }) });
    const { value } = await this.reader.read();
    return new Uint8Array((value as { data: ArrayBuffer }).data);
  }
}

const key = new Uint8Array(32).fill(7);
const anotherKey = new Uint8Array(32).fill(8);
const speech = new Uint8Array(40).fill(3);

function begin(encryption: Encryption, told: (identity: string, state: string) => void = () => undefined): void {
  encryption.begin("tea", "ada", told);
}

function encrypted(encryption: Encryption): Promise<Bytes> {
  const sender = {} as { transform?: HereTransform };
  encryption.sending(sender as unknown as RTCRtpSender);
  return (sender.transform as HereTransform).pass(speech);
}

function decrypted(encryption: Encryption, identity: string, frame: Bytes): Promise<Bytes> {
  const receiver = { track: { kind: "audio" } } as { track: object; transform?: HereTransform };
  encryption.receiving(receiver as unknown as RTCRtpReceiver, identity);
  return (receiver.transform as HereTransform).pass(frame);
}

const stepOf = (frame: Bytes): number | undefined => unseal(frame)?.name.step;

describe("a stay after another one, with the same encryption", () => {
  const worker = (): Worker => new HereWorker() as unknown as Worker;
  let ada: Encryption;
  let bob: Cipher;

  beforeEach(() => {
    vi.stubGlobal("RTCRtpScriptTransform", HereTransform);
    ada = new Encryption({ key, worker });
    bob = new Cipher("tea", "bob", () => undefined);
    bob.setSecret(key, 0);
    begin(ada);
  });

  afterEach(() => void vi.unstubAllGlobals());

  it("goes on where the ratchet had come to, and is read by those who have gone there, too", async () => {
    for (let step = 0; step < 10; step++) {
      ada.ratchet();
      expect(await bob.decrypt(await encrypted(ada), "ada", 0)).toEqual(speech);
    }
    ada.end();
    begin(ada);
    const frame = await encrypted(ada);
    expect(stepOf(frame)).toBe(10);
    expect(await bob.decrypt(frame, "ada", 0)).toEqual(speech);
  });

  it("goes on from a ratchet that the end of the stay overtook", async () => {
    for (let step = 0; step < 10; step++) ada.ratchet();
    ada.end();
    begin(ada);
    expect(stepOf(await encrypted(ada))).toBe(10);
  });

  it("goes on in a page that was loaded anew, with the step that the earlier one kept", async () => {
    for (let step = 0; step < 10; step++) ada.ratchet();
    expect(await bob.decrypt(await encrypted(ada), "ada", 0)).toEqual(speech);
    ada = new Encryption({ key, step: ada.step, worker });
    begin(ada);
    expect(await bob.decrypt(await encrypted(ada), "ada", 0)).toEqual(speech);
    ada.setKey(anotherKey);
    expect(ada.step).toBe(0);
  });

  it("goes on where it had followed the others to", async () => {
    for (let step = 0; step < 10; step++) bob.ratchet();
    expect(await decrypted(ada, "bob", (await bob.encrypt(speech, "OPUS", new Counter())) as Bytes)).toEqual(speech);
    ada.end();
    begin(ada);
    expect(stepOf(await encrypted(ada))).toBe(10);
    expect(ada.step).toBe(10);
  });

  it("tells of somebody who comes anew how it stands with them, though it is as before", async () => {
    const told: string[] = [];
    begin(ada, (identity, state) => told.push(`${identity} ${state}`));
    for (let stay = 0; stay < 2; stay++)
      await decrypted(ada, "bob", (await bob.encrypt(speech, "OPUS", new Counter())) as Bytes);
    expect(told).toEqual(["bob ok", "bob ok"]);
  });

  it("begins at the first key of one that was set since, for everybody or for us", async () => {
    ada.ratchet();
    ada.setKey(anotherKey, { identity: "bob" });
    ada.ratchet();
    begin(ada);
    expect(stepOf(await encrypted(ada))).toBe(2);
    ada.setKey(anotherKey, { identity: "ada" });
    begin(ada);
    expect(stepOf(await encrypted(ada))).toBe(0);
    ada.ratchet();
    ada.setKey(anotherKey);
    begin(ada);
    expect(stepOf(await encrypted(ada))).toBe(0);
  });
});
