import { describe, expect, it } from "vitest";
import type { Room } from "../src/room.js";
import type { RoomOptions } from "../src/room-events.js";
import { FakeElement, joined, person, settle, trackInfo } from "./fakes.js";
import type { FakeBrowser, FakePeer } from "./fakes.js";
import { joinedRoom, offer, publishCamera } from "./joined-room.js";

const roomState = { locked: false, lobby: false, direct: true };
const bob = person("p2", "bob", [trackInfo("t3")]);

interface Said {
  to: string;
  kind: string;
  payload: string;
}

const said = (browser: FakeBrowser, kind: string): Said[] =>
  (browser.socket.ofType("direct") as unknown as Said[]).filter((message) => message.kind === kind);
const attemptOf = (browser: FakeBrowser): string =>
  (JSON.parse(said(browser, "offer")[0]?.payload ?? "{}") as { attempt: string }).attempt;

async function bobSays(browser: FakeBrowser, kind: string, message: Record<string, unknown> | string): Promise<void> {
  const payload = typeof message === "string" ? message : JSON.stringify(message);
  await browser.socket.say({ type: "direct", participant: "p2", purpose: "call", kind, payload });
}

/** Ada, who sends her camera, and Bob, whose camera comes over the server; half a second later. */
async function two(options: RoomOptions = {}): Promise<{ browser: FakeBrowser; room: Room; server: FakePeer }> {
  const { browser, room } = await joinedRoom(joined({ participants: [bob], roomState }), {}, options);
  await publishCamera(browser, room);
  await browser.socket.say(offer(1, [["0", "t3"]]));
  const server = browser.peers.at(-1) as FakePeer;
  await server.become("connected");
  await browser.advance(800);
  return { browser, room, server };
}

/** The same, and it goes directly. */
async function direct(): Promise<{ browser: FakeBrowser; room: Room; server: FakePeer; peer: FakePeer; element: FakeElement }> {
  const { browser, room, server } = await two();
  const element = new FakeElement();
  room.participants[0]?.publication("camera")?.attach(element.asElement);
  browser.see(element, true);
  const peer = browser.peers.at(-1) as FakePeer;
  peer.onnegotiationneeded?.();
  await settle();
  const attempt = attemptOf(browser);
  await bobSays(browser, "answer", { attempt, sdp: "answer", tracks: [] });
  await bobSays(browser, "offer", { attempt, sdp: "mids 7", tracks: [{ mid: "7", track: "t3" }] });
  await peer.become("connected");
  await flows(browser, peer, "7");
  return { browser, room, server, peer, element };
}

async function flows(browser: FakeBrowser, peer: FakePeer, mid: string, duration = 400): Promise<void> {
  for (let passed = 0; passed < duration; passed += 50) {
    const transceiver = peer.transceivers.find((each) => each.mid === mid);
    if (transceiver) transceiver.received.framesDecoded = transceiver.received.packetsReceived += 1;
    await browser.advance(50);
  }
}

const viewOf = (browser: FakeBrowser): unknown => (browser.socket.last("view")["views"] as unknown[])[0];

describe("a call of two", () => {
  it("is offered to the other one by who came first, with what is sent in which section", async () => {
    const { browser, room } = await two();
    expect(browser.peers).toHaveLength(3);
    const peer = browser.peers.at(-1) as FakePeer;
    peer.onnegotiationneeded?.();
    await settle();
    const [{ to, payload } = { to: "", payload: "{}" }] = said(browser, "offer");
    expect(to).toBe("p2");
    expect(JSON.parse(payload)).toMatchObject({ sdp: "offer 2.1", tracks: [{ mid: "0", track: "t1" }] });
    expect(peer.transceivers[0]?.sender.track).toBe(room.localParticipant.publication("camera")?.track);
    expect(peer.transceivers[0]?.init?.sendEncodings).toHaveLength(1);
  });

  it("is awaited by who came second, and answered", async () => {
    const participant = person("p9", "ada");
    const { browser, room } = await joinedRoom(joined({ participant, participants: [bob], roomState }));
    await publishCamera(browser, room);
    await browser.advance(800);
    const peer = browser.peers.at(-1) as FakePeer;
    expect(peer.transceivers).toHaveLength(0);
    await bobSays(browser, "offer", { attempt: "first", sdp: "mids 4", tracks: [{ mid: "4", track: "t3" }] });
    expect(said(browser, "answer").map(({ payload }) => JSON.parse(payload) as unknown)).toMatchObject([{ attempt: "first" }]);
    await bobSays(browser, "candidate", { attempt: "first", candidate: { candidate: "candidate:1", sdpMid: "4" } });
    await bobSays(browser, "candidate", { attempt: "another", candidate: { candidate: "candidate:2", sdpMid: "4" } });
    expect(peer.candidates).toEqual([{ candidate: "candidate:1", sdpMid: "4" }]);
    await browser.advance(300);
    expect(peer.transceivers).toHaveLength(2);
  });

  it("takes an offer that comes before it would begin itself, and its candidates", async () => {
    const participant = person("p9", "ada");
    const { browser } = await joinedRoom(joined({ participant, participants: [bob], roomState }));
    await bobSays(browser, "offer", { attempt: "first", sdp: "mids 4", tracks: [] });
    await bobSays(browser, "candidate", { attempt: "first", candidate: { candidate: "candidate:1" } });
    await browser.advance(10);
    expect(browser.peers.at(-1)?.candidates).toHaveLength(1);
    expect(said(browser, "answer")).toHaveLength(1);
  });

  it.each([
    ["the room forbids it", { roomState: { ...roomState, direct: false } }, {}],
    ["the page does not want it", { roomState }, { direct: false }],
    ["the server knows nothing of it", {}, {}],
    ["there are three", { roomState, participants: [bob, person("p3", "carol")] }, {}],
  ])("does not go directly where %s", async (_why, changes, options) => {
    const { browser } = await joinedRoom(joined(changes), {}, options);
    await bobSays(browser, "offer", { attempt: "first", sdp: "mids 4", tracks: [] });
    await browser.advance(20_000);
    expect(browser.peers).toHaveLength(0);
    expect(browser.socket.ofType("direct")).toEqual([]);
  });

  it("shows what comes directly when it is there, in the same stream, and lets the server rest", async () => {
    const paths: string[] = [];
    const { browser, room, peer, element } = await direct();
    room.on("pathChanged", (path) => paths.push(path));
    expect(room.path).toBe("direct");
    expect(element.srcObject?.track).toBe(peer.received("7"));
    expect(element.srcObject?.getTracks()).toHaveLength(1);
    expect(viewOf(browser)).toMatchObject({ track: "t3", visible: false });
    const report = await room.getStats(room.participants[0]?.publication("camera") as never);
    expect(report?.get("in")).toMatchObject({ framesDecoded: peer.transceivers.at(-1)?.received.framesDecoded });
  });

  it("goes on over the server when a third comes, and shows it only when it is there", async () => {
    const { browser, room, server, peer, element } = await direct();
    await browser.socket.say({ type: "participantJoined", participant: person("p3", "carol") });
    await flows(browser, peer, "7");
    expect(said(browser, "leaving")).toHaveLength(1);
    expect(viewOf(browser)).toMatchObject({ track: "t3", visible: true });
    expect(element.srcObject?.track).toBe(peer.received("7"));
    await flows(browser, server, "0");
    expect(element.srcObject?.track).toBe(server.received("0"));
    expect(room.path).toBe("server");
    expect(said(browser, "left")).toHaveLength(1);
    expect(peer.closed).toBe(false);
    await bobSays(browser, "left", "");
    await browser.advance(200);
    expect(peer.closed).toBe(true);
  });

  it("goes on over the server when nothing comes directly for a second", async () => {
    const { browser, server, peer, element } = await direct();
    await browser.advance(900);
    expect(said(browser, "leaving")).toHaveLength(0);
    await browser.advance(600);
    expect(said(browser, "leaving").map(({ payload }) => payload)).toEqual(["failed"]);
    await flows(browser, server, "0");
    expect(element.srcObject?.track).toBe(server.received("0"));
    await browser.advance(5_000);
    expect(peer.closed).toBe(true);
  });

  it("sends directly what is published, exchanged and taken back meanwhile", async () => {
    const { browser, room, peer } = await direct();
    const [camera] = peer.transceivers;
    await room.localParticipant.switchDevice("camera", "other");
    await flows(browser, peer, "7");
    expect(camera?.sender.track).toBe(room.localParticipant.publication("camera")?.track);
    await room.localParticipant.setCameraEnabled(false);
    await flows(browser, peer, "7");
    expect(camera?.sender.track).toBeNull();
    room.localParticipant.unpublish(room.localParticipant.publications[0] as never);
    await flows(browser, peer, "7");
    expect(camera?.stopped).toBe(true);
  });

  it("asks for both channels of what has two, and only of that", async () => {
    const { browser, peer } = await direct();
    const section = (mid: string): string => `m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:${mid}\r\na=rtpmap:111 opus/48000/2\r\n`;
    peer.answer = section("7") + section("8");
    const tracks = [
      { mid: "7", track: "t3" },
      { mid: "8", track: "t8", stereo: true },
    ];
    await bobSays(browser, "offer", { attempt: attemptOf(browser), sdp: "mids 7 8", tracks });
    expect(peer.localDescription?.sdp).toBe(`${section("7")}${section("8")}a=fmtp:111 stereo=1\r\n`);
  });

  it("ends with the room", async () => {
    const { browser, room, peer } = await direct();
    room.disconnect();
    expect(peer.closed).toBe(true);
    await browser.advance(60_000);
    expect(browser.peers.filter(({ closed }) => !closed)).toEqual([]);
  });

  it("is not disturbed by what is no message", async () => {
    const { browser, room, peer } = await direct();
    for (const payload of ["", "null", "7", "{}", '{"attempt":7}', '{"attempt":"x","tracks":{}}', "{"]) {
      for (const kind of ["offer", "answer", "candidate", "left out"]) await bobSays(browser, kind, payload);
    }
    await flows(browser, peer, "7");
    expect(room.path).toBe("direct");
  });
});

it("whoever is not the other one of two can't offer a connection in their place", async () => {
  const participant = person("p9", "ada");
  const { browser } = await joinedRoom(joined({ participant, participants: [bob], roomState }));
  await browser.advance(800);
  const peer = browser.peers.at(-1) as FakePeer;
  const payload = JSON.stringify({ attempt: "mine", sdp: "mids 4", tracks: [] });
  await browser.socket.say({ type: "direct", participant: "p3", purpose: "call", kind: "offer", payload });
  expect(peer.remoteDescription).toBeUndefined();
  await bobSays(browser, "offer", { attempt: "first", sdp: "mids 4", tracks: [] });
  expect(said(browser, "answer")).toHaveLength(1);
});

it("a look at the connection that fails is not the last one", async () => {
  const { browser, room, peer } = await direct();
  expect(room.path).toBe("direct");
  const receiver = peer.transceivers.find(({ mid }) => mid === "7")?.receiver as { getStats: unknown };
  receiver.getStats = () => Promise.reject(new Error("the connection is closed"));
  await browser.advance(500);
  peer.connectionState = "failed";
  receiver.getStats = () => Promise.resolve(new Map());
  await browser.advance(6_000);
  expect(room.path).toBe("server");
});
