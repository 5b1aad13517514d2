// A browser in virtual time: sockets, peer connections and devices that do what a test tells them, and timers that fire when
// the test says that time has passed.

import { FakeDataChannel } from "./fake-data-channel.js";
import type { Browser, Milliseconds } from "../src/browser.js";
import type { Seen } from "../src/quality.js";
import type { ParticipantInfo, Permissions, TrackInfo } from "../src/protocol.js";

/** Lets every promise that can go on go on: nothing here waits for anything but other promises. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 100; turn++) await Promise.resolve();
}

export class FakeTrack {
  enabled = true;
  readyState: "live" | "ended" = "live";
  contentHint = "";
  onended: (() => void) | null = null;
  constructor(
    readonly kind: "audio" | "video",
    readonly id: string,
  ) {}
  stop(): void {
    this.readyState = "ended";
  }
  /** Unplugged. */
  end(): void {
    this.readyState = "ended";
    this.onended?.();
  }
}

export class FakeSocket {
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  readonly sent: Record<string, unknown>[] = [];
  closed = false;

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close(): void {
    this.closed = true;
  }

  ofType(type: string): Record<string, unknown>[] {
    return this.sent.filter((message) => message["type"] === type);
  }
  last(type: string): Record<string, unknown> {
    const message = this.ofType(type).at(-1);
    if (!message) throw new Error(`No ${type} was sent, only ${this.sent.map((each) => String(each["type"])).join(", ")}`);
    return message;
  }
  async open(): Promise<void> {
    this.onopen?.();
    await settle();
  }
  async say(message: Record<string, unknown>): Promise<void> {
    this.onmessage?.({ data: JSON.stringify(message) });
    await settle();
  }
  async reply(type: string, reply: Record<string, unknown>): Promise<void> {
    await this.say({ id: this.last(type)["id"], ...reply });
  }
  /** The network is gone, and the browser has noticed. */
  async drop(): Promise<void> {
    this.onclose?.();
    await settle();
  }
}

export class FakeTransceiver {
  mid: string | null = null;
  direction = "sendonly";
  stopped = false;
  preferences: RTCRtpCodec[] = [];
  readonly sender: {
    track: unknown;
    replaceTrack(track: unknown): Promise<void>;
    getParameters(): unknown;
    setParameters(parameters: { encodings: RTCRtpEncodingParameters[] }): Promise<void>;
    getStats(): Promise<unknown>;
  };
  /** What the sender was told last. */
  encodings: RTCRtpEncodingParameters[];
  /** How often it was told. */
  told = 0;
  readonly receiver: { track: FakeTrack };

  constructor(
    readonly kind: "audio" | "video",
    track: unknown,
    readonly init: RTCRtpTransceiverInit | undefined,
    received: FakeTrack,
  ) {
    this.receiver = { track: received };
    this.encodings = structuredClone(init?.sendEncodings ?? [{}]);
    this.sender = {
      track,
      replaceTrack: (next) => {
        this.sender.track = next;
        return Promise.resolve();
      },
      getParameters: () => ({
        codecs: [{ mimeType: kind === "video" ? "video/VP8" : "audio/opus" }],
        encodings: structuredClone(this.encodings),
      }),
      setParameters: ({ encodings }) => {
        this.encodings = structuredClone(encodings);
        this.told += 1;
        return Promise.resolve();
      },
      getStats: () => Promise.resolve(new Map()),
    };
  }
  /** The names of the encodings that are being sent. */
  get active(): (string | undefined)[] {
    return this.encodings.filter(({ active }) => active !== false).map(({ rid }) => rid);
  }
  setCodecPreferences(codecs: RTCRtpCodec[]): void {
    this.preferences = codecs;
  }
  stop(): void {
    this.stopped = true;
  }
}

export class FakePeer {
  connectionState: RTCPeerConnectionState = "new";
  onconnectionstatechange: (() => void) | null = null;
  onicecandidate: ((event: { candidate: unknown }) => void) | null = null;
  localDescription: { type: string; sdp: string } | undefined;
  remoteDescription: { type: string; sdp: string } | undefined;
  readonly transceivers: FakeTransceiver[] = [];
  readonly candidates: unknown[] = [];
  readonly channels: FakeDataChannel[] = [];
  ondatachannel: ((event: { channel: FakeDataChannel }) => void) | null = null;
  restarts = 0;
  closed = false;
  /** The description of the next answer. */
  answer = "answer";
  failRemote = false;
  private made = 0;
  private dataFlows = false;

  constructor(
    readonly number: number,
    public configuration: RTCConfiguration,
  ) {}

  addTransceiver(trackOrKind: FakeTrack | "audio" | "video", init?: RTCRtpTransceiverInit): FakeTransceiver {
    const kind = typeof trackOrKind === "string" ? trackOrKind : trackOrKind.kind;
    const track = typeof trackOrKind === "string" ? null : trackOrKind;
    const transceiver = new FakeTransceiver(kind, track, init, this.receive(kind));
    this.transceivers.push(transceiver);
    return transceiver;
  }
  createDataChannel(label: string, init?: RTCDataChannelInit): FakeDataChannel {
    const channel = new FakeDataChannel(label, init);
    this.channels.push(channel);
    if (this.dataFlows) channel.open();
    return channel;
  }
  /** SCTP is there: channels open, now and from now on. */
  async openData(): Promise<void> {
    this.dataFlows = true;
    this.channels.forEach((channel) => channel.open());
    await settle();
  }
  /** The channel that we opened for a topic. */
  channel(label: string): FakeDataChannel {
    const channel = this.channels.filter((each) => each.label === label).at(-1);
    if (!channel) throw new Error(`No channel is called ${label}, only ${this.channels.map((each) => each.label).join(", ")}`);
    return channel;
  }
  /** The server opens one. */
  serverOpens(label: string, protocol: string): FakeDataChannel {
    const channel = new FakeDataChannel(label, { protocol });
    channel.readyState = "open";
    this.ondatachannel?.({ channel });
    return channel;
  }
  getTransceivers(): FakeTransceiver[] {
    return this.transceivers;
  }
  createOffer(): Promise<{ type: string; sdp: string }> {
    return this.result({ type: "offer", sdp: `offer ${this.number}.${++this.made}` });
  }
  createAnswer(): Promise<{ type: string; sdp: string }> {
    return this.result({ type: "answer", sdp: this.answer });
  }
  setLocalDescription(description: { type: string; sdp: string }): Promise<void> {
    this.localDescription = description;
    this.transceivers.forEach((transceiver, index) => (transceiver.mid ??= String(index)));
    return this.result(undefined);
  }
  /** An offer "mids 0 2" has sections with these mids. */
  setRemoteDescription(description: { type: string; sdp: string }): Promise<void> {
    if (this.failRemote) return Promise.reject(new Error("unusable"));
    this.remoteDescription = description;
    if (description.type !== "offer") return this.result(undefined);
    for (const mid of description.sdp.split(/\s/).slice(1)) {
      if (this.transceivers.some((transceiver) => transceiver.mid === mid)) continue;
      this.addTransceiver("video").mid = mid;
    }
    return this.result(undefined);
  }
  addIceCandidate(candidate: unknown): Promise<void> {
    this.candidates.push(candidate);
    return Promise.resolve();
  }
  setConfiguration(configuration: RTCConfiguration): void {
    this.configuration = configuration;
  }
  restartIce(): void {
    this.restarts += 1;
  }
  close(): void {
    this.closed = true;
  }

  async become(state: RTCPeerConnectionState): Promise<void> {
    this.connectionState = state;
    this.onconnectionstatechange?.();
    await settle();
  }
  /** A browser settles no promise of a connection that has been closed meanwhile. */
  private async result<Value>(value: Value): Promise<Value> {
    await Promise.resolve();
    return this.closed ? new Promise<Value>(() => undefined) : value;
  }
  received(mid: string): FakeTrack | undefined {
    return this.transceivers.find((transceiver) => transceiver.mid === mid)?.receiver.track;
  }
  private receive(kind: "audio" | "video"): FakeTrack {
    // Every id is the same: nothing may depend on it.
    return new FakeTrack(kind, "the same id");
  }
}

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
    createStream: (track) => ({ track }) as unknown as MediaStream,
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

export class FakeElement {
  srcObject: { track: unknown } | null = null;
  autoplay = false;
  muted = false;
  played = 0;
  /** The browser wants a click first. */
  blocked = false;
  play(): Promise<void> {
    this.played += 1;
    if (!this.blocked) return Promise.resolve();
    return Promise.reject(Object.assign(new Error("not allowed"), { name: "NotAllowedError" }));
  }
  get asElement(): HTMLMediaElement {
    return this as unknown as HTMLMediaElement;
  }
}

// What a server would say

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
