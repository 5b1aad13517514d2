import { describe, expect, it } from "vitest";
import { FakeElement, FakeTrack, settle } from "./fakes.js";
import type { FakePeer } from "./fakes.js";
import { answerPublish, joinedRoom, offer, publishCamera } from "./joined-room.js";

async function inCall() {
  const { browser, room } = await joinedRoom();
  const publishing = await publishCamera(browser, room);
  await browser.socket.say(offer(1, [["0", "t3"]]));
  const receiving = browser.peers[1] as FakePeer;
  await receiving.become("connected");
  return { browser, room, publishing, receiving };
}

describe("the publishing connection", () => {
  it("that loses its way for less than a second is left alone", async () => {
    const { browser, publishing } = await inCall();
    await publishing.become("disconnected");
    await browser.advance(900);
    await publishing.become("connected");
    await browser.advance(20_000);
    expect(publishing.restarts).toBe(0);
  });

  it("that loses its way longer restarts ICE by an offer of its own", async () => {
    const { browser, room, publishing } = await inCall();
    await publishing.become("disconnected");
    expect(room.state).toBe("reconnecting");
    await browser.advance(1_000);
    expect(publishing.restarts).toBe(1);
    expect(browser.socket.ofType("publish")).toHaveLength(2);
    expect(browser.socket.last("publish")["replace"]).toBeUndefined();
    await answerPublish(browser, ["t1"]);
    await publishing.become("connected");
    expect(room.state).toBe("connected");
  });

  it("that a restart has not helped is replaced, with the same tracks", async () => {
    const { browser, room, publishing } = await inCall();
    const publication = room.localParticipant.publication("camera");
    await publishing.become("disconnected");
    await browser.advance(1_000);
    await answerPublish(browser, ["t1"]);
    await browser.advance(4_000);
    expect(publishing.closed).toBe(true);
    const next = browser.peers.at(-1);
    expect(next?.transceivers[0]?.sender.track).toBe(publication?.track);
    expect(browser.socket.last("publish")).toMatchObject({ replace: true, tracks: [{ source: "camera" }] });
  });

  it("that has failed is replaced at once, and again if that fails too, ever more slowly", async () => {
    const { browser, room, publishing } = await inCall();
    await publishing.become("failed");
    await browser.advance(0);
    expect(browser.peers).toHaveLength(3);
    await answerPublish(browser, ["t1"]);
    await browser.peers[2]?.become("failed");
    await browser.advance(999);
    expect(browser.peers).toHaveLength(3);
    await browser.advance(1);
    expect(browser.peers).toHaveLength(4);
    await answerPublish(browser, ["t1"]);
    await browser.peers[3]?.become("connected");
    expect(room.state).toBe("connected");
  });

  it("tells the server to replace only until the server has done so", async () => {
    const { browser, room, publishing } = await inCall();
    await publishing.become("failed");
    await browser.advance(0);
    await answerPublish(browser, ["t1"]);
    void room.localParticipant.publishMicrophone();
    await settle();
    expect(browser.socket.last("publish")["replace"]).toBeUndefined();
  });

  it("is not replaced twice because the old one goes on failing", async () => {
    const { browser, publishing } = await inCall();
    await publishing.become("failed");
    await browser.advance(0);
    await answerPublish(browser, ["t1"]);
    await browser.peers[2]?.become("connected");
    publishing.onconnectionstatechange?.();
    await browser.advance(30_000);
    expect(browser.peers).toHaveLength(3);
  });

  it("is not disturbed by what the server still says about the one before", async () => {
    const { browser, room, publishing } = await inCall();
    await publishing.become("failed");
    await browser.advance(0);
    await browser.socket.say({ type: "connection", connection: "publishing", state: "failed" });
    await answerPublish(browser, ["t1"]);
    await browser.peers[2]?.become("connected");
    await browser.advance(2_000);
    expect(browser.peers).toHaveLength(3);
    expect(room.state).toBe("connected");
  });

  it("that is replaced in the middle of an offer does not stop the next offer", async () => {
    const { browser, room } = await inCall();
    void room.localParticipant.publishTrack(new FakeTrack("audio", "a") as unknown as MediaStreamTrack);
    // Both within one turn: the offer of the old connection is never finished.
    browser.socket.onmessage?.({ data: JSON.stringify({ type: "moved" }) });
    await Promise.resolve();
    browser.socket.onmessage?.({ data: JSON.stringify({ type: "moved" }) });
    await settle();
    expect(browser.socket.last("publish")).toMatchObject({ replace: true });
    await answerPublish(browser, ["t1", "t2"]);
    expect(room.localParticipant.publications.map(({ trackId }) => trackId)).toEqual(["t1", "t2"]);
  });

  it("waits with repairs until the server is back, and then begins at once", async () => {
    const { browser, publishing } = await inCall();
    await browser.socket.drop();
    await publishing.become("disconnected");
    await browser.advance(50);
    expect(publishing.restarts).toBe(0);
    await browser.socket.open();
    await browser.socket.reply("resume", { type: "resumed", participant: room1(), participants: [], offer: null });
    await browser.advance(0);
    expect(publishing.restarts).toBe(1);
  });
});

function room1() {
  return { participant: "p1", identity: "ada", name: "Ada", attributes: {}, tracks: [] };
}

describe("the receiving connection", () => {
  it("is restarted and replaced by asking the server", async () => {
    const { browser, receiving } = await inCall();
    await receiving.become("disconnected");
    await browser.advance(1_000);
    expect(browser.socket.last("restart")).toEqual({
      type: "restart",
      id: expect.any(Number) as number,
      connection: "subscribing",
    });
    await browser.socket.reply("restart", { type: "ok" });
    await browser.advance(4_000);
    expect(browser.socket.last("restart")).toMatchObject({ replace: true });
    await browser.socket.say(offer(3, [["0", "t3"]], { replace: true }));
    expect(receiving.closed).toBe(true);
    expect(browser.peers).toHaveLength(3);
  });

  it("is repaired when the server says that it has failed", async () => {
    const { browser } = await inCall();
    await browser.socket.say({ type: "connection", connection: "subscribing", state: "failed" });
    await browser.advance(0);
    expect(browser.socket.last("restart")).toMatchObject({ connection: "subscribing", replace: true });
  });

  it("shows the old picture until the new connection is there", async () => {
    const { browser, room, receiving } = await inCall();
    const publication = room.participants[0]?.publication("camera");
    await browser.socket.say({ type: "moved" });
    expect(publication?.track).toBe(receiving.received("0"));
    await browser.socket.say(offer(2, [["0", "t3"]], { replace: true }));
    expect(publication?.track).toBe(browser.peers.at(-1)?.received("0"));
  });

  it("that is thrown away while it answers does not stop the next answer", async () => {
    const { browser } = await inCall();
    browser.socket.onmessage?.({ data: JSON.stringify(offer(2, [["0", "t3"]])) });
    await Promise.resolve();
    await Promise.resolve();
    await browser.socket.say({ type: "moved" });
    await browser.socket.say(offer(3, [["0", "t3"]], { replace: true }));
    expect(browser.socket.last("answer")).toMatchObject({ revision: 3 });
  });

  it("asks for the offer that should have come", async () => {
    const { browser } = await inCall();
    await browser.socket.say({ type: "moved" });
    await answerPublish(browser, ["t1"]);
    await browser.peers.at(-1)?.become("connected");
    await browser.advance(8_000);
    expect(browser.socket.last("restart")).toMatchObject({ connection: "subscribing", replace: true });
  });
});

describe("a move to another worker", () => {
  it("gives up both connections at once and publishes again, without a click", async () => {
    const { browser, room, publishing, receiving } = await inCall();
    const element = new FakeElement();
    room.participants[0]?.publication("camera")?.attach(element.asElement);
    await browser.socket.say({ type: "moved" });
    expect([publishing.closed, receiving.closed]).toEqual([true, true]);
    expect(browser.socket.last("publish")).toMatchObject({ replace: true, tracks: [{ source: "camera", muted: false }] });
    await answerPublish(browser, ["t1"]);
    await browser.socket.say(offer(2, [["0", "t3"]], { replace: true }));
    await browser.peers[2]?.become("connected");
    await browser.peers[3]?.become("connected");
    expect(room.state).toBe("connected");
    expect(element.srcObject?.track).toBe(browser.peers[3]?.received("0"));
    expect(browser.tracks.every(({ readyState }) => readyState === "live")).toBe(true);
  });

  it("during a publish keeps that one too", async () => {
    const { browser, room } = await inCall();
    const publishing = room.localParticipant.publishMicrophone();
    await settle();
    await browser.socket.reply("publish", { type: "error", code: "server_busy", message: "The media worker has stopped." });
    await browser.socket.say({ type: "moved" });
    await browser.advance(500);
    expect(browser.socket.last("publish")).toMatchObject({
      replace: true,
      tracks: [{ source: "camera" }, { source: "microphone" }],
    });
    await answerPublish(browser, ["t1", "t2"]);
    expect((await publishing)?.trackId).toBe("t2");
  });

  it("keeps a camera muted that was muted", async () => {
    const { browser, room } = await inCall();
    await room.localParticipant.setCameraEnabled(false);
    await browser.socket.say({ type: "moved" });
    expect(browser.socket.last("publish")["tracks"]).toMatchObject([{ source: "camera", muted: true }]);
  });

  it("of somebody who publishes nothing needs no publish", async () => {
    const { browser } = await joinedRoom();
    await browser.socket.say({ type: "moved" });
    expect(browser.socket.ofType("publish")).toEqual([]);
  });
});

describe("somebody for whom there is nothing to receive", () => {
  it("is not told of a broken network because nothing comes", async () => {
    const { browser, room } = await inCall();
    const warnings: string[] = [];
    room.on("warning", ({ code }) => warnings.push(code));
    await browser.socket.say({ type: "moved" });
    await answerPublish(browser, ["t1"]);
    await browser.peers.at(-1)?.become("connected");
    await browser.socket.say({ type: "participantLeft", participant: "p2", reason: "lost" });
    for (let second = 0; second < 60; second++) {
      await browser.advance(1_000);
      if (browser.socket.ofType("ping").length > 0) await browser.socket.reply("ping", { type: "pong" });
    }
    expect(warnings).toEqual([]);
    expect(browser.socket.ofType("restart")).toEqual([]);
    expect(room.state).toBe("connected");
  });
});

describe("a network that changes", () => {
  it("restarts both connections and looks whether the server is still there, before anything has failed", async () => {
    const { browser, publishing } = await inCall();
    await browser.changeNetwork();
    expect(publishing.restarts).toBe(1);
    expect(browser.socket.last("restart")).toMatchObject({ connection: "subscribing" });
    expect(browser.socket.ofType("ping")).toHaveLength(1);
  });

  it("that keeps media away is told of once, in plain words, while the repairs go on", async () => {
    const { browser, room, publishing } = await inCall();
    const warnings: string[] = [];
    room.on("warning", ({ code }) => warnings.push(code));
    await publishing.become("failed");
    for (let second = 0; second < 60; second++) {
      await browser.advance(1_000);
      if (browser.socket.ofType("ping").length > 0) await browser.socket.reply("ping", { type: "pong" });
      const waiting = browser.socket.last("publish");
      if (waiting["id"] !== undefined) await answerPublish(browser, ["t1"]);
    }
    expect(warnings).toEqual(["media_unreachable"]);
    expect(browser.peers.length).toBeGreaterThan(5);
  });
});
