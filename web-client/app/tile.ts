// One participant on the stage: picture or initials, name, whether they speak, are muted, have raised a hand, or are having
// trouble. A shared screen has a tile of its own.

import { RemoteTrackPublication } from "../src/index.js";
import type { Participant, TrackPublication } from "../src/index.js";
import { handSince } from "./attributes.js";
import { batched, h, setText } from "./dom.js";
import { avatar, updateAvatar } from "./faces.js";
import { icon } from "./icons.js";
import type { IconName } from "./icons.js";
import { sentence, texts } from "./language.js";
import type { Rectangle } from "./layout.js";
import { isNoise, secrecyText } from "./secrecy.js";
import type { Speakers } from "./speakers.js";
import { pauseText } from "./why.js";

export interface TileHost {
  /** A click on it. */
  explain(tile: Tile): void;
  pin(tile: Tile): void;
  /** What is encrypted can be read, or at least told from noise. */
  hasKey: boolean;
}

/** Below this width there is no room for more than a name. */
const small = 200;

export class Tile {
  readonly element: HTMLElement;
  private readonly video = h("video", { playsinline: true, autoplay: true });
  private readonly face = avatar();
  private readonly name = h("span", { class: "name" });
  private readonly muted = mark("micOff", "muted-icon", texts.stage.microphoneOff);
  private readonly hand = mark("hand", "hand-icon", texts.stage.handUp);
  private readonly bars = h("span", { class: "bars", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
  private readonly trouble = h("p", { class: "trouble", "data-testid": "tile-trouble" });
  private readonly pinButton: HTMLButtonElement;
  private picture: TrackPublication | undefined;
  private sound: TrackPublication | undefined;
  private placed: Rectangle = { x: 0, y: 0, width: 0, height: 0 };
  private readonly endings: (() => void)[] = [];
  /** Of what it shows, and of what it lets be heard. */
  private readonly followed: Record<"picture" | "sound", (() => void)[]> = { picture: [], sound: [] };
  private readonly render = batched(() => this.update());

  constructor(
    readonly participant: Participant,
    private readonly speakers: Speakers,
    /** A shared screen; undefined: it is the participant's own tile. */
    readonly share: TrackPublication | undefined,
    private readonly host: TileHost,
  ) {
    const { stage } = texts;
    const { name, local } = participant;
    const { screen } = this;
    const what = screen ? stage.itsScreen(name) : local ? stage.yourPicture : stage.pictureOf(name);
    const why = tileButton("info", "why-button", stage.quality(what), () => host.explain(this));
    this.pinButton = tileButton("pin", "pin-button", stage.pin(name), () => host.pin(this));
    this.element = h(
      "article",
      {
        class: "tile",
        ...(screen ? { "data-testid": "screen-tile" } : { "data-testid": "tile", "data-identity": participant.identity }),
      },
      this.video,
      this.face,
      this.trouble,
      this.hand,
      h("div", { class: "tile-buttons" }, this.pinButton, why),
      h("footer", { class: "nameplate" }, this.muted, this.bars, this.name),
    );
    this.element.addEventListener("click", () => host.explain(this));
    this.element.addEventListener("dblclick", () => host.pin(this));
    this.face.hidden = screen;
    if (local && !screen) this.video.classList.add("mirrored");
    this.video.addEventListener("loadeddata", () => this.element.toggleAttribute("data-picture", true));
    this.video.addEventListener("emptied", () => this.element.toggleAttribute("data-picture", false));
    this.video.addEventListener("resize", () => this.fit());
    this.endings.push(
      participant.on("updated", this.render),
      participant.on("speakingChanged", this.render),
      participant.on("encryptionChanged", this.render),
      participant.on("trackPublished", this.render),
      participant.on("trackUnpublished", this.render),
    );
    this.update();
  }

  get screen(): boolean {
    return this.share !== undefined;
  }

  place(rectangle: Rectangle, floating: boolean): void {
    const { x, y, width, height } = (this.placed = rectangle);
    const { style } = this.element;
    // Whole pixels: an edge between two of them is drawn as a grey line.
    style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
    style.width = `${Math.floor(width)}px`;
    style.height = `${Math.floor(height)}px`;
    this.element.hidden = false;
    this.element.toggleAttribute("data-floating", floating);
    this.element.toggleAttribute("data-small", width < small);
    this.fit({ width, height });
  }

  /** On another page: it is still heard, but its picture is not sent to us. */
  hide(): void {
    this.element.hidden = true;
  }

  /** Whether the panel that explains its picture is open. */
  set explained(open: boolean) {
    this.element.toggleAttribute("data-explained", open);
  }

  set pinned(pinned: boolean) {
    this.element.toggleAttribute("data-pinned", pinned);
    const label = (pinned ? texts.stage.unpin : texts.stage.pin)(this.participant.name);
    this.pinButton.setAttribute("aria-label", label);
    this.pinButton.setAttribute("aria-pressed", String(pinned));
    this.pinButton.title = label;
  }

  /** Where it is, or is going to be, on the stage. */
  get rectangle(): Rectangle {
    return this.placed;
  }

  /** What it shows. */
  get publication(): TrackPublication | undefined {
    return this.picture;
  }

  react(reaction: string): void {
    // On another page nothing moves, and so nothing would end.
    if (this.element.hidden) return;
    const symbol = h("span", { class: "reaction", "aria-hidden": "true", "data-testid": "reaction" }, reaction);
    symbol.addEventListener("animationend", () => symbol.remove());
    // Several at a time go up side by side.
    symbol.style.setProperty("--drift", String(this.element.querySelectorAll(".reaction").length % 5));
    this.element.append(symbol);
  }

  close(): void {
    this.endings.forEach((end) => end());
    this.show(undefined);
    this.hear(undefined);
    this.element.remove();
  }

  private update(): void {
    const { participant, element } = this;
    const noise = isNoise(participant, this.host.hasKey);
    const { share } = this;
    this.show(noise ? undefined : (share ?? participant.publication("camera")));
    const sound = share ? participant.soundOf(share) : participant.publication("microphone");
    if (!participant.local) this.hear(noise ? undefined : sound);
    const microphone = participant.publication("microphone");
    const muted = !this.screen && (microphone === undefined || microphone.muted);
    const visible = this.picture !== undefined && !this.picture.muted && this.picture.track !== undefined;

    element.dataset["participant"] = participant.id;
    element.dataset["speaking"] = String(participant.speaking && !muted && !this.screen);
    element.dataset["connection"] = participant.connection;
    element.toggleAttribute("data-visible", visible);
    element.style.setProperty("--level", participant.level.toFixed(2));
    this.updateName(muted);
    updateAvatar(this.face, participant.name, participant.identity);
    this.muted.hidden = !muted;
    this.bars.hidden = muted || this.screen;
    this.hand.hidden = this.screen || handSince(participant) === undefined;
    this.updateTrouble();
  }

  private updateName(muted: boolean): void {
    const { stage, common } = texts;
    const name = this.participant.local ? common.you(this.participant.name) : this.participant.name;
    setText(this.name, this.screen ? stage.presenting(this.participant.name) : name);
    const label = this.screen ? stage.screenOf(this.participant.name) : muted ? stage.withMicrophoneOff(name) : name;
    this.element.setAttribute("aria-label", label);
  }

  private updateTrouble(): void {
    const paused = this.picture instanceof RemoteTrackPublication && !this.picture.muted ? pauseText(this.picture) : "";
    const trouble = this.troubleText();
    setText(this.trouble, trouble || paused);
    this.trouble.dataset["kind"] = trouble ? "trouble" : "paused";
    this.trouble.hidden = this.trouble.textContent === "";
  }

  private troubleText(): string {
    if (this.participant.connection === "reconnecting") return texts.stage.reconnecting;
    const secrecy = secrecyText(this.participant, this.host.hasKey);
    if (secrecy) return secrecy;
    const refusal = [this.picture, this.sound]
      .map((publication) => publication instanceof RemoteTrackPublication && publication.refusal)
      .find((reason) => reason instanceof Error);
    return refusal ? sentence(refusal) : "";
  }

  private show(publication: TrackPublication | undefined): void {
    if (publication === this.picture) return;
    this.picture?.detach(this.video);
    this.picture = publication;
    this.follow("picture", publication);
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
    this.follow("sound", publication);
    if (!publication) return;
    const audio = h("audio");
    this.element.append(audio);
    this.speakers.add(audio);
    publication.attach(audio);
  }

  private follow(what: "picture" | "sound", publication: TrackPublication | undefined): void {
    this.followed[what].forEach((end) => end());
    this.followed[what] = publication
      ? [
          publication.on("updated", this.render),
          publication.on("trackChanged", this.render),
          publication.on("qualityChanged", this.render),
        ]
      : [];
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

function mark(name: IconName, testId: string, label: string): HTMLElement {
  return h("span", { class: testId, "data-testid": testId, role: "img", "aria-label": label, title: label }, icon(name));
}

function tileButton(name: IconName, testId: string, label: string, act: () => void): HTMLButtonElement {
  const press = (event: Event): void => {
    // The tile itself answers to clicks too.
    event.stopPropagation();
    act();
  };
  return h(
    "button",
    {
      class: "tile-button",
      type: "button",
      "data-testid": testId,
      title: label,
      "aria-label": label,
      onclick: press,
      ondblclick: (event) => event.stopPropagation(),
    },
    icon(name),
  );
}
