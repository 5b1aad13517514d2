import { describe, expect, it } from "vitest";
import { joined, person, settle, trackInfo } from "./fakes.js";
import type { FakeBrowser } from "./fakes.js";
import { answerPublish, joinedRoom } from "./joined-room.js";
import type { Room } from "../src/room.js";
import type { ScreenOptions } from "../src/local-participant.js";
import type { RemoteParticipant } from "../src/participant.js";

async function share(browser: FakeBrowser, room: Room, options: ScreenOptions, tracks: string[]) {
  const sharing = room.localParticipant.shareScreen(options);
  await settle();
  await answerPublish(browser, tracks);
  return sharing;
}

const names = (room: Room): string[] => room.localParticipant.publications.map(({ source, name }) => `${source} ${name}`);

describe("sharing a screen", () => {
  it("asks for what suits its content, and says so to the encoder", async () => {
    const { browser, room } = await joinedRoom();
    await share(browser, room, { audio: false }, ["t1"]);
    await share(browser, room, { kind: "motion", audio: false }, ["t1", "t2"]);
    expect(browser.captured).toMatchObject([{ video: { frameRate: { ideal: 15 } } }, { video: { frameRate: { ideal: 30 } } }]);
    expect(browser.tracks.map(({ contentHint }) => contentHint)).toEqual(["text", "motion"]);
    const rates = browser.peers[0]?.transceivers.map(({ init }) => init?.sendEncodings?.[0]?.maxFramerate);
    expect(rates).toEqual([15, 30]);
  });

  it("gives picture and sound of one share the same name, and every share another", async () => {
    const { browser, room } = await joinedRoom();
    const first = await share(browser, room, {}, ["t1", "t2"]);
    await share(browser, room, {}, ["t1", "t2", "t3", "t4"]);
    expect(names(room)).toEqual(["screen screen 1", "screenAudio screen 1", "screen screen 2", "screenAudio screen 2"]);
    room.localParticipant.stopScreen(first);
    expect(names(room)).toEqual(["screen screen 2", "screenAudio screen 2"]);
    expect(browser.tracks.map(({ readyState }) => readyState)).toEqual(["ended", "ended", "live", "live"]);
    room.localParticipant.stopScreen();
    expect(names(room)).toEqual([]);
  });

  it("ends alone, whatever its name is, with its own sound", async () => {
    const { browser, room } = await joinedRoom();
    const named = { name: "slides" };
    const first = await share(browser, room, { ...named, audio: false }, ["t1"]);
    await share(browser, room, named, ["t1", "t2", "t3"]);
    const third = await share(browser, room, { ...named, audio: false }, ["t1", "t2", "t3", "t4"]);
    room.localParticipant.stopScreen(first);
    expect(names(room)).toEqual(["screen slides", "screenAudio slides", "screen slides"]);
    expect(browser.tracks.map(({ readyState }) => readyState)).toEqual(["ended", "live", "live", "live"]);
    browser.tracks[1]?.end();
    expect(room.localParticipant.publications).toEqual([third]);
    expect(browser.tracks.map(({ readyState }) => readyState)).toEqual(["ended", "ended", "ended", "live"]);
  });

  it("is heard with the picture beside which it was published, of several that have one name", async () => {
    const tracks = ["t1", "t2", "t3", "t4"].map((track, index) => {
      const audio = index % 2 === 1;
      return trackInfo(track, { kind: audio ? "audio" : "video", source: audio ? "screenAudio" : "screen", name: "slides" });
    });
    const { browser, room } = await joinedRoom(joined({ participants: [person("p2", "bob", tracks)] }));
    const bob = room.participants[0] as RemoteParticipant;
    const heard = (): unknown[] =>
      bob.publications.flatMap((each) => (each.source === "screen" ? [[each.trackId, bob.soundOf(each)?.trackId]] : []));
    expect(heard()).toEqual([["t1", "t2"], ["t3", "t4"]]);
    for (const track of ["t1", "t2"]) await browser.socket.say({ type: "trackUnpublished", participant: "p2", track });
    expect(heard()).toEqual([["t3", "t4"]]);
    await browser.socket.say({ type: "trackUnpublished", participant: "p2", track: "t4" });
    expect(heard()).toEqual([["t3", undefined]]);
  });

  it("ends when the user ends it in the browser's own bar, with its sound", async () => {
    const { browser, room } = await joinedRoom();
    await share(browser, room, {}, ["t1", "t2"]);
    await share(browser, room, { audio: false }, ["t1", "t2", "t3"]);
    browser.tracks[0]?.end();
    expect(names(room)).toEqual(["screen screen 2"]);
    expect(browser.tracks[1]?.readyState).toBe("ended");
  });
});
