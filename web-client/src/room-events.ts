// What can be told of a room, and to it: its states, events and options as types.

import type { Browser } from "./browser.js";
import type { ChatMessage } from "./chat-log.js";
import type { ReceivedData } from "./data/data.js";
import type { Encrypter } from "./e2ee/encryption.js";
import type { ParleyError } from "./errors.js";
import type { FileOffer } from "./files/receiver.js";
import type { MediaPath } from "./media/path.js";
import type { Participant, RemoteParticipant } from "./participant.js";
import type { RetryPolicy } from "./policy.js";
import type { Attributes, RoomSettings, WaitingParticipant } from "./signaling/protocol.js";
import type { RemoteTrackPublication } from "./track-publication.js";

/**
 * `waiting`: in the lobby, until an administrator lets us in. `connected` means that both the server and the media are there;
 * `reconnecting` that one of them is being repaired, while whatever still works goes on.
 */
export type RoomState = "idle" | "connecting" | "waiting" | "connected" | "reconnecting" | "disconnected";

/**
 * What is being repaired. `server`: the WebSocket is lost, so nobody's coming, going or writing is known; media goes on.
 * `media`: sound and pictures are interrupted. `both`: the server itself is probably gone.
 */
export type Trouble = "server" | "media" | "both";

/** What happens in a room. */
export interface RoomEvents {
  stateChanged: [RoomState];
  /** While `reconnecting`: what is being repaired now. */
  troubleChanged: [Trouble | undefined];
  /** The end. The reason is undefined when it was our own `disconnect`. */
  disconnected: [ParleyError | undefined];
  participantJoined: [RemoteParticipant];
  /** Reason: "left", "lost", "replaced" or "removed". */
  participantLeft: [RemoteParticipant, string];
  /** Name, attributes or connection. */
  participantUpdated: [Participant];
  trackPublished: [RemoteTrackPublication, RemoteParticipant];
  trackUnpublished: [RemoteTrackPublication, RemoteParticipant];
  /** Loudest first, ourselves included. */
  speakersChanged: [Participant[]];
  /** Their sound and pictures can be read, or no longer: see `Participant.encryption`. */
  encryptionChanged: [RemoteParticipant];
  chat: [ChatMessage];
  /** What somebody has sent with `send`. */
  data: [ReceivedData];
  /** We have read this topic too slowly, and get no more of it. `rejoin` brings us back. */
  topicLeft: [topic: string];
  /** Somebody wants to send us a file. Nothing comes before its `accept`. */
  fileOffered: [FileOffer];
  /** Locked, with a lobby, direct calls: as an administrator has decided. */
  settingsChanged: [Readonly<RoomSettings>];
  /** To administrators: who waits to be let in. */
  lobbyChanged: [readonly WaitingParticipant[]];
  /** Sound and pictures now come from the other browser itself, or over the server again. */
  pathChanged: [MediaPath];
  /** Something is not as it should be, and the call goes on: a device was unplugged, media does not get through. */
  warning: [ParleyError];
  /** True: the browser wants a click before it plays sound. See `startPlayback`. */
  playbackBlocked: [boolean];
}

/** How a room is made; all of it may be left out. */
export interface RoomOptions {
  browser?: Browser;
  policy?: RetryPolicy;
  /** "relay": media goes through the server's relay only, so that nobody sees the addresses of this network. Default: "all". */
  iceTransportPolicy?: RTCIceTransportPolicy;
  /**
   * "auto": the connection for messages and files is made when something is sent, or when somebody listens to `data` or
   * `fileOffered`. "off": never; then nobody can send us any. Default: "auto".
   */
  data?: "auto" | "off";
  /** A call of two goes from browser to browser, where the room allows it. Default: true. */
  direct?: boolean;
  /** End-to-end: `new Encryption({ key })`. Default: none, and the server could listen. */
  encryption?: Encrypter;
}

/** How a room is joined. */
export interface ConnectOptions {
  /** Used when the token has none. */
  name?: string;
  attributes?: Attributes;
  /** Receive every track in the room. Default: true. */
  autoSubscribe?: boolean;
}
