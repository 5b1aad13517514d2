// What a server would say, ready to be said by a FakeSocket.

import type { ParticipantInfo, Permissions, TrackInfo } from "../src/index.js";

export const permissions: Permissions = { canPublish: true, canSubscribe: true, canPublishData: true, roomAdmin: false };

export function trackInfo(track: string, changes: Partial<TrackInfo> = {}): TrackInfo {
  return { track, kind: "video", source: "camera", name: "", muted: false, codec: "VP8", simulcast: false, ...changes };
}

export function person(participant: string, identity: string, tracks: TrackInfo[] = []): ParticipantInfo {
  return { participant, identity, name: identity.toUpperCase(), attributes: {}, tracks };
}

export function joined(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    type: "joined",
    session: "s-1",
    resumeSeconds: 15,
    room: "tea",
    participant: person("p1", "ada"),
    participants: [person("p2", "bob", [trackInfo("t3")])],
    permissions,
    iceServers: [],
    ...changes,
  };
}

export function resumed(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return { ...joined(), type: "resumed", offer: null, ...changes };
}
