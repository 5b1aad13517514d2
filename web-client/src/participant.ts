// Somebody in the room: who it is, how the connection is, whether they speak, what they publish.

import type { Browser } from "./browser.js";
import type { EncryptionState } from "./e2ee/cipher.js";
import { Emitter } from "./emitter.js";
import { ParleyError } from "./errors.js";
import type { SendFileOptions } from "./files/files.js";
import type { FileTransfer } from "./files/transfer.js";
import type { Link } from "./signaling/link.js";
import type { Attributes, ParticipantInfo, Source, TrackInfo } from "./signaling/protocol.js";
import { RemoteTrackPublication } from "./track-publication.js";
import type { TrackPublication } from "./track-publication.js";
import type { Viewer } from "./viewing/viewer.js";

/** What happens to a participant. */
export interface ParticipantEvents {
  /** name, attributes or connection changed. */
  updated: [];
  speakingChanged: [];
  /** See `encryption`. */
  encryptionChanged: [];
  trackPublished: [TrackPublication];
  trackUnpublished: [TrackPublication];
}

/** Somebody in the room: ourselves, or somebody else. */
export abstract class Participant extends Emitter<ParticipantEvents> {
  abstract readonly local: boolean;
  private info: ParticipantInfo;
  private loudness = 0;
  private secrecy: EncryptionState | undefined;

  constructor(info: ParticipantInfo) {
    super();
    this.info = info;
  }

  abstract get publications(): TrackPublication[];

  /** The server's id: a new one after each join. */
  get id(): string {
    return this.info.participant;
  }

  /** Who it is, as the token says; unique in the room. */
  get identity(): string {
    return this.info.identity;
  }

  get name(): string {
    return this.info.name || this.info.identity;
  }

  get attributes(): Readonly<Attributes> {
    return this.info.attributes ?? {};
  }

  get connection(): "connected" | "reconnecting" {
    return this.info.connection ?? "connected";
  }

  /** 0 silent … 1 loudest. */
  get level(): number {
    return this.loudness;
  }

  get speaking(): boolean {
    return this.loudness > 0;
  }

  /**
   * In a room with end-to-end encryption, whether what comes from them can be read: "ok", "wrong_key", or "not_encrypted" (they
   * send in the clear, which is not shown here). Undefined until something has come.
   */
  get encryption(): EncryptionState | undefined {
    return this.secrecy;
  }

  publication(source: Source): TrackPublication | undefined {
    return this.publications.find((publication) => publication.source === source);
  }

  /** What is heard with a screen: the sound of its name or, where several screens have that name, the one in the same place. */
  soundOf(screen: TrackPublication): TrackPublication | undefined {
    const named = (wanted: Source): TrackPublication[] =>
      this.publications.filter(({ source, name }) => source === wanted && name === screen.name);
    return named("screenAudio")[named("screen").indexOf(screen)];
  }

  /** @internal */
  update(info: ParticipantInfo): void {
    this.info = info;
    this.emit("updated");
  }

  protected change(changes: Partial<ParticipantInfo>): void {
    this.update({ ...this.info, ...changes });
  }

  /** @internal */
  becomeSecret(state: EncryptionState): void {
    if (state === this.secrecy) return;
    this.secrecy = state;
    this.emit("encryptionChanged");
  }

  /** @internal */
  becomeLoud(level: number): void {
    if (level === this.loudness) return;
    this.loudness = level;
    this.emit("speakingChanged");
  }
}

/** Somebody else in the room. The object stays the same when they, or we, have to join again. */
export class RemoteParticipant extends Participant {
  readonly local = false;
  private readonly published = new Map<string, RemoteTrackPublication>();
  /** @internal The room's way to send files. */
  sender: ((file: File, to: RemoteParticipant, options: SendFileOptions | undefined) => FileTransfer) | undefined;

  /** @internal */
  constructor(
    info: ParticipantInfo,
    private readonly link: Link,
    private readonly automatic: boolean,
    private readonly browser: Browser,
    private readonly viewer: Viewer,
  ) {
    super(info);
    info.tracks.forEach((track) => this.addTrack(track));
  }

  override get publications(): RemoteTrackPublication[] {
    return [...this.published.values()];
  }

  override publication(source: Source): RemoteTrackPublication | undefined {
    return this.publications.find((publication) => publication.source === source);
  }

  /**
   * Offers them a file, and sends it when they accept: straight between the browsers when they can connect, otherwise over the
   * server. It survives lost connections. After a reload of this page, the same file sent again goes on from where it was; while it is
   * on its way already, the result is that transfer.
   */
  sendFile(file: File, options?: SendFileOptions): FileTransfer {
    if (!this.sender) throw new ParleyError("not_connected", "Join the room first.");
    return this.sender(file, this, options);
  }

  /** @internal */
  track(trackId: string): RemoteTrackPublication | undefined {
    return this.published.get(trackId);
  }

  /** @internal Undefined when it was known already; then it is brought up to date. */
  addTrack(info: TrackInfo): RemoteTrackPublication | undefined {
    const known = this.published.get(info.track);
    if (known) {
      known.update(info);
      return undefined;
    }
    const publication = new RemoteTrackPublication(info, this.link, this.automatic, this.browser, this.viewer);
    this.published.set(info.track, publication);
    this.emit("trackPublished", publication);
    return publication;
  }

  /** @internal */
  removeTrack(trackId: string): RemoteTrackPublication | undefined {
    const publication = this.published.get(trackId);
    if (!publication) return undefined;
    this.published.delete(trackId);
    publication.become(undefined);
    publication.ended();
    this.emit("trackUnpublished", publication);
    return publication;
  }
}
