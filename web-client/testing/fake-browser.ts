// A browser in virtual time: sockets, peer connections and devices that do what a test tells them, and timers that fire when
// the test says that time has passed. `new Room({ browser: fake.api })`.

import type { Browser, Seen } from "../src/index.js";
import { FakeStream } from "./fake-element.js";
import type { FakeElement } from "./fake-element.js";
import { FakePeer } from "./fake-peer.js";
import { FakeSocket } from "./fake-socket.js";
import { FakeTrack } from "./fake-track.js";
import { settle } from "./settle.js";

/** As in the SDK. */
type Milliseconds = number;

interface Scheduled {
  at: Milliseconds;
  callback: () => void;
}

export class FakeBrowser {
  readonly sockets: FakeSocket[] = [];
  readonly peers: FakePeer[] = [];
  readonly captured: MediaStreamConstraints[] = [];
  readonly tracks: FakeTrack[] = [];
  /** What the next getUserMedia fails with. */
  captureFailure: Error | undefined;
  secure = true;
  randomness = 0.5;
  codecs: RTCRtpCodec[] = [];
  private time: Milliseconds = 0;
  private readonly timers = new Map<number, Scheduled>();
  private nextTimer = 1;
  private readonly networkListeners = new Set<() => void>();
  private readonly hideListeners = new Set<() => void>();
  private readonly observers = new Map<unknown, (seen: Seen) => void>();

  get socket(): FakeSocket {
    return this.sockets.at(-1) as FakeSocket;
  }
  get now(): Milliseconds {
    return this.time;
  }
  get pendingTimers(): number {
    return this.timers.size;
  }

  async advance(duration: Milliseconds): Promise<void> {
    const end = this.time + duration;
    for (;;) {
      await settle();
      const [next] = [...this.timers].filter(([, { at }]) => at <= end).sort((left, right) => left[1].at - right[1].at);
      if (!next) break;
      this.timers.delete(next[0]);
      this.time = Math.max(this.time, next[1].at);
      next[1].callback();
    }
    this.time = end;
    await settle();
  }

  async changeNetwork(): Promise<void> {
    this.networkListeners.forEach((listener) => listener());
    await settle();
  }
  /** Somebody sees this much of the element now. */
  see(element: FakeElement, visible: boolean, width = 640, height = 360): void {
    this.observers.get(element)?.({ visible, width, height });
  }
  get observed(): number {
    return this.observers.size;
  }
  hidePage(): void {
    this.hideListeners.forEach((listener) => listener());
  }

  private capture(constraints: MediaStreamConstraints): Promise<MediaStream> {
    this.captured.push(constraints);
    if (this.captureFailure) return Promise.reject(this.captureFailure);
    const video = constraints.video ? [this.track("video")] : [];
    const audio = constraints.audio ? [this.track("audio")] : [];
    return Promise.resolve({ getVideoTracks: () => video, getAudioTracks: () => audio } as unknown as MediaStream);
  }
  private track(kind: "audio" | "video"): FakeTrack {
    const track = new FakeTrack(kind, `${kind} ${this.tracks.length}`);
    this.tracks.push(track);
    return track;
  }

  /** What the SDK is given. */
  readonly api: Browser = {
    createPeerConnection: (configuration) => {
      const peer = new FakePeer(this.peers.length, configuration);
      this.peers.push(peer);
      return peer as unknown as RTCPeerConnection;
    },
    createWebSocket: () => {
      const socket = new FakeSocket();
      this.sockets.push(socket);
      return socket as unknown as WebSocket;
    },
    createStream: (track) => new FakeStream(track) as unknown as MediaStream,
    getUserMedia: (constraints) => this.capture(constraints),
    getDisplayMedia: (options) => this.capture(options as MediaStreamConstraints),
    isSecureContext: () => this.secure,
    sendCapabilities: () => ({ codecs: this.codecs, headerExtensions: [] }),
    now: () => this.time,
    random: () => this.randomness,
    setTimeout: (callback, delay) => {
      const timer = this.nextTimer++;
      this.timers.set(timer, { at: this.time + delay, callback });
      return timer;
    },
    clearTimeout: (timer) => this.timers.delete(timer as number),
    onNetworkChange: (callback) => {
      this.networkListeners.add(callback);
      return () => this.networkListeners.delete(callback);
    },
    observeElement: (element, callback) => {
      this.observers.set(element, callback);
      return () => this.observers.delete(element);
    },
    onPageHide: (callback) => {
      this.hideListeners.add(callback);
      return () => this.hideListeners.delete(callback);
    },
  };
}
