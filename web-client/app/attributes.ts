// What people tell about themselves beside sound and picture, as attributes, which everybody gets, with or without data channels:
// a raised hand, reactions, and that they encrypt. Others may write anything into theirs, so what is read here is checked.

import type { LocalParticipant, Participant } from "../src/index.js";

/** Said by whoever encrypts: without the key, what they send is noise, and nothing else tells so. */
export const encrypting = { encryption: "on" };

export function encrypts({ attributes }: Participant): boolean {
  return attributes["encryption"] === encrypting.encryption;
}

export const reactions = ["👍", "👏", "❤️", "😂", "😮", "🎉"] as const;
export type Reaction = (typeof reactions)[number];

/** Since when a hand is up, in milliseconds since 1970; undefined when it is down. */
export function handSince({ attributes }: Participant): number | undefined {
  const since = Number(attributes["hand"] ?? NaN);
  return Number.isFinite(since) && since > 0 ? since : undefined;
}

export function raiseHand(local: LocalParticipant, up: boolean): Promise<void> {
  const { hand: _, ...others } = local.attributes;
  return local.setInfo({ attributes: up ? { ...others, hand: String(Date.now()) } : others });
}

/** Each reaction is one value, different from the one before, so that the same one twice is seen twice. */
export function react(local: LocalParticipant, reaction: Reaction): Promise<void> {
  return local.setInfo({ attributes: { ...local.attributes, reaction: `${reaction} ${Date.now()}` } });
}

function parse(value: string | undefined): Reaction | undefined {
  const [symbol] = (value ?? "").split(" ");
  return reactions.find((reaction) => reaction === symbol);
}

/** Tells what is new: a reaction from before we came, or one that has been told already, is not. */
export class ReactionWatch {
  private readonly seen = new Map<Participant, string | undefined>();

  /** Somebody is there, with whatever they showed before. */
  meet(participant: Participant): void {
    this.seen.set(participant, participant.attributes["reaction"]);
  }

  forget(participant: Participant): void {
    this.seen.delete(participant);
  }

  look(participant: Participant): Reaction | undefined {
    const value = participant.attributes["reaction"];
    if (!this.seen.has(participant) || value === this.seen.get(participant)) return undefined;
    this.seen.set(participant, value);
    return parse(value);
  }
}
