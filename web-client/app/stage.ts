// The stage: keeps one tile for each participant and each shared screen, and moves them to their places.

import type { Participant, Room } from "../src/index.js";
import { batched, h } from "./dom.js";
import { duo, grid, phoneWidth, spotlight } from "./layout.js";
import type { Rectangle } from "./layout.js";
import type { Speakers } from "./speakers.js";
import { Tile } from "./tile.js";

export class StageView {
  readonly element = h("section", { class: "stage", "aria-label": "Participants" });
  private readonly tiles = new Map<Participant, Tile>();
  private readonly screens = new Map<Participant, Tile>();
  private readonly observer = new ResizeObserver(() => this.arrange());
  private readonly endings: (() => void)[];

  constructor(
    private readonly room: Room,
    private readonly speakers: Speakers,
  ) {
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

  close(): void {
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
      tile.close();
      tiles.delete(participant);
    }
    for (const participant of wanted) {
      if (tiles.has(participant)) continue;
      const tile = new Tile(participant, this.speakers, screen);
      tiles.set(participant, tile);
      this.element.append(tile.element);
    }
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
  }
}
