// A call of two goes directly from one browser to the other, while the connections to the server stay as they are. This
// carries out what policy.ts decides: makes the connection, shows each track from where it comes, and tells the
// server meanwhile that it is not looked at, so that it forwards nothing and our encoders send it nothing.

import type { Browser, Milliseconds, Timer } from "../browser.js";
import type { Encrypter } from "../e2ee/encryption.js";
import type { Help } from "../media/connection.js";
import { pathIn } from "../media/path.js";
import type { MediaPath, Path } from "../media/path.js";
import type { Subscriber } from "../media/subscriber.js";
import type { Roster } from "../roster.js";
import type { Link } from "../signaling/link.js";
import type { Direct } from "../signaling/protocol.js";
import type { RemoteTrackPublication } from "../track-publication.js";
import { DirectConnection } from "./connection.js";
import { DirectPolicy } from "./policy.js";
import type { DirectAction, DirectFacts } from "./policy.js";

const look: Milliseconds = 100;
/** While nothing is under way. */
const glance: Milliseconds = 250;

/** Behind an offer: candidates. */
const mostWaiting = 64;

export interface DirectParts {
  link: Link;
  roster: Roster;
  subscriber: Subscriber;
  help: () => Help;
  encryption: Encrypter | undefined;
  /** The room lets people connect directly. */
  allowed: () => boolean;
  pathChanged: (path: MediaPath) => void;
}

/** What has come of a track: pictures that were decoded, or packets of sound. */
interface Progress {
  count: number;
  packets: number;
}

export class DirectCall {
  private readonly policy = new DirectPolicy();
  private connection: DirectConnection | undefined;
  private partner = "";
  private shown: MediaPath = "server";
  private timer: Timer | undefined;
  private looking = false;
  private over = false;
  /** An offer, and what came behind it, until there is a connection for it. */
  private invitation: Direct[] = [];
  private peerReturning = false;
  private peerReturned = false;
  private toldReturned = false;
  /** By track: what had come over the server when it was woken. */
  private readonly woken = new Map<string, number>();

  constructor(
    private readonly browser: Browser,
    private readonly parts: DirectParts,
  ) {}

  get path(): MediaPath {
    return this.shown;
  }

  /** Somebody has come or left, or the room's rules have changed. */
  update(): void {
    if (!this.over && this.timer === undefined && !this.looking && this.isNeeded) this.schedule(0);
  }

  /** A message of another browser's. */
  take(message: Direct): void {
    const { participant, kind, payload } = message;
    if (kind === "leaving" || kind === "left") {
      if (participant !== this.partner || !this.connection) return;
      this.peerReturning = true;
      this.peerReturned ||= kind === "left";
      return;
    }
    if (participant === this.partner && this.connection?.knows(payload)) return this.connection.take(kind, payload);
    if (participant !== this.peer?.id) return;
    // A first offer, which may come before we know that there are two of us, or have closed the connection before.
    if (kind === "offer") this.invitation = [message];
    else if (this.invitation.length > 0 && this.invitation.length < mostWaiting) this.invitation.push(message);
    this.update();
  }

  /** Of a track that comes directly. */
  stats(trackId: string): Promise<RTCStatsReport> | undefined {
    const publication = this.parts.roster.publication(trackId);
    return publication?.isDirect ? this.connection?.receiver(trackId)?.getStats() : undefined;
  }

  /** How the direct connection goes, or the one over the server. */
  async describe(): Promise<Path> {
    const direct = this.shown === "direct" ? this.connection?.peer : undefined;
    const report = await (direct ? direct.getStats() : this.parts.subscriber.pathStats());
    return { path: this.shown, ...pathIn(report) };
  }

  close(): void {
    this.over = true;
    this.browser.clearTimeout(this.timer);
    this.drop();
  }

  private get peer(): { id: string; publications: RemoteTrackPublication[] } | undefined {
    const { participants } = this.parts.roster;
    return participants.length === 1 ? participants[0] : undefined;
  }

  private get isNeeded(): boolean {
    return this.policy.phase !== "server" || (this.peer !== undefined && this.parts.allowed());
  }

  private schedule(delay: Milliseconds): void {
    this.timer = this.browser.setTimeout(() => void this.tick(), delay);
  }

  private async tick(): Promise<void> {
    this.timer = undefined;
    this.looking = true;
    // What fails now, such as the statistics of a connection that ends, is looked at again the next time.
    await this.advance().catch(() => undefined);
    this.looking = false;
    const busy = this.policy.phase === "building" || this.policy.phase === "returning";
    if (!this.over && this.isNeeded) this.schedule(busy ? look : glance);
  }

  private async advance(): Promise<void> {
    const { connection } = this;
    connection?.send(this.parts.roster.local.publications.filter(({ trackId }) => trackId !== undefined));
    const { phase } = this.policy;
    const progress = connection ? await this.progress(connection) : new Map<string, Progress>();
    if (phase === "returning") await this.showServer();
    if (this.over) return;
    const action = this.policy.advance(this.browser.now(), this.facts(progress));
    if (action) this.act(action);
    if (this.policy.phase === "direct") this.showDirect(progress);
    this.judge();
  }

  private facts(progress: Map<string, Progress>): DirectFacts {
    const { peer, connection } = this;
    const wanted = (peer?.publications ?? []).filter(({ subscribed, muted }) => subscribed && !muted);
    const returned = this.directOnes.length === 0;
    if (returned && this.policy.phase === "returning" && !this.toldReturned) {
      this.toldReturned = true;
      this.tell("left", "");
    }
    return {
      peer: peer?.id,
      allowed: this.parts.allowed(),
      invited: this.invitation[0]?.participant === peer?.id && peer !== undefined,
      packets: [...progress.values()].reduce((sum, { packets }) => sum + packets, 0),
      expected: wanted.some(({ source }) => source === "camera" || source === "microphone"),
      flowing: connection?.state === "connected" && wanted.every(({ trackId }) => (progress.get(trackId)?.count ?? 0) > 0),
      returned,
      failed: connection?.state === "failed" || connection?.state === "closed",
      peerReturning: this.peerReturning,
      // Who has left the room needs it no more.
      peerReturned: this.peerReturned || this.parts.roster.find(this.partner) === undefined,
    };
  }

  private act(action: DirectAction): void {
    if (action.type === "build") this.build(action.peer);
    else if (action.type === "return") this.tell("leaving", action.reason);
    else if (action.type === "close") this.drop();
  }

  private build(peer: string): void {
    this.partner = peer;
    const { roster, help, encryption } = this.parts;
    // Of two, the one who came first offers first.
    const first = Number(roster.local.id.slice(1)) < Number(peer.slice(1));
    const identity = roster.find(peer)?.identity ?? peer;
    this.connection = new DirectConnection(this.browser, help(), first ? this.newAttempt() : undefined, {
      tell: (kind, payload) => this.tell(kind, payload),
      sending: (sender) => encryption?.sending(sender),
      receiving: (receiver) => encryption?.receiving(receiver, identity),
    });
    for (const { participant, kind, payload } of this.invitation)
      if (participant === peer) this.connection.take(kind, payload);
    this.invitation = [];
  }

  private newAttempt(): string {
    return this.browser.random().toString(36).slice(2);
  }

  private drop(): void {
    this.directOnes.forEach((publication) => publication.becomeDirect(undefined, false));
    this.connection?.close();
    this.connection = undefined;
    this.partner = "";
    this.peerReturning = this.peerReturned = this.toldReturned = false;
    this.woken.clear();
    this.judge();
  }

  private get directOnes(): RemoteTrackPublication[] {
    return this.parts.roster.participants.flatMap(({ publications }) => publications.filter(({ isDirect }) => isDirect));
  }

  /** Each track as soon as it has come directly. */
  private showDirect(progress: Map<string, Progress>): void {
    for (const publication of this.peer?.publications ?? []) {
      const receiver = this.connection?.receiver(publication.trackId);
      const flows = receiver !== undefined && publication.subscribed && (progress.get(publication.trackId)?.count ?? 0) > 0;
      if (flows) publication.becomeDirect(receiver.track, true);
      else if (publication.isDirect) publication.becomeDirect(undefined, false);
    }
  }

  /**
   * Wakes the server's path, and goes over to it track by track, when something has come on it that was not there before.
   */
  private async showServer(): Promise<void> {
    for (const publication of this.directOnes) {
      const { trackId } = publication;
      const count = countIn(await this.parts.subscriber.stats(trackId)).count;
      const before = this.woken.get(trackId);
      if (before === undefined) {
        this.woken.set(trackId, count);
        publication.becomeDirect(publication.track, false);
      }
      // What is muted or not looked at does not come at all.
      const silent = publication.muted || publication.view?.visible !== true;
      if (silent || (before !== undefined && count > before)) publication.becomeDirect(undefined, false);
    }
  }

  private async progress(connection: DirectConnection): Promise<Map<string, Progress>> {
    const found = new Map<string, Progress>();
    for (const { trackId } of this.peer?.publications ?? []) {
      const receiver = connection.receiver(trackId);
      if (receiver) found.set(trackId, countIn(await receiver.getStats()));
    }
    return found;
  }

  private tell(kind: string, payload: string): void {
    if (!this.connection || !this.partner) return;
    // Lost with the WebSocket, or refused: then nothing comes of this attempt.
    this.parts.link.request({ type: "direct", to: this.partner, purpose: "call", kind, payload }, "ok").catch(() => undefined);
  }

  private judge(): void {
    const direct = this.policy.phase === "direct" || this.directOnes.length > 0;
    const path = direct && !this.over ? "direct" : "server";
    if (path === this.shown) return;
    this.shown = path;
    this.parts.pathChanged(path);
  }
}

function countIn(report: RTCStatsReport | undefined): Progress {
  for (const entry of report?.values() ?? []) {
    const { type, kind, framesDecoded = 0, packetsReceived = 0 } = entry as Partial<RTCInboundRtpStreamStats>;
    if (type === "inbound-rtp") return { count: kind === "video" ? framesDecoded : packetsReceived, packets: packetsReceived };
  }
  return { count: 0, packets: 0 };
}
