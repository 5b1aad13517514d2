// Why somebody can be neither seen nor heard although everything of theirs comes: their key, or ours.

import type { Participant } from "../src/index.js";
import { encrypts } from "./attributes.js";
import { texts } from "./language.js";

/** They encrypt, and we have opened the link without its key: what comes is noise. */
export function isNoise(participant: Participant, hasKey: boolean): boolean {
  return !hasKey && encrypts(participant);
}

/** Empty where nothing is known to be wrong. `hasKey`: this page encrypts, too. */
export function secrecyText(participant: Participant, hasKey: boolean): string {
  const { stage } = texts;
  if (isNoise(participant, hasKey)) return stage.noKey;
  if (participant.encryption === "wrong_key") return stage.wrongKey;
  return participant.encryption === "not_encrypted" ? stage.notEncrypted : "";
}
