import { describe, expect, it } from "vitest";
import { safeFileName, safeFileType } from "../src/files/name.js";

describe("the name of a received file", () => {
  it.each([
    ["holiday.mp4", "holiday.mp4"],
    ["날씨 보고서.pdf", "날씨 보고서.pdf"],
    ["/etc/passwd", "passwd"],
    ["..\\..\\windows\\system32\\cmd.exe", "cmd.exe"],
    ["a/b/", "b"],
    ["../..", "file"],
    ["", "file"],
    [" . .", "file"],
    [".bashrc", "bashrc"],
    ["invoice\u202efdp.exe", "invoicefdp.exe"],
    ["a\u0000b\nc\u200b.txt", "abc.txt"],
    ['what?<really>:"this|*".txt', "what__really___this___.txt"],
    ["trailing. . ", "trailing"],
    ["con", "_con"],
    ["LPT1.txt", "_LPT1.txt"],
    ["console.log", "console.log"],
    ["\ud800half.txt", "half.txt"],
  ])("%j becomes %j", (name, safe) => expect(safeFileName(name)).toBe(safe));

  it("is cut in the middle when it is long, so that its ending stays", () => {
    const name = safeFileName(`${"é".repeat(5000)}x.tar`);
    expect([...safeFileName(`${"a".repeat(500)}.tar`)]).toHaveLength(120);
    expect(safeFileName(`${"a".repeat(500)}.tar`)).toMatch(/^a+\.tar$/);
    expect([...name].length).toBeLessThanOrEqual(120);
    expect(safeFileName(`a.${"b".repeat(500)}`)).toHaveLength(120);
  });
});

describe("the type of a received file", () => {
  it.each([
    ["image/png", "image/png"],
    ["Text/Plain; charset=utf-8", "text/plain"],
    ["text/html", "application/octet-stream"],
    ["image/svg+xml", "application/octet-stream"],
    ["application/x-msdownload", "application/octet-stream"],
    ["", "application/octet-stream"],
  ])("%j counts as %j", (type, safe) => expect(safeFileType(type)).toBe(safe));
});
