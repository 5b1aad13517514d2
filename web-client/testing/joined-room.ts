// A room that has been joined, on a fake browser: where most tests begin.

import { Room } from "../src/index.js";
import type { ConnectOptions, RoomOptions } from "../src/index.js";
import { FakeBrowser } from "./fake-browser.js";
import type { FakePeer } from "./fake-peer.js";
import { joined } from "./server.js";
import { settle } from "./settle.js";

export async function joinedRoom(
  reply: Record<string, unknown> = joined(),
  options: ConnectOptions = {},
  settings: RoomOptions = {},
): Promise<{ browser: FakeBrowser; room: Room }> {
  const browser = new FakeBrowser();
  const room = new Room({ browser: browser.api, ...settings });
  const connecting = room.connect("https://example.org", "a token", options);
  await browser.socket.open();
  await browser.socket.reply("join", reply);
  await connecting;
  return { browser, room };
}

/** Publishes the camera; the server calls its track `track`. */
export async function publishCamera(browser: FakeBrowser, room: Room, track = "t1"): Promise<FakePeer> {
  const publishing = room.localParticipant.publishCamera();
  await settle();
  await answerPublish(browser, [track]);
  await publishing;
  const peer = browser.peers.at(-1) as FakePeer;
  await peer.become("connected");
  return peer;
}

/** Takes the newest offer; its sections become `tracks` in their order. */
export async function answerPublish(browser: FakeBrowser, tracks: string[]): Promise<void> {
  const offered = browser.socket.last("publish")["tracks"] as { mid: string }[];
  const taken = offered.flatMap(({ mid }, index) => (tracks[index] === undefined ? [] : [{ mid, track: tracks[index] }]));
  await browser.socket.reply("publish", { type: "published", sdp: "answer", tracks: taken });
}

export function offer(
  revision: number,
  tracks: [mid: string, track: string][],
  changes: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    type: "offer",
    revision,
    sdp: `mids ${tracks.map(([mid]) => mid).join(" ")}`,
    tracks: tracks.map(([mid, track]) => ({ mid, track, participant: "p2" })),
    ...changes,
  };
}
