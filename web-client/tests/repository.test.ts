// Rules that keep the page servable under a strict content security policy, and the packages reproducible anywhere.

import { describe, expect, it } from "vitest";
import html from "../app/index.html?raw";
import lockfile from "../package-lock.json?raw";
import manifest from "../package.json?raw";

const sources = import.meta.glob<string>(["../src/**/*.ts", "../app/**/*.ts", "../app/**/*.css"], {
  query: "?raw",
  import: "default",
  eager: true,
});

describe("the page", () => {
  it("has no script and no style in its HTML", () => {
    expect(html).not.toMatch(/<style|style=|\son\w+=|<script(?![^>]*src=)/);
  });

  it("loads nothing from elsewhere", () => {
    for (const [name, text] of Object.entries(sources)) {
      const foreign = text
        .match(/https?:\/\/(?!www\.w3\.org\/2000\/svg)[\w.]+/g)
        ?.filter((address) => !address.includes("host"));
      expect(foreign ?? [], name).toEqual([]);
    }
  });
});

describe("the sources", () => {
  it("of the SDK know nothing of the page", () => {
    const sdk = Object.entries(sources).filter(([name]) => name.startsWith("../src/"));
    expect(sdk.length).toBeGreaterThan(10);
    for (const [name, text] of sdk) expect(text, name).not.toContain("../app");
  });

  it("never say any, and stay short enough to be read", () => {
    for (const [name, text] of Object.entries(sources)) {
      expect(text, name).not.toMatch(/:\s*any\b|<any>|as any\b/);
      expect(text.split("\n").length, name).toBeLessThanOrEqual(name.endsWith(".css") ? 500 : 400);
    }
  });
});

interface Locked {
  packages: Record<string, { optionalDependencies?: Record<string, string> }>;
}

describe("the packages", () => {
  // Otherwise `npm ci` refuses. It happens when a package has no build for some system yet in the registry that wrote the
  // file; that is why the manifest overrides the version of rollup.
  it("are all locked, for every system", () => {
    const { packages } = JSON.parse(lockfile) as Locked;
    const wanted = Object.values(packages).flatMap(({ optionalDependencies }) => Object.keys(optionalDependencies ?? {}));
    expect(wanted.length).toBeGreaterThan(20);
    expect(wanted.filter((name) => !(`node_modules/${name}` in packages))).toEqual([]);
  });

  it("name no registry and no newest version, and none is needed at run time", () => {
    expect(lockfile).not.toMatch(/"resolved"|https?:\/\/registry/);
    expect(manifest).not.toContain("latest");
    expect(manifest).not.toContain('"dependencies"');
  });
});
