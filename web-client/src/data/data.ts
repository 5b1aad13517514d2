// Messages between the participants' pages, by topic: checks and codes what is sent, and says who sent what came. Topics (below
// it) know channels and bytes only.

import type { Browser } from "../browser.js";
import { ParleyError } from "../errors.js";
import { Participant } from "../participant.js";
import { largestMessage, longestTopic, readPayload, writeData } from "./message.js";
import type { Mode, Payload, Refusal } from "./message.js";
import type { Care } from "./outlet.js";
import type { Take } from "./scratch.js";
import { Topics } from "./topics.js";

/** To whom a message goes, and what happens when it can't go at once. */
export interface SendOptions {
  /** False: it may be lost, nobody waits for it, and order does not matter. For what is soon out of date. Default: true. */
  reliable?: boolean;
  /** Only to these. Default: to everybody else. */
  to?: Participant | readonly Participant[];
  /**
   * A receiver reads too slowly. "leave": it leaves the topic and is told so, nobody else is affected. "wait": `send` waits for
   * it. Default: "leave".
   */
  whenFull?: "leave" | "wait";
}

/** A message of another participant's, as it was sent. */
export interface ReceivedData {
  topic: string;
  /** Undefined when they have left meanwhile, or are not known here yet. */
  participant: Participant | undefined;
  payload: Payload;
  reliable: boolean;
}

/** Topics of the SDK's own begin so, and stay out of `send` and `data`. */
const ownTopics = "parley/";

/** How the SDK's own messages are sent. */
export interface Posting {
  care?: Care;
  /** Memory for the message, in use until the promise of `post` is settled. */
  take?: Take;
}

export interface DataHost {
  find(id: string): Participant | undefined;
  mayPublish(): boolean;
  /** The publishing connection has to carry data from now on. */
  wanted(): void;
  /** Data ended while the connection goes on. */
  broken(): void;
  received(data: ReceivedData): void;
  /** On a topic of the SDK's own. */
  receivedOwn(sender: Participant, payload: Payload): void;
  topicLeft(topic: string): void;
  refused(topic: string, reason: Refusal, receiver: Participant | undefined): void;
  changed(up: boolean): void;
}

export class Data {
  private readonly topics: Topics;
  private open = false;

  constructor(
    browser: Browser,
    private readonly host: DataHost,
  ) {
    this.topics = new Topics(browser, {
      received: (topic, mode, sender, payload) => this.received(topic, mode, sender, readPayload(payload)),
      left: (topic) => (topic.startsWith(ownTopics) ? this.topics.rejoin(topic) : host.topicLeft(topic)),
      refused: (topic, reason, receiver) => this.refused(topic, reason, receiver),
      changed: (up) => host.changed(up),
      broken: () => host.broken(),
    });
  }

  /** Whether data flows now. */
  get up(): boolean {
    return this.topics.up;
  }

  /** Data is wanted, though nothing has been sent yet. */
  want(): void {
    if (this.open) return;
    this.open = true;
    this.host.wanted();
  }

  async send(topic: string, payload: Payload, options: SendOptions = {}): Promise<void> {
    checkTopic(topic);
    const { reliable = true, whenFull = "leave", to } = options;
    const receivers = to === undefined ? [] : to instanceof Participant ? [to] : to;
    // Nobody is not everybody.
    if (to !== undefined && receivers.length === 0) return;
    const mode = !reliable ? "lossy" : whenFull === "wait" ? "wait" : "all";
    await this.post(topic, mode, payload, receivers);
  }

  /** On any topic, the SDK's own included. */
  post(topic: string, mode: Mode, payload: Payload, to: readonly Participant[], { care, take }: Posting = {}): Promise<void> {
    if (!this.host.mayPublish()) return Promise.reject(notAllowed());
    const message = writeData(
      payload,
      to.map(({ id }) => id),
      take,
    );
    if (!message) return Promise.reject(tooLarge());
    this.want();
    return this.topics.send(topic, mode, message, care);
  }

  abandon(topic: string, mode: Mode, error: ParleyError): void {
    this.topics.abandon(topic, mode, error);
  }

  rejoin(topic: string): void {
    this.topics.rejoin(topic);
  }

  /** For the publishing connection, before each of its offers. */
  attach(peer: RTCPeerConnection): void {
    this.topics.attach(peer);
  }

  detach(): void {
    this.topics.detach();
  }

  close(error = new ParleyError("left", "The room was left.")): void {
    this.topics.close(error);
  }

  private refused(topic: string, reason: Refusal, receiver: string | undefined): void {
    // Files notice by themselves.
    if (topic.startsWith(ownTopics)) return;
    this.host.refused(topic, reason, receiver === undefined ? undefined : this.host.find(receiver));
  }

  private received(topic: string, mode: Mode, sender: string, payload: Payload | undefined): void {
    if (payload === undefined) return;
    const participant = this.host.find(sender);
    if (!topic.startsWith(ownTopics)) this.host.received({ topic, participant, payload, reliable: mode !== "lossy" });
    else if (participant) this.host.receivedOwn(participant, payload);
  }
}

function checkTopic(topic: string): void {
  const length = new TextEncoder().encode(topic).length;
  if (length === 0 || length > longestTopic)
    throw new ParleyError("topic_invalid", `The name of a topic has 1 to ${longestTopic} bytes; this one has ${length}.`);
  if (topic.startsWith(ownTopics))
    throw new ParleyError("topic_invalid", `Topics that begin with "${ownTopics}" are the SDK's own. Choose another name.`);
}

function notAllowed(): ParleyError {
  return new ParleyError("not_allowed", "In this room you may not send messages or files.");
}

function tooLarge(): ParleyError {
  return new ParleyError(
    "message_too_large",
    `A message may have ${largestMessage / 1024} KiB and 255 receivers. Send larger things as a file, with sendFile.`,
  );
}

/** Why a message did not reach a receiver, for people. */
export function refusalError(topic: string, reason: Refusal, receiver: Participant | undefined): ParleyError {
  const whom = receiver?.name ?? "Somebody";
  const sentences: Partial<Record<Refusal, string>> = {
    not_allowed: "In this room you may not send messages or files.",
    receiver_unknown: "A message was sent to somebody who is no longer in the room.",
    receiver_without_data: `${whom} can't receive messages just now.`,
    receiver_left_topic: `${whom} reads too slowly and has left the topic "${topic}".`,
  };
  return new ParleyError(
    "data_refused",
    sentences[reason] ?? `The server did not take a message on "${topic}" (${reason}).`,
  );
}
