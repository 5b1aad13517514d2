// A peer connection that connects when the test says so. Its descriptions are words: an offer "mids 0 2" has sections with these mids.

import { FakeDataChannel } from "./fake-data-channel.js";
import { FakeTrack } from "./fake-track.js";
import { FakeTransceiver } from "./fake-transceiver.js";
import { settle } from "./settle.js";

export class FakePeer {
  connectionState: RTCPeerConnectionState = "new";
  onconnectionstatechange: (() => void) | null = null;
  /** The test calls it, as a browser does when sections have been added. */
  onnegotiationneeded: (() => void) | null = null;
  signalingState: RTCSignalingState = "stable";
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
  setLocalDescription(description?: { type: string; sdp: string }): Promise<void> {
    const offered = this.signalingState === "have-remote-offer";
    const made = offered ? { type: "answer", sdp: this.answer } : { type: "offer", sdp: `offer ${this.number}.${++this.made}` };
    this.localDescription = description ?? made;
    this.signalingState = this.localDescription.type === "offer" ? "have-local-offer" : "stable";
    this.transceivers.forEach((transceiver, index) => (transceiver.mid ??= String(index)));
    return this.result(undefined);
  }
  /** An offer "mids 0 2" has sections with these mids. */
  setRemoteDescription(description: { type: string; sdp: string }): Promise<void> {
    if (this.failRemote) return Promise.reject(new Error("unusable"));
    this.remoteDescription = description;
    this.signalingState = description.type === "offer" ? "have-remote-offer" : "stable";
    if (description.type !== "offer") return this.result(undefined);
    for (const mid of description.sdp.split(/\s/).slice(1)) {
      if (this.transceivers.some((transceiver) => transceiver.mid === mid)) continue;
      this.addTransceiver("video").mid = mid;
    }
    return this.result(undefined);
  }
  getStats(): Promise<Map<string, unknown>> {
    return Promise.resolve(new Map());
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
