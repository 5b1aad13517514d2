import { describe, expect, it } from "vitest";
import { Preview } from "../app/preview.js";
import { FakeBrowser } from "./fakes.js";

describe("the preview", () => {
  it("has both devices open, and hands them on", async () => {
    const browser = new FakeBrowser();
    const preview = new Preview({ camera: {}, microphone: {} }, browser.api);
    await preview.open({ camera: true, microphone: true });
    expect(browser.captured).toHaveLength(1);
    const camera = preview.take("camera");
    preview.close();
    expect([camera?.readyState, ...browser.tracks.map(({ readyState }) => readyState)]).toEqual(["live", "live", "ended"]);
  });

  it.each([
    ["both", { camera: true, microphone: true }],
    ["one", { camera: true, microphone: false }],
  ])("closes %s again when they open after the page has moved on", async (_which, wanted) => {
    const browser = new FakeBrowser();
    const preview = new Preview({ camera: {}, microphone: {} }, browser.api);
    const opening = preview.open(wanted);
    preview.close();
    await opening;
    expect(browser.tracks.map(({ readyState }) => readyState)).not.toContain("live");
  });
});
