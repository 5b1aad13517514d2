// The <video> and <audio> elements that show one publication. When its MediaStreamTrack is replaced (a worker died, a
// device was changed), they go on with the new one: nobody has to attach again.

import type { Browser } from "../browser.js";

/** HTMLMediaElement.HAVE_METADATA: of a stream, that has come with the first picture, and stays. */
const hasMetadata = 1;

export class Attachments {
  private readonly elements = new Set<HTMLMediaElement>();
  private track: MediaStreamTrack | undefined;

  /** `blocked` is told when the browser does not let an element play before the user has clicked somewhere. */
  constructor(
    private readonly browser: Browser,
    private readonly blocked: () => void,
  ) {}

  add(element: HTMLMediaElement): void {
    this.elements.add(element);
    this.show(element);
  }

  remove(element: HTMLMediaElement): void {
    if (this.elements.delete(element)) element.srcObject = null;
  }

  all(): HTMLMediaElement[] {
    return [...this.elements];
  }

  become(track: MediaStreamTrack | undefined): void {
    if (track === this.track) return;
    this.track = track;
    this.elements.forEach((element) => this.show(element));
  }

  async play(): Promise<void> {
    await Promise.all([...this.elements].map((element) => this.start(element)));
  }

  /**
   * A track that takes the place of one that is shown does so inside of the stream: the last picture stays until the next
   * one comes. An element that has shown nothing yet begins with the new one; Firefox would wait for the old one for ever.
   */
  private show(element: HTMLMediaElement): void {
    const { track } = this;
    const stream = element.srcObject as MediaStream | null;
    if (!track) {
      element.srcObject = null;
      return;
    }
    if (stream && element.readyState >= hasMetadata) {
      // Firefox shows one that is added only while it has none, and then loads the element anew.
      stream.getTracks().forEach((each) => stream.removeTrack(each));
      stream.addTrack(track);
    } else {
      element.srcObject = this.browser.createStream(track);
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
