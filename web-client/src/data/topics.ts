// All topics on the publishing connection. They survive the connections that carry them: `attach` opens each of them on a new
// one, and what had not left goes there.
//
// A data channel agreed on without a word (negotiated, stream 0) stands for the connection itself: it makes the browser offer
// the section before there is a topic, and it tells when data can flow and when no longer. Nothing is ever sent on it.

import type { Browser, Milliseconds } from "../browser.js";
import { ParleyError } from "../errors.js";
import { joinMessage, modeOf, parseData } from "./message.js";
import type { Bytes, DataMessage, Mode, Refusal } from "./message.js";
import type { Care } from "./outlet.js";
import { Topic } from "./topic.js";

/** The server allows 64 channels, its own among them. */
const mostTopics = 40;
/** Beyond that a server opens channels for no good reason. */
const mostAccepted = 128;
/** Data that ends so soon after it began has a fault that a new connection does not mend. */
const shortLife: Milliseconds = 10_000;
const mostBreaks = 3;

export interface TopicsHost {
  received(topic: string, mode: Mode, sender: string, payload: Bytes): void;
  left(topic: string, dropped: number): void;
  refused(topic: string, reason: Refusal, receiver: string | undefined): void;
  /** Data flows, or no longer. */
  changed(up: boolean): void;
  /** The association ended, though the connection is there: a new connection is wanted. */
  broken(): void;
}

export class Topics {
  private readonly topics = new Map<string, Topic>();
  private readonly leftOn = new Map<string, Set<RTCDataChannel>>();
  private peer: RTCPeerConnection | undefined;
  private anchor: RTCDataChannel | undefined;
  private accepted: RTCDataChannel[] = [];
  private flowing = false;
  private begunAt: Milliseconds = 0;
  private breaks = 0;
  private failure: ParleyError | undefined;

  constructor(
    private readonly browser: Browser,
    private readonly host: TopicsHost,
  ) {}

  get up(): boolean {
    return this.flowing;
  }

  /** Resolves when it is on its way. `care`: what happens to it when the connection is lost before. */
  send(name: string, mode: Mode, bytes: Bytes, care: Care = mode === "lossy" ? "lossy" : "kept"): Promise<void> {
    if (this.failure) return Promise.reject(this.failure);
    const key = `${mode} ${name}`;
    let topic = this.topics.get(key);
    if (!topic) {
      if (this.topics.size >= mostTopics) return Promise.reject(tooManyTopics());
      topic = new Topic(name, mode, care, this.browser, (channel, owner) => this.listen(channel, name, mode, owner));
      this.topics.set(key, topic);
      if (this.peer) topic.attach(this.peer);
    }
    return topic.send(bytes);
  }

  /** Gives up what waits to be sent on this topic. */
  abandon(name: string, mode: Mode, error: ParleyError): void {
    this.topics.get(`${mode} ${name}`)?.fail(error);
  }

  /** Back into a topic that we have left. */
  rejoin(name: string): void {
    for (const channel of this.leftOn.get(name) ?? []) {
      if (channel.readyState === "open") channel.send(joinMessage);
    }
    this.leftOn.delete(name);
  }

  /** The connection that carries data from now on. Call it before each offer: it does something for a new connection only. */
  attach(peer: RTCPeerConnection): void {
    if (peer === this.peer || this.failure) return;
    this.detach();
    this.peer = peer;
    const anchor = peer.createDataChannel("", { negotiated: true, id: 0 });
    this.anchor = anchor;
    anchor.onopen = () => this.becomeUp();
    anchor.onclose = () => this.lost();
    peer.ondatachannel = ({ channel }) => this.accept(channel);
    for (const topic of this.topics.values()) topic.attach(peer);
  }

  /** The connection goes. */
  detach(): void {
    if (!this.peer) return;
    for (const topic of this.topics.values()) topic.detach();
    this.peer.ondatachannel = null;
    if (this.anchor) this.anchor.onopen = this.anchor.onclose = null;
    for (const channel of this.accepted) channel.onmessage = channel.onclose = null;
    this.accepted = [];
    this.leftOn.clear();
    this.peer = this.anchor = undefined;
    if (this.flowing) this.host.changed((this.flowing = false));
  }

  /** The end: what waits is rejected, and what comes too. */
  close(error: ParleyError): void {
    this.failure = error;
    this.detach();
    for (const topic of this.topics.values()) topic.fail(error);
  }

  private becomeUp(): void {
    this.begunAt = this.browser.now();
    this.host.changed((this.flowing = true));
  }

  private lost(): void {
    const short = !this.flowing || this.browser.now() - this.begunAt < shortLife;
    this.breaks = short ? this.breaks + 1 : 1;
    this.detach();
    if (this.breaks <= mostBreaks) this.host.broken();
    else this.close(new ParleyError("data_unavailable", "Messages and files do not reach the server. Join again later."));
  }

  private accept(channel: RTCDataChannel): void {
    const mode = modeOf(channel.protocol);
    if (!mode || this.accepted.length >= mostAccepted) return channel.close();
    this.accepted.push(channel);
    channel.onclose = () => (this.accepted = this.accepted.filter((each) => each !== channel));
    this.listen(channel, channel.label, mode);
  }

  private listen(channel: RTCDataChannel, name: string, mode: Mode, owner?: Topic): void {
    channel.binaryType = "arraybuffer";
    channel.onmessage = ({ data }) => {
      const message = parseData(data);
      if (message) this.take(message, channel, name, mode, owner);
    };
  }

  private take(message: DataMessage, channel: RTCDataChannel, name: string, mode: Mode, owner?: Topic): void {
    if (message.type === "data") return this.host.received(name, mode, message.sender, message.payload);
    if (message.type === "credit") return owner?.grant(message.total);
    if (message.type === "refused") return this.host.refused(name, message.reason, message.receiver);
    this.leftOn.set(name, (this.leftOn.get(name) ?? new Set()).add(channel));
    this.host.left(name, message.dropped);
  }
}

function tooManyTopics(): ParleyError {
  return new ParleyError(
    "too_many_topics",
    `A page may send on ${mostTopics} topics. Put what belongs together on one topic.`,
  );
}
