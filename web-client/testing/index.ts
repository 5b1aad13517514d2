// `parley-client/testing`: a browser and a server for your own tests, without either. No test framework is assumed.
//
//    const { browser, room } = await joinedRoom();
//    await browser.socket.say({ type: "participantJoined", participant: person("p3", "carol") });
//    expect(room.participants).toHaveLength(2);
//    await browser.advance(5_000);           // virtual time: every timer of the SDK fires when this says so

export { FakeBrowser } from "./fake-browser.js";
export { FakeDataChannel } from "./fake-data-channel.js";
export { FakeElement } from "./fake-element.js";
export type { FakeStream } from "./fake-element.js";
export { FakePeer } from "./fake-peer.js";
export { FakeSocket } from "./fake-socket.js";
export { FakeTrack } from "./fake-track.js";
export { FakeTransceiver } from "./fake-transceiver.js";
export { answerPublish, joinedRoom, offer, publishCamera } from "./joined-room.js";
export { joined, permissions, person, resumed, trackInfo } from "./server.js";
export { settle } from "./settle.js";
