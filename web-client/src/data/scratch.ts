// Memory for messages.

import type { Bytes } from "./message.js";

/** Gives so many bytes; what is in them does not matter. */
export type Take = (length: number) => Bytes;

export const takeNew: Take = (length) => new Uint8Array(length);

/**
 * The same memory again and again, for whoever is done with one message before the next one. Firefox collects the pieces of a
 * large file so late that the page would have all of it in memory, and more than once.
 */
export class Scratch {
  private bytes: Bytes = new Uint8Array(0);

  readonly take: Take = (length) => {
    if (this.bytes.length < length) this.bytes = new Uint8Array(length);
    return this.bytes.subarray(0, length);
  };
}
