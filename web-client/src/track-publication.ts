// A track in the room, as its publisher or a receiver sees it. The publication stays the same object when its
// MediaStreamTrack is replaced, by another device or by another connection.

import type { Browser } from "./browser.js";
import { Emitter } from "./emitter.js";
import { ParleyError } from "./errors.js";
import type { ScalabilityMode, ScreenKind, VideoCodec } from "./media/encoding.js";
import type { Link } from "./signaling/link.js";
import type { Kind, Source, TrackInfo } from "./signaling/protocol.js";
import { Attachments } from "./viewing/attachments.js";
import type { MaximumLayers, Pause, Quality, View, WantedEncodings } from "./viewing/quality.js";
import { Sight } from "./viewing/sight.js";
import type { Viewer } from "./viewing/viewer.js";

/** What happens to a track in the room. */
export interface TrackPublicationEvents {
  /** muted, codec, refusal or subscription changed. */
  updated: [];
  /** Another MediaStreamTrack, or none. Attached elements have been given it already. */
  trackChanged: [MediaStreamTrack | undefined];
  /** The browser wants a click before it plays. See `Room.startPlayback`. */
  playbackBlocked: [];
  /** Received tracks: what of it is sent to us, or the reason for that, has changed. */
  qualityChanged: [Quality];
  /** Received tracks: the server sends nothing of it for now, and says why. */
  paused: [Pause];
  /** Received tracks: after `paused`, the media flows again. */
  resumed: [];
}

/** A track in the room: `attach` shows it or lets it be heard, whatever becomes of its MediaStreamTrack. */
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
    this.attached(element);
    return element;
  }

  /** Without an element: from all of them. */
  detach(element?: HTMLMediaElement): void {
    for (const each of element ? [element] : this.attachments.all()) {
      this.attachments.remove(each);
      this.detached(each);
    }
  }

  /** @internal */
  play(): Promise<void> {
    return this.attachments.play();
  }

  protected attached(_element: HTMLMediaElement): void {}
  protected detached(_element: HTMLMediaElement): void {}

  protected setMediaTrack(track: MediaStreamTrack | undefined): void {
    if (track === this.mediaTrack) return;
    this.mediaTrack = track;
    this.attachments.become(track);
    this.emit("trackChanged", track);
  }
}

/** What a track is, and how it is sent. */
export interface PublishOptions {
  source?: Source;
  name?: string;
  /** Three sizes, of which each receiver gets the one that suits it. Only for cameras. Default: false. */
  simulcast?: boolean;
  /** Sent when the server can forward it; otherwise the next one that both have. */
  codec?: VideoCodec;
  /** Screens: what is on it. Default: "text". */
  content?: ScreenKind;
  /** Layers inside of one stream, for VP9 and AV1 in Chromium. Default: the browser's own choice. */
  scalabilityMode?: ScalabilityMode;
  /** Audio: send next to nothing in silence. Default: true for a microphone. */
  dtx?: boolean;
  /** Audio: two channels. Default: false. */
  stereo?: boolean;
  /** bit/s at most; the default depends on the source. */
  maxBitrate?: number;
}

/** A track of our own. */
export class LocalTrackPublication extends TrackPublication {
  readonly local = true;
  /** What the server was last told or has said; `muted` is what we want. */
  private mutedAtServer = false;
  private watched: WantedEncodings | undefined;

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

  /** What of it somebody watches; the rest is switched off. Undefined while nobody has said anything: all is sent. */
  get wantedEncodings(): WantedEncodings | undefined {
    return this.watched;
  }

  /** @internal */
  want(wanted: WantedEncodings | undefined): void {
    if (wanted === this.watched) return;
    this.watched = wanted;
    this.emit("updated");
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

const usualPriority = 100;

/** Somebody else's track: whether we want it, how good it may be, and why it is not better. */
export class RemoteTrackPublication extends TrackPublication {
  readonly local = false;
  readonly simulcast: boolean;
  private wanted: boolean;
  private reason: ParleyError | undefined;
  private readonly sight: Sight | undefined;
  private importance = usualPriority;
  private maximum: MaximumLayers = {};
  private newest: Quality | undefined;
  private pause: Pause | undefined;
  private serverTrack: MediaStreamTrack | undefined;
  private directTrack: MediaStreamTrack | undefined;
  /** It comes directly, and the server is to send nothing meanwhile. */
  private held = false;

  /** @internal */
  constructor(
    info: TrackInfo,
    private readonly link: Link,
    private readonly automatic: boolean,
    browser: Browser,
    private readonly viewer: Viewer,
  ) {
    super(info.kind, info.source, info.name, browser);
    if (info.kind === "video") this.sight = new Sight(browser, () => viewer.changed(this));
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
    this.newest = undefined;
    this.pause = undefined;
    // A new subscription begins without a view.
    this.viewer.forget(this.trackId);
    this.emit("updated");
    await this.tellSubscription();
    if (wanted && this.hasView) this.viewer.changed(this);
  }

  /** What is sent to us of it, and why not more; undefined until the server has said so. */
  get quality(): Quality | undefined {
    return this.newest;
  }

  /** Why nothing is sent for now; undefined while it flows. */
  get paused(): Pause | undefined {
    return this.pause;
  }

  /** 0 to 255 for the most important; 100 is usual. When not everything fits, the less important is the first to get less. */
  get priority(): number {
    return this.importance;
  }

  setPriority(priority: number): void {
    this.importance = Math.min(255, Math.max(0, Math.round(priority)));
    this.viewer.changed(this);
  }

  /** Takes no better layers than these. `{}` takes away the limit. */
  setMaximum(maximum: MaximumLayers): void {
    this.maximum = { ...maximum };
    this.viewer.changed(this);
  }

  /**
   * @internal How it is shown: by the elements to which it is attached. One that was never attached counts as visible; one that was
   * detached from all of them does not.
   */
  get view(): View | undefined {
    if (!this.wanted) return undefined;
    const seen = this.sight?.seen ?? { visible: true, width: 0, height: 0 };
    const limited = Object.keys(this.maximum).length > 0;
    const visible = seen.visible && !this.held;
    return { track: this.trackId, ...seen, visible, priority: this.importance, ...(limited && { maximum: this.maximum }) };
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
    this.serverTrack = track;
    this.setMediaTrack(this.directTrack ?? track);
  }

  /** @internal Whether what is shown comes past the server. */
  get isDirect(): boolean {
    return this.directTrack !== undefined;
  }

  /** @internal From now on it is shown as it comes past the server. `held`: the server need not send it meanwhile. */
  becomeDirect(track: MediaStreamTrack | undefined, held: boolean): void {
    this.directTrack = track;
    this.setMediaTrack(track ?? this.serverTrack);
    if (held === this.held) return;
    this.held = held;
    if (held) this.becomePaused(undefined);
    this.viewer.changed(this);
  }

  /** @internal */
  refuse(reason: ParleyError | undefined): void {
    this.reason = reason;
    this.emit("updated");
  }

  /** @internal */
  becomePaused(pause: Pause | undefined): void {
    if (this.held) pause = undefined;
    const before = this.pause;
    this.pause = pause;
    if (pause && (pause.reason !== before?.reason || pause.message !== before.message)) this.emit("paused", pause);
    if (before && !pause) this.emit("resumed");
    this.emit("updated");
  }

  /** @internal */
  becomeQuality(quality: Quality): void {
    this.newest = quality;
    this.emit("qualityChanged", quality);
  }

  /** @internal It has left the room. */
  ended(): void {
    this.detach();
    this.viewer.remove(this, this.trackId);
  }

  protected override attached(element: HTMLMediaElement): void {
    this.sight?.add(element);
  }

  protected override detached(element: HTMLMediaElement): void {
    this.sight?.remove(element);
  }

  private get hasView(): boolean {
    return this.attachedElements.length > 0 || this.importance !== usualPriority || Object.keys(this.maximum).length > 0;
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
