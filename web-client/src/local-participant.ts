// Ourselves: opens devices and publishes them. A microphone that is off goes on sending silence, so that it is back
// within a syllable; a camera that is off is closed, so that its light goes out.

import type { Browser } from "./browser.js";
import { ParleyError } from "./errors.js";
import { capture, captureScreen } from "./media/capture.js";
import type { CaptureOptions } from "./media/capture.js";
import type { ScreenKind } from "./media/encoding.js";
import { Participant } from "./participant.js";
import type { Attributes, ParticipantInfo, Permissions, Request, Source, TrackInfo } from "./signaling/protocol.js";
import { LocalTrackPublication } from "./track-publication.js";
import type { PublishOptions } from "./track-publication.js";

/** What LocalParticipant needs of the room. */
export interface LocalHost {
  publish(publication: LocalTrackPublication): Promise<void>;
  unpublish(publication: LocalTrackPublication): void;
  swap(publication: LocalTrackPublication): Promise<void>;
  request(message: Request, expected: "ok"): Promise<unknown>;
  /** Something happened to a device by itself. */
  deviceLost(error: ParleyError): void;
}

/** How a camera or a microphone is opened and sent. */
export interface DeviceOptions extends CaptureOptions, PublishOptions {
  /** A track that is open already, from a preview for example; the room closes it. */
  track?: MediaStreamTrack | undefined;
}

/** How a screen is shared and sent. */
export interface ScreenOptions extends PublishOptions {
  /** What is on it, so that the right thing is kept when not everything fits. Default: "text". */
  kind?: ScreenKind;
  /** Its sound too, where the user lets it be shared. Default: true. */
  audio?: boolean;
}

type Device = "camera" | "microphone";

/** Ourselves in the room: opens devices, publishes them and anything else, and says who we are. */
export class LocalParticipant extends Participant {
  readonly local = true;
  private readonly published: LocalTrackPublication[] = [];
  private readonly choices: Record<Device, CaptureOptions & PublishOptions> = { camera: {}, microphone: {} };
  /** What we have called ourselves since we came. */
  private chosenName: string | undefined;
  private shares = 0;
  /** Picture and sound of one share, by either of them: a name may be given to several. */
  private readonly shared = new WeakMap<MediaStreamTrack, readonly MediaStreamTrack[]>();
  /** One change of a device after the other, however fast the buttons are pressed. */
  private readonly turns: Record<Device, Promise<unknown>> = { camera: Promise.resolve(), microphone: Promise.resolve() };

  /** @internal */
  constructor(
    info: ParticipantInfo,
    public permissions: Readonly<Permissions>,
    private readonly host: LocalHost,
    private readonly browser: Browser,
  ) {
    super(info);
  }

  override get publications(): LocalTrackPublication[] {
    return [...this.published];
  }

  override publication(source: Source): LocalTrackPublication | undefined {
    return this.published.find((publication) => publication.source === source);
  }

  publishCamera(options: DeviceOptions = {}): Promise<LocalTrackPublication | undefined> {
    return this.setCameraEnabled(true, options);
  }

  publishMicrophone(options: DeviceOptions = {}): Promise<LocalTrackPublication | undefined> {
    return this.setMicrophoneEnabled(true, options);
  }

  get cameraEnabled(): boolean {
    return this.isOn("camera");
  }

  get microphoneEnabled(): boolean {
    return this.isOn("microphone");
  }

  /** Opens and publishes the camera, or closes it. Rejects with a ParleyError that says what to do. */
  setCameraEnabled(enabled: boolean, options?: DeviceOptions): Promise<LocalTrackPublication | undefined> {
    return this.setEnabled("camera", enabled, options);
  }

  setMicrophoneEnabled(enabled: boolean, options?: DeviceOptions): Promise<LocalTrackPublication | undefined> {
    return this.setEnabled("microphone", enabled, options);
  }

  /** Another camera or microphone, now if it is on, otherwise the next time. */
  switchDevice(device: Device, deviceId: string): Promise<void> {
    return this.inTurn(device, async () => {
      this.choices[device] = { ...this.choices[device], deviceId };
      const publication = this.publication(device);
      if (!publication?.track || publication.muted) return;
      const old = publication.track;
      // Some systems open a camera only once, so the old one is closed first.
      old.stop();
      this.show(publication, await this.reopen(device, publication), publication.muted);
      await this.host.swap(publication);
    });
  }

  /**
   * Shares a screen, a window or a tab, with its sound if there is one; as many at a time as one likes. Picture and sound of one share
   * have the same `name`. It ends with `stopScreen`, or when the user ends it in the browser's own bar.
   */
  async shareScreen({ kind = "text", audio = true, ...options }: ScreenOptions = {}): Promise<LocalTrackPublication> {
    const [video, sound] = await captureScreen(this.browser, audio, kind);
    const both = sound ? [video, sound] : [video];
    both.forEach((track) => this.shared.set(track, both));
    const name = options.name ?? `screen ${++this.shares}`;
    video.onended = () => this.publications.filter((each) => each.track === video).forEach((each) => this.stopScreen(each));
    const publishing = this.publishTrack(video, { ...options, name, content: kind, source: "screen" });
    if (sound) this.publishTrack(sound, { name, source: "screenAudio", stereo: true, dtx: false }).catch(() => sound.stop());
    try {
      return await publishing;
    } catch (error) {
      sound?.stop();
      throw error;
    }
  }

  /** Ends one share with its sound, or all of them. */
  stopScreen(share?: LocalTrackPublication): void {
    const both = share?.track && this.shared.get(share.track);
    for (const publication of this.publications) {
      const { source, track } = publication;
      if (source !== "screen" && source !== "screenAudio") continue;
      if (share && publication !== share && !(track && both?.includes(track))) continue;
      track?.stop();
      this.unpublish(publication);
    }
  }

  /** Publishes any track. On failure, the track is stopped and the promise rejects. */
  async publishTrack(track: MediaStreamTrack, options: PublishOptions = {}): Promise<LocalTrackPublication> {
    const kind = track.kind === "audio" ? "audio" : "video";
    const publication = new LocalTrackPublication(kind, track, options, this.browser);
    this.published.push(publication);
    this.emit("trackPublished", publication);
    try {
      await this.host.publish(publication);
      return publication;
    } catch (error) {
      this.forget(publication);
      track.stop();
      throw error;
    }
  }

  /** The track itself goes on; stop() it if nobody else uses it. */
  unpublish(publication: LocalTrackPublication): void {
    if (!this.published.includes(publication)) return;
    this.host.unpublish(publication);
    this.forget(publication);
  }

  /** A new name or new attributes, for everybody to see. */
  async setInfo(info: { name?: string; attributes?: Attributes }): Promise<void> {
    await this.host.request({ type: "update", ...info }, "ok");
    this.chosenName = info.name ?? this.chosenName;
    // The server tells everybody but ourselves.
    this.change(info);
  }

  /** @internal As the server has us after a lost connection: where we had to join again, with the name that is in the token. */
  returned(info: ParticipantInfo): void {
    const name = this.chosenName ?? info.name;
    this.update({ ...info, name });
    // Lost on the way: this is called again.
    if (name !== info.name) this.host.request({ type: "update", name }, "ok").catch(() => undefined);
  }

  /** @internal Tells the server what it does not know about muting. */
  syncMute(publication: LocalTrackPublication): void {
    const message = publication.muteToSend;
    if (!message) return;
    publication.muteTold(message.muted);
    // Lost on the way: `resumed` says how the server has it, and this is called again.
    this.host.request({ type: "mute", ...message }, "ok").catch(() => publication.muteTold(!message.muted));
  }

  /** @internal How the server has our tracks after a lost connection. */
  reconcile(tracks: TrackInfo[]): void {
    for (const publication of this.published) {
      const known = tracks.find(({ track }) => track === publication.trackId);
      if (!known) continue;
      publication.muteTold(known.muted);
      this.syncMute(publication);
    }
  }

  /** @internal Somebody with the right to do so has muted one of our tracks. */
  mutedByServer(trackId: string, muted: boolean): void {
    const publication = this.published.find((each) => each.trackId === trackId);
    if (!publication) return;
    publication.muteTold(muted);
    if (!muted || publication.muted) return this.syncMute(publication);
    if (publication.source === "camera") void this.setCameraEnabled(false);
    else if (publication.source === "microphone") void this.setMicrophoneEnabled(false);
    else publication.become(publication.track, true);
  }

  /** @internal */
  stopAll(): void {
    for (const publication of this.published) {
      publication.track?.stop();
      publication.detach();
    }
    this.published.length = 0;
  }

  private inTurn<Result>(device: Device, change: () => Promise<Result>): Promise<Result> {
    const turn = this.turns[device].then(change, change);
    this.turns[device] = turn.catch(() => undefined);
    return turn;
  }

  private isOn(device: Device): boolean {
    const publication = this.publication(device);
    return publication !== undefined && !publication.muted;
  }

  private async setEnabled(
    device: Device,
    enabled: boolean,
    options?: DeviceOptions,
  ): Promise<LocalTrackPublication | undefined> {
    const [settled] = await this.inTurn(device, () => this.turn(device, enabled, options));
    return settled;
  }

  /** The result is wrapped so that the next turn waits for the device, but not for the server. */
  private async turn(
    device: Device,
    enabled: boolean,
    options: DeviceOptions | undefined,
  ): Promise<[LocalTrackPublication | undefined | Promise<LocalTrackPublication>]> {
    const { track, ...choice } = options ?? {};
    this.choices[device] = { ...this.choices[device], ...choice };
    const publication = this.publication(device);
    if (!publication) return enabled ? this.publishDevice(device, track) : [undefined];
    if (publication.muted !== enabled) return [publication];
    await (enabled ? this.unmute(device, publication) : this.mute(device, publication));
    this.syncMute(publication);
    return [publication];
  }

  private async publishDevice(device: Device, open?: MediaStreamTrack): Promise<[Promise<LocalTrackPublication>]> {
    if (!this.permissions.canPublish)
      throw new ParleyError("not_allowed", "In this room you may watch and listen, but not send.");
    const track = open?.readyState === "live" ? open : await this.open(device);
    const publishing = this.publishTrack(track, { ...this.choices[device], source: device });
    const publication = this.publication(device);
    if (publication) this.watch(device, publication, track);
    return [publishing];
  }

  private async mute(device: Device, publication: LocalTrackPublication): Promise<void> {
    const { track } = publication;
    if (device === "microphone") {
      if (track) track.enabled = false;
      publication.become(track, true);
      return;
    }
    publication.become(undefined, true);
    await this.host.swap(publication);
    track?.stop();
  }

  private async unmute(device: Device, publication: LocalTrackPublication): Promise<void> {
    const { track } = publication;
    if (track && track.readyState === "live") {
      track.enabled = true;
      publication.become(track, false);
      return;
    }
    this.show(publication, await this.reopen(device, publication), false);
    await this.host.swap(publication);
  }

  private open(device: Device): Promise<MediaStreamTrack> {
    return capture(this.browser, device, this.choices[device]);
  }

  /** Whoever leaves while the device opens, or unpublishes it, does not want it to stay open. */
  private async reopen(device: Device, publication: LocalTrackPublication): Promise<MediaStreamTrack> {
    const track = await this.open(device);
    if (this.published.includes(publication)) return track;
    track.stop();
    throw new ParleyError("left", `The ${device} is not published any more.`);
  }

  private show(publication: LocalTrackPublication, track: MediaStreamTrack, muted: boolean): void {
    publication.become(track, muted);
    if (publication.source === "camera" || publication.source === "microphone")
      this.watch(publication.source, publication, track);
  }

  /** `ended` comes when a device is unplugged or its permission is taken back, not at our own stop(). */
  private watch(device: Device, publication: LocalTrackPublication, track: MediaStreamTrack): void {
    track.onended = () => {
      if (publication.track !== track) return;
      publication.become(undefined, true);
      void this.host.swap(publication);
      this.syncMute(publication);
      const message = `Your ${device} was disconnected. Plug it in again, or choose another one, and turn it on.`;
      this.host.deviceLost(new ParleyError("device_lost", message));
    };
  }

  private forget(publication: LocalTrackPublication): void {
    const index = this.published.indexOf(publication);
    if (index === -1) return;
    this.published.splice(index, 1);
    publication.detach();
    publication.unpublished();
    this.emit("trackUnpublished", publication);
  }
}
