// What one can do in a call, whether by a button, a menu or a key: every action is here once, with its failure told.

import { ParleyError } from "../src/index.js";
import type { LocalParticipant, Room, ScreenKind } from "../src/index.js";
import { handSince, raiseHand, react } from "./attributes.js";
import type { Reaction } from "./attributes.js";
import { sentence, texts } from "./language.js";
import type { Preferences } from "./preferences.js";
import type { Device } from "./preview.js";
import type { Toasts } from "./toasts.js";

export interface ControlsHost {
  chosen(changes: Partial<Preferences>): void;
  /** Undefined: nobody can be invited from here. */
  inviteLink: string | undefined;
  changed(): void;
  /** A reaction of ours: nobody tells us of it. */
  reacted(reaction: Reaction): void;
}

/** Everybody gets each of them: a finger that rests on the key must not fill the room. */
const betweenReactions = 400;

export class Controls {
  readonly busy = new Set<Device>();
  private readonly local: LocalParticipant;
  /** What the user wants of the microphone, as far as we know. */
  private microphoneWanted = false;
  private talking = false;
  private reactedAt = -Infinity;

  constructor(
    room: Room,
    private readonly toasts: Toasts,
    private readonly host: ControlsHost,
  ) {
    this.local = room.localParticipant;
  }

  toggle(device: Device): void {
    const camera = device === "camera";
    const on = !(camera ? this.local.cameraEnabled : this.local.microphoneEnabled);
    this.host.chosen(camera ? { cameraOn: on } : { microphoneOn: on });
    this.setDevice(device, on);
  }

  /** While a key is held: the microphone of somebody who is muted. */
  talk(on: boolean): void {
    if (on === this.talking || (on && this.local.microphoneEnabled)) return;
    this.talking = on;
    this.setDevice("microphone", on);
  }

  /** Somebody with the right to do so may have muted us. */
  noticeMuting(): void {
    const publication = this.local.publication("microphone");
    const muted = publication?.muted === true && publication.track?.readyState === "live";
    if (this.microphoneWanted && muted && !this.busy.has("microphone")) this.toasts.tell(texts.news.mutedByHost, "micOff");
    if (!this.busy.has("microphone")) this.microphoneWanted = this.local.microphoneEnabled;
  }

  get sharing(): boolean {
    return this.local.publication("screen") !== undefined;
  }

  stopScreen(): void {
    this.local.stopScreen();
  }

  async share(kind: ScreenKind, audio: boolean): Promise<void> {
    try {
      await this.local.shareScreen({ kind, audio });
    } catch (error) {
      // Closing the browser's own chooser is an answer, not an error.
      if (!(error instanceof ParleyError) || error.code !== "permission_denied") this.warn(error);
    }
  }

  get handIsUp(): boolean {
    return handSince(this.local) !== undefined;
  }

  toggleHand(): void {
    void this.attempt(raiseHand(this.local, !this.handIsUp));
  }

  react(reaction: Reaction): void {
    const now = performance.now();
    if (now - this.reactedAt < betweenReactions) return;
    this.reactedAt = now;
    this.host.reacted(reaction);
    void this.attempt(react(this.local, reaction));
  }

  get canInvite(): boolean {
    return this.host.inviteLink !== undefined;
  }

  async copyInvite(): Promise<void> {
    const link = this.host.inviteLink ?? "";
    try {
      await navigator.clipboard.writeText(link);
      this.toasts.tell(texts.news.linkCopied, "check");
    } catch {
      // Clipboards need a secure page and a permission; the address bar always works.
      this.toasts.warn(texts.news.copyThis(link));
    }
  }

  /** Waits for something, and tells why it failed. */
  async attempt(action: Promise<unknown>): Promise<void> {
    await action.catch((error: unknown) => this.warn(error));
    this.host.changed();
  }

  warn(error: unknown): void {
    this.toasts.warn(sentence(ParleyError.from(error)));
  }

  private setDevice(device: Device, on: boolean): void {
    this.busy.add(device);
    if (device === "microphone") this.microphoneWanted = on;
    const done = device === "camera" ? this.local.setCameraEnabled(on) : this.local.setMicrophoneEnabled(on);
    void this.attempt(done.finally(() => this.busy.delete(device)));
    this.host.changed();
  }
}
