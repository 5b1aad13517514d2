import { describe, expect, it } from "vitest";
import { correctionOf } from "../app/entry.js";

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
});
