// One picture in <parley-room>: somebody's camera, or their screen.

import type { Participant, TrackPublication } from "../src/index.js";

export class RoomTile {
  readonly element = document.createElement("div");
  private readonly video = document.createElement("video");
  private readonly name = document.createElement("span");
  private picture: TrackPublication | undefined;
  private sound: TrackPublication | undefined;
  private audio: HTMLMediaElement | undefined;
  private readonly endings: (() => void)[];
  private unfollow: () => void = () => undefined;

  constructor(
    readonly participant: Participant,
    /** A shared screen; undefined: their camera. */
    private readonly share: TrackPublication | undefined,
  ) {
    const screen = share !== undefined;
    this.element.className = "tile";
    this.element.part.add("tile", ...(screen ? ["screen"] : []));
    this.element.toggleAttribute("data-local", participant.local && !screen);
    this.element.toggleAttribute("data-screen", screen);
    this.name.className = "name";
    this.name.part.add("name");
    this.video.part.add("video");
    this.element.append(this.video, this.name);
    const update = (): void => this.update();
    this.endings = [
      participant.on("updated", update),
      participant.on("speakingChanged", update),
      participant.on("trackPublished", update),
      participant.on("trackUnpublished", update),
    ];
    this.update();
  }

  close(): void {
    this.endings.forEach((end) => end());
    this.show(undefined);
    this.hear(undefined);
    this.element.remove();
  }

  private update(): void {
    const { participant, share } = this;
    this.name.textContent = participant.name;
    this.element.toggleAttribute("data-speaking", participant.speaking && share === undefined);
    this.show(share ?? participant.publication("camera"));
    if (!participant.local) this.hear(share ? participant.soundOf(share) : participant.publication("microphone"));
  }

  private show(publication: TrackPublication | undefined): void {
    this.video.hidden = publication === undefined || publication.muted;
    if (publication === this.picture) return;
    this.picture?.detach(this.video);
    this.unfollow();
    this.picture = publication;
    if (!publication) return;
    this.unfollow = publication.on("updated", () => this.update());
    publication.attach(this.video);
    // Sound has an element of its own.
    this.video.muted = true;
  }

  private hear(publication: TrackPublication | undefined): void {
    if (publication === this.sound) return;
    // The page may have attached elements of its own: those stay.
    if (this.audio) this.sound?.detach(this.audio);
    this.audio?.remove();
    this.sound = publication;
    this.audio = publication?.attach();
    if (this.audio) this.element.append(this.audio);
  }
}
