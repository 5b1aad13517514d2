// The files of a call: sent, offered, on their way, and what an earlier load of this page has left unfinished. It lives as long as the
// call does, whatever is on the screen.

import { Emitter } from "../src/index.js";
import type { FileOffer, FileTransfer, RemoteParticipant, Room, UnfinishedFile } from "../src/index.js";

/** A file on the shelf; what somebody else offers waits for an answer. */
export interface ShelfFile {
  transfer: FileTransfer;
  offer?: FileOffer;
  /** The browser has been asked to save it. */
  saved?: boolean;
}

/** Offers that are taken back again may come without end. */
const mostFiles = 200;

export interface ShelfEvents {
  added: [ShelfFile];
  /** What can go on has been found. */
  unfinished: [];
}

export class Shelf extends Emitter<ShelfEvents> {
  readonly files: ShelfFile[] = [];
  unfinished: readonly UnfinishedFile[] = [];

  constructor(private readonly room: Room) {
    super();
    room.on("fileOffered", (offer) => this.add({ transfer: offer.transfer, offer }));
  }

  /** Once we are in the room. */
  async lookForUnfinished(): Promise<void> {
    this.unfinished = await this.room.unfinishedFiles();
    if (this.unfinished.length > 0) this.emit("unfinished");
  }

  /** To one, or to everybody who is here. */
  send(files: Iterable<File>, to?: RemoteParticipant): void {
    for (const file of files) {
      const transfers = to ? [to.sendFile(file)] : this.room.sendFile(file);
      for (const transfer of transfers) this.add({ transfer });
    }
  }

  /** From a click: the browser may have to ask for the file. */
  async goOn(unfinished: UnfinishedFile, file?: File): Promise<void> {
    this.add({ transfer: await unfinished.resume(file) });
    this.drop(unfinished);
  }

  async forget(unfinished: UnfinishedFile): Promise<void> {
    this.drop(unfinished);
    await unfinished.forget();
  }

  private add(file: ShelfFile): void {
    if (this.files.some(({ transfer }) => transfer === file.transfer)) return;
    this.files.push(file);
    const oldest = this.files.findIndex(({ transfer }) => transfer.over);
    if (this.files.length > mostFiles && oldest !== -1) this.files.splice(oldest, 1);
    this.emit("added", file);
  }

  private drop(unfinished: UnfinishedFile): void {
    this.unfinished = this.unfinished.filter((each) => each !== unfinished);
    this.emit("unfinished");
  }
}
