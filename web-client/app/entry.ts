// What somebody types to go in: who they are, and where to.

import { texts } from "./language.js";

export interface Entry {
  name: string;
  room: string;
  /** Wished for where the link has no key: then one is made, and goes with the link from here on. */
  encrypt?: boolean;
}

/** What has to be typed anew before the server can take it. */
export interface Correction {
  field: "name" | "room";
  sentence: string;
}

/** The server's limit for names of people and rooms, in UTF-8: a third as many Korean letters. */
const mostBytes = 128;

const isTooLong = (text: string): boolean => new TextEncoder().encode(text).length > mostBytes;

/**
 * What the server refuses in names, and nobody types: it comes along when a name is pasted. Control characters, ends of lines, and
 * marks that turn the direction of writing.
 */
const unseen = /[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu;

/** A name of a person or a room as it was typed or pasted, without what cannot be seen of it. */
export const plainName = (text: string): string => text.replace(unseen, "").trim();

export function correctionOf({ name, room }: Entry): Correction | undefined {
  const { prejoin } = texts;
  if (!name) return { field: "name", sentence: prejoin.nameMissing };
  if (isTooLong(name)) return { field: "name", sentence: prejoin.tooLong };
  if (!room) return { field: "room", sentence: prejoin.roomMissing };
  if (isTooLong(room)) return { field: "room", sentence: prejoin.tooLong };
  return undefined;
}
