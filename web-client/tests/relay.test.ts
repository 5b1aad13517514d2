import { describe, expect, it } from "vitest";
import { joined } from "./fakes.js";
import { joinedRoom, offer, publishCamera } from "./joined-room.js";

const relay = (name: string): RTCIceServer[] => [{ urls: ["turn:tea.example.org:3478"], username: name, credential: "secret" }];

describe("the servers that help on the way", () => {
  it("go to both connections as the server has named them", async () => {
    const { browser, room } = await joinedRoom(joined({ iceServers: relay("first") }));
    await publishCamera(browser, room);
    await browser.socket.say(offer(1, [["0", "t3"]]));
    for (const peer of browser.peers)
      expect(peer.configuration).toMatchObject({ iceServers: relay("first"), iceTransportPolicy: "all" });
    expect(browser.peers).toHaveLength(2);
  });

  it("are used alone when the application says so", async () => {
    const { browser, room } = await joinedRoom(joined(), {}, { iceTransportPolicy: "relay" });
    const peer = await publishCamera(browser, room);
    expect(peer.configuration.iceTransportPolicy).toBe("relay");
  });

  it("are renewed for the next ICE restart, and not before, when a call lasts", async () => {
    const { browser, room } = await joinedRoom(joined({ iceServers: relay("first") }));
    const publishing = await publishCamera(browser, room);
    await browser.socket.say(offer(1, [["0", "t3"]]));
    const receiving = browser.peers[1];
    await receiving?.become("connected");
    await browser.socket.say({ type: "iceServers", iceServers: relay("second") });
    expect(publishing.configuration.iceServers).toEqual(relay("first"));
    await publishing.become("disconnected");
    await receiving?.become("disconnected");
    await browser.advance(1_000);
    expect(publishing.restarts).toBe(1);
    expect(publishing.configuration.iceServers).toEqual(relay("second"));
    expect(receiving?.configuration.iceServers).toEqual(relay("second"));
  });

  it("are renewed for a new connection, and by coming back", async () => {
    const { browser, room } = await joinedRoom(joined({ iceServers: relay("first") }));
    const publishing = await publishCamera(browser, room);
    await browser.socket.say({ type: "iceServers", iceServers: relay("second") });
    await publishing.become("failed");
    await browser.advance(0);
    expect(browser.peers.at(-1)?.configuration.iceServers).toEqual(relay("second"));
  });
});
