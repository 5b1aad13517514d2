// Everything that can go wrong, as one class with a stable code for programs and a sentence for people that says what
// to do. Codes from the server (signaling/PROTOCOL.md, "Errors and the end") are passed on; the others are made here.

/** Codes that the SDK itself makes. */
export type LocalErrorCode =
  | "server_unreachable"
  | "connection_lost"
  | "connection_timeout"
  | "not_connected"
  | "protocol_violation"
  | "permission_denied"
  | "device_not_found"
  | "device_busy"
  | "device_lost"
  | "device_constraints"
  | "device_failed"
  | "insecure_context"
  | "unsupported_browser"
  | "publish_failed"
  | "codec_unsupported"
  | "media_unreachable"
  | "topic_invalid"
  | "topic_refused"
  | "too_many_topics"
  | "message_too_large"
  | "payload_invalid"
  | "data_queue_full"
  | "data_refused"
  | "data_unavailable"
  | "data_off"
  | "file_cancelled"
  | "file_declined"
  | "file_damaged"
  | "file_failed"
  | "file_not_saved"
  | "file_receiver_left"
  | "file_sender_left"
  | "file_too_large"
  | "file_unreadable"
  | "file_unsupported"
  | "key_invalid"
  | "left";

/** A code of the SDK's or one of the server's. */
export type ErrorCode = LocalErrorCode | (string & {});

/** Everything that fails, fails with this: `code` is for programs, `message` a sentence for people that says what to do. */
export class ParleyError extends Error {
  override readonly name = "ParleyError";

  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }

  static from(error: unknown, code: ErrorCode = "protocol_violation"): ParleyError {
    if (error instanceof ParleyError) return error;
    return new ParleyError(code, error instanceof Error ? error.message : String(error), { cause: error });
  }
}

const serverSentences: Record<string, string> = {
  token_missing: "This link carries no invitation. Open the complete invite link.",
  token_malformed: "This invite link is damaged. Copy it again, all of it, and open it once more.",
  token_algorithm: "This invitation was signed in a way that the server does not accept. Ask for a new one.",
  token_signature: "This invitation is not from this server. Ask for a new invite link.",
  token_unknown_key: "This invitation is not from this server. Ask for a new invite link.",
  token_expired: "This invitation has expired. Ask for a new invite link.",
  token_not_yet_valid: "This invitation is not valid yet. Check that the clock of this device is right, or wait.",
  token_wrong_room: "This invitation is for another room.",
  token_no_join: "This invitation does not allow joining a room. Ask for another one.",
  room_full: "This room is full. Try again when somebody has left.",
  room_locked: "This room is locked: nobody else can come in. Ask somebody inside to unlock it.",
  lobby_full: "Too many people wait to be let in. Try again in a while.",
  not_admitted: "You were not let in.",
  direct_off: "This room does not let two browsers connect to each other.",
  server_busy: "The server is busy starting up. Try again in a few seconds.",
  too_many_connections: "There are too many connections from your network. Close other windows of this call and try again.",
};

/** An error that the server sent. Where people are meant to act, the sentence is ours; otherwise the server's own. */
export function serverError(code: string, message: string | undefined): ParleyError {
  return new ParleyError(code, serverSentences[code] ?? (message || `The server answered "${code}".`));
}

/** What a browser may refuse to open. */
export type CaptureKind = "camera" | "microphone" | "screen";

const deviceNames: Record<CaptureKind, string> = { camera: "camera", microphone: "microphone", screen: "screen" };

type Sentence = (device: string, captured: CaptureKind) => string;

const permissionDenied: Sentence = (device, captured) =>
  captured === "screen"
    ? "The screen is not shared, because permission was refused. Try again and choose what to share."
    : `Access to the ${device} was refused. Allow it with the icon beside the address of this page, then try again.`;

/** The DOMException names of getUserMedia and getDisplayMedia (W3C mediacapture-main, section 10.2). */
const captureFailures: Record<string, [LocalErrorCode, Sentence]> = {
  NotAllowedError: ["permission_denied", permissionDenied],
  SecurityError: ["permission_denied", permissionDenied],
  NotFoundError: ["device_not_found", (device) => `No ${device} was found. Plug one in, then try again.`],
  NotReadableError: [
    "device_busy",
    (device) => `The ${device} can't be used just now: another program may have it open. Close that, then try again.`,
  ],
  AbortError: ["device_busy", (device) => `The ${device} stopped unexpectedly. Try again, or plug it in once more.`],
  OverconstrainedError: [
    "device_constraints",
    (device) => `The chosen ${device} is no longer there. Choose another one in the settings.`,
  ],
};

/** Why there is no track from a camera, a microphone or a screen. */
export function captureError(error: unknown, captured: CaptureKind): ParleyError {
  if (error instanceof ParleyError) return error;
  const failure = error instanceof Error || error instanceof DOMException ? captureFailures[error.name] : undefined;
  const device = deviceNames[captured];
  if (!failure) {
    const detail = error instanceof Error && error.message ? ` (${error.message})` : "";
    return new ParleyError("device_failed", `The ${device} could not be opened${detail}.`, { cause: error });
  }
  return new ParleyError(failure[0], failure[1](device, captured), { cause: error });
}

export function insecureContext(captured: CaptureKind): ParleyError {
  return new ParleyError(
    "insecure_context",
    `Browsers allow the ${deviceNames[captured]} only on secure pages. Open this page by its https:// address, or as localhost.`,
  );
}

export function mediaUnreachable(): ParleyError {
  return new ParleyError(
    "media_unreachable",
    "Sound and pictures do not get through this network. " +
      "Ask whoever runs the server to open its media port, or use another network.",
  );
}
