import { describe, expect, it } from "vitest";
import { encrypting } from "../app/attributes.js";
import { Reception } from "../app/reception.js";
import type { Flow } from "../app/reception.js";
import { secrecyText } from "../app/secrecy.js";
import { explainReceived, explainSent, facts, pauseText, pictureText, rateText } from "../app/why.js";
import { LocalTrackPublication } from "../src/track-publication.js";
import type { RemoteTrackPublication } from "../src/track-publication.js";
import type { RemoteParticipant } from "../src/participant.js";
import type { Limit, Quality } from "../src/viewing/quality.js";
import { FakeBrowser, FakeTrack, joined, person, trackInfo } from "./fakes.js";
import { joinedRoom } from "./joined-room.js";

const picture = { encoding: 0, spatial: 0, temporal: 2, width: 320, height: 180, bitrate: 148_000, paused: false };
const quality = (limit: Limit): Quality => ({
  current: picture,
  wanted: { ...picture, encoding: 2, width: 1280, height: 720, bitrate: 1_500_000 },
  limit,
  estimate: 940_000,
});

const flow = (changes: Partial<Flow> = {}): Flow => ({
  rid: "",
  width: 320,
  height: 180,
  framesPerSecond: 25,
  bitrate: 152_300,
  codec: "VP8",
  limited: "none",
  direction: "received",
  packets: 0,
  lost: 0,
  ...changes,
});

async function received(): Promise<RemoteTrackPublication> {
  const { room } = await joinedRoom();
  return room.participants[0]?.publication("camera") as RemoteTrackPublication;
}
function sent(): LocalTrackPublication {
  const track = new FakeTrack("video", "a") as unknown as MediaStreamTrack;
  return new LocalTrackPublication("video", track, { source: "camera" }, new FakeBrowser().api);
}

describe("a picture is explained", () => {
  it.each<[Limit, string]>([
    ["none", "This is everything that Ada sends."],
    ["bandwidth", "Your connection carries 0.9 Mbit/s now."],
    ["viewport", "This tile is small: a larger picture would be lost in it."],
    ["publisher", "Ada's browser sends no larger picture."],
    ["cpu", "A computer, yours or Ada's, is too busy for more."],
    ["policy", "This room shows those who spoke last."],
  ])("when %s limits it", async (limit, sentence) => {
    const publication = await received();
    publication.becomeQuality(quality(limit));
    expect(explainReceived("Ada", publication)).toBe(sentence);
  });

  it("as coming directly, whatever the server says of its own way", async () => {
    const publication = await received();
    publication.becomeQuality(quality("viewport"));
    expect(explainReceived("Ada", publication, "direct")).toBe("It comes straight from Ada's browser.");
    expect(facts(publication, [flow()], "direct")).toEqual([
      { label: "Received", value: "320 × 180 · 25 fps · 152 kbit/s" },
      { label: "Codec", value: "VP8" },
    ]);
    expect(explainSent(sent(), [], "direct")).toBe("It goes straight to the other browser.");
  });

  it("by what keeps it from being read, before anything that the server says of it", async () => {
    const attributes = encrypting;
    const { room } = await joinedRoom(joined({ participants: [{ ...person("p2", "bob", [trackInfo("t3")]), attributes }] }));
    const bob = room.participants[0] as RemoteParticipant;
    const publication = bob.publication("camera") as RemoteTrackPublication;
    publication.becomeQuality(quality("bandwidth"));
    const explained = (hasKey: boolean): string => explainReceived("Bob", publication, "server", secrecyText(bob, hasKey));
    expect(explained(true)).toBe("Your connection carries 0.9 Mbit/s now.");
    expect(explained(false)).toMatch(/^Encrypted: .* Open the complete link, with its key\.$/);
    bob.becomeSecret("wrong_key");
    expect(explained(true)).toMatch(/^Encrypted with another key: /);
    bob.becomeSecret("not_encrypted");
    expect(explained(true)).toMatch(/^Not encrypted: /);
    publication.update(trackInfo("t3", { muted: true }));
    expect(explained(true)).toBe("Bob has turned it off.");
  });

  it("before the server has said anything, and when its camera is off", async () => {
    const publication = await received();
    expect(explainReceived("Ada", publication)).toBe("Nothing has come so far.");
    publication.update({
      track: "t3",
      kind: "video",
      source: "camera",
      name: "",
      muted: true,
      codec: "VP8",
      simulcast: false,
    });
    expect(explainReceived("Ada", publication)).toBe("Ada has turned it off.");
  });

  it("when it is paused, on its tile too, unless nobody looks at it", async () => {
    const publication = await received();
    publication.becomeQuality({ ...quality("bandwidth"), estimate: 120_000 });
    publication.becomePaused({ reason: "bandwidth", message: "Too little." });
    const sentence = "Paused. Your connection carries 0.1 Mbit/s now, and this picture does not fit.";
    expect(pauseText(publication)).toBe(sentence);
    expect(explainReceived("Ada", publication)).toBe(sentence);
    publication.becomePaused({ reason: "viewport", message: "It is not on the screen." });
    expect(pauseText(publication)).toBe("");
    expect(explainReceived("Ada", publication)).toBe("It is not on the screen.");
    publication.becomePaused(undefined);
    expect(pauseText(publication)).toBe("");
  });

  it("when it is our own", () => {
    const publication = sent();
    expect(explainSent(publication, [flow()])).toBe("All of it is sent.");
    expect(explainSent(publication, [flow({ limited: "cpu" })])).toBe("This computer is too busy to send more.");
    expect(explainSent(publication, [flow({ limited: "bandwidth" })])).toBe("Your connection takes no more than this.");
    publication.want({ rids: ["q"], any: true });
    expect(explainSent(publication, [flow({ rid: "q" }), flow({ rid: "h" })])).toBe(
      "Sizes that nobody watches are not sent.",
    );
    publication.want({ rids: [], any: false });
    expect(explainSent(publication, [])).toBe("Nobody watches it now, so nothing is sent.");
  });
});

describe("its figures", () => {
  it("are what comes, what would be wanted, and what the connection carries", async () => {
    const publication = await received();
    publication.becomeQuality(quality("bandwidth"));
    expect(facts(publication, [flow()])).toEqual([
      { label: "Received", value: "320 × 180 · 25 fps · 152 kbit/s" },
      { label: "Layer", value: "size 1 · rate 3 · VP8" },
      { label: "Wanted", value: "1280 × 720 · 1.5 Mbit/s" },
      { label: "Connection", value: "about 0.9 Mbit/s" },
    ]);
  });

  it("say that nothing comes of what is paused", async () => {
    const publication = await received();
    publication.becomePaused({ reason: "bandwidth", message: "" });
    expect(facts(publication, [flow()])).toEqual([{ label: "Received", value: "nothing" }]);
  });

  it("are one line for each size that we send", () => {
    const publication = sent();
    publication.want({ rids: ["q"], any: true });
    expect(facts(publication, [flow({ rid: "q" }), flow({ rid: "f", width: 1280, height: 720 })])).toEqual([
      { label: "Small", value: "320 × 180 · 25 fps · 152 kbit/s" },
      { label: "Large", value: "off: nobody watches it" },
      { label: "Codec", value: "VP8" },
    ]);
  });

  it("are written as people read them", () => {
    expect([900_000, 1_000_000, 2_340_000, 31_000].map(rateText)).toEqual([
      "900 kbit/s",
      "1.0 Mbit/s",
      "2.3 Mbit/s",
      "31 kbit/s",
    ]);
    expect(pictureText({ ...picture, paused: true })).toBe("nothing");
    expect(pictureText({ ...picture, width: 0, height: 0, bitrate: 0 })).toBe("the same");
  });

  it("come out of two reports of the browser's", () => {
    const report = (timestamp: number, bytesReceived: number): RTCStatsReport =>
      new Map<string, unknown>([
        ["c", { id: "c", type: "codec", mimeType: "video/VP9" }],
        [
          "i",
          {
            id: "i",
            type: "inbound-rtp",
            timestamp,
            bytesReceived,
            codecId: "c",
            frameWidth: 640,
            frameHeight: 360,
            framesPerSecond: 24.6,
          },
        ],
        ["t", { id: "t", type: "transport" }],
      ]) as unknown as RTCStatsReport;
    const reception = new Reception();
    expect(reception.read(report(1_000, 5_000))).toMatchObject([
      { bitrate: 0, width: 640, framesPerSecond: 25, codec: "VP9" },
    ]);
    expect(reception.read(report(2_000, 15_000))).toMatchObject([{ bitrate: 80_000 }]);
    const sent = ["f", "h", "q"].map((rid): [string, unknown] => [rid, { id: rid, type: "outbound-rtp", rid }]);
    const off = new Map(sent) as unknown as RTCStatsReport;
    expect(reception.read(off).map(({ rid }) => rid)).toEqual(["q", "h", "f"]);
    // A new connection counts from zero again.
    expect(reception.read(report(3_000, 100))).toMatchObject([{ bitrate: 0 }]);
  });
});
