import { describe, expect, it } from "vitest";
import { ParleyError } from "../src/errors.js";
import { Room } from "../src/room.js";
import { signalAddress } from "../src/signaling/signal.js";
import { FakeBrowser, joined, person, resumed, settle, trackInfo } from "./fakes.js";
import { answerPublish, joinedRoom, offer, publishCamera } from "./joined-room.js";

describe("entering", () => {
  it("joins with the token, and knows then who is there", async () => {
    const { browser, room } = await joinedRoom(joined(), { name: "Ada" });
    expect(browser.socket.last("join")).toMatchObject({ token: "a token", name: "Ada", autoSubscribe: true });
    expect(room.state).toBe("connected");
    expect(room.name).toBe("tea");
    expect(room.participants.map(({ identity }) => identity)).toEqual(["bob"]);
    expect(room.localParticipant.identity).toBe("ada");
  });

  it("tells the server's reason in a sentence when it is refused, and nothing goes on", async () => {
    const browser = new FakeBrowser();
    const room = new Room({ browser: browser.api });
    const connecting = room.connect("https://example.org", "old");
    await browser.socket.open();
    await browser.socket.reply("join", { type: "error", code: "token_expired", message: "exp" });
    await expect(connecting).rejects.toMatchObject({
      code: "token_expired",
      message: expect.stringContaining("new invite link") as string,
    });
    expect(room.state).toBe("disconnected");
    expect(browser.socket.closed).toBe(true);
    await browser.advance(200_000);
    expect(browser.sockets).toHaveLength(1);
    expect(browser.pendingTimers).toBe(0);
  });

  it("says that the server can't be reached when it can't", async () => {
    const browser = new FakeBrowser();
    const connecting = new Room({ browser: browser.api }).connect("https://example.org", "t");
    await browser.socket.drop();
    await expect(connecting).rejects.toMatchObject({ code: "server_unreachable" });
  });

  it("tells why the server refused the connection altogether", async () => {
    const browser = new FakeBrowser();
    const connecting = new Room({ browser: browser.api }).connect("https://example.org", "t");
    await browser.socket.open();
    await browser.socket.say({ type: "error", code: "too_many_connections", message: "…" });
    const failed = expect(connecting).rejects.toMatchObject({ code: "too_many_connections" });
    await browser.socket.drop();
    await failed;
  });

  it("does not wait for ever for a server that takes the call and says nothing", async () => {
    const browser = new FakeBrowser();
    const connecting = new Room({ browser: browser.api }).connect("https://example.org", "t");
    const failed = expect(connecting).rejects.toMatchObject({ code: "server_unreachable" });
    await browser.advance(8_000);
    await failed;
  });

  it("tries again by itself while the server is starting", async () => {
    const browser = new FakeBrowser();
    const room = new Room({ browser: browser.api });
    const connecting = room.connect("https://example.org", "t");
    await browser.socket.open();
    await browser.socket.reply("join", { type: "error", code: "server_busy", message: "…" });
    await browser.advance(1_000);
    expect(browser.sockets).toHaveLength(2);
    await browser.socket.open();
    await browser.socket.reply("join", joined());
    await connecting;
    expect(room.state).toBe("connected");
  });

  it("finds the WebSocket beside the page", () => {
    expect(signalAddress("https://example.org:8443/?room=tea#invite=x")).toBe("wss://example.org:8443/signal");
    expect(signalAddress("http://127.0.0.1:8080/")).toBe("ws://127.0.0.1:8080/signal");
    expect(signalAddress("wss://example.org/other/path")).toBe("wss://example.org/other/path");
  });
});

describe("leaving before we are inside", () => {
  it("and joining again at once are two things", async () => {
    const browser = new FakeBrowser();
    const room = new Room({ browser: browser.api });
    const first = expect(room.connect("https://example.org", "t")).rejects.toMatchObject({ code: "left" });
    await browser.socket.open();
    room.disconnect();
    const second = room.connect("https://example.org", "t");
    await first;
    expect(browser.sockets[0]?.closed).toBe(true);
    await browser.socket.open();
    await browser.socket.reply("join", joined());
    await second;
    expect(room.state).toBe("connected");
  });

  it("again, after the WebSocket was lost, leaves no connection behind", async () => {
    const { browser, room } = await joinedRoom();
    await browser.socket.drop();
    await browser.advance(100);
    await browser.socket.open();
    expect(browser.socket.ofType("resume")).toHaveLength(1);
    room.disconnect();
    expect(browser.socket.closed).toBe(true);
    await browser.socket.reply("resume", resumed());
    await browser.advance(60_000);
    expect(browser.socket.ofType("ping")).toHaveLength(0);
    expect(browser.sockets).toHaveLength(2);
  });
});

describe("a lost WebSocket", () => {
  it("is taken up again with the session, while the media goes on untouched", async () => {
    const { browser, room } = await joinedRoom();
    const publishing = await publishCamera(browser, room);
    await browser.socket.say(offer(1, [["0", "t3"]]));
    const receiving = browser.peers[1];
    const track = room.participants[0]?.publication("camera")?.track;
    expect(track).toBeDefined();

    await browser.socket.drop();
    expect(room.state).toBe("reconnecting");
    await browser.advance(100);
    expect(browser.sockets).toHaveLength(2);
    await browser.socket.open();
    expect(browser.socket.last("resume")).toMatchObject({ session: "s-1" });
    await browser.socket.reply("resume", resumed({ participant: person("p1", "ada", [trackInfo("t1")]) }));

    expect(room.state).toBe("connected");
    expect(browser.peers).toEqual([publishing, receiving]);
    expect(browser.peers.some(({ closed }) => closed)).toBe(false);
    expect(room.participants[0]?.publication("camera")?.track).toBe(track);
    expect(browser.socket.ofType("publish")).toHaveLength(0);
  });

  it("catches up on what happened meanwhile", async () => {
    const { browser, room } = await joinedRoom();
    const events: string[] = [];
    room.on("participantJoined", ({ identity }) => events.push(`+${identity}`));
    room.on("participantLeft", ({ identity }) => events.push(`-${identity}`));
    room.on("trackPublished", ({ trackId }) => events.push(`+${trackId}`));
    await browser.socket.drop();
    await browser.advance(100);
    await browser.socket.open();
    await browser.socket.reply("resume", resumed({ participants: [person("p3", "eve", [trackInfo("t9")])] }));
    expect(events).toEqual(["-bob", "+eve", "+t9"]);
  });

  it("answers the offer that was on its way", async () => {
    const { browser } = await joinedRoom();
    await browser.socket.drop();
    await browser.advance(100);
    await browser.socket.open();
    await browser.socket.reply("resume", resumed({ offer: offer(7, [["0", "t3"]]) }));
    expect(browser.socket.last("answer")).toMatchObject({ revision: 7 });
  });

  it("is noticed when nothing is heard for eight seconds, because a dead network closes no socket", async () => {
    const { browser, room } = await joinedRoom();
    await browser.advance(4_000);
    await browser.socket.reply("ping", { type: "pong" });
    expect(room.state).toBe("connected");
    await browser.advance(3_900);
    await browser.advance(4_200);
    expect(room.state).toBe("reconnecting");
    expect(browser.sockets[0]?.closed).toBe(true);
  });

  it("is looked for again and again, and at once when the network is back", async () => {
    const { browser, room } = await joinedRoom();
    await browser.socket.drop();
    for (const pause of [100, 300, 600]) {
      await browser.advance(pause);
      await browser.socket.drop();
    }
    const before = browser.sockets.length;
    await browser.changeNetwork();
    expect(browser.sockets).toHaveLength(before + 1);
    await browser.socket.open();
    await browser.socket.reply("resume", resumed());
    expect(room.state).toBe("connected");
  });

  it("ends the call after two minutes, with a reason", async () => {
    const { browser, room } = await joinedRoom();
    const ends: (ParleyError | undefined)[] = [];
    room.on("disconnected", (reason) => ends.push(reason));
    await browser.socket.drop();
    for (let attempt = 0; attempt < 60 && room.state !== "disconnected"; attempt++) {
      await browser.advance(5_000);
      await browser.socket.drop();
    }
    expect(ends.map((reason) => reason?.code)).toEqual(["server_unreachable"]);
    expect(browser.now).toBeLessThan(140_000);
  });

  it("keeps what was muted meanwhile, and tells it afterwards", async () => {
    const { browser, room } = await joinedRoom();
    await publishCamera(browser, room);
    await browser.socket.drop();
    await room.localParticipant.setCameraEnabled(false);
    await browser.advance(100);
    await browser.socket.open();
    await browser.socket.reply("resume", resumed({ participant: person("p1", "ada", [trackInfo("t1", { muted: false })]) }));
    expect(browser.socket.last("mute")).toMatchObject({ track: "t1", muted: true });
  });

  it("lets a publish that was on its way begin anew", async () => {
    const { browser, room } = await joinedRoom();
    const publishing = room.localParticipant.publishCamera();
    await settle();
    expect(browser.socket.ofType("publish")).toHaveLength(1);
    await browser.socket.drop();
    await browser.advance(100);
    await browser.socket.open();
    await browser.socket.reply("resume", resumed());
    await answerPublish(browser, ["t1"]);
    expect((await publishing)?.trackId).toBe("t1");
  });
});

describe("a session that the server no longer knows", () => {
  it("becomes a new join, with everything published again from a new connection", async () => {
    const { browser, room } = await joinedRoom();
    const old = await publishCamera(browser, room);
    await browser.socket.say(offer(1, [["0", "t3"]]));
    const publication = room.localParticipant.publication("camera");
    const bob = room.participants[0];

    await browser.socket.drop();
    await browser.advance(100);
    await browser.socket.open();
    await browser.socket.reply("resume", { type: "error", code: "session_unknown", message: "This session is over." });
    await browser.socket.reply(
      "join",
      joined({ session: "s-2", participant: person("p7", "ada"), participants: [person("p8", "bob", [trackInfo("t8")])] }),
    );

    expect(old.closed).toBe(true);
    expect(browser.socket.last("publish")).toMatchObject({ replace: true, tracks: [{ source: "camera" }] });
    await answerPublish(browser, ["t77"]);
    expect(room.localParticipant.publication("camera")).toBe(publication);
    expect(publication?.trackId).toBe("t77");
    // Bob is the same person, under a new number and with a new track.
    expect(room.participants[0]).toBe(bob);
    expect(bob?.id).toBe("p8");
    expect(bob?.publications.map(({ trackId }) => trackId)).toEqual(["t8"]);
    await browser.socket.say(offer(1, [["0", "t8"]]));
    expect(bob?.publication("camera")?.track).toBeDefined();
  });

  it("is told what we said of ourselves last, and not what was refused", async () => {
    const { browser, room } = await joinedRoom();
    const { localParticipant: local } = room;
    const raised = local.setInfo({ attributes: { hand: "up" } });
    await browser.socket.reply("update", { type: "ok" });
    await raised;
    const refused = expect(local.setInfo({ attributes: { hand: "down" } })).rejects.toThrow();
    await browser.socket.reply("update", { type: "error", code: "not_allowed", message: "" });
    await refused;

    await browser.socket.drop();
    await browser.advance(100);
    await browser.socket.open();
    await browser.socket.reply("resume", { type: "error", code: "session_unknown", message: "" });
    expect(browser.socket.last("join")).toMatchObject({ attributes: { hand: "up" } });
  });

  it("and with a name that outweighs the one in the token, however often the connection is lost", async () => {
    const { browser, room } = await joinedRoom();
    const local = room.localParticipant;
    const renamed = local.setInfo({ name: "Countess" });
    await browser.socket.reply("update", { type: "ok" });
    await renamed;
    const comeBack = async (): Promise<void> => {
      await browser.socket.drop();
      await browser.advance(100);
      await browser.socket.open();
    };
    await comeBack();
    await browser.socket.reply("resume", { type: "error", code: "session_unknown", message: "" });
    await browser.socket.reply("join", joined());
    expect(browser.socket.last("update")).toMatchObject({ name: "Countess" });
    expect(local.name).toBe("Countess");
    // The server has not heard it.
    await comeBack();
    await browser.socket.reply("resume", resumed());
    expect(browser.socket.last("update")).toMatchObject({ name: "Countess" });
    await browser.socket.reply("update", { type: "ok" });
    await comeBack();
    await browser.socket.reply("resume", resumed({ participant: { ...person("p1", "ada"), name: "Countess" } }));
    expect(browser.socket.ofType("update")).toEqual([]);
    expect(local.name).toBe("Countess");
  });

  it("but with the name in the token, where no other was chosen since", async () => {
    const { browser, room } = await joinedRoom(joined(), { name: "Augusta" });
    await browser.socket.drop();
    await browser.advance(100);
    await browser.socket.open();
    await browser.socket.reply("resume", { type: "error", code: "session_unknown", message: "" });
    await browser.socket.reply("join", joined());
    expect(room.localParticipant.name).toBe("ADA");
    expect(browser.socket.ofType("update")).toEqual([]);
  });

  it("ends the call when the token is no longer good either", async () => {
    const { browser, room } = await joinedRoom();
    const ends: (string | undefined)[] = [];
    room.on("disconnected", (reason) => ends.push(reason?.code));
    await browser.socket.drop();
    await browser.advance(100);
    await browser.socket.open();
    await browser.socket.reply("resume", { type: "error", code: "session_unknown", message: "" });
    await browser.socket.reply("join", { type: "error", code: "token_expired", message: "" });
    expect(ends).toEqual(["token_expired"]);
    await browser.advance(200_000);
    expect(browser.sockets).toHaveLength(2);
  });
});

describe("the end", () => {
  it("by another window is not repaired, and says why", async () => {
    const { browser, room } = await joinedRoom();
    const peer = await publishCamera(browser, room);
    const reasons: (ParleyError | undefined)[] = [];
    room.on("disconnected", (reason) => reasons.push(reason));
    await browser.socket.say({
      type: "closed",
      code: "replaced",
      message: "You joined from another window, so this one has left.",
    });
    await browser.advance(60_000);
    expect(reasons).toMatchObject([{ code: "replaced", message: expect.stringContaining("another window") as string }]);
    expect(browser.sockets).toHaveLength(1);
    expect(peer.closed).toBe(true);
    expect(browser.tracks.every(({ readyState }) => readyState === "ended")).toBe(true);
  });

  it("of a server that stops is a lost connection: it may be starting anew", async () => {
    const { browser, room } = await joinedRoom();
    await browser.socket.say({ type: "closed", code: "serverStopping", message: "The server is stopping." });
    await browser.socket.drop();
    expect(room.state).toBe("reconnecting");
  });

  it("by leaving tells the server, stops the devices and leaves no timer behind", async () => {
    const { browser, room } = await joinedRoom();
    await publishCamera(browser, room);
    room.disconnect();
    expect(browser.socket.ofType("leave")).toHaveLength(1);
    expect(room.state).toBe("disconnected");
    expect(room.participants).toEqual([]);
    expect(browser.pendingTimers).toBe(0);
    expect(browser.tracks.every(({ readyState }) => readyState === "ended")).toBe(true);
  });

  it("of the page tells the server", async () => {
    const { browser } = await joinedRoom();
    browser.hidePage();
    expect(browser.socket.ofType("leave")).toHaveLength(1);
  });

  it("is followed by a new beginning, if that is wanted", async () => {
    const { browser, room } = await joinedRoom();
    room.disconnect();
    const connecting = room.connect("https://example.org", "t");
    await browser.socket.open();
    await browser.socket.reply("join", joined());
    await connecting;
    expect(room.state).toBe("connected");
  });
});
