// Picture in picture: whoever says most now, in a small window over all others. Chromium and Safari have it for pages; Firefox has a
// button of its own on every picture.

import type { TrackPublication } from "../src/index.js";
import { h } from "./dom.js";

export class Floating {
  /** In the page, because some browsers ask for that, but not to be seen. */
  readonly element = h("video", { class: "floating", playsinline: true, muted: true, "aria-hidden": "true", tabindex: -1 });
  private shown: TrackPublication | undefined;

  constructor(private readonly subject: () => TrackPublication | undefined) {
    this.element.muted = true;
    this.element.addEventListener("leavepictureinpicture", () => this.show(undefined));
  }

  static get possible(): boolean {
    return document.pictureInPictureEnabled === true && "requestPictureInPicture" in HTMLVideoElement.prototype;
  }

  get isOpen(): boolean {
    return document.pictureInPictureElement === this.element;
  }

  async toggle(): Promise<void> {
    if (this.isOpen) return document.exitPictureInPicture();
    this.show(this.subject());
    if (!this.shown) return;
    // The window takes its shape from the first picture.
    if (this.element.readyState === 0)
      await new Promise((resolve) => this.element.addEventListener("loadedmetadata", resolve, { once: true }));
    await this.element.requestPictureInPicture();
  }

  /** Somebody else says most now. */
  follow(): void {
    if (this.isOpen) this.show(this.subject() ?? this.shown);
  }

  close(): void {
    if (this.isOpen) void document.exitPictureInPicture().catch(() => undefined);
    this.show(undefined);
  }

  private show(publication: TrackPublication | undefined): void {
    if (publication === this.shown) return;
    this.shown?.detach(this.element);
    this.shown = publication;
    publication?.attach(this.element);
    this.element.muted = true;
  }
}
