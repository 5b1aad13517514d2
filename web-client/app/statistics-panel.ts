// How the call is doing, in figures: four plots of the last minute, and each stream with its size, its layer, and why it is not better.

import { LocalTrackPublication, RemoteTrackPublication } from "../src/index.js";
import type { Participant, Path, Room, TrackPublication } from "../src/index.js";
import { h, setText } from "./dom.js";
import type { Panel } from "./drawer.js";
import { texts } from "./language.js";
import { Plot } from "./plot.js";
import { Reception, roundTrip } from "./reception.js";
import type { Flow } from "./reception.js";
import { secrecyText } from "./secrecy.js";
import { explainReceived, explainSent, facts, rateText } from "./why.js";

const interval = 1_000;

interface Stream {
  participant: Participant;
  publication: TrackPublication;
  flows: Flow[];
  roundTrip: number | undefined;
}

export class StatisticsPanel implements Panel {
  readonly element: HTMLElement;
  private readonly received = new Plot(texts.statistics.received, 100_000, rateText, "plot-received");
  private readonly sent = new Plot(texts.statistics.sent, 100_000, rateText, "plot-sent");
  private readonly loss = new Plot(texts.statistics.loss, 5, (percent) => `${percent.toFixed(1)} %`, "plot-loss");
  private readonly roundTrip = new Plot(
    texts.statistics.roundTrip,
    50,
    (time) => `${Math.round(time)} ms`,
    "plot-round-trip",
  );
  private readonly streams = h("ul", { class: "streams", "data-testid": "streams" });
  private readonly path = h("p", { class: "path", "data-testid": "path" });
  private receptions = new WeakMap<TrackPublication, Reception>();
  private timer = 0;
  private shown = false;

  constructor(private readonly room: Room) {
    const plots = [this.received, this.sent, this.loss, this.roundTrip].map(({ element }) => element);
    this.element = h(
      "div",
      { class: "statistics", tabindex: 0, role: "region", "aria-label": texts.drawer.statistics },
      h("div", { class: "plots" }, ...plots),
      this.path,
      h("h3", {}, texts.statistics.streams),
      this.streams,
    );
  }

  show(shown: boolean): void {
    this.shown = shown;
    window.clearTimeout(this.timer);
    if (shown) void this.measure();
  }

  close(): void {
    this.show(false);
  }

  private async measure(): Promise<void> {
    if (this.room.state === "disconnected") return;
    const { localParticipant, participants } = this.room;
    const publications = [localParticipant, ...participants].flatMap((participant) =>
      participant.publications.map((publication) => ({ participant, publication })),
    );
    const streams = await Promise.all(publications.map((each) => this.read(each.participant, each.publication)));
    const path = await this.room.describePath().catch(() => undefined);
    if (!this.shown) return;
    setText(this.path, path ? pathText(path) : "");
    this.plot(streams, path?.roundTrip);
    this.list(streams);
    // One that was under way when the panel was closed and opened again goes on as this one.
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.measure(), interval);
  }

  private async read(participant: Participant, publication: TrackPublication): Promise<Stream> {
    const report = await this.room.getStats(publication).catch(() => undefined);
    const reception = this.receptions.get(publication) ?? new Reception();
    this.receptions.set(publication, reception);
    return { participant, publication, flows: report ? reception.read(report) : [], roundTrip: report && roundTrip(report) };
  }

  private plot(streams: Stream[], measured: number | undefined): void {
    const flows = streams.flatMap((stream) => stream.flows);
    const rate = (direction: Flow["direction"]): number =>
      flows.filter((flow) => flow.direction === direction).reduce((sum, { bitrate }) => sum + bitrate, 0);
    this.received.add(rate("received"));
    this.sent.add(rate("sent"));
    const incoming = flows.filter(({ direction }) => direction === "received");
    const [came, lost] = [sum(incoming, "packets"), sum(incoming, "lost")];
    this.loss.add(came + lost > 0 ? (100 * lost) / (came + lost) : undefined);
    const times = streams.flatMap((stream) => stream.roundTrip ?? []);
    this.roundTrip.add(measured ?? (times.length > 0 ? 1000 * Math.max(...times) : undefined));
  }

  private list(streams: Stream[]): void {
    const pictures = streams.filter(({ publication }) => publication.kind === "video" && !publication.muted);
    this.streams.replaceChildren(...pictures.map((stream) => streamRow(stream, this.room)));
  }
}

/** "Path: over the server · host → host · UDP" */
function pathText({ path, local, remote, protocol }: Path): string {
  const { statistics } = texts;
  const ends = local !== undefined && remote !== undefined && `${local} → ${remote}`;
  return [`${statistics.path}: ${statistics[path]}`, ends, protocol?.toUpperCase()].filter(Boolean).join(" · ");
}

function sum(flows: Flow[], count: "packets" | "lost"): number {
  return flows.reduce((total, flow) => total + flow[count], 0);
}

function streamRow({ participant, publication, flows }: Stream, { path, encryption }: Room): HTMLElement {
  const { name, local } = participant;
  const who = local ? texts.common.you(name) : name;
  const title = publication.source === "screen" ? texts.statistics.screenOf(who) : who;
  const why =
    publication instanceof RemoteTrackPublication
      ? explainReceived(name, publication, path, secrecyText(participant, encryption !== undefined))
      : publication instanceof LocalTrackPublication
        ? explainSent(publication, flows, path)
        : "";
  const lines = facts(publication, flows, path).map(({ label, value }) => h("div", {}, h("dt", {}, label), h("dd", {}, value)));
  return h("li", {}, h("strong", {}, title), h("p", {}, why), h("dl", {}, ...lines));
}
