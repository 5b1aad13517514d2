// What the package costs whoever uses it, and that what stands in it is there.

import { build } from "vite";
import type { Rollup } from "vite";
import { describe, expect, it } from "vitest";
import manifest from "../package.json";
import readme from "../README.md?raw";

/** The program `source`, bundled as its author would for production: its size in bytes, gzipped, and its code. */
async function bundle(source: string): Promise<{ size: number; code: string }> {
  const entry = "\0program";
  const root = new URL("..", import.meta.url).pathname;
  const output = (await build({
    configFile: false,
    root,
    logLevel: "silent",
    plugins: [
      {
        name: "program",
        resolveId: (id, importer) => (id === "program" ? entry : importer === entry ? root + id : undefined),
        load: (id) => (id === entry ? source : undefined),
      },
    ],
    build: { write: false, target: "es2022", modulePreload: { polyfill: false }, rollupOptions: { input: "program" } },
  })) as Rollup.RollupOutput;
  const code = output.output.map((chunk) => (chunk.type === "chunk" ? chunk.code : "")).join("\n");
  return { size: await gzippedSize(code), code };
}

async function gzippedSize(text: string): Promise<number> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return (await new Response(stream).arrayBuffer()).byteLength;
}

const all = 'import * as sdk from "src/index.ts"; globalThis.sdk = { ...sdk };';

describe("the package", () => {
  it("is at most 40 KB gzipped with everything in it", async () => {
    const { size } = await bundle(all);
    console.log(`all of the SDK: ${(size / 1000).toFixed(1)} KB gzipped`);
    expect(size).toBeLessThanOrEqual(40_000);
  }, 60_000);

  it("leaves out what is not used", async () => {
    const { size, code } = await bundle('import { retry } from "src/index.ts"; console.log(retry(1, 0, 0.5));');
    console.log(`only retry(): ${size} bytes gzipped`);
    expect(size).toBeLessThan(500);
    expect(code).not.toContain("RTCPeerConnection");
  }, 60_000);

  it("brings the encryption only to those who encrypt", async () => {
    const { code } = await bundle('import { Room } from "src/index.ts"; globalThis.room = new Room();');
    expect(code).toContain("RTCPeerConnection");
    expect(code).not.toContain("RTCRtpScriptTransform");
  }, 60_000);

  it("needs nobody else's", () => {
    expect(manifest).not.toHaveProperty("dependencies");
    expect(manifest).not.toHaveProperty("peerDependencies");
    expect(Object.keys(manifest.exports)).toEqual([".", "./element", "./testing", "./worker"]);
  });

  it("is introduced by an example of twenty lines", () => {
    const [, example = ""] = /```html\n([^]*?)```/.exec(readme) ?? [];
    expect(example).toContain('from "parley-client"');
    expect(example.trimEnd().split("\n").length).toBeLessThanOrEqual(20);
  });
});
