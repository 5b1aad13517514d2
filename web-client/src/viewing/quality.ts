// Who gets which picture, and why: what the server tells of it, and what a page may ask for. Types only, and two small rules.

/** What of a track is sent to us. Of sound only `bitrate` and `paused` mean something. */
export interface Picture {
  /** Which of the publisher's simulcast encodings: 0 is the smallest. */
  encoding: number;
  /** Scalable video (SVC): the highest spatial and temporal layer that is sent, from 0. */
  spatial: number;
  temporal: number;
  /** Pixels; 0 while it is not known. */
  width: number;
  height: number;
  /** bit/s */
  bitrate: number;
  paused: boolean;
}

/**
 * What decided that we get no more:
 * `none`: nothing, it is all that there is;
 * `bandwidth`: more does not fit through our connection;
 * `viewport`: it is shown small or not at all, or the page has set a maximum;
 * `publisher`: its publisher sends no more (its own network, its browser's choice, its camera);
 * `cpu`: a processor, its publisher's or ours, has no time for more;
 * `policy`: the room forwards only those who spoke last, or its loudest voices.
 */
export type Limit = "none" | "bandwidth" | "viewport" | "publisher" | "cpu" | "policy";

/** Why a track looks as it does. */
export interface Quality {
  /** What is sent to us now. */
  current: Picture;
  /** What would be, if only our view and the publisher limited it. */
  wanted: Picture;
  limit: Limit;
  /** bit/s that our whole connection carries, as the server estimates it; 0 while it is not known. */
  estimate: number;
}

/** The server sends nothing of a track for now. */
export interface Pause {
  reason: "bandwidth" | "viewport" | "policy";
  /** For a person. */
  message: string;
}

/** The best layers to be sent, each counted from 0. What is left out is not limited. */
export interface MaximumLayers {
  encoding?: number;
  spatial?: number;
  temporal?: number;
}

/** How a track is shown here. */
export interface View {
  track: string;
  visible: boolean;
  /** Device pixels; 0: not known, as large as there is. */
  width: number;
  height: number;
  priority: number;
  maximum?: MaximumLayers;
}

/** How much of an element can be seen. */
export interface Seen {
  visible: boolean;
  /** Device pixels. */
  width: number;
  height: number;
}

/** The encodings of a track of ours that somebody watches. */
export interface WantedEncodings {
  /** Without simulcast there are none. */
  rids: readonly string[];
  /** Somebody watches (or hears) it at all. */
  any: boolean;
}

/** Whether an encoding is to be sent. Nobody has said anything: it is. */
export function isWanted(wanted: WantedEncodings | undefined, rid: string | undefined): boolean {
  if (!wanted) return true;
  return wanted.any && (rid === undefined || wanted.rids.length === 0 || wanted.rids.includes(rid));
}

/** What several elements together show: as much as the largest of them that can be seen. */
export function largest(all: Iterable<Seen>): Seen {
  let best: Seen = { visible: false, width: 0, height: 0 };
  for (const seen of all) {
    if (!seen.visible) continue;
    const larger = seen.width * seen.height > best.width * best.height;
    if (!best.visible || larger) best = seen;
  }
  return best;
}
