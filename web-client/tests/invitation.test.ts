import { afterEach, describe, expect, it, vi } from "vitest";
import { exchangeInvite } from "../app/invitation.js";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe("an invitation", () => {
  it.each(["초대", "a\nb", "two words"])("that no server has made (%j) is called damaged, and not sent", async (invite) => {
    const fetch = vi.fn(() => Promise.reject(new TypeError("not a header's value")));
    vi.stubGlobal("fetch", fetch);
    await expect(exchangeInvite(invite, "tea", "Ada")).rejects.toMatchObject({ code: "token_malformed" });
    expect(fetch).not.toHaveBeenCalled();
  });

  it("is given up when the server takes it and never answers", async () => {
    const patience = new AbortController();
    vi.spyOn(AbortSignal, "timeout").mockReturnValue(patience.signal);
    vi.stubGlobal("fetch", (_url: string, { signal }: RequestInit) =>
      new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason as Error))),
    );
    const exchanged = exchangeInvite("abc", "tea", "Ada");
    patience.abort();
    await expect(exchanged).rejects.toMatchObject({ code: "server_unreachable" });
  });
});
