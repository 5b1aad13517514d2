// Cameras, microphones and screens: what is asked of the browser, and its refusals as errors with a sentence.

import type { Browser } from "../browser.js";
import { captureError, insecureContext, ParleyError } from "../errors.js";
import type { CaptureKind } from "../errors.js";
import type { ScreenKind } from "./encoding.js";

/** Which device, and what is asked of it. */
export interface CaptureOptions {
  /** From `navigator.mediaDevices.enumerateDevices()`; the system's choice when absent or no longer there. */
  deviceId?: string;
  /** Camera: wished for, not insisted on. Default: 1280 × 720 at 30. */
  width?: number;
  height?: number;
  frameRate?: number;
}

function device({ deviceId }: CaptureOptions): { deviceId?: ConstrainDOMString } {
  return deviceId === undefined || deviceId === "" ? {} : { deviceId: { ideal: deviceId } };
}

function cameraConstraints(options: CaptureOptions): MediaTrackConstraints {
  return {
    ...device(options),
    width: { ideal: options.width ?? 1280 },
    height: { ideal: options.height ?? 720 },
    frameRate: { ideal: options.frameRate ?? 30 },
  };
}

function microphoneConstraints(options: CaptureOptions): MediaTrackConstraints {
  return { ...device(options), echoCancellation: true, noiseSuppression: true, autoGainControl: true };
}

/** Opens a camera or a microphone. Rejects with a ParleyError whose message says what to do. */
export async function capture(
  browser: Browser,
  kind: "camera" | "microphone",
  options: CaptureOptions = {},
): Promise<MediaStreamTrack> {
  const constraints = kind === "camera" ? { video: cameraConstraints(options) } : { audio: microphoneConstraints(options) };
  const [track] = await open(browser, kind, () => browser.getUserMedia(constraints));
  return track;
}

/** Opens both with one question to the user. When that fails, opening each alone tells which of them it is, and why. */
export async function captureBoth(
  browser: Browser,
  camera: CaptureOptions = {},
  microphone: CaptureOptions = {},
): Promise<{ camera: MediaStreamTrack; microphone: MediaStreamTrack }> {
  const constraints = { video: cameraConstraints(camera), audio: microphoneConstraints(microphone) };
  const tracks = await open(browser, "camera", () => browser.getUserMedia(constraints));
  const [video, audio] = [tracks.find(({ kind }) => kind === "video"), tracks.find(({ kind }) => kind === "audio")];
  if (!video || !audio)
    throw new ParleyError("device_failed", "The camera and the microphone could not be opened together.");
  return { camera: video, microphone: audio };
}

/** Lets the user choose a screen, a window or a tab; the second track is its sound, if there is one. */
export async function captureScreen(
  browser: Browser,
  withAudio: boolean,
  kind: ScreenKind = "text",
): Promise<[MediaStreamTrack, ...MediaStreamTrack[]]> {
  const frameRate = kind === "text" ? { ideal: 15, max: 30 } : { ideal: 30, max: 60 };
  const tracks = await open(browser, "screen", () => browser.getDisplayMedia({ video: { frameRate }, audio: withAudio }));
  // W3C mst-content-hint: encoders keep edges, or movements.
  tracks[0].contentHint = kind;
  return tracks;
}

async function open(
  browser: Browser,
  kind: CaptureKind,
  ask: () => Promise<MediaStream>,
): Promise<[MediaStreamTrack, ...MediaStreamTrack[]]> {
  if (!browser.isSecureContext()) throw insecureContext(kind);
  try {
    const stream = await ask();
    const [first, ...others] = [...stream.getVideoTracks(), ...stream.getAudioTracks()];
    if (!first) throw new ParleyError("device_failed", `The ${kind} gave no track.`);
    return [first, ...others];
  } catch (error) {
    throw captureError(error, kind);
  }
}
