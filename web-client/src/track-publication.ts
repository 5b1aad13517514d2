// A track in the room, as its publisher or a receiver sees it. The publication stays the same object when its
// MediaStreamTrack is replaced, by another device or by another connection.

import { Attachments } from "./attachments.js";
import type { Browser } from "./browser.js";
import type { VideoCodec } from "./encoding.js";
import { Emitter } from "./emitter.js";
import { ParleyError } from "./errors.js";
import type { Link } from "./link.js";
import type { Kind, Source, TrackInfo } from "./protocol.js";

export interface TrackPublicationEvents {
  /** muted, codec, refusal or subscription changed. */
  updated: [];
  /** Another MediaStreamTrack, or none. Attached elements have been given it already. */
  trackChanged: [MediaStreamTrack | undefined];
  /** The browser wants a click before it plays. See `Room.startPlayback`. */
  playbackBlocked: [];
}

export abstract class TrackPublication extends Emitter<TrackPublicationEvents> {
  abstract readonly local: boolean;
  protected mediaTrack: MediaStreamTrack | undefined;
  protected isMuted = false;
  protected codecName = "";
  protected serverId: string | undefined;
  private readonly attachments: Attachments;

  constructor(
    readonly kind: Kind,
    readonly source: Source,
    readonly name: string,
    protected readonly browser: Browser,
  ) {
    super();
    this.attachments = new Attachments(browser, () => this.emit("playbackBlocked"));
  }

  /** The server's id of the track; undefined until it is published. */
  get trackId(): string | undefined {
    return this.serverId;
  }

  /** The media; undefined while there is none (not subscribed yet, refused, camera off). */
  get track(): MediaStreamTrack | undefined {
    return this.mediaTrack;
  }

  get muted(): boolean {
    return this.isMuted;
  }

  /** "VP8", "opus", …; empty while it is not known. */
  get codec(): string {
    return this.codecName;
  }

  get attachedElements(): HTMLMediaElement[] {
    return this.attachments.all();
  }

  /** Shows the track in `element`, or in a new one, now and whenever the track is replaced, until `detach`. */
  attach(element: HTMLMediaElement = document.createElement(this.kind)): HTMLMediaElement {
    element.autoplay = true;
    if ("playsInline" in element) (element as HTMLVideoElement).playsInline = true;
    if (this.local) element.muted = true;
    this.attachments.add(element);
    return element;
  }

  /** Without an element: from all of them. */
  detach(element?: HTMLMediaElement): void {
    (element ? [element] : this.attachments.all()).forEach((each) => this.attachments.remove(each));
  }

  /** @internal */
  play(): Promise<void> {
    return this.attachments.play();
  }

  protected setMediaTrack(track: MediaStreamTrack | undefined): void {
    if (track === this.mediaTrack) return;
    this.mediaTrack = track;
    this.attachments.become(track);
    this.emit("trackChanged", track);
  }
}

export interface PublishOptions {
  source?: Source;
  name?: string;
  /** Three sizes, of which each receiver gets the one that suits it. Only for cameras. Default: false. */
  simulcast?: boolean;
  /** Sent when the server can forward it; otherwise the next one that both have. */
  codec?: VideoCodec;
  /** Audio: send next to nothing in silence. Default: true for a microphone. */
  dtx?: boolean;
  /** Audio: two channels. Default: false. */
  stereo?: boolean;
  /** bit/s at most; the default depends on the source. */
  maxBitrate?: number;
}

export class LocalTrackPublication extends TrackPublication {
  readonly local = true;
  /** What the server was last told or has said; `muted` is what we want. */
  private mutedAtServer = false;

  /** @internal */
  constructor(
    kind: Kind,
    track: MediaStreamTrack | undefined,
    readonly options: Readonly<PublishOptions>,
    browser: Browser,
  ) {
    super(kind, options.source ?? "other", options.name ?? "", browser);
    this.setMediaTrack(track);
  }

  /** @internal */
  published(trackId: string, codec: string, mutedAtServer: boolean): void {
    this.serverId = trackId;
    this.codecName = codec;
    this.mutedAtServer = mutedAtServer;
    this.emit("updated");
  }

  /** @internal */
  unpublished(): void {
    this.serverId = undefined;
    this.emit("updated");
  }

  /** @internal */
  become(track: MediaStreamTrack | undefined, muted: boolean): void {
    this.setMediaTrack(track);
    if (muted === this.isMuted) return;
    this.isMuted = muted;
    this.emit("updated");
  }

  /** @internal What has to be told to the server about muting, if anything. */
  get muteToSend(): { track: string; muted: boolean } | undefined {
    if (this.serverId === undefined || this.isMuted === this.mutedAtServer) return undefined;
    return { track: this.serverId, muted: this.isMuted };
  }

  /** @internal */
  muteTold(muted: boolean): void {
    this.mutedAtServer = muted;
  }
}

export class RemoteTrackPublication extends TrackPublication {
  readonly local = false;
  readonly simulcast: boolean;
  private wanted: boolean;
  private reason: ParleyError | undefined;

  /** @internal */
  constructor(
    info: TrackInfo,
    private readonly link: Link,
    private readonly automatic: boolean,
    browser: Browser,
  ) {
    super(info.kind, info.source, info.name, browser);
    this.serverId = info.track;
    this.simulcast = info.simulcast;
    this.wanted = automatic;
    this.update(info);
  }

  override get trackId(): string {
    return this.serverId as string;
  }

  /** Whether the track is wanted here. Its media may still be on the way: see `track`. */
  get subscribed(): boolean {
    return this.wanted;
  }

  /** Why there will be no media, for example "codec_unsupported". */
  get refusal(): ParleyError | undefined {
    return this.reason;
  }

  async setSubscribed(wanted: boolean): Promise<void> {
    if (wanted === this.wanted) return;
    this.wanted = wanted;
    if (!wanted) this.reason = undefined;
    this.emit("updated");
    await this.tellSubscription();
  }

  /** @internal After a lost WebSocket the server is told again what differs from its own default. */
  async restoreSubscription(): Promise<void> {
    if (this.wanted !== this.automatic) await this.tellSubscription();
  }

  /** @internal */
  update(info: TrackInfo): void {
    const changed = info.muted !== this.isMuted || info.codec !== this.codecName;
    this.isMuted = info.muted;
    this.codecName = info.codec;
    if (changed) this.emit("updated");
  }

  /** @internal */
  become(track: MediaStreamTrack | undefined): void {
    if (track) this.reason = undefined;
    this.setMediaTrack(track);
  }

  /** @internal */
  refuse(reason: ParleyError | undefined): void {
    this.reason = reason;
    this.emit("updated");
  }

  private async tellSubscription(): Promise<void> {
    try {
      await this.link.request({ type: this.wanted ? "subscribe" : "unsubscribe", track: this.trackId }, "ok");
    } catch (error) {
      // A lost connection makes up for it when it comes back.
      if (!(error instanceof ParleyError) || error.code !== "connection_lost") throw error;
    }
  }
}
