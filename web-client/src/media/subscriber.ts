// The subscribing connection: the server offers what we receive, we answer. Whose track a section carries is told by
// the offer (`tracks`: mid → track); the ids of MediaStreamTracks differ between browsers and mean nothing.

import type { Browser } from "../browser.js";
import type { Repair, RetryPolicy } from "../policy.js";
import type { Link } from "../signaling/link.js";
import type { Offer } from "../signaling/protocol.js";
import { Connection } from "./connection.js";
import type { Help } from "./connection.js";
import { Keeper } from "./keeper.js";
import type { Health } from "./keeper.js";
import { acceptStereo } from "./sdp.js";

type Tracks = Map<string, MediaStreamTrack>;

export interface SubscriberHost {
  /** Undefined: the track comes no longer. */
  trackChanged(trackId: string, track: MediaStreamTrack | undefined): void;
  healthChanged(health: Health): void;
  /** From now on it gets a track of this participant's; nothing has come yet. */
  receiving(receiver: RTCRtpReceiver, participant: string): void;
  /** Whether there is anything to receive. */
  expected(): boolean;
}

export class Subscriber {
  readonly keeper: Keeper;
  private connection: Connection | undefined;
  private tracks: Tracks = new Map();
  private receivers = new Map<string, RTCRtpReceiver>();
  private work: Promise<void> = Promise.resolve();
  private over = false;

  constructor(
    private readonly browser: Browser,
    policy: RetryPolicy,
    private readonly link: Link,
    private readonly help: () => Help,
    private readonly host: SubscriberHost,
  ) {
    this.keeper = new Keeper(
      browser,
      policy,
      (action) => this.askFor(action),
      (health) => host.healthChanged(health),
    );
  }

  /** The media of a track, when its section has been negotiated. */
  track(trackId: string): MediaStreamTrack | undefined {
    return this.tracks.get(trackId);
  }

  /** Of the connection that there is now. */
  async stats(trackId: string): Promise<RTCStatsReport | undefined> {
    return this.connection && this.receivers.get(trackId)?.getStats();
  }

  /** Of the connection itself. */
  async pathStats(): Promise<RTCStatsReport | undefined> {
    return this.connection?.peer.getStats();
  }

  /** Answers one offer after the other. */
  take(offer: Offer): void {
    this.work = this.work.then(() => this.takeNext(offer));
  }

  /** The server has thrown this connection away; its next offer is for a new one. What is on the screen stays until then. */
  discard(): void {
    if (!this.connection) return;
    this.connection.close();
    this.connection = undefined;
    this.keeper.become("connecting");
  }

  addCandidate(candidate: string, mid: string | undefined): void {
    this.connection?.addCandidate(candidate, mid);
  }

  close(): void {
    this.over = true;
    this.keeper.stop();
    this.connection?.close();
    this.connection = undefined;
  }

  private async takeNext(offer: Offer): Promise<void> {
    if (this.over) return;
    const old = offer.replace ? this.connection : undefined;
    const connection = (offer.replace ? undefined : this.connection) ?? this.makeConnection();
    this.connection = connection;
    try {
      await Promise.race([this.answer(connection, offer), connection.gone]);
    } catch {
      // An offer that this browser can't use: with a new connection it may.
      if (connection === this.connection) this.keeper.become("failed");
    }
    old?.close();
  }

  private async answer(connection: Connection, offer: Offer): Promise<void> {
    const { peer } = connection;
    await peer.setRemoteDescription({ type: "offer", sdp: offer.sdp });
    connection.answered();
    for (const { mid, participant } of offer.tracks) {
      const receiver = receiverOf(peer, mid);
      if (receiver) this.host.receiving(receiver, participant);
    }
    const answer = await peer.createAnswer();
    const sdp = acceptStereo(offer.sdp, answer.sdp ?? "");
    await peer.setLocalDescription({ type: "answer", sdp });
    if (connection !== this.connection) return;
    this.link.send({ type: "answer", revision: offer.revision, sdp: peer.localDescription?.sdp ?? sdp });
    connection.described();
    this.assign(peer, offer);
    if (peer.connectionState !== "connected") this.keeper.become(this.tracks.size > 0 ? "connecting" : "idle");
  }

  private assign(peer: RTCPeerConnection, offer: Offer): void {
    const before = this.tracks;
    this.tracks = new Map();
    this.receivers = new Map();
    for (const { mid, track } of offer.tracks) {
      const receiver = receiverOf(peer, mid);
      if (!receiver) continue;
      this.tracks.set(track, receiver.track);
      this.receivers.set(track, receiver);
    }
    for (const trackId of before.keys()) {
      if (!this.tracks.has(trackId)) this.host.trackChanged(trackId, undefined);
    }
    for (const [trackId, track] of this.tracks) {
      if (before.get(trackId) !== track) this.host.trackChanged(trackId, track);
    }
  }

  private makeConnection(): Connection {
    return new Connection(this.browser, "subscribing", this.help(), {
      send: (message) => this.link.send(message),
      healthChanged: (connection, health) => {
        if (connection === this.connection) this.keeper.become(health);
      },
    });
  }

  private askFor(action: Repair["action"]): void {
    // The server offers nothing to somebody for whom there is nothing, and that is no failure.
    if (!this.host.expected()) return this.keeper.become("idle");
    this.connection?.renew(this.help());
    const replace = action === "replace" && { replace: true };
    // When this fails, the keeper asks again by itself.
    this.link.request({ type: "restart", connection: "subscribing", ...replace }, "ok").catch(() => undefined);
  }
}

function receiverOf(peer: RTCPeerConnection, mid: string): RTCRtpReceiver | undefined {
  return peer.getTransceivers().find((transceiver) => transceiver.mid === mid)?.receiver;
}
