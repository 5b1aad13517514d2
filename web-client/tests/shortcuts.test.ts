import { describe, expect, it } from "vitest";
import { find, latinKey } from "../app/shortcuts.js";
import type { Shortcut } from "../app/shortcuts.js";

describe("a key of the page", () => {
  it.each([
    ["m", "KeyM", "m"],
    ["ㅡ", "KeyM", "m"],
    ["ь", "KeyM", "m"],
    // On a French keyboard this key is "a", wherever it is.
    ["a", "KeyQ", "a"],
    ["é", "Digit2", "é"],
    ["Escape", "Escape", "Escape"],
    [" ", "Space", " "],
  ])("%j on %s is %j", (key, code, latin) => {
    expect(latinKey({ key, code })).toBe(latin);
  });

  it("is found, large or small", () => {
    const shortcut: Shortcut = { keys: ["m"], shown: ["M"], label: "Microphone", act: () => undefined };
    expect(find([shortcut], "M")).toBe(shortcut);
    expect(find([shortcut], "n")).toBeUndefined();
  });
});
