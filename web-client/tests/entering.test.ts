// The lobby, the lock, and what was written before.

import { describe, expect, it } from "vitest";
import { Room } from "../src/room.js";
import { FakeBrowser, joined, person, resumed, settle } from "./fakes.js";
import { joinedRoom, publishCamera } from "./joined-room.js";

const open = { locked: false, lobby: false, direct: true };
const carol = { participant: "p5", identity: "carol", name: "Carol" };

async function inTheLobby(): Promise<{ browser: FakeBrowser; room: Room; connecting: Promise<void> }> {
  const browser = new FakeBrowser();
  const room = new Room({ browser: browser.api });
  const connecting = room.connect("https://example.org", "a token");
  await browser.socket.open();
  await browser.socket.say({ type: "waiting" });
  return { browser, room, connecting };
}

describe("the lobby", () => {
  it("is told, and lasts as long as it takes", async () => {
    const { browser, room, connecting } = await inTheLobby();
    expect(room.state).toBe("waiting");
    for (let minute = 0; minute < 5; minute++) {
      await browser.advance(4_000);
      if (browser.socket.ofType("ping").length > minute) await browser.socket.reply("ping", { type: "pong" });
    }
    await browser.socket.reply("join", joined());
    await connecting;
    expect(room.state).toBe("connected");
  });

  it("ends with a sentence for whoever is not let in", async () => {
    const { browser, room, connecting } = await inTheLobby();
    const refused = expect(connecting).rejects.toMatchObject({ code: "not_admitted", message: "You were not let in." });
    await browser.socket.reply("join", { type: "error", code: "not_admitted" });
    await refused;
    expect(room.state).toBe("disconnected");
  });

  it("can be left", async () => {
    const { browser, room, connecting } = await inTheLobby();
    const left = expect(connecting).rejects.toBeInstanceOf(Error);
    room.disconnect();
    await left;
    expect(browser.socket.closed).toBe(true);
  });

  it("is shown to administrators, who admit and deny", async () => {
    const { browser, room } = await joinedRoom();
    const seen: number[] = [];
    room.on("lobbyChanged", (waiting) => seen.push(waiting.length));
    await browser.socket.say({ type: "lobby", waiting: [carol] });
    expect(room.lobby).toEqual([carol]);
    const admitting = room.admit(carol);
    expect(browser.socket.last("admit")).toMatchObject({ participant: "p5" });
    await browser.socket.reply("admit", { type: "ok" });
    await admitting;
    void room.deny(carol).catch(() => undefined);
    expect(browser.socket.last("deny")).toMatchObject({ participant: "p5" });
    await browser.socket.say({ type: "lobby", waiting: [] });
    expect(seen).toEqual([1, 0]);
  });
});

describe("the settings of a room", () => {
  it("come with the join, and with every change", async () => {
    const { browser, room } = await joinedRoom(joined({ roomState: { ...open, locked: true } }));
    expect(room.settings).toEqual({ ...open, locked: true });
    await browser.socket.say({ type: "roomState", ...open, lobby: true });
    expect(room.settings).toEqual({ ...open, lobby: true });
  });

  it("are as they were before of a server that tells none, which brings nobody together directly", async () => {
    const { room } = await joinedRoom();
    expect(room.settings).toEqual({ ...open, direct: false });
  });

  it("are changed one by one", async () => {
    const { browser, room } = await joinedRoom();
    const changing = room.setSettings({ locked: true });
    const { id: _, ...message } = browser.socket.last("setRoom");
    expect(message).toEqual({ type: "setRoom", locked: true });
    await browser.socket.reply("setRoom", { type: "error", code: "not_allowed", message: "Only administrators." });
    await expect(changing).rejects.toMatchObject({ code: "not_allowed" });
  });

  it("keep a newcomer out with a sentence when the room is locked", async () => {
    const browser = new FakeBrowser();
    const connecting = new Room({ browser: browser.api }).connect("https://example.org", "t");
    const refused = expect(connecting).rejects.toMatchObject({ message: expect.stringContaining("locked") as string });
    await browser.socket.open();
    await browser.socket.reply("join", { type: "error", code: "room_locked" });
    await refused;
  });
});

describe("what has been written", () => {
  const early = [
    { participant: "p2", name: "Bob", text: "Hello?", time: 1_000 },
    { participant: null, name: "Zoe", text: "I am off", time: 2_000 },
  ];

  it("is there for whoever comes late, with the names of those who have left", async () => {
    const { room } = await joinedRoom(joined({ chat: early }));
    expect(room.messages.map(({ name, text }) => `${name}: ${text}`)).toEqual(["Bob: Hello?", "Zoe: I am off"]);
    expect(room.messages.map(({ participant }) => participant?.identity)).toEqual(["bob", undefined]);
  });

  it("goes on with what is written now", async () => {
    const { browser, room } = await joinedRoom(joined({ chat: early }));
    await browser.socket.say({ type: "chat", participant: "p2", text: "Tea?", time: 3_000 });
    expect(room.messages.at(-1)).toMatchObject({ name: "BOB", text: "Tea?", private: false });
  });

  it("is caught up on after a server that had started anew, and nothing twice", async () => {
    const { browser, room } = await joinedRoom(joined({ chat: early }));
    const heard: string[] = [];
    room.on("chat", ({ text }) => heard.push(text));
    await browser.socket.drop();
    await browser.advance(200);
    await browser.socket.open();
    await browser.socket.reply("resume", { type: "error", code: "session_unknown" });
    const missed = { participant: "p2", name: "Bob", text: "Still there?", time: 4_000 };
    await browser.socket.reply("join", joined({ chat: [...early, missed] }));
    expect(heard).toEqual(["Still there?"]);
    expect(room.messages).toHaveLength(3);
  });
});

describe("trouble", () => {
  it("is told for what it is", async () => {
    const { browser, room } = await joinedRoom();
    expect(room.trouble).toBeUndefined();
    const told: unknown[] = [];
    room.on("troubleChanged", (trouble) => told.push(trouble));
    await browser.socket.drop();
    expect([room.state, room.trouble]).toEqual(["reconnecting", "server"]);
    await browser.advance(200);
    await browser.socket.open();
    await browser.socket.reply("resume", resumed());
    expect([room.state, room.trouble]).toEqual(["connected", undefined]);
    expect(told).toEqual(["server", undefined]);
  });

  it("is both when the server takes the media with it", async () => {
    const { browser, room } = await joinedRoom();
    const peer = await publishCamera(browser, room);
    await browser.socket.drop();
    await peer.become("disconnected");
    expect(room.trouble).toBe("both");
  });
});

describe("what we tell about ourselves", () => {
  it("is known here as soon as the server has it: it tells only the others", async () => {
    const { browser, room } = await joinedRoom(joined({ participant: person("p1", "ada") }));
    const telling = room.localParticipant.setInfo({ attributes: { hand: "1" } });
    expect(room.localParticipant.attributes).toEqual({});
    await browser.socket.reply("update", { type: "ok" });
    await telling;
    await settle();
    expect(room.localParticipant.attributes).toEqual({ hand: "1" });
  });
});
