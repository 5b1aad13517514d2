import { describe, expect, it } from "vitest";
import { addressInRoom, inviteLink, readAddress, readClaims, rememberedStep, rememberStep } from "../app/address.js";
import type { Memory } from "../app/address.js";

function memory(): Memory {
  const items = new Map<string, string>();
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  };
}

const at = (address: string): URL => new URL(address, "https://example.org");

describe("the page's address", () => {
  it("carries an invitation and a room", () => {
    expect(readAddress(at("/#invite=abc&room=tea"), memory())).toMatchObject({
      invite: "abc",
      room: "tea",
      token: undefined,
    });
  });

  it("needs the invitation only once in a tab", () => {
    const tab = memory();
    readAddress(at("/#invite=abc"), tab);
    expect(readAddress(at("/?room=tea"), tab)).toMatchObject({ invite: "abc", room: "tea" });
  });

  it("forgets the invitation when it is opened with a token, and the other way round", () => {
    const tab = memory();
    readAddress(at("/#invite=abc"), tab);
    expect(readAddress(at("/#token=t"), tab)).toMatchObject({ invite: undefined, token: "t" });
    expect(readAddress(at("/#invite=def"), tab)).toMatchObject({ invite: "def", token: undefined });
  });

  it("takes what was cut off behind the name of a credential for none", () => {
    expect(readAddress(at("/#invite="), memory())).toMatchObject({ invite: undefined, token: undefined });
    expect(readAddress(at("/#token="), memory())).toMatchObject({ invite: undefined, token: undefined });
    const tab = memory();
    readAddress(at("/#invite=abc"), tab);
    expect(readAddress(at("/#token="), tab)).toMatchObject({ invite: "abc", token: undefined });
  });

  it("has beside it how far its key was ratcheted in this tab, and no other key", () => {
    const tab = memory();
    expect(rememberedStep(tab, "apple tree")).toBe(0);
    rememberStep(tab, "apple tree", 12);
    expect(rememberedStep(tab, "apple tree")).toBe(12);
    expect(rememberedStep(tab, "tree")).toBe(0);
    tab.setItem("parley.step", "many apple tree");
    expect(rememberedStep(tab, "apple tree")).toBe(0);
  });

  it("reads the wishes of tests, and ignores nonsense", () => {
    expect(
      readAddress(at("/?codec=VP9&simulcast=1&video=0&autojoin=1&resolution=360&name=Ada&relay=1"), memory()),
    ).toMatchObject({
      codec: "vp9",
      simulcast: true,
      video: false,
      audio: true,
      autojoin: true,
      resolution: 360,
      name: "Ada",
      relay: true,
    });
    expect(readAddress(at("/?codec=mpeg1&resolution=many"), memory())).toMatchObject({
      codec: undefined,
      resolution: undefined,
    });
  });

  it("sends three sizes unless told otherwise, but not of a small camera, nor beside layers inside of one stream", () => {
    const sizes = (query: string): boolean => readAddress(at(`/${query}`), memory()).simulcast;
    expect(["", "?resolution=360", "?resolution=many", "?resolution=180&simulcast=1"].map(sizes)).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(["?simulcast=0", "?resolution=180", "?codec=vp9&svc=L3T3_KEY"].map(sizes)).toEqual([false, false, false]);
  });

  it("in a room can be given to others when there is an invitation, and never carries a token", () => {
    expect(addressInRoom(at("/?video=0#token=secret"), { invite: undefined, key: undefined }, "tea")).toBe(
      "/?video=0&room=tea",
    );
    expect(addressInRoom(at("/?room=old#invite=abc"), { invite: "abc", key: undefined }, "green tea")).toBe(
      "/#invite=abc&room=green+tea",
    );
    const link = inviteLink("https://example.org", { invite: "a.b-c", key: undefined }, "green tea") ?? "";
    expect(readAddress(at(link), memory())).toMatchObject({ invite: "a.b-c", room: "green tea", key: undefined });
    expect(inviteLink("https://example.org", { invite: undefined, key: "k" }, "tea")).toBeUndefined();
  });

  it("carries the secret of an encrypted call where no server sees it, until another invitation comes", () => {
    const link = inviteLink("https://example.org", { invite: "a", key: "s3cret" }, "tea") ?? "";
    expect(link.split("#")[0]).not.toContain("s3cret");
    const tab = memory();
    expect(readAddress(at(link), tab).key).toBe("s3cret");
    expect(readAddress(at("/"), tab).key).toBe("s3cret");
    expect(readAddress(at("/#invite=b"), tab).key).toBeUndefined();
  });
});

describe("a token's claims", () => {
  it("are read for showing, with names in any script", () => {
    const bytes = new TextEncoder().encode(JSON.stringify({ sub: "zoe", name: "Zoë 😀", video: { room: "tea" } }));
    const payload = btoa(String.fromCharCode(...bytes))
      .replaceAll("+", "-")
      .replaceAll("/", "_")
      .replaceAll("=", "");
    expect(readClaims(`h.${payload}.s`)).toEqual({ room: "tea", name: "Zoë 😀", identity: "zoe" });
  });

  it("are empty when the token is damaged", () => {
    expect(readClaims("eyJhbGciOi")).toEqual({ room: undefined, name: undefined, identity: undefined });
    expect(readClaims("")).toEqual({ room: undefined, name: undefined, identity: undefined });
  });
});
