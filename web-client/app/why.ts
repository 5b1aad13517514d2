// Why a picture looks as it does, in words and figures for a person: pure functions.

import type { MediaPath, Picture, Quality, TrackPublication, WantedEncodings } from "../src/index.js";
import { LocalTrackPublication, RemoteTrackPublication } from "../src/index.js";
import { sentence, texts } from "./language.js";
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
  if (picture.paused) return texts.why.nothing;
  return join(sizeText(picture), picture.bitrate > 0 && rateText(picture.bitrate)) || texts.why.same;
}

/** "640 × 360 · 25 fps · 480 kbit/s" */
export function flowText(flow: Flow): string {
  const frames = flow.framesPerSecond > 0 && `${flow.framesPerSecond} fps`;
  return join(sizeText(flow), frames, flow.bitrate > 0 && rateText(flow.bitrate));
}

/** "size 2 · rate 3": counted from 1, as people do. */
export function layerText({ encoding, spatial, temporal, paused }: Picture): string {
  return paused ? texts.why.noLayer : texts.why.layer(encoding + spatial + 1, temporal + 1);
}

const connectionCarries = (estimate: number): string =>
  estimate > 0 ? texts.why.carries(capacityText(estimate)) : texts.why.carriesTooLittle;

/** Why it is not better, in a sentence. */
function limitText(name: string, { limit, estimate, current }: Quality): string {
  const { why } = texts;
  switch (limit) {
    case "none":
      return why.everything(name);
    case "bandwidth":
      return `${connectionCarries(estimate)}.`;
    case "viewport":
      return current.paused ? why.hidden : why.small;
    case "publisher":
      return why.publisher(name);
    case "cpu":
      return why.busy(name);
    case "policy":
      return why.policy;
  }
}

/**
 * On the direct way there is no server that would choose: what it says of the track is about the way back. `secrecy`: why it cannot be
 * decrypted, if so; how much of it comes means nothing then.
 */
export function explainReceived(
  name: string,
  publication: RemoteTrackPublication,
  path: MediaPath = "server",
  secrecy = "",
): string {
  const { refusal, paused, muted, quality } = publication;
  if (refusal) return sentence(refusal);
  if (muted) return texts.why.turnedOff(name);
  if (secrecy) return secrecy;
  if (path === "direct") return texts.why.direct(name);
  if (paused) return pauseText(publication) || paused.message;
  if (quality) return limitText(name, quality);
  return publication.track ? texts.why.sends(name) : texts.why.nothingCame;
}

/** What a paused video's tile says; empty where nobody looks at it. */
export function pauseText({ paused, quality }: RemoteTrackPublication): string {
  if (!paused || paused.reason === "viewport") return "";
  if (paused.reason === "policy") return texts.why.pausedPolicy;
  return texts.why.pausedBandwidth(connectionCarries(quality?.estimate ?? 0));
}

export function explainSent(publication: LocalTrackPublication, flows: readonly Flow[], path: MediaPath = "server"): string {
  const { why } = texts;
  if (publication.muted) return why.youTurnedOff;
  if (path === "direct") return why.sentDirect;
  const { wantedEncodings: wanted } = publication;
  if (wanted && !wanted.any) return why.nobodyWatches;
  if (flows.some(({ limited }) => limited === "cpu")) return why.tooBusy;
  if (flows.some(({ limited }) => limited === "bandwidth")) return why.noMore;
  if (wanted && isReduced(wanted, flows)) return why.notWatched;
  return why.all;
}

function isReduced({ rids }: WantedEncodings, flows: readonly Flow[]): boolean {
  return rids.length > 0 && rids.length < flows.length;
}

/** A line of the panel. */
export interface Fact {
  label: string;
  value: string;
}

export function facts(publication: TrackPublication, flows: readonly Flow[], path: MediaPath = "server"): Fact[] {
  if (path === "direct") return directFacts(publication, flows);
  const lines =
    publication instanceof LocalTrackPublication
      ? sentFacts(publication, flows)
      : publication instanceof RemoteTrackPublication
        ? receivedFacts(publication, flows)
        : [];
  return lines.filter(({ value }) => value !== "");
}

function directFacts({ local, codec }: TrackPublication, [flow]: readonly Flow[]): Fact[] {
  const { why } = texts;
  // What we send directly is not among what the connection to the server counts.
  if (local || !flow) return [];
  return [
    { label: why.received, value: flowText(flow) },
    { label: why.codec, value: flow.codec || codec },
  ];
}

function receivedFacts({ quality, codec, paused }: RemoteTrackPublication, flows: readonly Flow[]): Fact[] {
  const [flow] = flows;
  const { why } = texts;
  const stopped = paused !== undefined || quality?.current.paused === true;
  return [
    { label: why.received, value: stopped ? why.nothing : flow ? flowText(flow) : "" },
    { label: why.layers, value: quality && !stopped ? join(layerText(quality.current), flow?.codec || codec) : "" },
    { label: why.wanted, value: quality ? pictureText(quality.wanted) : "" },
    { label: why.connection, value: quality && quality.estimate > 0 ? why.about(capacityText(quality.estimate)) : "" },
  ];
}

function sentFacts({ wantedEncodings: wanted, codec }: LocalTrackPublication, flows: readonly Flow[]): Fact[] {
  const isOff = (rid: string): boolean =>
    wanted !== undefined && (!wanted.any || (rid !== "" && wanted.rids.length > 0 && !wanted.rids.includes(rid)));
  const { why } = texts;
  const names: Record<string, string> = why.sizes;
  const sent = flows.map((flow) => ({
    label: names[flow.rid] ?? why.sent,
    value: isOff(flow.rid) ? why.off : flowText(flow) || why.notSent,
  }));
  return [...sent, { label: why.codec, value: flows[0]?.codec || codec }];
}
