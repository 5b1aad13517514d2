import { describe, expect, it, vi } from "vitest";
import { ParleyError } from "../src/errors.js";
import { pieceSize, windowSize } from "../src/files/message.js";
import { UnfinishedFile } from "../src/files/unfinished.js";
import { settle } from "./fakes.js";
import { accept, contentOf, errorOf, fakeFile, mebibyte, pair, reloaded, same, untilOver, untilWritten } from "./file-pair.js";

// Megabytes take their time on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

describe("a file", () => {
  it("comes only after the receiver has accepted it, and arrives as it was", async () => {
    const { ada, bob, browser } = pair();
    const content = contentOf(3 * mebibyte + 123);
    const sending = ada.send(fakeFile(content, "../holiday.mp4"));
    await browser.advance(30_000);
    expect(ada.words("offer")).toHaveLength(1);
    expect(ada.pieceBytes).toBe(0);
    expect(sending.state).toBe("offered");
    expect(bob.offers[0]).toMatchObject({ name: "holiday.mp4", size: content.length, type: "video/mp4", from: bob.peer });

    const { transfer, disk } = await bob.accepts();
    await untilOver(browser, sending);
    expect([sending.state, transfer.state, disk.closed]).toEqual(["done", "done", true]);
    expect(same(disk.content, content)).toBe(true);
    expect(ada.pieceBytes).toBe(content.length);
    expect(sending.transferred).toBe(content.length);
    expect(sending.path).toBe("server");
    await sending.done;
  });

  it("leaves no garbage: all pieces are written into the same memory, and given back when they have arrived", async () => {
    const { ada, bob, browser } = pair();
    const sending = ada.send(fakeFile(contentOf(3 * mebibyte)));
    await bob.accepts();
    await untilOver(browser, sending);
    expect(ada.pieceBytes).toBe(3 * mebibyte);
    // One for the piece, one for the message.
    expect(ada.memory.size).toBe(2);
    expect(bob.heard.length).toBeGreaterThan(40);
    expect(bob.heard.every(({ byteLength }) => byteLength === 0)).toBe(true);
  });

  it("may be empty", async () => {
    const { ada, bob, browser } = pair();
    const sending = ada.send(fakeFile(contentOf(0)));
    const { disk } = await bob.accepts();
    await untilOver(browser, sending);
    expect(sending.state).toBe("done");
    expect(disk.size).toBe(0);
    expect(disk.closed).toBe(true);
  });

  it("may be declined", async () => {
    const { ada, bob, browser } = pair();
    const sending = ada.send(fakeFile(contentOf(10)));
    await browser.advance(10);
    bob.offers[0]?.decline();
    await browser.advance(10);
    expect(sending.state).toBe("declined");
    expect(await errorOf(sending)).toBe("file_declined");
  });

  it.each([true, false])("may be cancelled by either side (by the sender: %s)", async (bySender) => {
    const { ada, bob, browser } = pair();
    const sending = ada.send(fakeFile(contentOf(20 * mebibyte)));
    const { transfer, disk } = await bob.accepts();
    await untilWritten(browser, disk, mebibyte);
    (bySender ? sending : transfer).cancel();
    const sentThen = ada.pieceBytes;
    await browser.advance(20_000);
    expect([sending.state, transfer.state, disk.aborted]).toEqual(["cancelled", "cancelled", true]);
    expect(ada.pieceBytes).toBeLessThanOrEqual(sentThen + pieceSize);
    expect(await errorOf(bySender ? transfer : sending)).toBe("file_cancelled");
  });

  it("may be withdrawn before it was answered", async () => {
    const { ada, bob, browser } = pair();
    const sending = ada.send(fakeFile(contentOf(10)));
    await browser.advance(10);
    sending.cancel();
    await browser.advance(10);
    expect(bob.offers[0]?.transfer.state).toBe("cancelled");
  });

  it("is never more than a window ahead of the receiver's disk", async () => {
    const { ada, bob, browser } = pair();
    const sending = ada.send(fakeFile(contentOf(30 * mebibyte)));
    const { disk } = await bob.accepts();
    disk.hold();
    await browser.advance(60_000);
    expect(ada.pieceBytes).toBeLessThanOrEqual(windowSize);
    expect(sending.state).not.toBe("failed");
    await disk.release();
    await untilOver(browser, sending);
    expect(sending.state).toBe("done");
    expect(ada.pieceBytes).toBe(30 * mebibyte);
  });

  it("tells how far and how fast it is", async () => {
    const { ada, bob, browser } = pair();
    const sending = ada.send(fakeFile(contentOf(40 * mebibyte)));
    const told: number[] = [];
    sending.on("progress", () => told.push(sending.transferred));
    const { disk } = await bob.accepts();
    disk.pause = () => new Promise((resolve) => browser.api.setTimeout(resolve, 500));
    await browser.advance(5_000);
    expect(sending.rate).toBeGreaterThan(mebibyte);
    expect(sending.rate).toBeLessThan(10 * mebibyte);
    expect(told).toEqual([...told].sort((left, right) => left - right));
    expect(told.length).toBeLessThan(20);
  });
});

describe("after a loss", () => {
  it.each(["sender", "receiver"])(
    "the file goes on, and nothing is sent twice but what was on its way (%s)",
    async (who) => {
      const { ada, bob, browser } = pair();
      const content = contentOf(20 * mebibyte);
      const sending = ada.send(fakeFile(content));
      const { transfer, disk } = await bob.accepts();
      const side = who === "sender" ? ada : bob;
      for (const share of [0.3, 0.7]) {
        await untilWritten(browser, disk, share * content.length);
        side.setUp(false);
        await browser.advance(7_000);
        expect(transfer.over).toBe(false);
        side.setUp(true);
      }
      await untilOver(browser, sending);
      expect(sending.state).toBe("done");
      expect(transfer.state).toBe("done");
      expect(same(disk.content, content)).toBe(true);
      expect(ada.pieceBytes).toBeLessThanOrEqual(content.length + 2 * windowSize);
    },
  );

  it("of single messages it goes on by itself", async () => {
    const { ada, bob, browser } = pair();
    const content = contentOf(5 * mebibyte);
    let count = 0;
    ada.passes = () => ++count % 17 !== 0;
    bob.passes = () => ++count % 13 !== 0;
    const sending = ada.send(fakeFile(content));
    await browser.advance(10_000);
    const { disk } = await bob.accepts();
    // The first answer may be lost too: the offer is repeated until it is seen, and the question answered anew.
    await untilOver(browser, sending, 600);
    expect(sending.state).toBe("done");
    expect(same(disk.content, content)).toBe(true);
  });

  it("the last word is repeated", async () => {
    const { ada, bob, browser } = pair();
    bob.passes = ({ payload }) => (payload as { file: string }).file !== "done" || bob.words("done").length > 1;
    const sending = ada.send(fakeFile(contentOf(1000)));
    const { transfer } = await bob.accepts();
    await untilOver(browser, sending);
    expect([sending.state, transfer.state]).toEqual(["done", "done"]);
  });

  it("a sender who comes back with the same file goes on without a question", async () => {
    const { ada, bob, browser } = pair();
    const content = contentOf(12 * mebibyte);
    ada.send(fakeFile(content));
    const { transfer, disk } = await bob.accepts();
    await untilWritten(browser, disk, 6 * mebibyte);
    const again = reloaded(ada);
    bob.loses();
    await browser.advance(3_000);
    expect(transfer.state).toBe("waiting");
    bob.finds();
    const sending = again.send(fakeFile(content));
    await untilOver(browser, sending);
    expect(bob.offers).toHaveLength(1);
    expect([sending.state, transfer.state]).toEqual(["done", "done"]);
    expect(same(disk.content, content)).toBe(true);
    expect(again.pieceBytes).toBeLessThanOrEqual(content.length - 6 * mebibyte);
  });

  it("a receiver whose page was loaded again is asked again", async () => {
    const { ada, bob, browser } = pair();
    const content = contentOf(8 * mebibyte);
    const sending = ada.send(fakeFile(content));
    const { disk } = await bob.accepts();
    await untilWritten(browser, disk, 4 * mebibyte);
    const again = reloaded(bob);
    ada.loses();
    await browser.advance(2_000);
    ada.finds();
    await browser.advance(2_000);
    expect(again.offers).toHaveLength(1);
    const fresh = await again.accepts();
    await untilOver(browser, sending);
    expect(fresh.transfer.state).toBe("done");
    expect(same(fresh.disk.content, content)).toBe(true);
  });

  it("nobody waits for ever", async () => {
    const { ada, bob, browser } = pair();
    const sending = ada.send(fakeFile(contentOf(20 * mebibyte)));
    const { transfer, disk } = await bob.accepts();
    await untilWritten(browser, disk, mebibyte);
    ada.loses();
    bob.loses();
    await browser.advance(601_000);
    expect(await errorOf(sending)).toBe("file_receiver_left");
    expect(await errorOf(transfer)).toBe("file_sender_left");
    expect(disk.aborted).toBe(true);
  });

  it("a page that knows nothing of files is not waited for", async () => {
    const { ada, bob, browser } = pair();
    bob.listening = false;
    const sending = ada.send(fakeFile(contentOf(10)));
    await browser.advance(30_000);
    expect(await errorOf(sending)).toBe("file_unsupported");
  });
});

describe("several files", () => {
  it("take turns when there are many", async () => {
    const { ada, bob, browser } = pair();
    const sendings = Array.from({ length: 6 }, (_, index) => ada.send(fakeFile(contentOf(mebibyte), `${index}.bin`)));
    await settle();
    await browser.advance(10);
    const disks = await Promise.all(bob.offers.map((offer) => ({ offer })).map(async ({ offer }) => accept(offer)));
    expect(disks).toHaveLength(6);
    for (const sending of sendings) await untilOver(browser, sending);
    expect(sendings.map(({ state }) => state)).toEqual(Array(6).fill("done"));
    const places = new Set(ada.sent.map(({ topic }) => topic).filter((topic) => topic.startsWith("parley/file/")));
    expect(places.size).toBeLessThanOrEqual(4);
  });
});

it("a file that is on its way to somebody already is not sent to them twice", async () => {
  const { ada, bob, browser } = pair();
  const content = contentOf(mebibyte);
  const sending = ada.send(fakeFile(content));
  const { disk } = await bob.accepts();
  expect(ada.send(fakeFile(content))).toBe(sending);
  expect(ada.send(fakeFile(content, "another.mp4"))).not.toBe(sending);
  await untilOver(browser, sending);
  expect(sending.state).toBe("done");
  expect(same(disk.content, content)).toBe(true);
  expect(ada.send(fakeFile(content))).not.toBe(sending);
});

it("a sender who leaves again has as much time to come back as the first time", async () => {
  const { ada, bob, browser } = pair();
  ada.send(fakeFile(contentOf(mebibyte)));
  ada.passes = ({ payload }) => !(payload instanceof Uint8Array);
  const { transfer } = await bob.accepts();
  bob.loses();
  await browser.advance(590_000);
  bob.finds();
  bob.loses();
  await browser.advance(20_000);
  expect(transfer.state).toBe("waiting");
  await browser.advance(600_000);
  expect(await errorOf(transfer)).toBe("file_sender_left");
});

it("whoever may not send files is told so at once", async () => {
  const { ada } = pair();
  ada.refusal = new ParleyError("not_allowed", "In this room you may not send messages or files.");
  expect(await errorOf(ada.send(fakeFile(contentOf(10))))).toBe("not_allowed");
});

it("that nothing leaves for a while is not the receiver's fault", async () => {
  const { ada, bob, browser } = pair();
  ada.setUp(false);
  const sending = ada.send(fakeFile(contentOf(10)));
  await browser.advance(60_000);
  expect(sending.state).toBe("offered");
  ada.setUp(true);
  await browser.advance(3_000);
  await bob.accepts();
  await untilOver(browser, sending);
  expect(sending.state).toBe("done");
});

it("an unfinished file that may not be read again says so", async () => {
  const handle = {
    requestPermission: () => Promise.resolve("prompt"),
    getFile: () => Promise.reject(new DOMException("no", "NotAllowedError")),
  } as unknown as FileSystemFileHandle;
  const record = { key: "a", identity: "bob", room: "tea", name: "a.txt", size: 1, modified: 1, begun: 1, handle };
  const { ada } = pair();
  const unfinished = new UnfinishedFile(record, () => ada.peer, (file) => ada.send(file));
  await expect(unfinished.resume()).rejects.toMatchObject({ code: "file_unreadable" });
});

describe("a full disk", () => {
  it("ends the transfer, and both are told", async () => {
    const { ada, bob, browser } = pair();
    const sending = ada.send(fakeFile(contentOf(3 * mebibyte)));
    const { transfer, disk } = await bob.accepts();
    disk.failure = new Error("full");
    await untilOver(browser, sending);
    expect([await errorOf(transfer), await errorOf(sending)]).toEqual(["file_not_saved", "file_not_saved"]);
  });
});
