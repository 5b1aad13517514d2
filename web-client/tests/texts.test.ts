import { describe, expect, it } from "vitest";
import { languages, spoken } from "../app/language.js";
import { koreanErrors } from "../app/texts/korean-errors.js";
import errors from "../src/errors.ts?raw";

type Table = { [key: string]: string | ((...words: never[]) => string) | Table };

/** "chat.send", "chat.notSent()" */
function keys(table: Table, path = ""): string[] {
  return Object.entries(table).flatMap(([key, value]) => {
    if (typeof value === "object") return keys(value, `${path}${key}.`);
    return `${path}${key}${typeof value === "function" ? `(${value.length})` : ""}`;
  });
}

const [english, ...others] = Object.values(languages).map((table) => table as Table);

describe("the languages of the page", () => {
  it("have the same texts", () => {
    const wanted = keys(english as Table);
    expect(wanted.length).toBeGreaterThan(200);
    for (const table of others) expect(keys(table)).toEqual(wanted);
  });

  it("leave no text empty, and none in English", () => {
    const same = (left: Table, right: Table, path = ""): string[] =>
      Object.entries(left).flatMap(([key, value]) => {
        const other = right[key];
        if (typeof value === "object") return same(value, other as Table, `${path}${key}.`);
        expect(other, key).not.toBe("");
        return typeof value === "string" && value === other ? `${path}${key}` : [];
      });
    for (const table of others) expect(same(english as Table, table)).toEqual(["shortcuts.escapeKey"]);
  });

  it("say every error of the SDK's", () => {
    const local = [...(/type LocalErrorCode =([^;]*);/.exec(errors)?.[1] ?? "").matchAll(/"(\w+)"/g)].map(
      ([, code]) => code,
    );
    const server = [...(/serverSentences[^{]*\{([^]*?)\n\};/.exec(errors)?.[1] ?? "").matchAll(/^ {2}(\w+):/gm)].map(
      ([, code]) => code,
    );
    expect(local.length + server.length).toBeGreaterThan(25);
    for (const code of [...local, ...server]) expect(koreanErrors, code).toHaveProperty(code as string);
  });

  it("are chosen by the browser's wishes", () => {
    expect(spoken(["ko-KR", "en"])).toBe("ko");
    expect(spoken(["fr", "ko"])).toBe("ko");
    expect(spoken(["de-DE"])).toBe("en");
    expect(spoken([])).toBe("en");
  });
});
