// Tells the server how we show what we receive, so that it sends nothing that nobody sees: changes are gathered for a moment, and
// only what the server does not know already is sent.

import type { Browser, Milliseconds, Timer } from "../browser.js";
import type { Link } from "../signaling/link.js";
import type { View } from "./quality.js";

/** Just long enough for a whole page that appears to be one message. */
const soon: Milliseconds = 50;
/** Between two messages about sizes: a tile that moves to its place has a new one in every frame. */
const pause: Milliseconds = 300;
/** So many tiles that move at a time stay below what the server takes in a second; more have to wait longer. */
const mostInPause = 100;
/** The server takes no more in one message. */
const mostViews = 256;

/** What a publication tells of itself; undefined while it is not received. */
export interface Viewed {
  readonly view: View | undefined;
}

interface Known {
  text: string;
  visible: boolean;
}

export class Viewer {
  private readonly viewed = new Set<Viewed>();
  /** What the server has been told, by track. */
  private readonly told = new Map<string, Known>();
  private toldAt: Milliseconds = -Infinity;
  private timer: { due: Milliseconds; timer: Timer } | undefined;

  constructor(
    private readonly browser: Browser,
    private readonly link: Link,
  ) {}

  /** Something has changed about how it is shown. */
  changed(publication: Viewed): void {
    this.viewed.add(publication);
    const { view } = publication;
    // Somebody waits for a picture that was not there.
    const appears = view?.visible === true && this.told.get(view.track)?.visible !== true;
    const next = this.toldAt + pause * Math.ceil(this.viewed.size / mostInPause);
    this.schedule(appears ? soon : Math.max(soon, next - this.browser.now()));
  }

  /** The server has forgotten how this track is shown (a new subscription), or what it was told is lost. */
  forget(track: string): void {
    this.told.delete(track);
  }

  /** It is not received any more. */
  remove(publication: Viewed, track: string): void {
    this.viewed.delete(publication);
    this.told.delete(track);
  }

  /** After a lost connection: what was said meanwhile has not arrived. */
  repeat(): void {
    this.told.clear();
    if (this.viewed.size > 0) this.schedule(0);
  }

  close(): void {
    if (this.timer) this.browser.clearTimeout(this.timer.timer);
    this.timer = undefined;
    this.viewed.clear();
  }

  private schedule(delay: Milliseconds): void {
    const due = this.browser.now() + delay;
    if (this.timer && this.timer.due <= due) return;
    if (this.timer) this.browser.clearTimeout(this.timer.timer);
    this.timer = { due, timer: this.browser.setTimeout(() => this.tell(), delay) };
  }

  private tell(): void {
    this.timer = undefined;
    this.toldAt = this.browser.now();
    const fresh: View[] = [];
    for (const { view } of this.viewed) {
      if (!view) continue;
      const text = JSON.stringify(view);
      if (this.told.get(view.track)?.text === text) continue;
      this.told.set(view.track, { text, visible: view.visible });
      fresh.push(view);
    }
    for (let first = 0; first < fresh.length; first += mostViews)
      this.link.send({ type: "view", views: fresh.slice(first, first + mostViews) });
  }
}
