import { describe, expect, it } from "vitest";
import { captureError, ParleyError, serverError } from "../src/errors.js";
import { capture } from "../src/media/capture.js";
import { FakeBrowser } from "./fakes.js";

function named(name: string): Error {
  return Object.assign(new Error("technical words"), { name });
}

describe("errors of devices", () => {
  it.each([
    ["NotAllowedError", "permission_denied", "was refused"],
    ["SecurityError", "permission_denied", "Allow it"],
    ["NotFoundError", "device_not_found", "No camera was found"],
    ["NotReadableError", "device_busy", "another program"],
    ["AbortError", "device_busy", "Try again"],
    ["OverconstrainedError", "device_constraints", "Choose another one"],
    ["SomethingNew", "device_failed", "technical words"],
  ])("%s becomes %s, and says what to do", (name, code, words) => {
    const error = captureError(named(name), "camera");
    expect(error.code).toBe(code);
    expect(error.message).toContain(words);
  });

  it("names the device that it is about", () => {
    expect(captureError(named("NotFoundError"), "microphone").message).toContain("No microphone");
    expect(captureError(named("NotAllowedError"), "screen").message).toContain("screen is not shared");
  });

  it("does not ask for a camera on a page that is not secure, but says so", async () => {
    const browser = new FakeBrowser();
    browser.secure = false;
    await expect(capture(browser.api, "camera")).rejects.toMatchObject({ code: "insecure_context" });
    expect(browser.captured).toEqual([]);
  });

  it("keeps the browser's own error as the cause", () => {
    const cause = named("NotReadableError");
    expect(captureError(cause, "camera").cause).toBe(cause);
  });
});

describe("errors of the server", () => {
  it("says in plain words what to do about a token", () => {
    expect(serverError("token_expired", "exp is in the past").message).toContain("Ask for a new invite link");
  });

  it("passes on the server's own sentence where there is nothing to add", () => {
    expect(serverError("sdp_invalid", "Line 4 of the offer is empty.").message).toBe("Line 4 of the offer is empty.");
    expect(serverError("brand_new", undefined).message).toContain("brand_new");
  });

  it("are recognised by their class and code", () => {
    const error = serverError("room_full", undefined);
    expect(error).toBeInstanceOf(ParleyError);
    expect(error.code).toBe("room_full");
  });
});
