import { describe, expect, it } from "vitest";
import { Sha256 } from "../src/files/sha256.js";
import { contentOf } from "./file-pair.js";

async function expected(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

describe("SHA-256", () => {
  it("agrees with WebCrypto for every length around its blocks", async () => {
    for (let length = 0; length < 200; length++) {
      const bytes = contentOf(length);
      const hash = new Sha256();
      hash.update(bytes);
      expect(hash.digest()).toBe(await expected(bytes));
    }
  });

  it("does not care how the bytes are cut", async () => {
    const bytes = contentOf(300_000);
    const wanted = await expected(bytes);
    for (const step of [1, 63, 64, 65, 1000, 65_472]) {
      const hash = new Sha256();
      for (let at = 0; at < bytes.length; at += step) hash.update(bytes.subarray(at, at + step));
      expect(hash.length).toBe(bytes.length);
      expect(hash.digest()).toBe(wanted);
    }
  });
});
