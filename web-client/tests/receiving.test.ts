import { describe, expect, it } from "vitest";
import type { RemoteTrackPublication } from "../src/track-publication.js";
import { FakeElement, joined, person, resumed, settle, trackInfo } from "./fakes.js";
import { joinedRoom, offer } from "./joined-room.js";

const twoTracks = joined({ participants: [person("p2", "bob", [trackInfo("t3"), trackInfo("t4", { source: "screen" })])] });

describe("receiving", () => {
  it("knows by the section whose track it is, never by the track's id", async () => {
    const { browser, room } = await joinedRoom(twoTracks);
    await browser.socket.say(
      offer(1, [
        ["0", "t4"],
        ["1", "t3"],
      ]),
    );
    const bob = room.participants[0];
    const [peer] = browser.peers;
    expect(bob?.publication("camera")?.track).toBe(peer?.received("1"));
    expect(bob?.publication("screen")?.track).toBe(peer?.received("0"));
    expect(browser.socket.last("answer")).toMatchObject({ revision: 1, sdp: "answer" });
  });

  it("answers offers in their order, on one connection", async () => {
    const { browser } = await joinedRoom(twoTracks);
    void browser.socket.say(offer(1, [["0", "t3"]]));
    await browser.socket.say(
      offer(2, [
        ["0", "t3"],
        ["1", "t4"],
      ]),
    );
    expect(browser.socket.ofType("answer").map(({ revision }) => revision)).toEqual([1, 2]);
    expect(browser.peers).toHaveLength(1);
  });

  it("gives a section that is used again to the other track", async () => {
    const { browser, room } = await joinedRoom(twoTracks);
    await browser.socket.say(offer(1, [["0", "t3"]]));
    await browser.socket.say(offer(2, [["0", "t4"]]));
    const bob = room.participants[0];
    expect(bob?.publication("camera")?.track).toBeUndefined();
    expect(bob?.publication("screen")?.track).toBe(browser.peers[0]?.received("0"));
  });

  it("keeps the media of a track that is announced only later", async () => {
    const { browser, room } = await joinedRoom();
    await browser.socket.say(offer(1, [["0", "t9"]]));
    await browser.socket.say({ type: "trackPublished", participant: "p2", track: trackInfo("t9", { source: "screen" }) });
    expect(room.participants[0]?.publication("screen")?.track).toBe(browser.peers[0]?.received("0"));
  });

  it("asks for stereo where the server offers it", async () => {
    const { browser } = await joinedRoom();
    const section = (format: string): string =>
      ["v=0", "m=audio 9 UDP/TLS/RTP/SAVPF 111", "a=mid:0", "a=rtpmap:111 opus/48000/2", `a=fmtp:111 ${format}`, ""].join(
        "\r\n",
      );
    // The connection is made by the first offer; its answers are set before the second.
    await browser.socket.say(offer(1, [["0", "t3"]]));
    const [peer] = browser.peers;
    if (peer) peer.answer = section("minptime=10");
    await browser.socket.say({ ...offer(2, [["0", "t3"]]), sdp: section("minptime=10;stereo=1") });
    expect(browser.socket.last("answer")["sdp"]).toBe(section("minptime=10;stereo=1"));
    expect(peer?.localDescription?.sdp).toBe(section("minptime=10;stereo=1"));
  });

  it("asks for a new connection when an offer can't be used", async () => {
    const { browser } = await joinedRoom();
    await browser.socket.say(offer(1, [["0", "t3"]]));
    const [peer] = browser.peers;
    if (peer) peer.failRemote = true;
    await browser.socket.say(offer(2, [["0", "t3"]]));
    await browser.advance(0);
    expect(browser.socket.last("restart")).toMatchObject({ connection: "subscribing", replace: true });
  });
});

describe("an attached element", () => {
  it("leaves the stream alone that the page has shown in it before", async () => {
    const { browser, room } = await joinedRoom();
    await browser.socket.say(offer(1, [["0", "t3"]]));
    const element = new FakeElement();
    const track = {} as MediaStreamTrack;
    const own = browser.api.createStream(track);
    element.srcObject = own as unknown as FakeElement["srcObject"];
    room.participants[0]?.publication("camera")?.attach(element.asElement);
    expect(own.getTracks()).toEqual([track]);
    expect(element.srcObject?.track).toBe(room.participants[0]?.publication("camera")?.track);
  });

  it("gets the media when it comes, and the next one when that is replaced, without a click", async () => {
    const { browser, room } = await joinedRoom();
    const element = new FakeElement();
    const publication = room.participants[0]?.publication("camera");
    publication?.attach(element.asElement);
    expect(element.srcObject).toBeNull();
    await browser.socket.say(offer(1, [["0", "t3"]]));
    expect(element.srcObject?.track).toBe(browser.peers[0]?.received("0"));

    await browser.socket.say({ type: "moved" });
    await browser.socket.say(offer(2, [["0", "t3"]], { replace: true }));
    expect(browser.peers).toHaveLength(2);
    expect(element.srcObject?.track).toBe(browser.peers[1]?.received("0"));
    expect(element.played).toBe(2);
  });

  it("keeps its stream when it shows something already, and gets another one when it does not", async () => {
    const { browser, room } = await joinedRoom();
    const [playing, waiting] = [new FakeElement(), new FakeElement()];
    waiting.readyState = 0;
    for (const { asElement } of [playing, waiting]) room.participants[0]?.publication("camera")?.attach(asElement);
    await browser.socket.say(offer(1, [["0", "t3"]]));
    const before = [playing.srcObject, waiting.srcObject];
    await browser.socket.say({ type: "moved" });
    await browser.socket.say(offer(2, [["0", "t3"]], { replace: true }));
    expect(playing.srcObject).toBe(before[0]);
    expect(waiting.srcObject).not.toBe(before[1]);
    for (const { srcObject } of [playing, waiting]) expect(srcObject?.getTracks()).toEqual([browser.peers[1]?.received("0")]);
  });

  it("is let go when the publication ends", async () => {
    const { browser, room } = await joinedRoom();
    const element = new FakeElement();
    room.participants[0]?.publication("camera")?.attach(element.asElement);
    await browser.socket.say(offer(1, [["0", "t3"]]));
    await browser.socket.say({ type: "trackUnpublished", participant: "p2", track: "t3" });
    expect(element.srcObject).toBeNull();
  });

  it("that may not play yet is told of, and plays after a click", async () => {
    const { browser, room } = await joinedRoom();
    const states: boolean[] = [];
    room.on("playbackBlocked", (blocked) => states.push(blocked));
    const element = new FakeElement();
    element.blocked = true;
    room.participants[0]?.publication("camera")?.attach(element.asElement);
    await browser.socket.say(offer(1, [["0", "t3"]]));
    expect(room.playbackIsBlocked).toBe(true);
    element.blocked = false;
    await room.startPlayback();
    expect(states).toEqual([true, false]);
    expect(element.played).toBe(2);
  });
});

describe("a remote publication", () => {
  it("tells why there is no media, until there is", async () => {
    const { browser, room } = await joinedRoom();
    const publication = room.participants[0]?.publication("camera");
    const message = "This browser cannot decode H264.";
    await browser.socket.say({ type: "subscription", track: "t3", state: "refused", reason: "codec_unsupported", message });
    expect(publication?.refusal).toMatchObject({ code: "codec_unsupported", message });
    await browser.socket.say(offer(1, [["0", "t3"]]));
    expect(publication?.refusal).toBeUndefined();
  });

  it("follows its publisher", async () => {
    const { browser, room } = await joinedRoom();
    const publication = room.participants[0]?.publication("camera");
    let updates = 0;
    publication?.on("updated", () => (updates += 1));
    await browser.socket.say({
      type: "trackUpdated",
      participant: "p2",
      track: trackInfo("t3", { muted: true, codec: "VP9" }),
    });
    expect(publication).toMatchObject({ muted: true, codec: "VP9" });
    expect(updates).toBe(1);
  });

  it("can be unsubscribed from, and stays so when the connection was lost", async () => {
    const { browser, room } = await joinedRoom();
    const publication = room.participants[0]?.publication("camera") as RemoteTrackPublication;
    const done = publication.setSubscribed(false);
    await browser.socket.reply("unsubscribe", { type: "ok" });
    await done;
    expect(publication.subscribed).toBe(false);
    await browser.socket.drop();
    await browser.advance(100);
    await browser.socket.open();
    await browser.socket.reply("resume", resumed());
    expect(browser.socket.last("unsubscribe")).toMatchObject({ track: "t3" });
  });
});

describe("the room", () => {
  it("tells who speaks, the loudest first", async () => {
    const { browser, room } = await joinedRoom();
    const speaking: string[][] = [];
    room.on("speakersChanged", (speakers) => speaking.push(speakers.map(({ identity }) => identity)));
    await browser.socket.say({
      type: "speakers",
      speakers: [
        { participant: "p2", level: 0.7 },
        { participant: "p1", level: 0.9 },
      ],
    });
    await browser.socket.say({ type: "speakers", speakers: [] });
    expect(speaking).toEqual([["ada", "bob"], []]);
    expect(room.participants[0]).toMatchObject({ speaking: false, level: 0 });
  });

  it("carries chat both ways", async () => {
    const { browser, room } = await joinedRoom();
    const heard: unknown[] = [];
    room.on("chat", ({ participant, text, private: restricted }) => heard.push([participant?.identity, text, restricted]));
    await browser.socket.say({ type: "chat", participant: "p2", text: "Hello", time: 1790000000000, private: true });
    expect(heard).toEqual([["bob", "Hello", true]]);
    const sending = room.sendChat("Hi", room.participants[0]);
    expect(browser.socket.last("chat")).toMatchObject({ text: "Hi", to: "p2" });
    await browser.socket.reply("chat", { type: "ok" });
    await sending;
  });

  it("tells of a message that the server does not take", async () => {
    const { browser, room } = await joinedRoom();
    const sending = room.sendChat("x");
    const failed = expect(sending).rejects.toMatchObject({ code: "too_many_messages" });
    await browser.socket.reply("chat", { type: "error", code: "too_many_messages", message: "Slowly." });
    await failed;
  });

  it("tells of changes of a person without losing their tracks", async () => {
    const { browser, room } = await joinedRoom();
    await browser.socket.say({
      type: "participantUpdated",
      participant: { ...person("p2", "bob"), name: "Bob B.", connection: "reconnecting" },
    });
    expect(room.participants[0]).toMatchObject({ name: "Bob B.", connection: "reconnecting" });
    expect(room.participants[0]?.publications).toHaveLength(1);
  });

  it("survives what it does not know", async () => {
    const { browser, room } = await joinedRoom();
    await browser.socket.say({ type: "brandNew" });
    await browser.socket.say({ type: "trackPublished", participant: "p99", track: trackInfo("t1") });
    await browser.socket.say({ type: "participantLeft", participant: "p99", reason: "left" });
    await settle();
    expect(room.state).toBe("connected");
  });
});
