// The <video> and <audio> elements that show one publication. When its MediaStreamTrack is replaced (a worker died, a
// device was changed), they go on with the new one: nobody has to attach again.

import type { Browser } from "../browser.js";

/** HTMLMediaElement.HAVE_METADATA: of a stream, that has come with the first picture, and stays. */
const hasMetadata = 1;

export class Attachments {
  /** With the stream that each was given here. */
  private readonly elements = new Map<HTMLMediaElement, MediaStream | undefined>();
  private track: MediaStreamTrack | undefined;

  /** `blocked` is told when the browser does not let an element play before the user has clicked somewhere. */
  constructor(
    private readonly browser: Browser,
    private readonly blocked: () => void,
  ) {}

  add(element: HTMLMediaElement): void {
    this.show(element);
  }

  remove(element: HTMLMediaElement): void {
    if (this.elements.delete(element)) element.srcObject = null;
  }

  all(): HTMLMediaElement[] {
    return [...this.elements.keys()];
  }

  become(track: MediaStreamTrack | undefined): void {
    if (track === this.track) return;
    this.track = track;
    this.all().forEach((element) => this.show(element));
  }

  async play(): Promise<void> {
    await Promise.all(this.all().map((element) => this.start(element)));
  }

  /**
   * A track that takes the place of one that is shown does so inside of the stream: the last picture stays until the next
   * one comes. An element that has shown nothing yet begins with the new one; Firefox would wait for the old one for ever.
   */
  private show(element: HTMLMediaElement): void {
    const { track } = this;
    const stream = this.elements.get(element);
    if (!track) {
      element.srcObject = null;
      this.elements.set(element, undefined);
      return;
    }
    // A stream of the page's own is not ours to change.
    if (stream && element.srcObject === stream && element.readyState >= hasMetadata) {
      // Firefox shows one that is added only while it has none, and then loads the element anew.
      stream.getTracks().forEach((each) => stream.removeTrack(each));
      stream.addTrack(track);
    } else {
      const fresh = this.browser.createStream(track);
      element.srcObject = fresh;
      this.elements.set(element, fresh);
    }
    void this.start(element);
  }

  private async start(element: HTMLMediaElement): Promise<void> {
    try {
      await element.play();
    } catch (error) {
      // AbortError only says that another track has come meanwhile.
      if (error instanceof Error && error.name === "NotAllowedError") this.blocked();
    }
  }
}
