import { describe, expect, it, vi } from "vitest";
import { pieceSize, writePiece } from "../src/files/message.js";
import { person, settle } from "./fakes.js";
import { contentOf, errorOf, fakeFile, mebibyte, pair } from "./file-pair.js";

// Megabytes take their time on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

describe("a hostile sender", () => {
  const id = "0123456789abcdef";
  const offer = { file: "offer", id, key: "a".repeat(32), name: "x", size: 1000, type: "", modified: 1 };

  it("gets nothing past the checks with an offer", async () => {
    const { bob } = pair();
    for (const wrong of [
      { size: 1e18 },
      { size: -1 },
      { size: 1.5 },
      { size: "1000" },
      { size: NaN },
      { id: "short" },
      { id: "__proto__" },
      { name: 5 },
      { name: "x".repeat(2000) },
      { key: "A".repeat(32) },
      { file: "constructor" },
      { modified: null },
    ])
      bob.hear({ ...offer, ...wrong });
    bob.hear(null);
    bob.hear([]);
    bob.hear("offer");
    await settle();
    expect(bob.offers).toEqual([]);
  });

  it("can ask the user only so much", async () => {
    const { bob } = pair();
    for (let index = 0; index < 20; index++)
      bob.hear({ ...offer, id: index.toString(16).padStart(16, "0"), name: `${index}` });
    await settle();
    expect(bob.offers).toHaveLength(8);
    expect(bob.words("decline")).toHaveLength(12);
  });

  it("writes nothing before consent, at a wrong place, or for an unknown file", async () => {
    const { bob, browser } = pair();
    bob.hear(offer);
    bob.hear(writePiece(id, 0, contentOf(10)));
    const { disk } = await bob.accepts();
    bob.hear(writePiece(id, 500, contentOf(10)));
    bob.hear(writePiece(id, 2 ** 40, contentOf(10)));
    bob.hear(writePiece("f".repeat(16), 0, contentOf(10)));
    bob.hear(new Uint8Array(16));
    bob.hear(new Uint8Array(3));
    await browser.advance(100);
    expect(disk.size).toBe(0);
    expect(bob.words("lost")).toHaveLength(1);
    bob.hear(writePiece(id, 0, contentOf(10)));
    bob.hear(writePiece(id, 0, contentOf(10)));
    await browser.advance(100);
    expect(disk.size).toBe(10);
  });

  it("can't send more than was offered", async () => {
    const { bob, browser } = pair();
    bob.hear(offer);
    const { transfer, disk } = await bob.accepts();
    bob.hear(writePiece(id, 0, contentOf(1001)));
    await browser.advance(10);
    expect(transfer.state).toBe("failed");
    expect([disk.size, disk.aborted]).toEqual([0, true]);
    expect(bob.words("stop")).toHaveLength(1);
  });

  it("can't fill the memory of a receiver whose disk is slow", async () => {
    const { bob, browser } = pair();
    bob.hear({ ...offer, size: 100 * mebibyte });
    const { transfer, disk } = await bob.accepts();
    disk.hold();
    for (let at = 0; at < 20 * mebibyte; at += pieceSize) bob.hear(writePiece(id, at, contentOf(pieceSize)));
    await browser.advance(10);
    expect(await errorOf(transfer)).toBe("file_damaged");
  });

  it("is found out by the hash, and the file is not kept", async () => {
    const { bob, browser } = pair();
    bob.hear({ ...offer, size: 10 });
    const { transfer, disk } = await bob.accepts();
    bob.hear(writePiece(id, 0, contentOf(10)));
    bob.hear({ file: "end", id, hash: "0".repeat(64) });
    await browser.advance(100);
    expect(await errorOf(transfer)).toBe("file_damaged");
    expect([disk.aborted, disk.closed]).toEqual([true, false]);
    expect(bob.words("damaged")).toHaveLength(1);
  });

  it("can't reach somebody else's file", async () => {
    const { bob, browser } = pair();
    bob.hear(offer);
    const { transfer } = await bob.accepts();
    const eve = bob.newPeer();
    eve.update(person("p9", "eve"));
    bob.files.receive(eve, { file: "cancel", id } as never);
    bob.files.receive(eve, writePiece(id, 0, contentOf(10)));
    bob.files.receive(eve, { ...offer, id: "1".repeat(16), key: "b".repeat(32) } as never);
    await browser.advance(100);
    expect(transfer.state).toBe("waiting");
    expect(bob.offers).toHaveLength(2);
  });
});

describe("a hostile receiver", () => {
  it("does not choose what this page calls the failure", async () => {
    const { ada } = pair();
    const sending = ada.send(fakeFile(contentOf(10)));
    await settle();
    const { id } = ada.words("offer")[0] as { id: string };
    ada.hear({ file: "stop", id, reason: "constructor" });
    expect(await errorOf(sending)).toBe("file_failed");
  });

  it("can't make a sender read beyond its file, or send for ever", async () => {
    const { ada, browser } = pair();
    ada.passes = () => false;
    const sending = ada.send(fakeFile(contentOf(1000)));
    await settle();
    await browser.advance(10);
    const { id } = ada.words("offer")[0] as { id: string };
    ada.hear({ file: "accept", id, from: 5000 });
    expect(sending.state).toBe("offered");
    ada.hear({ file: "accept", id, from: 0 });
    await browser.advance(10);
    ada.hear({ file: "at", id, written: 2000, next: 3000, turn: 1 });
    ada.hear({ file: "at", id, written: 900, next: 300, turn: 1 });
    ada.hear({ file: "lost", id: "f".repeat(16) });
    await browser.advance(10);
    expect([sending.transferred, ada.pieceBytes]).toEqual([0, 0]);
    ada.hear({ file: "at", id, written: 0, next: 400, turn: 1 });
    await browser.advance(10);
    expect(ada.pieceBytes).toBe(600);
  });
});
