// The publishing connection: we offer what we send, the server answers. Publications survive the connections that carry
// them: `replace` builds a new one with the same tracks.
//
// Sections are never used for a second track: the server tells streams apart by section (RFC 8843, section 9.2), and
// after the first second Chromium stops writing the section's name (MID) into the packets.

import type { Browser, Milliseconds } from "../browser.js";
import { ParleyError } from "../errors.js";
import type { RetryPolicy } from "../policy.js";
import type { Link } from "../signaling/link.js";
import type { Published, PublishTrack } from "../signaling/protocol.js";
import type { LocalTrackPublication } from "../track-publication.js";
import type { WantedEncodings } from "../viewing/quality.js";
import { Connection } from "./connection.js";
import type { Help } from "./connection.js";
import { codecName, switchEncodings } from "./encoding.js";
import { Keeper } from "./keeper.js";
import type { Health } from "./keeper.js";
import { refusesData } from "./sdp.js";
import { addSender } from "./sender.js";

interface Promised {
  resolve(): void;
  reject(error: ParleyError): void;
}

export interface PublisherHost {
  /** The server has taken the track, for the first time or again. */
  published(publication: LocalTrackPublication): void;
  healthChanged(health: Health): void;
  data: DataCarrier;
  /** Nothing has been sent on it yet. */
  sending(sender: RTCRtpSender): void;
}

/** Whoever's data channels travel on the publishing connection. */
export interface DataCarrier {
  /** Asked before each offer, once data is wanted: a connection that is new to it gets its channels. */
  attach(peer: RTCPeerConnection): void;
  /** The connection is about to be closed. */
  detach(): void;
  /** The server does not carry data. */
  refused(): void;
}

/** Errors that say nothing about the offer. */
const passing = new Set(["connection_timeout", "server_busy"]);

export class Publisher {
  readonly keeper: Keeper;
  private readonly sending = new Map<LocalTrackPublication, RTCRtpTransceiver | undefined>();
  private readonly promised = new Map<LocalTrackPublication, Promised>();
  private connection: Connection | undefined;
  /** The server has not yet heard of this connection, which takes the place of an earlier one. */
  private replacing = false;
  private offerWanted = false;
  private exchanging = false;
  private paused = false;
  private over = false;
  private carriesData = false;
  /** What the server has said of each track, by its id. */
  private readonly wanted = new Map<string, WantedEncodings>();
  private readonly obeying = new WeakMap<RTCRtpSender, Promise<void>>();

  constructor(
    private readonly browser: Browser,
    private readonly policy: RetryPolicy,
    private readonly link: Link,
    private readonly help: () => Help,
    private readonly host: PublisherHost,
  ) {
    this.keeper = new Keeper(
      browser,
      policy,
      (action) => (action === "restart" ? this.restart() : this.replace()),
      (health) => host.healthChanged(health),
    );
  }

  get publications(): LocalTrackPublication[] {
    return [...this.sending.keys()];
  }

  /** Resolves when the server has taken the track; rejects when it does not. */
  publish(publication: LocalTrackPublication): Promise<void> {
    if (this.over) return Promise.reject(left());
    return new Promise((resolve, reject) => {
      this.promised.set(publication, { resolve, reject });
      this.sending.set(publication, undefined);
      this.negotiate();
    });
  }

  unpublish(publication: LocalTrackPublication): void {
    if (publication.trackId !== undefined) this.wanted.delete(publication.trackId);
    const transceiver = this.sending.get(publication);
    if (!this.sending.delete(publication)) return;
    this.settle(publication, new ParleyError("publish_failed", "The track was unpublished before the server had taken it."));
    if (transceiver) this.silence(transceiver);
    this.negotiate();
  }

  /** Sends `publication.track` from now on, without negotiation; nothing when it is undefined. */
  async swap(publication: LocalTrackPublication): Promise<void> {
    await this.sending.get(publication)?.sender.replaceTrack(publication.track ?? null);
  }

  /** Data channels are wanted from now on, with tracks or without. */
  carryData(): void {
    this.carriesData = true;
    this.negotiate();
  }

  /** Somebody watches these encodings of the track and no others: those are sent, the others are switched off. */
  want(trackId: string, wanted: WantedEncodings): void {
    // This may come before its track is known here: the answer that names it is still being applied.
    this.wanted.set(trackId, wanted);
    const publication = this.publications.find((each) => each.trackId === trackId);
    if (publication) this.obey(publication);
  }

  /** The server has forgotten what is watched: all of it counts, until it says otherwise. */
  forgetWanted(): void {
    this.wanted.clear();
    for (const publication of this.sending.keys()) publication.want(undefined);
  }

  async stats(publication: LocalTrackPublication): Promise<RTCStatsReport | undefined> {
    return this.sending.get(publication)?.sender.getStats();
  }

  /** A new connection with the same publications. */
  replace(): void {
    this.replacing ||= this.connection !== undefined;
    this.closeConnection();
    for (const publication of this.sending.keys()) this.sending.set(publication, undefined);
    this.keeper.become(this.used ? "connecting" : "idle");
    if (this.used) this.negotiate();
  }

  addCandidate(candidate: string, mid: string | undefined): void {
    this.connection?.addCandidate(candidate, mid);
  }

  pause(): void {
    this.paused = true;
    this.keeper.pause();
  }

  resume(): void {
    this.paused = false;
    this.keeper.resume();
    if (this.offerWanted) this.negotiate();
  }

  close(): void {
    this.over = true;
    this.keeper.stop();
    this.closeConnection();
    for (const publication of [...this.promised.keys()]) this.settle(publication, left());
    this.sending.clear();
  }

  private get used(): boolean {
    return this.carriesData || this.sending.size > 0;
  }

  private closeConnection(): void {
    this.host.data.detach();
    this.connection?.close();
    this.connection = undefined;
  }

  private restart(): void {
    if (!this.connection) return;
    this.connection.renew(this.help());
    this.connection.peer.restartIce();
    this.negotiate();
  }

  private negotiate(): void {
    this.offerWanted = true;
    if (!this.exchanging) void this.exchangeAll();
  }

  /** One exchange at a time; what is wanted meanwhile goes into the next one. */
  private async exchangeAll(): Promise<void> {
    this.exchanging = true;
    // Tracks that are published in one go share an offer.
    await Promise.resolve();
    for (let failures = 0; this.offerWanted && !this.paused && !this.over; ) {
      this.offerWanted = false;
      try {
        const connection = (this.connection ??= this.makeConnection());
        await Promise.race([this.exchange(connection), connection.gone]);
        failures = 0;
      } catch (error) {
        const failure = ParleyError.from(error, "publish_failed");
        if (failure.code === "connection_lost") this.offerWanted = true;
        else if (passing.has(failure.code)) await this.waitBeforeRetry(failures++);
        else await this.refused(failure);
      }
    }
    this.exchanging = false;
  }

  private async exchange(connection: Connection): Promise<void> {
    const { peer } = connection;
    this.addTransceivers(peer);
    if (this.carriesData) this.host.data.attach(peer);
    await peer.setLocalDescription(await peer.createOffer());
    const tracks = this.describe();
    const reply = this.link.request(
      { type: "publish", sdp: peer.localDescription?.sdp ?? "", tracks, ...(this.replacing && { replace: true }) },
      "published",
    );
    connection.described();
    const { sdp, tracks: taken } = await reply;
    if (connection !== this.connection) return;
    this.replacing = false;
    await peer.setRemoteDescription({ type: "answer", sdp });
    connection.answered();
    if (this.carriesData && refusesData(sdp)) {
      this.carriesData = false;
      this.host.data.refused();
    }
    this.taken(taken, tracks);
    if (peer.connectionState !== "connected") this.keeper.become(this.used ? "connecting" : "idle");
  }

  private makeConnection(): Connection {
    return new Connection(this.browser, "publishing", this.help(), {
      send: (message) => this.link.send(message),
      healthChanged: (connection, health) => {
        if (connection === this.connection) this.keeper.become(health);
      },
    });
  }

  private addTransceivers(peer: RTCPeerConnection): void {
    for (const [publication, transceiver] of this.sending) {
      if (!transceiver) this.sending.set(publication, this.addTransceiver(peer, publication));
    }
  }

  private addTransceiver(peer: RTCPeerConnection, publication: LocalTrackPublication): RTCRtpTransceiver {
    const transceiver = addSender(this.browser, peer, publication);
    this.host.sending(transceiver.sender);
    return transceiver;
  }

  private describe(): PublishTrack[] {
    const tracks: PublishTrack[] = [];
    for (const [publication, transceiver] of this.sending) {
      if (!transceiver?.mid) continue;
      const { kind, source, name, muted, options } = publication;
      const audio = { stereo: options.stereo ?? false, dtx: options.dtx ?? source === "microphone" };
      tracks.push({ mid: transceiver.mid, source, name, muted, ...(kind === "audio" && audio) });
    }
    return tracks;
  }

  private taken(taken: Published["tracks"], offered: PublishTrack[]): void {
    for (const [publication, transceiver] of this.sending) {
      const described = offered.find(({ mid }) => mid === transceiver?.mid);
      if (!transceiver || !described) continue;
      const track = taken.find(({ mid }) => mid === described.mid);
      if (track) {
        publication.published(track.track, codecName(transceiver.sender.getParameters()), described.muted);
        this.settle(publication);
        this.host.published(publication);
        this.obey(publication);
      } else {
        this.sending.delete(publication);
        this.silence(transceiver);
        this.settle(publication, new ParleyError("codec_unsupported", "The server can't forward this track."));
      }
    }
  }

  private obey(publication: LocalTrackPublication): void {
    const sender = this.sending.get(publication)?.sender;
    if (!sender || publication.trackId === undefined) return;
    publication.want(this.wanted.get(publication.trackId));
    // One setParameters at a time; the last of them sees the newest wish.
    const before = this.obeying.get(sender) ?? Promise.resolve();
    const turn = before.then(() => switchEncodings(sender, publication.wantedEncodings));
    this.obeying.set(
      sender,
      turn.catch(() => undefined),
    );
  }

  /** The server does not want this offer: what is new in it is given up. Without anything new, the connection is. */
  private async refused(failure: ParleyError): Promise<void> {
    const fresh = [...this.promised.keys()];
    const transceivers = fresh.map((publication) => this.sending.get(publication));
    for (const publication of fresh) {
      this.sending.delete(publication);
      this.settle(publication, failure);
    }
    // The same offer would be refused at once again: the keeper leaves time in between.
    if (fresh.length === 0) return this.keeper.become("failed");
    try {
      await this.connection?.peer.setLocalDescription({ type: "rollback" });
      transceivers.forEach((transceiver) => transceiver?.stop());
      this.offerWanted ||= this.used;
    } catch {
      this.replace();
    }
  }

  private async waitBeforeRetry(failures: number): Promise<void> {
    const pause: Milliseconds = this.policy.retry(failures + 1, 0, this.browser.random()) ?? 0;
    await new Promise<void>((resolve) => this.browser.setTimeout(resolve, pause));
    this.offerWanted = true;
  }

  private settle(publication: LocalTrackPublication, failure?: ParleyError): void {
    const promised = this.promised.get(publication);
    this.promised.delete(publication);
    if (failure) promised?.reject(failure);
    else promised?.resolve();
  }

  /** The first section carries the transport of the whole bundle, so it only falls silent; the others end. */
  private silence(transceiver: RTCRtpTransceiver): void {
    const first = this.connection?.peer.getTransceivers()[0];
    if (transceiver !== first) return transceiver.stop();
    transceiver.direction = "inactive";
    void transceiver.sender.replaceTrack(null);
  }
}

function left(): ParleyError {
  return new ParleyError("left", "The room was left.");
}
