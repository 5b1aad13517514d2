// What is kept of files that are over.

import { expect, it } from "vitest";
import type { FileTransfer } from "../src/files/transfer.js";
import { contentOf, fakeFile, FakeDisk, pair, untilOver } from "./file-pair.js";
import type { Side } from "./file-pair.js";

/** Node's --expose-gc. */
declare const gc: () => void;

/** What is still there, by name, once the garbage has been collected. */
async function kept(known: Record<string, WeakRef<object>>): Promise<string[]> {
  for (let round = 0; round < 5; round++) {
    await new Promise((resolve) => setTimeout(resolve));
    gc();
  }
  return Object.keys(known).filter((name) => known[name]?.deref() !== undefined);
}

interface Exchanged {
  ada: Side;
  bob: Side;
  transfers: FileTransfer[];
  known: Record<string, WeakRef<object>>;
}

/** A file has come through, and its objects are known only here and to whoever keeps them. */
async function exchanged(): Promise<Exchanged> {
  const { ada, bob, browser } = pair();
  const file = fakeFile(contentOf(1000));
  const sending = ada.send(file);
  const { stream } = new FakeDisk();
  const { transfer } = await bob.accepts({ to: stream });
  await untilOver(browser, sending);
  await browser.advance(10_000);
  const known = { file, stream, sending, transfer };
  const refs = Object.entries(known).map(([name, object]) => [name, new WeakRef<object>(object)]);
  return { ada, bob, transfers: [sending, transfer], known: Object.fromEntries(refs) as Exchanged["known"] };
}

it("a transfer that is over keeps neither the file that was sent nor the place to which it was written", async () => {
  const { transfers, known, bob } = await exchanged();
  expect(transfers.map(({ state }) => state)).toEqual(["done", "done"]);
  expect(await kept(known)).toEqual(["sending", "transfer"]);
  expect(bob.offers).toHaveLength(1);
});

it("a room keeps no transfer that is over, and still knows how it ended", async () => {
  const { ada, bob, transfers, known } = await exchanged();
  transfers.length = 0;
  bob.offers.length = 0;
  expect(await kept(known)).toEqual([]);
  const { id } = ada.words("end")[0] as { id: string };
  const told = bob.words("done").length;
  bob.hear({ file: "where", id, turn: 9 });
  expect(bob.words("done")).toHaveLength(told + 1);
});
