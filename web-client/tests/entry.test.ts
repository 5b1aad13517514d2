import { describe, expect, it } from "vitest";
import { correctionOf, plainName } from "../app/entry.js";

describe("what is typed to go in", () => {
  it.each([
    ["Ada", "tea", undefined],
    ["", "tea", "name"],
    ["Ada", "", "room"],
    ["가".repeat(42), "방".repeat(42), undefined],
    ["가".repeat(43), "tea", "name"],
    ["Ada", "방".repeat(43), "room"],
    ["👩‍👩‍👧‍👦".repeat(6), "tea", "name"],
  ])("%s in %s", (name, room, field) => {
    expect(correctionOf({ name, room })?.field).toBe(field);
  });

  it.each([
    [" Ada ", "Ada"],
    ["\u202eadA\u202c", "adA"],
    ["A\u2067d\u2069a\u2029\n", "Ada"],
    ["\u202e", ""],
    ["\u200fשלום", "\u200fשלום"],
    ["👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦"],
  ])("%j is the name %j", (typed, name) => {
    expect(plainName(typed)).toBe(name);
  });
});
