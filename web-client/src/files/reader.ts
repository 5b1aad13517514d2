// Reads a file for sending: large blocks from the disk, small pieces for the channel, and each byte once into the hash,
// however often it is read.

import { ParleyError } from "../errors.js";
import { release } from "./release.js";
import { Sha256 } from "./sha256.js";

const blockSize = 1 << 20;

export class FileReader {
  private readonly sha = new Sha256();
  private block = new Uint8Array(0);
  private blockAt = 0;
  private digest: string | undefined;

  constructor(private readonly file: File) {}

  /** `length` bytes from `offset` on; rejects with "file_unreadable" when the file has changed or gone. */
  async read(offset: number, length: number): Promise<Uint8Array> {
    if (offset < this.blockAt || offset + length > this.blockAt + this.block.length) await this.load(offset);
    return this.block.subarray(offset - this.blockAt, offset - this.blockAt + length);
  }

  /** What lies before `offset` has been sent by an earlier page, and belongs to the hash too. */
  async hashUpTo(offset: number): Promise<void> {
    while (this.sha.length < offset) await this.load(this.sha.length);
  }

  /** Of the whole file. */
  async hash(): Promise<string> {
    await this.hashUpTo(this.file.size);
    return (this.digest ??= this.sha.digest());
  }

  /** Nothing more is read. */
  close(): void {
    release(this.block);
    this.block = new Uint8Array(0);
  }

  private async load(offset: number): Promise<void> {
    this.close();
    const end = Math.min(offset + blockSize, this.file.size);
    try {
      this.block = new Uint8Array(await this.file.slice(offset, end).arrayBuffer());
    } catch (error) {
      throw unreadable(error);
    }
    if (this.block.length !== end - offset) throw unreadable(undefined);
    this.blockAt = offset;
    const hashed = this.sha.length - offset;
    if (this.digest === undefined && hashed >= 0 && hashed < this.block.length) this.sha.update(this.block.subarray(hashed));
  }
}

function unreadable(cause: unknown): ParleyError {
  const sentence = "The file can't be read any more: it was changed or moved. Choose it again.";
  return new ParleyError("file_unreadable", sentence, { cause });
}
