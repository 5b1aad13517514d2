// The Parley SDK. `new Room()`, `connect`, listen to its events, publish, attach tracks to elements.

export { Room } from "./room.js";
export { signalAddress } from "./signal.js";
export type { ChatMessage } from "./chat-log.js";
export type { ConnectOptions, RoomEvents, RoomOptions, RoomState, Trouble } from "./room-events.js";
export { Participant, RemoteParticipant } from "./participant.js";
export type { ParticipantEvents } from "./participant.js";
export { LocalParticipant } from "./local-participant.js";
export type { DeviceOptions } from "./local-participant.js";
export { LocalTrackPublication, RemoteTrackPublication, TrackPublication } from "./track-publication.js";
export type { PublishOptions, TrackPublicationEvents } from "./track-publication.js";
export { capture, captureBoth, captureScreen } from "./capture.js";
export type { CaptureOptions } from "./capture.js";
export type { ScalabilityMode, VideoCodec } from "./encoding.js";
export { captureError, ParleyError, serverError } from "./errors.js";
export type { ErrorCode, LocalErrorCode } from "./errors.js";
export { Emitter } from "./emitter.js";
export { windowBrowser } from "./browser.js";
export type { Browser } from "./browser.js";
export { repair, retry, standardPolicy } from "./policy.js";
export type { Condition, Repair, RetryPolicy } from "./policy.js";
export type { Limit, MaximumLayers, Pause, Picture, Quality, Seen, WantedEncodings } from "./quality.js";
export type { Attributes, Kind, Permissions, RoomSettings, Source, WaitingParticipant } from "./protocol.js";
