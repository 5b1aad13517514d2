import { describe, expect, it } from "vitest";
import { Shelf } from "../app/shelf.js";
import type { FileOffer, FileTransfer, Room } from "../src/index.js";
import { joinedRoom } from "./joined-room.js";

const transfer = (over: boolean): FileTransfer => ({ over }) as unknown as FileTransfer;
const offered = (room: Room, over: boolean): void =>
  room.emit("fileOffered", { transfer: transfer(over) } as unknown as FileOffer);

describe("the files of a call", () => {
  it("stay few, however many offers come and are taken back", async () => {
    const { room } = await joinedRoom();
    const shelf = new Shelf(room);
    offered(room, false);
    for (let times = 0; times < 1_000; times++) offered(room, true);
    expect(shelf.files).toHaveLength(200);
    expect(shelf.files[0]?.transfer.over).toBe(false);
  });

  it("are there once, however often one is sent", async () => {
    const { room } = await joinedRoom();
    const shelf = new Shelf(room);
    const running = transfer(false);
    const bob = { sendFile: () => running } as unknown as Parameters<Shelf["send"]>[1];
    shelf.send([new File([], "a"), new File([], "a")], bob);
    expect(shelf.files).toEqual([{ transfer: running }]);
  });
});
