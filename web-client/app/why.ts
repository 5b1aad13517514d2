// Why a picture looks as it does, in words and figures for a person: pure functions.

import type { Picture, Quality, TrackPublication, WantedEncodings } from "../src/index.js";
import { LocalTrackPublication, RemoteTrackPublication } from "../src/index.js";
import type { Flow } from "./reception.js";

/** "1.5 Mbit/s", "150 kbit/s" */
export function rateText(bitrate: number): string {
  return bitrate >= 999_500 ? `${(bitrate / 1_000_000).toFixed(1)} Mbit/s` : `${Math.round(bitrate / 1000)} kbit/s`;
}

/** An estimate is rough, and is told so: "0.9 Mbit/s". */
export function capacityText(estimate: number): string {
  return estimate >= 95_000 ? `${(estimate / 1_000_000).toFixed(1)} Mbit/s` : rateText(estimate);
}

export function sizeText({ width, height }: { width: number; height: number }): string {
  return width > 0 && height > 0 ? `${width} × ${height}` : "";
}

function join(...parts: (string | false | undefined)[]): string {
  return parts.filter((part) => part).join(" · ");
}

/** "640 × 360 · 500 kbit/s" */
export function pictureText(picture: Picture): string {
  if (picture.paused) return "nothing";
  return join(sizeText(picture), picture.bitrate > 0 && rateText(picture.bitrate)) || "the same";
}

/** "640 × 360 · 25 fps · 480 kbit/s" */
export function flowText(flow: Flow): string {
  const frames = flow.framesPerSecond > 0 && `${flow.framesPerSecond} fps`;
  return join(sizeText(flow), frames, flow.bitrate > 0 && rateText(flow.bitrate));
}

/** "size 2 · rate 3": counted from 1, as people do. */
export function layerText({ encoding, spatial, temporal, paused }: Picture): string {
  if (paused) return "none";
  return join(`size ${encoding + spatial + 1}`, `rate ${temporal + 1}`);
}

const connectionCarries = (estimate: number): string =>
  estimate > 0 ? `Your connection carries ${capacityText(estimate)} now` : "Your connection carries too little";

/** Why it is not better, in a sentence. */
function limitText(name: string, { limit, estimate, current }: Quality): string {
  switch (limit) {
    case "none":
      return `This is everything that ${name} sends.`;
    case "bandwidth":
      return `${connectionCarries(estimate)}.`;
    case "viewport":
      return current.paused ? "This tile is hidden." : "This tile is small: a larger picture would be lost in it.";
    case "publisher":
      return `${name}'s browser sends no larger picture.`;
    case "cpu":
      return `A computer, yours or ${name}'s, is too busy for more.`;
    case "policy":
      return "This room shows those who spoke last.";
  }
}

export function explainReceived(name: string, publication: RemoteTrackPublication): string {
  const { refusal, paused, muted, quality } = publication;
  if (refusal) return refusal.message;
  if (muted) return `${name} has turned it off.`;
  if (paused) return pauseText(publication) || paused.message;
  if (quality) return limitText(name, quality);
  return publication.track ? `This is what ${name} sends.` : "Nothing has come so far.";
}

/** What a paused video's tile says; empty where nobody looks at it. */
export function pauseText({ paused, quality }: RemoteTrackPublication): string {
  if (!paused || paused.reason === "viewport") return "";
  if (paused.reason === "policy") return "Paused. This room shows those who spoke last.";
  return `Paused. ${connectionCarries(quality?.estimate ?? 0)}, and this picture does not fit.`;
}

export function explainSent(publication: LocalTrackPublication, flows: readonly Flow[]): string {
  if (publication.muted) return "You have turned it off.";
  const { wantedEncodings: wanted } = publication;
  if (wanted && !wanted.any) return "Nobody watches it now, so nothing is sent.";
  if (flows.some(({ limited }) => limited === "cpu")) return "This computer is too busy to send more.";
  if (flows.some(({ limited }) => limited === "bandwidth")) return "Your connection takes no more than this.";
  if (wanted && isReduced(wanted, flows)) return "Sizes that nobody watches are not sent.";
  return "All of it is sent.";
}

function isReduced({ rids }: WantedEncodings, flows: readonly Flow[]): boolean {
  return rids.length > 0 && rids.length < flows.length;
}

/** A line of the panel. */
export interface Fact {
  label: string;
  value: string;
}

export function facts(publication: TrackPublication, flows: readonly Flow[]): Fact[] {
  const lines =
    publication instanceof LocalTrackPublication
      ? sentFacts(publication, flows)
      : publication instanceof RemoteTrackPublication
        ? receivedFacts(publication, flows)
        : [];
  return lines.filter(({ value }) => value !== "");
}

function receivedFacts({ quality, codec, paused }: RemoteTrackPublication, flows: readonly Flow[]): Fact[] {
  const [flow] = flows;
  const stopped = paused !== undefined || quality?.current.paused === true;
  return [
    { label: "Received", value: stopped ? "nothing" : flow ? flowText(flow) : "" },
    { label: "Layer", value: quality && !stopped ? join(layerText(quality.current), flow?.codec || codec) : "" },
    { label: "Wanted", value: quality ? pictureText(quality.wanted) : "" },
    { label: "Connection", value: quality && quality.estimate > 0 ? `about ${capacityText(quality.estimate)}` : "" },
  ];
}

const names: Record<string, string> = { q: "Small", h: "Medium", f: "Large" };

function sentFacts({ wantedEncodings: wanted, codec }: LocalTrackPublication, flows: readonly Flow[]): Fact[] {
  const isOff = (rid: string): boolean =>
    wanted !== undefined && (!wanted.any || (rid !== "" && wanted.rids.length > 0 && !wanted.rids.includes(rid)));
  const sent = flows.map((flow) => ({
    label: names[flow.rid] ?? "Sent",
    value: isOff(flow.rid) ? "off: nobody watches it" : flowText(flow) || "not sent",
  }));
  return [...sent, { label: "Codec", value: flows[0]?.codec || codec }];
}
