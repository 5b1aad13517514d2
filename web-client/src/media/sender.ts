// How a publication begins to be sent on a connection: over the server, or past it to one browser.

import type { Browser } from "../browser.js";
import type { LocalTrackPublication } from "../track-publication.js";
import { degradation, preferCodec, videoEncodings } from "./encoding.js";
import type { VideoWishes } from "./encoding.js";

/** A section of its own for the publication. `simulcast` false: one size, whatever the publication asks for. */
export function addSender(
  browser: Browser,
  peer: RTCPeerConnection,
  { kind, source, track, options }: LocalTrackPublication,
  simulcast = options.simulcast ?? false,
): RTCRtpTransceiver {
  if (kind === "audio") return peer.addTransceiver(track ?? kind, { direction: "sendonly" });
  const wishes: VideoWishes = { ...options, source, simulcast };
  const transceiver = peer.addTransceiver(track ?? kind, { direction: "sendonly", sendEncodings: videoEncodings(wishes) });
  const codecs = options.codec ? browser.sendCapabilities("video")?.codecs : undefined;
  const preferred = codecs && options.codec ? preferCodec(codecs, options.codec) : undefined;
  if (preferred) transceiver.setCodecPreferences(preferred);
  const preference = degradation(wishes);
  if (preference) prefer(transceiver.sender, preference);
  return transceiver;
}

function prefer(sender: RTCRtpSender, degradationPreference: RTCDegradationPreference): void {
  // Firefox takes it without doing anything; a browser that refuses does as it thinks.
  sender.setParameters({ ...sender.getParameters(), degradationPreference }).catch(() => undefined);
}
