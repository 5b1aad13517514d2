import { describe, expect, it, vi } from "vitest";
import { windowSize } from "../src/files/message.js";
import type { FileTransfer } from "../src/files/transfer.js";
import type { FakeBrowser } from "../testing/index.js";
import { connectDirectly, contentOf, fakeFile, pair, same } from "./file-pair.js";
import type { FakeDisk, Side } from "./file-pair.js";

// Megabytes take their time on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const content = contentOf(12 << 20);

async function untilOver(browser: FakeBrowser, transfer: FileTransfer): Promise<void> {
  for (let turn = 0; turn < 2_000 && !transfer.over; turn++) await browser.advance(50);
}

/** Ada's file is accepted, and the two browsers know how to find each other. */
async function accepted(): Promise<{ ada: Side; browser: FakeBrowser; sending: FileTransfer; disk: FakeDisk }> {
  const { ada, bob, browser } = pair();
  ada.direct = bob.direct = "on";
  const sending = ada.send(fakeFile(content));
  const { disk } = await bob.accepts();
  await browser.advance(10);
  return { ada, browser, sending, disk };
}

describe("a direct connection", () => {
  it("carries the file, and the server nothing but words", async () => {
    const { ada, browser, sending, disk } = await accepted();
    expect(ada.directly[0]?.kind).toBe("offer");
    expect(browser.peers).toHaveLength(2);
    connectDirectly(browser);
    await untilOver(browser, sending);
    expect([sending.state, sending.path, ada.pieceBytes]).toEqual(["done", "direct", 0]);
    expect(sending.sent).toBe(content.length);
    expect(same(disk.content, content)).toBe(true);
    await browser.advance(5_000);
    expect(browser.peers.every(({ closed }) => closed)).toBe(true);
  });

  it("leaves no garbage: all messages are written into the same memory", async () => {
    const { browser, sending } = await accepted();
    const [near] = connectDirectly(browser);
    const { send } = near;
    const memory = new Set<ArrayBufferLike>();
    near.send = (bytes) => {
      memory.add(bytes.buffer);
      send.call(near, bytes);
    };
    await untilOver(browser, sending);
    expect(sending.path).toBe("direct");
    // It grows once: the first words are short.
    expect(memory.size).toBeLessThanOrEqual(2);
  });

  it("that is not there within four seconds is not waited for", async () => {
    const { browser, ada, sending, disk } = await accepted();
    await browser.advance(3_900);
    expect(ada.pieceBytes).toBe(0);
    await untilOver(browser, sending);
    expect([sending.state, sending.path]).toEqual(["done", "server"]);
    expect(same(disk.content, content)).toBe(true);
  });

  it("that breaks in the middle is replaced by the server, from where the receiver is", async () => {
    const { browser, sending, disk } = await accepted();
    const [near, far] = connectDirectly(browser);
    for (let turn = 0; turn < 1_000 && disk.size < content.length / 3; turn++) await browser.advance(1);
    expect(sending.path).toBe("direct");
    near.end();
    far.end();
    await untilOver(browser, sending);
    expect([sending.state, sending.path]).toEqual(["done", "server"]);
    expect(sending.sent).toBeLessThanOrEqual(content.length + windowSize);
    expect(same(disk.content, content)).toBe(true);
  });

  it("that falls silent is given up", async () => {
    const { browser, sending, disk } = await accepted();
    const [near] = connectDirectly(browser);
    for (let turn = 0; turn < 1_000 && disk.size < content.length / 3; turn++) await browser.advance(1);
    near.send = () => undefined;
    await untilOver(browser, sending);
    expect([sending.state, sending.path]).toEqual(["done", "server"]);
    expect(same(disk.content, content)).toBe(true);
  });

  it("is made for nobody whose file was not accepted", async () => {
    const { ada, bob, browser } = pair();
    bob.direct = "on";
    const sending = ada.send(fakeFile(content), { direct: false });
    await browser.advance(10);
    const { id } = ada.words("offer")[0] as { id: string };
    for (const payload of [
      `{"id":"${id}","sdp":"v=0"}`,
      '{"id":"0000000000000000","sdp":"v=0"}',
      "{",
      "[]",
      "null",
      '{"id":{}}',
    ])
      bob.files.receiveDirect(bob.peer!, "offer", payload);
    bob.files.receiveDirect(bob.peer!, "candidate", `{"id":"${id}","candidate":"x"}`);
    await browser.advance(10);
    expect(browser.peers).toHaveLength(0);
    expect(bob.directly.map(({ kind }) => kind)).not.toContain("answer");
    sending.cancel();
  });
});
