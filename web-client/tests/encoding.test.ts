import { describe, expect, it } from "vitest";
import { degradation, preferCodec, videoEncodings } from "../src/media/encoding.js";

const codec = (mimeType: string, sdpFmtpLine?: string): RTCRtpCodec => ({
  mimeType,
  clockRate: 90_000,
  ...(sdpFmtpLine !== undefined && { sdpFmtpLine }),
});

const available = [
  codec("video/VP8"),
  codec("video/rtx"),
  codec("video/H264", "level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42001f"),
  codec("video/H264", "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"),
  codec("video/AV1", "level-idx=5;profile=0;tier=0"),
  codec("video/VP9", "profile-id=2"),
  codec("video/VP9", "profile-id=0"),
];

describe("preferring a codec", () => {
  it("puts it first, in the profile that every receiver has, and keeps all others", () => {
    const order = preferCodec(available, "vp9") ?? [];
    expect(order.slice(0, 2).map(({ sdpFmtpLine }) => sdpFmtpLine)).toEqual(["profile-id=0", "profile-id=2"]);
    expect(order).toHaveLength(available.length);
    expect(order[2]?.mimeType).toBe("video/VP8");
  });

  it("chooses constrained baseline with packetization-mode 1 of the H.264 variants", () => {
    expect(preferCodec(available, "h264")?.[0]?.sdpFmtpLine).toContain("packetization-mode=1;profile-level-id=42e01f");
  });

  it("leaves the browser's order where the browser cannot send the codec", () => {
    expect(preferCodec([codec("video/VP8")], "av1")).toBeUndefined();
  });
});

describe("encodings", () => {
  it("have the layers that were wished for inside of one stream", () => {
    expect(videoEncodings({ source: "camera", codec: "vp9", scalabilityMode: "L3T3_KEY" })).toMatchObject([{ scalabilityMode: "L3T3_KEY" }]);
    const screen = videoEncodings({ source: "screen", codec: "av1", scalabilityMode: "L1T3" });
    expect(screen).toMatchObject([{ scalabilityMode: "L1T3", maxFramerate: 15 }]);
    expect(videoEncodings({ source: "camera", codec: "vp9" })[0]).not.toHaveProperty("scalabilityMode");
  });

  it("of a simulcast camera are a quarter, a half and the full size", () => {
    const encodings = videoEncodings({ source: "camera", simulcast: true, codec: "vp8" });
    expect(encodings.map(({ rid, scaleResolutionDownBy }) => [rid, scaleResolutionDownBy])).toEqual([
      ["q", 4],
      ["h", 2],
      ["f", 1],
    ]);
    const rates = encodings.map(({ maxBitrate }) => maxBitrate ?? 0);
    expect(rates).toEqual([...rates].sort((left, right) => left - right));
  });

  it("of VP9 and AV1 simulcast are streams of their own, not spatial layers of one", () => {
    for (const scalable of ["vp9", "av1"] as const) {
      const encodings = videoEncodings({ source: "camera", simulcast: true, codec: scalable });
      expect(encodings.every((encoding) => "scalabilityMode" in encoding)).toBe(true);
    }
  });

  it("of a screen are one, however simulcast is set", () => {
    expect(videoEncodings({ source: "screen", simulcast: true, codec: "vp8" })).toHaveLength(1);
  });

  it("of a screen keep what matters on it: the letters of a text, or the pictures of a film", () => {
    const [text, film] = (["text", "motion"] as const).map((content) => ({ source: "screen" as const, content }));
    expect(videoEncodings({ source: "screen" })).toEqual(videoEncodings(text as { source: "screen" }));
    expect(videoEncodings(text as { source: "screen" })).toMatchObject([{ maxFramerate: 15 }]);
    expect(videoEncodings(film as { source: "screen" })).toMatchObject([{ maxFramerate: 30 }]);
    expect([text, film].map((wishes) => degradation(wishes as { source: "screen" }))).toEqual([
      "maintain-resolution",
      "maintain-framerate",
    ]);
    expect(degradation({ source: "camera" })).toBeUndefined();
  });

  it("cost no more than was allowed", () => {
    expect(videoEncodings({ source: "screen", maxBitrate: 1000 })).toMatchObject([{ maxBitrate: 1000 }]);
    expect(videoEncodings({ source: "camera", simulcast: true, maxBitrate: 1000 }).at(-1)).toMatchObject({ maxBitrate: 1000 });
  });
});
