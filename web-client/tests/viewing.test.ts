import { describe, expect, it } from "vitest";
import type { Room } from "../src/room.js";
import type { RemoteTrackPublication } from "../src/track-publication.js";
import { isWanted, largest } from "../src/viewing/quality.js";
import type { Pause, Quality } from "../src/viewing/quality.js";
import { FakeElement, joined, person, resumed, settle, trackInfo } from "./fakes.js";
import type { FakeBrowser, FakePeer } from "./fakes.js";
import { answerPublish, joinedRoom, publishCamera } from "./joined-room.js";

const later = 300;
const soon = 50;

function camera(room: Room): RemoteTrackPublication {
  return room.participants[0]?.publication("camera") as RemoteTrackPublication;
}
function views(browser: FakeBrowser): Record<string, unknown>[] {
  return browser.socket.ofType("view").flatMap(({ views: all }) => all as Record<string, unknown>[]);
}
/** Bob's camera, shown in an element of 640 × 360 that can be seen, and the server knows it. */
async function watching() {
  const { browser, room } = await joinedRoom();
  const element = new FakeElement();
  camera(room).attach(element.asElement);
  browser.see(element, true);
  await browser.advance(soon);
  return { browser, room, element, publication: camera(room) };
}

describe("how a track is shown", () => {
  it("is told soon after it appears, in device pixels", async () => {
    const { browser } = await watching();
    expect(browser.socket.last("view")).toEqual({
      type: "view",
      views: [{ track: "t3", visible: true, width: 640, height: 360, priority: 100 }],
    });
  });

  it("is not told while the track was never shown in an element: a page may draw it itself", async () => {
    const { browser } = await joinedRoom();
    await browser.advance(10_000);
    expect(browser.socket.ofType("view")).toEqual([]);
  });

  it("is gathered: a tile that moves to its place is told a few times, not in every frame", async () => {
    const { browser, element } = await watching();
    for (let frame = 0; frame < 60; frame++) {
      browser.see(element, true, 640 - frame, 360);
      await browser.advance(16);
    }
    await browser.advance(later);
    expect(browser.socket.ofType("view").length).toBeLessThan(7);
    expect(views(browser).at(-1)).toMatchObject({ width: 581 });
  });

  it("is told at once when a tile grows that stood still: a layer that was switched off has to come back", async () => {
    const { browser, element } = await watching();
    await browser.advance(later);
    browser.see(element, true, 1280, 720);
    await browser.advance(soon);
    expect(views(browser).at(-1)).toMatchObject({ width: 1280 });
  });

  it("says that a hidden tile is hidden, and very soon that it is seen again", async () => {
    const { browser, element } = await watching();
    browser.see(element, false);
    await browser.advance(later);
    expect(views(browser).at(-1)).toMatchObject({ visible: false });
    browser.see(element, true);
    await browser.advance(soon);
    expect(views(browser).at(-1)).toMatchObject({ visible: true, width: 640 });
  });

  it("is not told again while it is as it was", async () => {
    const { browser, element } = await watching();
    browser.see(element, false);
    browser.see(element, true);
    await browser.advance(later);
    expect(views(browser)).toHaveLength(1);
  });

  it("counts the largest element that can be seen", async () => {
    const { browser, publication } = await watching();
    const small = new FakeElement();
    const hidden = new FakeElement();
    publication.attach(small.asElement);
    publication.attach(hidden.asElement);
    browser.see(small, true, 100, 100);
    browser.see(hidden, false, 4000, 4000);
    await browser.advance(later);
    expect(views(browser)).toHaveLength(1);
    expect(largest([])).toEqual({ visible: false, width: 0, height: 0 });
  });

  it("is hidden once it is detached from all elements, which are then not observed any more", async () => {
    const { browser, element, publication } = await watching();
    publication.detach(element.asElement);
    await browser.advance(later);
    expect(views(browser).at(-1)).toMatchObject({ visible: false });
    expect(browser.observed).toBe(0);
  });

  it("of a track that has ended is neither told nor observed", async () => {
    const { browser, element } = await watching();
    browser.see(element, true, 10, 10);
    await browser.socket.say({ type: "trackUnpublished", participant: "p2", track: "t3" });
    await browser.advance(later);
    expect(views(browser)).toHaveLength(1);
    expect(browser.observed).toBe(0);
  });

  it("of many tracks goes into one message", async () => {
    const tracks = [trackInfo("t3"), trackInfo("t4", { source: "screen" })];
    const { browser, room } = await joinedRoom(joined({ participants: [person("p2", "bob", tracks)] }));
    for (const publication of room.participants[0]?.publications ?? []) {
      const element = new FakeElement();
      publication.attach(element.asElement);
      browser.see(element, true);
    }
    await browser.advance(soon);
    expect(browser.socket.ofType("view")).toHaveLength(1);
    expect(views(browser)).toHaveLength(2);
  });

  it("has a priority and a maximum, which can be set without any element", async () => {
    const { browser, room } = await joinedRoom();
    camera(room).setPriority(200.4);
    camera(room).setMaximum({ encoding: 0, temporal: 1 });
    await browser.advance(later);
    expect(views(browser)).toEqual([
      { track: "t3", visible: true, width: 0, height: 0, priority: 200, maximum: { encoding: 0, temporal: 1 } },
    ]);
    camera(room).setPriority(1000);
    camera(room).setMaximum({});
    await browser.advance(later);
    expect(views(browser).at(-1)).toEqual({ track: "t3", visible: true, width: 0, height: 0, priority: 255 });
  });

  it("is told again after a lost connection, with what has changed meanwhile", async () => {
    const { browser, element } = await watching();
    await browser.socket.drop();
    browser.see(element, true, 320, 180);
    await browser.advance(1_000);
    await browser.socket.open();
    await browser.socket.reply("resume", resumed());
    await browser.advance(0);
    expect(views(browser)).toEqual([{ track: "t3", visible: true, width: 320, height: 180, priority: 100 }]);
  });

  it("is told again when a track is subscribed to anew, and not while it is not", async () => {
    const { browser, element, publication } = await watching();
    const leaving = publication.setSubscribed(false);
    await browser.socket.reply("unsubscribe", { type: "ok" });
    await leaving;
    browser.see(element, true, 100, 100);
    await browser.advance(later);
    expect(views(browser)).toHaveLength(1);
    const coming = publication.setSubscribed(true);
    await browser.socket.reply("subscribe", { type: "ok" });
    await coming;
    await browser.advance(soon);
    expect(views(browser).at(-1)).toMatchObject({ width: 100 });
  });

  it("leaves no timer behind", async () => {
    const { browser, room, element } = await watching();
    browser.see(element, false);
    room.disconnect();
    await settle();
    const before = browser.socket.sent.length;
    await browser.advance(60_000);
    expect(browser.socket.sent).toHaveLength(before);
    expect(browser.pendingTimers).toBe(0);
  });
});

describe("what we get, and why", () => {
  const picture = { encoding: 0, spatial: 0, temporal: 2, width: 320, height: 180, bitrate: 150_000, paused: false };
  const quality: Quality = {
    current: picture,
    wanted: { ...picture, encoding: 1, width: 640, height: 360 },
    limit: "bandwidth",
    estimate: 900_000,
  };

  it("is told by an event and kept", async () => {
    const { browser, room } = await joinedRoom();
    const told: Quality[] = [];
    camera(room).on("qualityChanged", (each) => told.push(each));
    expect(camera(room).quality).toBeUndefined();
    await browser.socket.say({ type: "quality", track: "t3", ...quality });
    await browser.socket.say({ type: "quality", track: "t99", ...quality });
    expect(told).toEqual([quality]);
    expect(camera(room).quality).toEqual(quality);
  });

  it("of a paused track is its reason, until it goes on", async () => {
    const { browser, room } = await joinedRoom();
    const told: (Pause | "resumed")[] = [];
    camera(room).on("paused", (pause) => told.push(pause));
    camera(room).on("resumed", () => told.push("resumed"));
    const paused = { type: "subscription", track: "t3", state: "paused", reason: "bandwidth", message: "Too slow." };
    await browser.socket.say(paused);
    await browser.socket.say(paused);
    expect(camera(room).paused).toEqual({ reason: "bandwidth", message: "Too slow." });
    expect(camera(room).refusal).toBeUndefined();
    await browser.socket.say({ type: "subscription", track: "t3", state: "waiting" });
    expect(camera(room).paused).toBeDefined();
    await browser.socket.say({ type: "subscription", track: "t3", state: "active" });
    expect(camera(room).paused).toBeUndefined();
    expect(told).toEqual([{ reason: "bandwidth", message: "Too slow." }, "resumed"]);
  });
});

describe("what nobody watches", () => {
  async function publishing() {
    const { browser, room } = await joinedRoom();
    const published = room.localParticipant.publishCamera({ simulcast: true });
    await settle();
    await answerPublish(browser, ["t1"]);
    await published;
    const peer = browser.peers.at(-1) as FakePeer;
    await peer.become("connected");
    return { browser, room, peer };
  }
  const active = (peer: FakePeer | undefined): unknown => peer?.transceivers[0]?.active;

  it("is switched off, and on again at once when it is watched", async () => {
    const { browser, peer } = await publishing();
    expect(active(peer)).toEqual(["q", "h", "f"]);
    await browser.socket.say({ type: "encodings", track: "t1", rids: ["q"], any: true });
    expect(active(peer)).toEqual(["q"]);
    await browser.socket.say({ type: "encodings", track: "t1", rids: ["q", "h", "f"], any: true });
    expect(active(peer)).toEqual(["q", "h", "f"]);
    await browser.socket.say({ type: "encodings", track: "t1", rids: [], any: false });
    expect(active(peer)).toEqual([]);
  });

  it("keeps its rates and sizes", async () => {
    const { browser, peer } = await publishing();
    const before = peer.transceivers[0]?.encodings.map(({ maxBitrate, scaleResolutionDownBy }) => [maxBitrate, scaleResolutionDownBy]);
    await browser.socket.say({ type: "encodings", track: "t1", rids: ["f"], any: true });
    const after = peer.transceivers[0]?.encodings.map(({ maxBitrate, scaleResolutionDownBy }) => [maxBitrate, scaleResolutionDownBy]);
    expect(after).toEqual(before);
  });

  it("is told to the browser only when something changes", async () => {
    const { browser, peer } = await publishing();
    await browser.socket.say({ type: "encodings", track: "t1", rids: ["q", "h", "f"], any: true });
    expect(peer.transceivers[0]?.told).toBe(0);
  });

  it("is switched off again on a connection that takes the place of another", async () => {
    const { browser, peer } = await publishing();
    await browser.socket.say({ type: "encodings", track: "t1", rids: ["h"], any: true });
    await peer.become("failed");
    await browser.advance(0);
    await answerPublish(browser, ["t1"]);
    expect(browser.peers).toHaveLength(2);
    expect(active(browser.peers[1])).toEqual(["h"]);
  });

  it("is not known after a move to another worker: all of it is sent, until the server says more", async () => {
    const { browser, room, peer } = await publishing();
    await browser.socket.say({ type: "encodings", track: "t1", rids: ["h"], any: true });
    await browser.socket.say({ type: "moved" });
    expect(peer.closed).toBe(true);
    await answerPublish(browser, ["t1"]);
    expect(active(browser.peers[1])).toEqual(["q", "h", "f"]);
    expect(room.localParticipant.publication("camera")?.wantedEncodings).toBeUndefined();
  });

  it("may be told before the track is known here", async () => {
    const { browser, room } = await joinedRoom();
    const published = room.localParticipant.publishCamera({ simulcast: true });
    await settle();
    const { socket } = browser;
    const reply = { type: "published", id: socket.last("publish")["id"], sdp: "answer", tracks: [{ mid: "0", track: "t1" }] };
    for (const message of [reply, { type: "encodings", track: "t1", rids: ["q"], any: true }])
      socket.onmessage?.({ data: JSON.stringify(message) });
    await published;
    await settle();
    expect(active(browser.peers[0])).toEqual(["q"]);
  });

  it("is applied to a track without simulcast, and to sound, as a whole", async () => {
    const { browser, room } = await joinedRoom();
    const peer = await publishCamera(browser, room);
    await browser.socket.say({ type: "encodings", track: "t1", rids: [], any: true });
    expect(peer.transceivers[0]?.active).toHaveLength(1);
    await browser.socket.say({ type: "encodings", track: "t1", rids: [], any: false });
    expect(peer.transceivers[0]?.active).toEqual([]);
    expect(isWanted(undefined, "q")).toBe(true);
    expect(isWanted({ rids: ["q"], any: true }, "h")).toBe(false);
  });

  it("of a track that is not ours any more is ignored", async () => {
    const { browser, peer } = await publishing();
    await browser.socket.say({ type: "encodings", track: "t77", rids: [], any: false });
    expect(active(peer)).toEqual(["q", "h", "f"]);
  });
});
