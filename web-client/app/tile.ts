// One participant on the stage: picture or initials, name, whether they speak, are muted, or are having trouble. A shared
// screen has a tile of its own.

import { RemoteTrackPublication } from "../src/index.js";
import type { Participant, TrackPublication } from "../src/index.js";
import { batched, h, setText } from "./dom.js";
import { avatar, updateAvatar } from "./faces.js";
import { icon } from "./icons.js";
import type { Rectangle } from "./layout.js";
import type { Speakers } from "./speakers.js";
import { pauseText } from "./why.js";

export class Tile {
  readonly element: HTMLElement;
  private readonly video = h("video", { playsinline: true, autoplay: true });
  private readonly face = avatar();
  private readonly name = h("span", { class: "name" });
  private readonly muted = h(
    "span",
    { class: "muted-icon", "data-testid": "muted-icon", role: "img", "aria-label": "Microphone off" },
    icon("micOff"),
  );
  private readonly bars = h("span", { class: "bars", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
  private readonly trouble = h("p", { class: "trouble", "data-testid": "tile-trouble" });
  private picture: TrackPublication | undefined;
  private sound: TrackPublication | undefined;
  private placed: Rectangle = { x: 0, y: 0, width: 0, height: 0 };
  private readonly endings: (() => void)[] = [];
  private readonly render = batched(() => this.update());

  constructor(
    readonly participant: Participant,
    private readonly speakers: Speakers,
    readonly screen = false,
    explain: (tile: Tile) => void = () => undefined,
  ) {
    const name = screen ? `${participant.name}'s screen` : participant.local ? "your picture" : `${participant.name}'s picture`;
    const why = h(
      "button",
      { class: "why-button", type: "button", "data-testid": "why-button", title: "Quality (I)", "aria-label": `Quality of ${name}` },
      icon("info"),
    );
    this.element = h(
      "article",
      {
        class: "tile",
        ...(screen ? { "data-testid": "screen-tile" } : { "data-testid": "tile", "data-identity": participant.identity }),
      },
      this.video,
      this.face,
      this.trouble,
      why,
      h("footer", { class: "nameplate" }, this.muted, this.bars, this.name),
    );
    // A click anywhere on the tile, the button included: with a keyboard there is only that.
    this.element.addEventListener("click", () => explain(this));
    this.face.hidden = screen;
    if (participant.local && !screen) this.video.classList.add("mirrored");
    this.video.addEventListener("loadeddata", () => this.element.toggleAttribute("data-picture", true));
    this.video.addEventListener("emptied", () => this.element.toggleAttribute("data-picture", false));
    this.video.addEventListener("resize", () => this.fit());
    this.endings.push(
      participant.on("updated", this.render),
      participant.on("speakingChanged", this.render),
      participant.on("trackPublished", this.render),
      participant.on("trackUnpublished", this.render),
    );
    this.update();
  }

  place(rectangle: Rectangle, floating: boolean): void {
    const { x, y, width, height } = (this.placed = rectangle);
    const { style } = this.element;
    // Whole pixels: an edge between two of them is drawn as a grey line.
    style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
    style.width = `${Math.floor(width)}px`;
    style.height = `${Math.floor(height)}px`;
    this.element.toggleAttribute("data-floating", floating);
    this.element.toggleAttribute("data-small", width < 200);
    this.fit({ width, height });
  }

  /** Whether the panel that explains its picture is open. */
  set explained(open: boolean) {
    this.element.toggleAttribute("data-explained", open);
  }

  /** Where it is, or is going to be, on the stage. */
  get rectangle(): Rectangle {
    return this.placed;
  }

  close(): void {
    this.endings.forEach((end) => end());
    this.show(undefined);
    this.hear(undefined);
    this.element.remove();
  }

  private update(): void {
    const { participant, element } = this;
    this.show(participant.publication(this.screen ? "screen" : "camera"));
    if (!participant.local) this.hear(participant.publication(this.screen ? "screenAudio" : "microphone"));
    const microphone = participant.publication("microphone");
    const muted = !this.screen && (microphone === undefined || microphone.muted);
    const visible = this.picture !== undefined && !this.picture.muted && this.picture.track !== undefined;

    element.dataset["participant"] = participant.id;
    element.dataset["speaking"] = String(participant.speaking && !muted && !this.screen);
    element.dataset["connection"] = participant.connection;
    element.toggleAttribute("data-visible", visible);
    element.style.setProperty("--level", participant.level.toFixed(2));
    const name = participant.local ? `${participant.name} (you)` : participant.name;
    setText(this.name, this.screen ? `${participant.name} is presenting` : name);
    element.setAttribute(
      "aria-label",
      this.screen ? `Screen of ${participant.name}` : muted ? `${name}, microphone off` : name,
    );
    updateAvatar(this.face, participant.name, participant.identity);
    this.muted.hidden = !muted;
    this.bars.hidden = muted || this.screen;
    const paused = this.picture instanceof RemoteTrackPublication && !this.picture.muted ? pauseText(this.picture) : "";
    setText(this.trouble, this.troubleText() || paused);
    this.trouble.dataset["kind"] = this.troubleText() ? "trouble" : "paused";
    this.trouble.hidden = this.trouble.textContent === "";
  }

  private troubleText(): string {
    if (this.participant.connection === "reconnecting") return "Reconnecting…";
    const refusal = [this.picture, this.sound].map(
      (publication) => publication && "refusal" in publication && publication.refusal,
    );
    return refusal.find((reason) => reason instanceof Error)?.message ?? "";
  }

  private show(publication: TrackPublication | undefined): void {
    if (publication === this.picture) return;
    this.picture?.detach(this.video);
    this.picture = publication;
    this.follow(publication);
    publication?.attach(this.video);
    // Sound has an element of its own, so that a picture never has to wait for permission to be heard.
    this.video.muted = true;
  }

  private hear(publication: TrackPublication | undefined): void {
    if (publication === this.sound) return;
    for (const element of this.sound?.attachedElements ?? []) {
      this.sound?.detach(element);
      this.speakers.remove(element);
      element.remove();
    }
    this.sound = publication;
    this.follow(publication);
    if (!publication) return;
    const audio = h("audio");
    this.element.append(audio);
    this.speakers.add(audio);
    publication.attach(audio);
  }

  private follow(publication: TrackPublication | undefined): void {
    if (!publication) return;
    this.endings.push(
      publication.on("updated", this.render),
      publication.on("trackChanged", this.render),
      publication.on("qualityChanged", this.render),
    );
  }

  /** A picture is cropped to fill its tile, unless that would cut off more than a third of it: then it is shown whole. */
  private fit(
    tile: { width: number; height: number } = { width: this.element.clientWidth, height: this.element.clientHeight },
  ): void {
    const { videoWidth, videoHeight } = this.video;
    if (!videoWidth || !tile.height) return;
    const ratio = videoWidth / videoHeight / (tile.width / tile.height);
    const wrongWay = videoWidth < videoHeight && tile.width > tile.height;
    this.video.classList.toggle("whole", this.screen || wrongWay || ratio < 0.62);
  }
}
