import { describe, expect, it } from "vitest";
import { hue, initials } from "../app/faces.js";

describe("somebody without a picture", () => {
  it.each([
    ["Ada Lovelace", "AL"],
    ["ada", "A"],
    ["Gustav Adolf von Hohenlohe", "GH"],
    ["émile", "É"],
    ["guest_42", "G4"],
    ["😀 Smile", "😀S"],
    ["🇰🇷 Team", "🇰🇷T"],
    ["👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦"],
    ["", "?"],
    ["   ", "?"],
  ])("%j is shown as %s", (name, letters) => {
    expect(initials(name)).toBe(letters);
  });

  it("keeps their colour, and those who are named alike get different ones", () => {
    expect(hue("bob")).toBe(hue("bob"));
    const distance = Math.abs(hue("guest1") - hue("guest2"));
    expect(Math.min(distance, 360 - distance)).toBeGreaterThan(40);
  });
});
