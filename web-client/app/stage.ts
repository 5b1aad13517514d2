// The stage: keeps one tile for each participant and each shared screen, and moves them to their places.

import type { Participant, Room } from "../src/index.js";
import { batched, h } from "./dom.js";
import { duo, grid, phoneWidth, spotlight } from "./layout.js";
import type { Rectangle } from "./layout.js";
import type { Speakers } from "./speakers.js";
import { Tile } from "./tile.js";
import { WhyPanel } from "./why-panel.js";

export class StageView {
  readonly element = h("section", { class: "stage", "aria-label": "Participants" });
  private readonly tiles = new Map<Participant, Tile>();
  private readonly screens = new Map<Participant, Tile>();
  private readonly observer = new ResizeObserver(() => this.arrange());
  private readonly why: WhyPanel;
  private readonly endings: (() => void)[];

  constructor(
    private readonly room: Room,
    private readonly speakers: Speakers,
  ) {
    this.why = new WhyPanel(room, () => this.mark());
    const update = batched(() => this.update());
    this.endings = [
      room.on("participantJoined", update),
      room.on("participantLeft", update),
      room.on("trackPublished", update),
      room.on("trackUnpublished", update),
      room.localParticipant.on("trackPublished", update),
      room.localParticipant.on("trackUnpublished", update),
    ];
    this.observer.observe(this.element);
    this.update();
  }

  /** The card that explains a picture; it lies over the stage. */
  get panel(): HTMLElement {
    return this.why.element;
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
    const everybody: Participant[] = [this.room.localParticipant, ...this.room.participants];
    this.keep(this.tiles, everybody, false);
    this.keep(
      this.screens,
      everybody.filter((participant) => participant.publication("screen")),
      true,
    );
    this.arrange();
  }

  private keep(tiles: Map<Participant, Tile>, wanted: Participant[], screen: boolean): void {
    for (const [participant, tile] of tiles) {
      if (wanted.includes(participant)) continue;
      if (this.isExplained(tile)) this.why.hide();
      tile.close();
      tiles.delete(participant);
    }
    for (const participant of wanted) {
      if (tiles.has(participant)) continue;
      const tile = new Tile(participant, this.speakers, screen, (clicked) => this.explain(clicked));
      tiles.set(participant, tile);
      this.element.append(tile.element);
    }
  }

  private explain(tile: Tile): void {
    if (this.isExplained(tile)) return this.why.hide();
    this.why.show({ participant: tile.participant, screen: tile.screen });
    this.mark();
  }

  private isExplained({ participant, screen }: Tile): boolean {
    const { shown } = this.why;
    return shown?.participant === participant && shown.screen === screen;
  }

  private mark(): void {
    for (const tile of [...this.tiles.values(), ...this.screens.values()]) {
      tile.explained = this.isExplained(tile);
      if (this.isExplained(tile)) this.placePanel(tile);
    }
  }

  /** Into a corner of its tile, but never over the edge of the stage. */
  private placePanel({ rectangle: { x, y } }: Tile): void {
    const { style, offsetWidth, offsetHeight } = this.panel;
    const margin = 12;
    style.left = `${Math.max(0, Math.min(x + margin, this.element.clientWidth - offsetWidth - margin))}px`;
    style.top = `${Math.max(0, Math.min(y + margin, this.element.clientHeight - offsetHeight - margin))}px`;
  }

  private arrange(): void {
    const { clientWidth: width, clientHeight: height } = this.element;
    if (width === 0 || height === 0) return;
    const stage = { width, height, gap: width < phoneWidth ? 8 : 12 };
    const [own, ...others] = [...this.tiles.values()];
    const screens = [...this.screens.values()];
    if (!own) return;
    const [first] = others;
    if (screens.length > 0) this.place([...screens, ...others, own], spotlight(stage, screens.length + others.length + 1));
    else if (others.length === 1 && first && width < phoneWidth) this.place([first, own], duo(stage), own);
    else this.place([...others, own], grid(stage, others.length + 1));
  }

  private place(tiles: Tile[], rectangles: Rectangle[], floating?: Tile): void {
    tiles.forEach((tile, index) => {
      const rectangle = rectangles[index];
      if (rectangle) tile.place(rectangle, tile === floating);
    });
    this.mark();
  }
}
