// The messages of signaling/PROTOCOL.md as types. What arrives is checked for shape here, once: the rest of the SDK
// may rely on it.

import type { Limit, Picture, View } from "../viewing/quality.js";

export const subprotocol = "parley.1";

export type Kind = "audio" | "video";
/** What a track shows: `other` for whatever the page publishes by itself. */
export type Source = "microphone" | "camera" | "screen" | "screenAudio" | "other";
export type ConnectionName = "publishing" | "subscribing";
/** What participants say of themselves; the page decides what it means. */
export type Attributes = Record<string, string>;

/** A track as the server describes it. */
export interface TrackInfo {
  track: string;
  kind: Kind;
  source: Source;
  name: string;
  muted: boolean;
  codec: string;
  simulcast: boolean;
}

/** A participant as the server describes them. */
export interface ParticipantInfo {
  participant: string;
  identity: string;
  name: string;
  attributes: Attributes;
  connection?: "connected" | "reconnecting";
  tracks: TrackInfo[];
}

/** What our token lets us do in the room. */
export interface Permissions {
  canPublish: boolean;
  canSubscribe: boolean;
  canPublishData: boolean;
  roomAdmin: boolean;
}

/** What administrators decide for a room. */
export interface RoomSettings {
  /** Nobody comes in any more, but for administrators. */
  locked: boolean;
  /** Whoever comes waits until an administrator lets them in. */
  lobby: boolean;
  /** Two browsers may connect to each other, past the server. */
  direct: boolean;
}

/** Somebody in the lobby. */
export interface WaitingParticipant {
  participant: string;
  identity: string;
  name: string;
}

/** A text from before we came; `participant` is null when its writer has left. */
export interface EarlierChat {
  participant: string | null;
  name: string;
  text: string;
  time: number;
}

export interface Joined {
  type: "joined";
  session: string;
  resumeSeconds: number;
  room: string;
  participant: ParticipantInfo;
  participants: ParticipantInfo[];
  permissions: Permissions;
  iceServers: RTCIceServer[];
  roomState?: RoomSettings;
  chat?: EarlierChat[];
}

export interface Offer {
  type: "offer";
  revision: number;
  sdp: string;
  tracks: { mid: string; track: string; participant: string }[];
  replace?: boolean;
}

export interface Resumed {
  type: "resumed";
  participant: ParticipantInfo;
  participants: ParticipantInfo[];
  iceServers?: RTCIceServer[];
  roomState?: RoomSettings;
  offer: Offer | null;
}

export interface Published {
  type: "published";
  sdp: string;
  tracks: { mid: string; track: string }[];
}

export interface ServerError {
  type: "error";
  code: string;
  message?: string;
}

export interface Chat {
  type: "chat";
  participant: string;
  text: string;
  time: number;
  private?: boolean;
}

/** Passed on by the server between two clients: what they need to connect to each other. */
export interface Direct {
  type: "direct";
  participant: string;
  purpose: string;
  kind: string;
  payload: string;
}

/** What the server says by itself, not as a reply. */
export type Notification =
  | Offer
  | Chat
  | { type: "subscription"; track: string; state: string; reason?: string; message?: string }
  | { type: "quality"; track: string; current: Picture; wanted: Picture; limit: Limit; estimate: number }
  | { type: "encodings"; track: string; rids: string[]; any: boolean }
  | { type: "iceServers"; iceServers: RTCIceServer[] }
  | { type: "candidate"; connection: ConnectionName; candidate: string; mid?: string }
  | { type: "connection"; connection: ConnectionName; state: "connecting" | "connected" | "disconnected" | "failed" }
  | { type: "moved" }
  | { type: "participantJoined"; participant: ParticipantInfo }
  | { type: "participantUpdated"; participant: ParticipantInfo }
  | { type: "participantLeft"; participant: string; reason: string }
  | { type: "trackPublished"; participant: string; track: TrackInfo }
  | { type: "trackUpdated"; participant: string; track: TrackInfo }
  | { type: "trackUnpublished"; participant: string; track: string }
  | { type: "speakers"; speakers: { participant: string; level: number }[] }
  | ({ type: "roomState" } & RoomSettings)
  | { type: "waiting" }
  | { type: "lobby"; waiting: WaitingParticipant[] }
  | Direct
  | { type: "closed"; code: string; message: string };

export type Reply = Joined | Resumed | Published | ServerError | { type: "ok" } | { type: "pong" };
export type ServerMessage = (Notification | Reply) & { id?: number };

export interface PublishTrack {
  mid: string;
  source: Source;
  name: string;
  muted: boolean;
  stereo?: boolean;
  dtx?: boolean;
}

export type Request =
  | { type: "join"; token: string; name?: string; autoSubscribe: boolean; attributes?: Attributes }
  | { type: "resume"; session: string }
  | { type: "publish"; sdp: string; tracks: PublishTrack[]; replace?: boolean }
  | { type: "unpublish"; track: string }
  | { type: "mute" | "muteOther"; track: string; muted?: boolean }
  | { type: "subscribe" | "unsubscribe"; track: string }
  | { type: "restart"; connection: "subscribing"; replace?: boolean }
  | { type: "chat"; text: string; to?: string }
  | { type: "update"; name?: string; attributes?: Attributes }
  | { type: "remove" | "admit" | "deny"; participant: string }
  | ({ type: "setRoom" } & Partial<RoomSettings>)
  | { type: "direct"; to: string; purpose: string; kind: string; payload: string }
  | { type: "ping" };

/** What is sent without waiting for a reply. */
export type Statement =
  | { type: "answer"; revision: number; sdp: string }
  | { type: "candidate"; connection: ConnectionName; candidate: string; mid?: string }
  | { type: "view"; views: View[] }
  | { type: "leave" };

type Shape = Record<string, "string" | "number" | "boolean" | "object" | "array">;

/** The fields of each message without which it can't be used. Types that are not listed here are ignored. */
const shapes: Record<ServerMessage["type"], Shape> = {
  joined: { session: "string", participant: "object", participants: "array" },
  resumed: { participant: "object", participants: "array" },
  published: { sdp: "string", tracks: "array" },
  ok: {},
  pong: {},
  error: { code: "string" },
  offer: { revision: "number", sdp: "string", tracks: "array" },
  subscription: { track: "string", state: "string" },
  quality: { track: "string", current: "object", wanted: "object", limit: "string", estimate: "number" },
  encodings: { track: "string", rids: "array", any: "boolean" },
  iceServers: { iceServers: "array" },
  candidate: { connection: "string", candidate: "string" },
  connection: { connection: "string", state: "string" },
  moved: {},
  participantJoined: { participant: "object" },
  participantUpdated: { participant: "object" },
  participantLeft: { participant: "string" },
  trackPublished: { participant: "string", track: "object" },
  trackUpdated: { participant: "string", track: "object" },
  trackUnpublished: { participant: "string", track: "string" },
  speakers: { speakers: "array" },
  chat: { participant: "string", text: "string" },
  roomState: { locked: "boolean", lobby: "boolean", direct: "boolean" },
  waiting: {},
  lobby: { waiting: "array" },
  direct: { participant: "string", purpose: "string", kind: "string", payload: "string" },
  closed: { code: "string" },
};

function fits(value: unknown, wanted: Shape[string]): boolean {
  if (wanted === "array") return Array.isArray(value);
  return typeof value === wanted && value !== null;
}

/** Undefined: not a message that this version knows. */
export function parseServerMessage(text: unknown): ServerMessage | undefined {
  if (typeof text !== "string") return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || !("type" in value)) return undefined;
  const message = value as Record<string, unknown>;
  const shape = Object.hasOwn(shapes, String(message["type"]))
    ? shapes[message["type"] as ServerMessage["type"]]
    : undefined;
  if (!shape || !Object.entries(shape).every(([field, wanted]) => fits(message[field], wanted))) return undefined;
  return message as unknown as ServerMessage;
}
