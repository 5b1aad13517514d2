// The stage: keeps one tile for each participant and each shared screen, and decides which of them are large, which page of the
// others is shown, and moves them to their places.

import type { Participant, Room, TrackPublication } from "../src/index.js";
import { batched, h } from "./dom.js";
import { Floor } from "./floor.js";
import { capacity, duo, grid, phoneWidth, spotlight, stripCapacity } from "./layout.js";
import type { Rectangle, Stage } from "./layout.js";
import { texts } from "./language.js";
import { Pager } from "./pager.js";
import { Seating } from "./seating.js";
import type { Speakers } from "./speakers.js";
import { Tile } from "./tile.js";
import { WhyPanel } from "./why-panel.js";
import type { Subject } from "./why-panel.js";

/** What turns the pages stands below the tiles. */
const pagerHeight = 52;

/** Everybody equally large, or whoever speaks. */
export type View = "grid" | "speaker";

export class StageView {
  readonly element = h("section", { class: "stage", "aria-label": texts.stage.label });
  private readonly tiles = new Map<Participant, Tile>();
  private readonly screens = new Map<TrackPublication, Tile>();
  private readonly pinned = new Set<Tile>();
  private readonly seating = new Seating();
  private readonly floor = new Floor<Participant>();
  private readonly pages = new Pager(() => this.arrange());
  private readonly observer = new ResizeObserver(() => this.arrange());
  private readonly why: WhyPanel;
  private readonly endings: (() => void)[];
  /** Seats on the first page, as it was shown last. */
  private front = 1;

  constructor(
    private readonly room: Room,
    private readonly speakers: Speakers,
    private shown: View,
    private readonly changed: () => void,
  ) {
    this.why = new WhyPanel(room, () => this.mark());
    const update = batched(() => this.update());
    this.endings = [
      room.on("participantJoined", update),
      room.on("participantLeft", update),
      room.on("trackPublished", update),
      room.on("trackUnpublished", update),
      room.on("speakersChanged", (speaking) => this.hear(speaking)),
      room.localParticipant.on("trackPublished", update),
      room.localParticipant.on("trackUnpublished", update),
    ];
    this.observer.observe(this.element);
    this.update();
  }

  /** What lies over the stage: the card that explains a picture, and the way to the other pages. */
  get overlays(): HTMLElement[] {
    return [this.why.element, this.pages.element];
  }

  get view(): View {
    return this.shown;
  }

  show(view: View): void {
    this.shown = view;
    this.pinned.clear();
    this.arrange();
  }

  turn(pages: number): void {
    this.pages.turn(pages);
  }

  isPinned(participant: Participant): boolean {
    return [...this.pinned].some((tile) => tile.participant === participant && !tile.screen);
  }

  /** Makes somebody's tile large until it is called again. */
  pin(participant: Participant): void {
    const tile = this.tiles.get(participant);
    if (tile) this.togglePin(tile);
  }

  /** Whose picture says most now: what is pinned, a screen, whoever speaks, anybody else. */
  get subject(): Tile | undefined {
    const [large] = this.large();
    const speaker = this.floor.holder && this.tiles.get(this.floor.holder);
    return large ?? speaker ?? [...this.tiles.values()].find(({ participant }) => !participant.local);
  }

  /** A reaction floats over its sender's tile. */
  react(participant: Participant, reaction: string): void {
    this.tiles.get(participant)?.react(reaction);
  }

  /** Explains the tile that has the focus, or the first of somebody else's; once more: closes it. */
  toggleWhy(): void {
    const all = [...this.screens.values(), ...this.tiles.values()];
    const focused = all.find(({ element }) => element.contains(document.activeElement));
    const first = all.find(({ participant }) => !participant.local) ?? all[0];
    if (this.why.shown) this.why.hide();
    else if (focused ?? first) this.explain((focused ?? first) as Tile);
  }

  closeWhy(): void {
    this.why.hide();
  }

  close(): void {
    this.why.hide();
    this.observer.disconnect();
    this.endings.forEach((end) => end());
    for (const tile of [...this.tiles.values(), ...this.screens.values()]) tile.close();
  }

  private update(): void {
    // Leaving the room ends with the last of its events.
    if (this.room.state === "disconnected") return;
    const { localParticipant: local, participants } = this.room;
    const everybody = [local, ...participants];
    const own = everybody.map((participant) => [participant, { participant, share: undefined }] as const);
    this.keep(this.tiles, new Map<Participant, Subject>(own));
    const shares = everybody.flatMap((participant) =>
      participant.publications
        .filter(({ source }) => source === "screen")
        .map((share) => [share, { participant, share }] as const),
    );
    this.keep(this.screens, new Map<TrackPublication, Subject>(shares));
    this.seating.seat(participants.map(({ identity }) => identity));
    this.arrange();
  }

  private keep<Key>(tiles: Map<Key, Tile>, wanted: Map<Key, Subject>): void {
    for (const [key, tile] of tiles) {
      if (wanted.has(key)) continue;
      if (this.isExplained(tile)) this.why.hide();
      this.pinned.delete(tile);
      if (!tile.screen) this.floor.forget(tile.participant);
      tile.close();
      tiles.delete(key);
    }
    for (const [key, { participant, share }] of wanted) {
      if (tiles.has(key)) continue;
      const tile = new Tile(participant, this.speakers, share, {
        explain: (clicked) => this.explain(clicked),
        pin: (clicked) => this.togglePin(clicked),
        hasKey: this.room.encryption !== undefined,
      });
      tiles.set(key, tile);
      this.element.append(tile.element);
    }
  }

  private hear(speaking: Participant[]): void {
    const others = speaking.filter(({ local }) => !local);
    const moved = this.seating.hear(
      others.map(({ identity }) => identity),
      this.front,
    );
    const handed = this.floor.hear(others);
    if (moved || (handed && this.shown === "speaker")) this.arrange();
    if (handed) this.changed();
  }

  private togglePin(tile: Tile): void {
    if (!this.pinned.delete(tile)) this.pinned.add(tile);
    this.arrange();
  }

  private explain(tile: Tile): void {
    if (this.isExplained(tile)) return this.why.hide();
    this.why.show({ participant: tile.participant, share: tile.share });
    this.mark();
  }

  private isExplained({ participant, share }: Tile): boolean {
    const { shown } = this.why;
    return shown?.participant === participant && shown.share === share;
  }

  private mark(): void {
    for (const tile of [...this.tiles.values(), ...this.screens.values()]) {
      tile.explained = this.isExplained(tile);
      if (this.isExplained(tile)) this.placePanel(tile);
    }
  }

  /** Into a corner of its tile, but never over the edge of the stage. */
  private placePanel({ rectangle: { x, y } }: Tile): void {
    const { style, offsetWidth, offsetHeight } = this.why.element;
    const margin = 12;
    style.left = `${Math.max(0, Math.min(x + margin, this.element.clientWidth - offsetWidth - margin))}px`;
    style.top = `${Math.max(0, Math.min(y + margin, this.element.clientHeight - offsetHeight - margin))}px`;
  }

  /** What is pinned is large, else every screen, else, if that is wanted, whoever has the floor. */
  private large(): Tile[] {
    if (this.pinned.size > 0) return [...this.pinned];
    if (this.screens.size > 0) return [...this.screens.values()];
    if (this.shown === "grid") return [];
    const [own, ...others] = [...this.tiles.values()];
    const speaker = this.floor.holder && this.tiles.get(this.floor.holder);
    const tile = speaker ?? others[0] ?? own;
    return tile ? [tile] : [];
  }

  /** The others in the order of their seats; we ourselves are the last on the first page. */
  private rest(large: Tile[], front: number): Tile[] {
    const byIdentity = new Map([...this.tiles.values()].map((tile) => [tile.participant.identity, tile]));
    const others = this.seating.order.flatMap((identity) => byIdentity.get(identity) ?? []);
    const own = this.tiles.get(this.room.localParticipant);
    const all = [...this.screens.values(), ...others].filter((tile) => !large.includes(tile));
    if (own && !large.includes(own)) all.splice(Math.min(front - 1, all.length), 0, own);
    return all;
  }

  private arrange(): void {
    const { clientWidth: width, clientHeight: height } = this.element;
    if (width === 0 || height === 0) return;
    const large = this.large();
    // A single screen needs no more than its own shape; several share what there is.
    const wide = large.length === 1 && large[0]?.screen === true;
    const fits = (each: Stage): number => (large.length > 0 ? stripCapacity(each, wide) : capacity(each));
    const whole = { width, height, gap: width < phoneWidth ? 8 : 12 };
    const onePage = this.tiles.size + this.screens.size - large.length <= fits(whole);
    const stage = onePage ? whole : { ...whole, height: Math.max(1, height - pagerHeight) };
    this.front = fits(stage);
    const rest = this.pages.page(this.rest(large, this.front), this.front);
    if (this.isDuo(stage))
      this.place(rest.length > 1 ? rest : [...large, ...rest], duo(stage), this.tiles.get(this.room.localParticipant));
    else if (large.length > 0) this.place([...large, ...rest], spotlight(stage, large.length, rest.length, wide));
    else this.place(rest, grid(stage, rest.length));
    this.changed();
  }

  /** Two people on a phone, and nothing else to be seen. */
  private isDuo({ width, height }: Stage): boolean {
    return (
      this.tiles.size === 2 && this.screens.size === 0 && this.pinned.size === 0 && width < phoneWidth && height > width
    );
  }

  private place(tiles: Tile[], rectangles: Rectangle[], floating?: Tile): void {
    const placed = new Set(tiles);
    for (const tile of [...this.tiles.values(), ...this.screens.values()]) {
      tile.pinned = this.pinned.has(tile);
      if (!placed.has(tile)) tile.hide();
    }
    tiles.forEach((tile, index) => {
      const rectangle = rectangles[index];
      if (rectangle) tile.place(rectangle, tile === floating);
    });
    this.mark();
  }
}
