import { describe, expect, it } from "vitest";
import { acceptStereo } from "../src/media/sdp.js";

function description(...sections: string[][]): string {
  return ["v=0", "s=-", ...sections.flat(), ""].join("\r\n");
}

const audio = (mid: string, ...lines: string[]): string[] => [
  "m=audio 9 UDP/TLS/RTP/SAVPF 111 63",
  `a=mid:${mid}`,
  ...lines,
];
const video = (mid: string): string[] => [
  "m=video 9 UDP/TLS/RTP/SAVPF 96",
  `a=mid:${mid}`,
  "a=rtpmap:96 VP8/90000",
  "a=fmtp:96 stereo=1",
];
const opus = "a=rtpmap:111 opus/48000/2";
const format = "a=fmtp:111 minptime=10;useinbandfec=1";

describe("accepting stereo", () => {
  it("asks for stereo in the sections in which the server offers it, and in no other", () => {
    const offer = description(audio("0", opus, `${format};stereo=1;sprop-stereo=1`), video("1"), audio("2", opus, format));
    const answer = description(audio("0", opus, format), video("1"), audio("2", opus, format));
    expect(acceptStereo(offer, answer)).toBe(
      description(audio("0", opus, `${format};stereo=1`), video("1"), audio("2", opus, format)),
    );
  });

  it("uses the payload type of the answer", () => {
    const offer = description(audio("0", opus, `${format};stereo=1`));
    const answer = description([
      "m=audio 9 UDP/TLS/RTP/SAVPF 109",
      "a=mid:0",
      "a=rtpmap:109 opus/48000/2",
      "a=fmtp:109 maxplaybackrate=48000",
    ]);
    expect(acceptStereo(offer, answer)).toContain("a=fmtp:109 maxplaybackrate=48000;stereo=1\r\n");
  });

  it("adds a format line where the answer has none", () => {
    const offer = description(audio("0", opus, "a=fmtp:111 stereo=1"));
    expect(acceptStereo(offer, description(audio("0", opus), video("1")))).toBe(
      description(audio("0", opus, "a=fmtp:111 stereo=1"), video("1")),
    );
  });

  it("leaves an answer alone that has stereo already (Firefox), and one to an offer without it", () => {
    const stereo = description(audio("0", opus, `${format};stereo=1`));
    expect(acceptStereo(stereo, stereo)).toBe(stereo);
    const mono = description(audio("0", opus, format));
    expect(acceptStereo(mono, mono)).toBe(mono);
    const spropOnly = description(audio("0", opus, `${format};sprop-stereo=1`));
    expect(acceptStereo(spropOnly, mono)).toBe(mono);
  });

  it("leaves a rejected section alone", () => {
    const offer = description(audio("0", opus, `${format};stereo=1`));
    const answer = description(["m=audio 0 UDP/TLS/RTP/SAVPF 0", "a=mid:0", "a=inactive"]);
    expect(acceptStereo(offer, answer)).toBe(answer);
  });
});
