import { describe, expect, it } from "vitest";
import { parseServerMessage } from "../src/signaling/protocol.js";

describe("reading what the server says", () => {
  it("takes a message that has what it needs, and unknown fields with it", () => {
    const text = '{"type": "trackUnpublished", "participant": "p2", "track": "t3", "new": 1}';
    expect(parseServerMessage(text)).toMatchObject({ type: "trackUnpublished", participant: "p2", track: "t3" });
  });

  it.each([
    ["not JSON", "{"],
    ["not an object", '"joined"'],
    ["null", "null"],
    ["without a type", "{}"],
    ["of an unknown type", '{"type": "dance"}'],
    ["of a type that is a word of JavaScript's", '{"type": "constructor"}'],
    ["without a field", '{"type": "offer", "revision": 1, "sdp": "v=0"}'],
    ["with a field of another type", '{"type": "offer", "revision": "1", "sdp": "v=0", "tracks": []}'],
    ["with null for an object", '{"type": "participantJoined", "participant": null}'],
    ["with an object for a list", '{"type": "speakers", "speakers": {}}'],
  ])("ignores a message %s", (_, text) => {
    expect(parseServerMessage(text)).toBeUndefined();
  });

  it("ignores what is not text", () => {
    expect(parseServerMessage(new ArrayBuffer(4))).toBeUndefined();
  });
});
