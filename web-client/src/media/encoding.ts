// What a sender is told about codecs, layers and rates: pure functions from wishes to WebRTC's own values.

import type { Source } from "../signaling/protocol.js";
import { isWanted } from "../viewing/quality.js";
import type { WantedEncodings } from "../viewing/quality.js";

/** What the server can forward. */
export type VideoCodec = "vp8" | "vp9" | "h264" | "av1";

/**
 * Layers inside of one stream: L, how many sizes, T, how many frame rates; KEY: the sizes need each other at key frames only.
 * The server takes each of them apart. Not S3T3, which is simulcast on one SSRC: nobody could receive it in part.
 */
export type ScalabilityMode = "L1T2" | "L1T3" | "L3T3" | "L3T3_KEY";

/** What is on a shared screen. `text`: every letter has to be sharp, new pictures may be few. `motion`: films and games. */
export type ScreenKind = "text" | "motion";

/** bit/s; 720p from a camera, and screens at 1080p. */
const cameraBitrate = 1_700_000;
const screenBitrates: Record<ScreenKind, number> = { text: 2_500_000, motion: 4_000_000 };
const screenFrameRates: Record<ScreenKind, number> = { text: 15, motion: 30 };

/** A quarter, a half and the full size. Rates of the two lower ones as libwebrtc spends them for 180p and 360p. */
const layers: RTCRtpEncodingParameters[] = [
  { rid: "q", scaleResolutionDownBy: 4, maxBitrate: 150_000 },
  { rid: "h", scaleResolutionDownBy: 2, maxBitrate: 500_000 },
  { rid: "f", scaleResolutionDownBy: 1, maxBitrate: cameraBitrate },
];

interface ScalableEncoding extends RTCRtpEncodingParameters {
  scalabilityMode?: string;
}

/** What decides how a video is sent. */
export interface VideoWishes {
  source: Source;
  simulcast?: boolean;
  codec?: VideoCodec;
  scalabilityMode?: ScalabilityMode;
  content?: ScreenKind;
  maxBitrate?: number;
}

/** The encodings of a video sender. */
export function videoEncodings(wishes: VideoWishes): RTCRtpEncodingParameters[] {
  const { source, simulcast, codec, scalabilityMode, content = "text", maxBitrate } = wishes;
  const single: ScalableEncoding = { maxBitrate: maxBitrate ?? cameraBitrate, ...(scalabilityMode && { scalabilityMode }) };
  if (source === "screen")
    return [{ ...single, maxBitrate: maxBitrate ?? screenBitrates[content], maxFramerate: screenFrameRates[content] }];
  if (!simulcast) return [single];
  // Without a mode of their own, Chromium turns three VP9 encodings into spatial layers of a single stream.
  const scalable = codec === "vp9" || codec === "av1";
  const encodings = layers.map((layer): ScalableEncoding => (scalable ? { ...layer, scalabilityMode: "L1T1" } : { ...layer }));
  const top = encodings.at(-1);
  if (top && maxBitrate !== undefined) top.maxBitrate = maxBitrate;
  return encodings;
}

/** What gives way when not everything fits; undefined: as the browser thinks. */
export function degradation({ source, content = "text" }: VideoWishes): RTCDegradationPreference | undefined {
  if (source !== "screen") return undefined;
  return content === "text" ? "maintain-resolution" : "maintain-framerate";
}

function rank(codec: RTCRtpCodec, wanted: VideoCodec): number {
  if (codec.mimeType.toLowerCase() !== `video/${wanted}`) return 2;
  const format = codec.sdpFmtpLine ?? "";
  // Profiles that every receiver has: VP9 profile 0, H.264 constrained baseline with packetization-mode 1.
  const common =
    wanted === "vp9"
      ? !/profile-id=[123]/.test(format)
      : wanted === "h264"
        ? /packetization-mode=1.*42e01f/.test(format)
        : true;
  return common ? 0 : 1;
}

/** All codecs, the wanted one first: the server takes the first that it can forward. Undefined when this browser cannot send it. */
export function preferCodec(codecs: RTCRtpCodec[], wanted: VideoCodec): RTCRtpCodec[] | undefined {
  if (!codecs.some((codec) => rank(codec, wanted) < 2)) return undefined;
  return [...codecs].sort((left, right) => rank(left, wanted) - rank(right, wanted));
}

/** Switches each encoding of a sender on or off, as it is wanted. A browser that is on its way out refuses, and that is all right. */
export async function switchEncodings(sender: RTCRtpSender, wanted: WantedEncodings | undefined): Promise<void> {
  const parameters = sender.getParameters();
  let changed = false;
  for (const encoding of parameters.encodings ?? []) {
    const active = isWanted(wanted, encoding.rid);
    changed ||= (encoding.active ?? true) !== active;
    encoding.active = active;
  }
  if (changed) await sender.setParameters(parameters);
}

/** "video/VP8" → "VP8" */
export function codecName(parameters: RTCRtpSendParameters): string {
  return parameters.codecs[0]?.mimeType.split("/")[1] ?? "";
}
