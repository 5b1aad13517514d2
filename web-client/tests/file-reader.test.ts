// Reading a file for sending.

import { describe, expect, it } from "vitest";
import { FileReader } from "../src/files/reader.js";

const mebibyte = 1 << 20;

/** Remembers what it gave out. */
class Recorded {
  readonly given: ArrayBuffer[] = [];
  readonly size: number;

  constructor(private readonly content: Uint8Array<ArrayBuffer>) {
    this.size = content.length;
  }

  slice(begin: number, end: number): { arrayBuffer(): Promise<ArrayBuffer> } {
    return {
      arrayBuffer: () => {
        const buffer = this.content.slice(begin, end).buffer;
        this.given.push(buffer);
        return Promise.resolve(buffer);
      },
    };
  }
}

describe("a file that is read", () => {
  const content = new Uint8Array(3 * mebibyte).map((_, index) => index % 251);

  it("comes in pieces as it is, and again where it is asked for again", async () => {
    const reader = new FileReader(new Recorded(content) as unknown as File);
    for (const offset of [0, 1000, mebibyte - 5, 2 * mebibyte, 7])
      expect(Array.from(await reader.read(offset, 64))).toEqual(Array.from(content.subarray(offset, offset + 64)));
  });

  it("holds the memory of one block, and not until the browser collects its garbage", async () => {
    const file = new Recorded(content);
    const reader = new FileReader(file as unknown as File);
    for (let offset = 0; offset < file.size; offset += mebibyte / 4) await reader.read(offset, mebibyte / 4);
    expect(file.given.map(({ byteLength }) => byteLength)).toEqual([0, 0, mebibyte]);
    reader.close();
    expect(file.given.map(({ byteLength }) => byteLength)).toEqual([0, 0, 0]);
  });
});
