// Everything that the SDK takes from the browser, behind one object. A test passes its own; a program that runs
// elsewhere (Electron, a worker with polyfills) can too.

import { observeElement } from "./viewing/observe.js";
import type { Seen } from "./viewing/quality.js";

export type Milliseconds = number;
export type Timer = unknown;

/** Everything that the SDK takes from the browser. `RoomOptions.browser` gives it another one: a fake in tests, or polyfills. */
export interface Browser {
  createPeerConnection(configuration: RTCConfiguration): RTCPeerConnection;
  createWebSocket(url: string, subprotocol: string): WebSocket;
  createStream(track: MediaStreamTrack): MediaStream;
  getUserMedia(constraints: MediaStreamConstraints): Promise<MediaStream>;
  getDisplayMedia(options: DisplayMediaStreamOptions): Promise<MediaStream>;
  /** False where getUserMedia does not exist: pages that are neither https:// nor on localhost. */
  isSecureContext(): boolean;
  /** What this browser can send; null when it does not say. */
  sendCapabilities(kind: "audio" | "video"): RTCRtpCapabilities | null;
  now(): Milliseconds;
  random(): number;
  setTimeout(callback: () => void, delay: Milliseconds): Timer;
  clearTimeout(timer: Timer): void;
  /** The network is there again, or another one: whatever is broken is worth a try now. Returns what ends it. */
  onNetworkChange(callback: () => void): () => void;
  /** Tells at once and at each change how much of the element can be seen. Returns what ends it. */
  observeElement(element: Element, callback: (seen: Seen) => void): () => void;
  /** The page goes away. Returns what ends it. */
  onPageHide(callback: () => void): () => void;
}

interface NetworkInformation extends EventTarget {
  readonly type?: string;
}

function onNetworkChange(callback: () => void): () => void {
  const connection = (navigator as Navigator & { connection?: NetworkInformation }).connection;
  let type = connection?.type;
  // `change` also tells every new estimate of the round-trip time; only a change of the network counts here.
  const changed = (): void => {
    if (connection?.type === type) return;
    type = connection?.type;
    callback();
  };
  connection?.addEventListener("change", changed);
  window.addEventListener("online", callback);
  return () => {
    connection?.removeEventListener("change", changed);
    window.removeEventListener("online", callback);
  };
}

function onPageHide(callback: () => void): () => void {
  window.addEventListener("pagehide", callback);
  return () => window.removeEventListener("pagehide", callback);
}

/** The browser that this page runs in. */
export function windowBrowser(): Browser {
  return {
    createPeerConnection: (configuration) => new RTCPeerConnection(configuration),
    createWebSocket: (url, subprotocol) => new WebSocket(url, subprotocol),
    createStream: (track) => new MediaStream([track]),
    getUserMedia: (constraints) => navigator.mediaDevices.getUserMedia(constraints),
    getDisplayMedia: (options) => navigator.mediaDevices.getDisplayMedia(options),
    isSecureContext: () => window.isSecureContext && navigator.mediaDevices !== undefined,
    sendCapabilities: (kind) => RTCRtpSender.getCapabilities?.(kind) ?? null,
    now: () => performance.now(),
    random: () => Math.random(),
    setTimeout: (callback, delay) => window.setTimeout(callback, delay),
    clearTimeout: (timer) => window.clearTimeout(timer as number),
    onNetworkChange,
    observeElement,
    onPageHide,
  };
}
