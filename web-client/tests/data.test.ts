import { describe, expect, it } from "vitest";
import type { ReceivedData } from "../src/data/data.js";
import type { ParleyError } from "../src/errors.js";
import type { Room } from "../src/room.js";
import { joined, permissions, settle } from "./fakes.js";
import type { FakeBrowser, FakePeer } from "./fakes.js";
import { answerPublish, joinedRoom, publishCamera } from "./joined-room.js";

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytesOf = (content: string): number[] => [...new TextEncoder().encode(content)];
/** The head of a message to everybody, and the kinds of payload. */
const toAll = [1, 0];
const [asBytes, asText, asJson] = [0, 1, 2];
const mebibyte = 1 << 20;

/** Lets the publishing connection, wanted just now, come up with data channels. */
async function bringUp(browser: FakeBrowser): Promise<FakePeer> {
  await settle();
  await answerPublish(browser, []);
  const peer = browser.peers.at(-1) as FakePeer;
  await peer.become("connected");
  await peer.openData();
  return peer;
}

async function roomWithData(): Promise<{ browser: FakeBrowser; room: Room; peer: FakePeer; heard: ReceivedData[] }> {
  const { browser, room } = await joinedRoom();
  const heard: ReceivedData[] = [];
  room.on("data", (message) => heard.push(message));
  return { browser, room, peer: await bringUp(browser), heard };
}

async function failure(sending: Promise<unknown>): Promise<string> {
  return sending.then(
    () => "it was sent",
    (error: ParleyError) => error.code,
  );
}

describe("sending", () => {
  it("opens a publishing connection for data alone, at the first message", async () => {
    const { browser, room } = await joinedRoom();
    expect(browser.peers).toHaveLength(0);
    const sending = room.send("cursor", "hello");
    const peer = await bringUp(browser);
    await sending;
    expect(browser.socket.last("publish")["tracks"]).toEqual([]);
    expect(peer.channel("cursor").init).toEqual({ protocol: "parley.1/all" });
    expect(peer.channel("cursor").sent).toEqual([Uint8Array.from([...toAll, asText, ...bytesOf("hello")])]);
  });

  it("uses the connection that is there already, after one more offer", async () => {
    const { browser, room } = await joinedRoom();
    const peer = await publishCamera(browser, room);
    const sending = room.send("cursor", "hello");
    await settle();
    expect(browser.socket.ofType("publish")).toHaveLength(2);
    await answerPublish(browser, ["t1"]);
    await peer.openData();
    await sending;
    expect(browser.peers).toHaveLength(1);
  });

  it("writes bytes, text and JSON, to all or to some", async () => {
    const { room, peer } = await roomWithData();
    const [bob] = room.participants;
    await room.send("a", Uint8Array.of(7, 8));
    await room.send("a", { x: 1 }, { to: bob! });
    await room.send("a", "nobody", { to: [] });
    const [first, second, third] = peer.channel("a").sent;
    expect([...first!]).toEqual([...toAll, asBytes, 7, 8]);
    expect([...second!]).toEqual([1, 1, 0, 0, 0, 2, asJson, ...bytesOf('{"x":1}')]);
    expect(third).toBeUndefined();
  });

  it("opens a channel of its own for each way of being reliable", async () => {
    const { room, peer } = await roomWithData();
    await room.send("a", "1");
    await room.send("a", "2", { reliable: false });
    const waiting = room.send("a", "3", { whenFull: "wait" });
    expect(peer.channels.slice(1).map(({ init }) => init)).toEqual([
      { protocol: "parley.1/all" },
      { protocol: "parley.1/lossy", ordered: false, maxRetransmits: 0 },
      { protocol: "parley.1/wait" },
    ]);
    waiting.catch(() => undefined);
    room.disconnect();
  });

  it("is never faster than the channel", async () => {
    const { room, peer } = await roomWithData();
    await room.send("a", "first");
    const channel = peer.channel("a");
    channel.fast = false;
    let sent = 0;
    const loop = (async () => {
      for (; sent < 100; sent++) await room.send("a", new Uint8Array(64 << 10));
    })();
    await settle();
    expect(sent).toBe(16);
    channel.drain(mebibyte / 4);
    await settle();
    expect(sent).toBe(16);
    for (let turn = 0; turn < 20; turn++) {
      channel.drain();
      await settle();
    }
    await loop;
    expect(sent).toBe(100);
  });

  it("waits for credit where the sender waits for slow receivers", async () => {
    const { room, peer } = await roomWithData();
    let sent = 0;
    void room.send("a", new Uint8Array(97), { whenFull: "wait" }).then(() => sent++);
    void room.send("a", new Uint8Array(97), { whenFull: "wait" }).then(() => sent++);
    await settle();
    expect(sent).toBe(0);
    // Each message has 100 bytes with its head.
    peer.channel("a").hear(2, 0, 0, 0, 0, 0, 0, 0, 199);
    await settle();
    expect(sent).toBe(1);
    peer.channel("a").hear(2, 0, 0, 0, 0, 0, 0, 0, 200);
    await settle();
    expect(sent).toBe(2);
  });

  it("says what is wrong with a topic, a message or a permission", async () => {
    const { room } = await roomWithData();
    expect(await failure(room.send("", "x"))).toBe("topic_invalid");
    expect(await failure(room.send("parley/files", "x"))).toBe("topic_invalid");
    expect(await failure(room.send("é".repeat(33), "x"))).toBe("topic_invalid");
    expect(await failure(room.send("a", new Uint8Array(262_138)))).toBe("it was sent");
    expect(await failure(room.send("a", new Uint8Array(262_139)))).toBe("message_too_large");
    const circular: Record<string, unknown> = {};
    circular["self"] = circular;
    const notJson = [circular, { size: 1n }, undefined, () => 1, { toJSON: () => undefined }];
    for (const payload of notJson) expect(await failure(room.send("a", payload as object))).toBe("payload_invalid");
    const { message, cause } = (await room.send("a", circular).catch((error: unknown) => error)) as ParleyError;
    expect(message).toContain("can't be written as JSON");
    expect(cause).toBeInstanceOf(TypeError);
    const silent = await joinedRoom(joined({ permissions: { ...permissions, canPublishData: false } }));
    expect(await failure(silent.room.send("a", "x"))).toBe("not_allowed");
    const off = await joinedRoom(undefined, {}, { data: "off" });
    expect(await failure(off.room.send("a", "x"))).toBe("data_off");
  });

  it("does not pile up for whoever does not wait", async () => {
    const { room, peer } = await roomWithData();
    await room.send("a", "first");
    peer.channel("a").fast = false;
    const outcomes: string[] = [];
    for (let turn = 0; turn < 200; turn++)
      void failure(room.send("a", new Uint8Array(200_000))).then((outcome) => outcomes.push(outcome));
    await settle();
    expect(outcomes.filter((outcome) => outcome === "data_queue_full").length).toBeGreaterThan(100);
  });

  it("gives up the oldest of what may be lost", async () => {
    const { browser, room } = await joinedRoom();
    for (let turn = 0; turn < 100; turn++) void room.send("a", String(turn), { reliable: false });
    const peer = await bringUp(browser);
    expect(peer.channel("a").sent.map((message) => text(message.subarray(3)))).toEqual(
      Array.from({ length: 64 }, (_, index) => String(index + 36)),
    );
  });

  it("ends with the room", async () => {
    const { room } = await roomWithData();
    const sending = failure(room.send("a", "x", { whenFull: "wait" }));
    room.disconnect();
    expect(await sending).toBe("left");
    expect(await failure(room.send("a", "x"))).toBe("not_connected");
  });
});

describe("receiving", () => {
  it("brings what was sent, and who sent it, on whatever channel it comes", async () => {
    const { room, peer, heard } = await roomWithData();
    const channel = peer.serverOpens("cursor", "parley.1/lossy");
    channel.hear(1, 0, 0, 0, 2, asJson, ...bytesOf('{"x":[1]}'));
    channel.hear(1, 0, 0, 0, 2, asText);
    await room.send("cursor", "x");
    peer.channel("cursor").hear(1, 0, 0, 0, 9, asBytes, 5);
    expect(heard).toEqual([
      { topic: "cursor", participant: room.participants[0], payload: { x: [1] }, reliable: false },
      { topic: "cursor", participant: room.participants[0], payload: "", reliable: false },
      { topic: "cursor", participant: undefined, payload: Uint8Array.of(5), reliable: true },
    ]);
  });

  it("ignores what it does not understand", async () => {
    const { peer, heard } = await roomWithData();
    const channel = peer.serverOpens("a", "parley.1/all");
    channel.hear();
    channel.hear(1, 0, 0);
    channel.hear(1, 0, 0, 0, 2);
    channel.hear(1, 0, 0, 0, 2, 9, 1);
    channel.hear(1, 0, 0, 0, 2, asText, 0xff, 0xfe);
    channel.hear(1, 0, 0, 0, 2, asJson, ...bytesOf("{"));
    channel.hear(99, 0, 0, 0, 2, asText, 65);
    channel.hear(4, 200, 0, 0, 0, 2);
    channel.onmessage?.({ data: "text" });
    expect(heard).toEqual([]);
    expect(peer.serverOpens("a", "something else").readyState).toBe("closed");
  });

  it("takes only so many channels", async () => {
    const { peer } = await roomWithData();
    const states = Array.from({ length: 130 }, (_, index) => peer.serverOpens(`t${index}`, "parley.1/all").readyState);
    expect(states.filter((state) => state === "open")).toHaveLength(128);
  });

  it("tells that we have left a topic, and brings us back", async () => {
    const { room, peer } = await roomWithData();
    const left: string[] = [];
    room.on("topicLeft", (topic) => left.push(topic));
    const channel = peer.serverOpens("news", "parley.1/all");
    channel.hear(3, 0, 0, 0, 12);
    expect(left).toEqual(["news"]);
    expect(channel.sent).toEqual([]);
    room.rejoin("news");
    room.rejoin("news");
    expect(channel.sent).toEqual([Uint8Array.of(5)]);
  });

  it("tells who did not get a message", async () => {
    const { room, peer } = await roomWithData();
    const warnings: string[] = [];
    room.on("warning", ({ message }) => warnings.push(message));
    await room.send("a", "x");
    peer.channel("a").hear(4, 4, 0, 0, 0, 2);
    expect(warnings).toEqual(["BOB can't receive messages just now."]);
  });
});

describe("after a lost connection", () => {
  it("what had not left goes first over the next one", async () => {
    const { browser, room, peer } = await roomWithData();
    await room.send("a", "gone");
    const channel = peer.channel("a");
    channel.fast = false;
    await room.send("a", "in the buffer");
    await peer.become("failed");
    await browser.advance(10);
    const later = room.send("a", "waiting");
    const next = await bringUp(browser);
    await later;
    expect(next).not.toBe(peer);
    expect(next.channel("a").sent.map((message) => text(message.subarray(3)))).toEqual(["in the buffer", "waiting"]);
  });

  it("a worker that has moved gets the same topics", async () => {
    const { browser, room, peer } = await roomWithData();
    await room.send("a", "1");
    await browser.socket.say({ type: "moved" });
    const next = await bringUp(browser);
    expect(next).not.toBe(peer);
    await room.send("a", "2");
    expect(next.channel("a").sent).toHaveLength(1);
    expect(browser.socket.last("publish")["replace"]).toBe(true);
  });

  it("data that ends alone gets a new connection, but not for ever", async () => {
    const { browser, room } = await roomWithData();
    let made = browser.peers.length;
    for (let turn = 0; turn < 3; turn++) {
      browser.peers.at(-1)!.channels[0]!.end();
      await browser.advance(100);
      await bringUp(browser);
      expect(browser.peers.length).toBe(++made);
    }
    browser.peers.at(-1)!.channels[0]!.end();
    expect(await failure(room.send("a", "x"))).toBe("data_unavailable");
  });

  it("a topic that the server closes is tried again a few times", async () => {
    const { browser, room, peer } = await roomWithData();
    await room.send("a", "1");
    peer.channel("a").end();
    const sending = failure(room.send("a", "2", {}));
    await browser.advance(1_000);
    expect(await sending).toBe("it was sent");
    peer.channel("a").end();
    await browser.advance(1_000);
    peer.channel("a").fast = false;
    peer.channel("a").end();
    expect(peer.channels.filter(({ label }) => label === "a")).toHaveLength(3);
    expect(await failure(room.send("a", "3"))).toBe("it was sent");
  });
});

it("a room without data sends no files either", async () => {
  const { browser, room } = await joinedRoom(joined(), {}, { data: "off" });
  const refused = expect.objectContaining({ code: "data_off" }) as unknown;
  const file = new File(["hello"], "hello.txt");
  expect(() => room.sendFile(file)).toThrow(refused as Error);
  expect(() => room.participants[0]?.sendFile(file)).toThrow(refused as Error);
  await browser.advance(30_000);
  expect(browser.peers).toHaveLength(0);
});

it("a server that carries no data says so once, and the call goes on", async () => {
  const { browser, room } = await joinedRoom();
  const sending = failure(room.send("a", "x"));
  await settle();
  await browser.socket.reply("publish", {
    type: "published",
    sdp: "v=0\r\nm=application 0 UDP/DTLS/SCTP x\r\n",
    tracks: [],
  });
  expect(await sending).toBe("data_unavailable");
  await publishCamera(browser, room);
  expect(room.state).toBe("connected");
});
