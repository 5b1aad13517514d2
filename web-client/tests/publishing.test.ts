import { describe, expect, it } from "vitest";
import type { ParleyError } from "../src/errors.js";
import { FakeTrack, joined, permissions, settle } from "./fakes.js";
import { answerPublish, joinedRoom, publishCamera } from "./joined-room.js";

const asTrack = (track: FakeTrack): MediaStreamTrack => track as unknown as MediaStreamTrack;

describe("publishing", () => {
  it("offers what is sent, and takes the server's name for it", async () => {
    const { browser, room } = await joinedRoom();
    const peer = await publishCamera(browser, room, "t42");
    expect(peer.configuration).toMatchObject({ bundlePolicy: "max-bundle" });
    expect(browser.socket.last("publish")).toEqual({
      type: "publish",
      id: 2,
      sdp: "offer 0.1",
      tracks: [{ mid: "0", source: "camera", name: "", muted: false }],
    });
    expect(room.localParticipant.publication("camera")).toMatchObject({ trackId: "t42", codec: "VP8", muted: false });
  });

  it("puts tracks that are published together into one offer", async () => {
    const { browser, room } = await joinedRoom();
    const both = Promise.all([room.localParticipant.publishMicrophone(), room.localParticipant.publishCamera()]);
    await settle();
    expect(browser.socket.ofType("publish")).toHaveLength(1);
    expect(browser.socket.last("publish")["tracks"]).toEqual([
      { mid: "0", source: "microphone", name: "", muted: false, stereo: false, dtx: true },
      { mid: "1", source: "camera", name: "", muted: false },
    ]);
    await answerPublish(browser, ["t1", "t2"]);
    expect((await both).map((publication) => publication?.trackId)).toEqual(["t1", "t2"]);
  });

  it("has one offer on its way at a time", async () => {
    const { browser, room } = await joinedRoom();
    const first = room.localParticipant.publishTrack(asTrack(new FakeTrack("video", "a")));
    await settle();
    const second = room.localParticipant.publishTrack(asTrack(new FakeTrack("video", "b")));
    await settle();
    expect(browser.socket.ofType("publish")).toHaveLength(1);
    await answerPublish(browser, ["t1"]);
    await first;
    expect(browser.socket.ofType("publish")).toHaveLength(2);
    await answerPublish(browser, ["t1", "t2"]);
    expect((await second).trackId).toBe("t2");
    expect(browser.peers).toHaveLength(1);
  });

  it("sends its candidates after the offer, and adds the server's after the answer", async () => {
    const { browser, room } = await joinedRoom();
    const publishing = room.localParticipant.publishCamera();
    await settle();
    const [peer] = browser.peers;
    peer?.onicecandidate?.({ candidate: { candidate: "candidate:1", sdpMid: "0" } });
    peer?.onicecandidate?.({ candidate: null });
    await browser.socket.say({ type: "candidate", connection: "publishing", candidate: "candidate:9" });
    expect(peer?.candidates).toEqual([]);
    await answerPublish(browser, ["t1"]);
    await publishing;
    expect(browser.socket.ofType("candidate")).toEqual([
      { type: "candidate", connection: "publishing", candidate: "candidate:1", mid: "0" },
    ]);
    expect(peer?.candidates).toEqual([{ candidate: "candidate:9", sdpMLineIndex: 0 }]);
  });

  it("sends three sizes where simulcast is asked for", async () => {
    const { browser, room } = await joinedRoom();
    void room.localParticipant.publishCamera({ simulcast: true });
    await settle();
    expect(browser.peers[0]?.transceivers[0]?.init?.sendEncodings?.map(({ rid }) => rid)).toEqual(["q", "h", "f"]);
  });

  it("prefers the codec that is asked for", async () => {
    const { browser, room } = await joinedRoom();
    browser.codecs = [
      { mimeType: "video/VP8", clockRate: 90_000 },
      { mimeType: "video/AV1", clockRate: 90_000 },
    ];
    void room.localParticipant.publishCamera({ codec: "av1" });
    await settle();
    expect(browser.peers[0]?.transceivers[0]?.preferences.map(({ mimeType }) => mimeType)).toEqual([
      "video/AV1",
      "video/VP8",
    ]);
  });

  it("tells of a track that the server does not take, and forgets it", async () => {
    const { browser, room } = await joinedRoom();
    const publishing = room.localParticipant.publishCamera();
    await settle();
    await browser.socket.reply("publish", { type: "published", sdp: "answer", tracks: [] });
    await expect(publishing).rejects.toMatchObject({ code: "codec_unsupported" });
    expect(room.localParticipant.publications).toEqual([]);
    expect(browser.tracks[0]?.readyState).toBe("ended");
    // A later offer may not send what it does not list.
    expect(browser.peers[0]?.transceivers[0]?.direction).toBe("inactive");
  });

  it("tells of an offer that the server refuses, and what was published before stays", async () => {
    const { browser, room } = await joinedRoom();
    const peer = await publishCamera(browser, room);
    const publishing = room.localParticipant.publishTrack(asTrack(new FakeTrack("video", "b")));
    await settle();
    await browser.socket.reply("publish", { type: "error", code: "too_many_tracks", message: "At most 1 track." });
    await expect(publishing).rejects.toMatchObject({ code: "too_many_tracks", message: "At most 1 track." });
    expect(peer.closed).toBe(false);
    expect(peer.transceivers[1]?.stopped).toBe(true);
    expect(room.localParticipant.publications.map(({ trackId }) => trackId)).toEqual(["t1"]);
  });

  it("waits and asks again while the server has no worker", async () => {
    const { browser, room } = await joinedRoom();
    const publishing = room.localParticipant.publishCamera();
    await settle();
    await browser.socket.reply("publish", { type: "error", code: "server_busy", message: "The media worker has stopped." });
    expect(browser.socket.ofType("publish")).toHaveLength(1);
    await browser.advance(500);
    expect(browser.socket.ofType("publish")).toHaveLength(2);
    await answerPublish(browser, ["t1"]);
    expect((await publishing)?.trackId).toBe("t1");
  });

  it("is not tried without permission, and no device is opened", async () => {
    const { browser, room } = await joinedRoom(joined({ permissions: { ...permissions, canPublish: false } }));
    await expect(room.localParticipant.publishCamera()).rejects.toMatchObject({ code: "not_allowed" });
    expect(browser.captured).toEqual([]);
  });

  it("ends with an offer without the track", async () => {
    const { browser, room } = await joinedRoom();
    const first = room.localParticipant.publishTrack(asTrack(new FakeTrack("video", "a")));
    const second = room.localParticipant.publishTrack(asTrack(new FakeTrack("video", "b")));
    await settle();
    await answerPublish(browser, ["t1", "t2"]);
    await first;
    room.localParticipant.unpublish(await second);
    await settle();
    expect(browser.socket.last("publish")["tracks"]).toMatchObject([{ mid: "0" }]);
    expect(browser.peers[0]?.transceivers[1]?.stopped).toBe(true);
  });
});

describe("muting", () => {
  it("of the microphone sends silence on, and tells the server", async () => {
    const { browser, room } = await joinedRoom();
    const publishing = room.localParticipant.publishMicrophone();
    await settle();
    await answerPublish(browser, ["t1"]);
    await publishing;
    await room.localParticipant.setMicrophoneEnabled(false);
    const [track] = browser.tracks;
    expect(track).toMatchObject({ enabled: false, readyState: "live" });
    expect(browser.socket.last("mute")).toMatchObject({ track: "t1", muted: true });
    await room.localParticipant.setMicrophoneEnabled(true);
    expect(track?.enabled).toBe(true);
    expect(browser.tracks).toHaveLength(1);
  });

  it("of the camera closes it, so that its light goes out, and opens it again afterwards, without negotiation", async () => {
    const { browser, room } = await joinedRoom();
    const peer = await publishCamera(browser, room);
    await room.localParticipant.setCameraEnabled(false);
    expect(browser.tracks[0]?.readyState).toBe("ended");
    expect(peer.transceivers[0]?.sender.track).toBeNull();
    expect(room.localParticipant.cameraEnabled).toBe(false);
    await room.localParticipant.setCameraEnabled(true);
    expect(peer.transceivers[0]?.sender.track).toBe(browser.tracks[1]);
    expect(browser.socket.ofType("mute").map(({ muted }) => muted)).toEqual([true, false]);
    expect(browser.socket.ofType("publish")).toHaveLength(1);
  });

  it("follows the last of several quick presses", async () => {
    const { browser, room } = await joinedRoom();
    await publishCamera(browser, room);
    await Promise.all([false, true, false, true, false].map((on) => room.localParticipant.setCameraEnabled(on)));
    expect(room.localParticipant.cameraEnabled).toBe(false);
    expect(browser.tracks.filter(({ readyState }) => readyState === "live")).toEqual([]);
    expect(browser.socket.last("mute")).toMatchObject({ muted: true });
  });

  it("while the track is still being published is told as soon as it is", async () => {
    const { browser, room } = await joinedRoom();
    const publishing = room.localParticipant.publishMicrophone();
    await settle();
    await room.localParticipant.setMicrophoneEnabled(false);
    expect(browser.socket.ofType("mute")).toEqual([]);
    await answerPublish(browser, ["t1"]);
    await publishing;
    expect(browser.socket.last("mute")).toMatchObject({ track: "t1", muted: true });
  });

  it("by somebody who may do so mutes here too", async () => {
    const { browser, room } = await joinedRoom();
    await publishCamera(browser, room);
    const track = { track: "t1", kind: "video", source: "camera", name: "", muted: true, codec: "VP8", simulcast: false };
    await browser.socket.say({ type: "trackUpdated", participant: "p1", track });
    expect(room.localParticipant.cameraEnabled).toBe(false);
    expect(browser.tracks[0]?.readyState).toBe("ended");
    expect(browser.socket.ofType("mute")).toEqual([]);
  });
});

describe("a device", () => {
  it("that is unplugged mutes its track and is told of", async () => {
    const { browser, room } = await joinedRoom();
    const warnings: ParleyError[] = [];
    room.on("warning", (warning) => warnings.push(warning));
    await publishCamera(browser, room);
    browser.tracks[0]?.end();
    await settle();
    expect(room.localParticipant.cameraEnabled).toBe(false);
    expect(browser.socket.last("mute")).toMatchObject({ muted: true });
    expect(warnings).toMatchObject([{ code: "device_lost" }]);
  });

  it("is exchanged during the call, the old one closed first", async () => {
    const { browser, room } = await joinedRoom();
    const peer = await publishCamera(browser, room);
    await room.localParticipant.switchDevice("camera", "other");
    expect(browser.tracks.map(({ readyState }) => readyState)).toEqual(["ended", "live"]);
    expect(browser.captured.at(-1)).toMatchObject({ video: { deviceId: { ideal: "other" } } });
    expect(peer.transceivers[0]?.sender.track).toBe(browser.tracks[1]);
  });

  it("that can't be opened leaves everything as it was, and can be tried again", async () => {
    const { browser, room } = await joinedRoom();
    browser.captureFailure = Object.assign(new Error("busy"), { name: "NotReadableError" });
    await expect(room.localParticipant.publishCamera()).rejects.toMatchObject({ code: "device_busy" });
    expect(room.localParticipant.publications).toEqual([]);
    browser.captureFailure = undefined;
    await publishCamera(browser, room);
    expect(room.localParticipant.cameraEnabled).toBe(true);
  });

  it("that a preview has opened already is used", async () => {
    const { browser, room } = await joinedRoom();
    const open = new FakeTrack("video", "preview");
    void room.localParticipant.setCameraEnabled(true, { track: asTrack(open) });
    await settle();
    expect(browser.captured).toEqual([]);
    expect(browser.peers[0]?.transceivers[0]?.sender.track).toBe(open);
  });
});

describe("a device that opens after we have left", () => {
  it.each([
    ["for the first time", false],
    ["once more", true],
  ])("%s is closed again", async (_when, published) => {
    const { browser, room } = await joinedRoom();
    if (published) {
      await publishCamera(browser, room);
      await room.localParticipant.setCameraEnabled(false);
    }
    const opening = room.localParticipant.setCameraEnabled(true);
    const left = expect(opening).rejects.toMatchObject({ code: "left" });
    room.disconnect();
    await left;
    expect(browser.tracks.map(({ readyState }) => readyState)).not.toContain("live");
  });
});
