// What can be seen of one publication: all the elements that show it, taken together.

import type { Browser } from "../browser.js";
import { largest } from "./quality.js";
import type { Seen } from "./quality.js";

/** A page that takes the MediaStreamTrack and draws it itself has no element: then everything is wanted. */
const unknown: Seen = { visible: true, width: 0, height: 0 };

export class Sight {
  private readonly elements = new Map<Element, { seen: Seen | undefined; end: () => void }>();
  private everShown = false;

  constructor(
    private readonly browser: Browser,
    private readonly changed: () => void,
  ) {}

  get seen(): Seen {
    if (!this.everShown) return unknown;
    const told = [...this.elements.values()].flatMap(({ seen }) => (seen ? [seen] : []));
    // The browser tells within a frame; until then nothing is known.
    return told.length === 0 && this.elements.size > 0 ? unknown : largest(told);
  }

  add(element: Element): void {
    if (this.elements.has(element)) return;
    this.everShown = true;
    const watched: { seen: Seen | undefined; end: () => void } = { seen: undefined, end: () => undefined };
    this.elements.set(element, watched);
    watched.end = this.browser.observeElement(element, (seen) => {
      watched.seen = seen;
      this.changed();
    });
  }

  remove(element: Element): void {
    this.elements.get(element)?.end();
    if (this.elements.delete(element)) this.changed();
  }
}
