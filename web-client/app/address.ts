// What the address of the page says, and what of it a tab remembers.
//
//   /#invite=<jwt>[&room=tea]      an invitation: the page asks for a name and a room
//   /#invite=<jwt>&key=<secret>    the same, and the call is end-to-end encrypted; no browser sends the part after # to a server
//   /#token=<jwt>                  a personal token: taken out of the address bar, because whoever copies it becomes us
//   /?room=tea                     with the invitation that this tab has seen before
//
// Further parameters, also for tests: name, autojoin=1, codec=vp8|vp9|h264|av1, simulcast=0,
// svc=L3T3_KEY, video=0, audio=0, resolution=360, relay=1, direct=0, lang=en|ko.

import type { ScalabilityMode, VideoCodec } from "../src/index.js";

export interface Address {
  invite: string | undefined;
  token: string | undefined;
  /** The secret of an end-to-end encrypted call. */
  key: string | undefined;
  room: string | undefined;
  name: string | undefined;
  language: string | undefined;
  autojoin: boolean;
  codec: VideoCodec | undefined;
  simulcast: boolean;
  scalabilityMode: ScalabilityMode | undefined;
  video: boolean;
  audio: boolean;
  /** Height of the camera's picture. */
  resolution: number | undefined;
  /** Nothing but the server's relay is to be used. */
  relay: boolean;
  /** A call of two may go from browser to browser. */
  direct: boolean;
}

export interface Memory {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

const codecs: readonly string[] = ["vp8", "vp9", "h264", "av1"] satisfies VideoCodec[];
const modes: readonly string[] = ["L1T2", "L1T3", "L3T3", "L3T3_KEY"] satisfies ScalabilityMode[];

function remembered(memory: Memory, key: "invite" | "token" | "key", given: string | null): string | undefined {
  const place = `parley.${key}`;
  if (given) memory.setItem(place, given);
  return given ?? memory.getItem(place) ?? undefined;
}

/** How far the key of an encrypted call has been ratcheted, for the next load of this tab. */
export function rememberStep(memory: Memory, key: string, step: number): void {
  memory.setItem("parley.step", `${step} ${key}`);
}

/** 0 for a key that this tab has not used yet. */
export function rememberedStep(memory: Memory, key: string): number {
  const [, step = "0", used] = /^(\d+) (.*)$/s.exec(memory.getItem("parley.step") ?? "") ?? [];
  return used === key ? Number(step) : 0;
}

/**
 * Each viewer gets the size that suits screen and network, and what nobody watches is not sent. Layers inside of one stream do the
 * same in their way, and a camera smaller than 360 lines has no sizes to give.
 */
function sendsThreeSizes(asked: string | null, mode: string, resolution: number | undefined): boolean {
  if (asked !== null) return asked === "1";
  return mode === "" && (resolution === undefined || resolution >= 360);
}

export function readAddress(url: URL, memory: Memory): Address {
  const hash = new URLSearchParams(url.hash.slice(1));
  const query = url.searchParams;
  // What was cut off behind the "=" is none.
  const invite = hash.get("invite") || null;
  const token = hash.get("token") || null;
  // A new credential takes the place of whatever the tab remembers.
  if (invite) memory.removeItem("parley.token");
  if (token) memory.removeItem("parley.invite");
  if (invite || token) memory.removeItem("parley.key");
  const codec = query.get("codec")?.toLowerCase();
  const mode = query.get("svc") ?? "";
  const lines = Number(query.get("resolution"));
  const resolution = lines >= 90 && lines <= 2160 ? lines : undefined;
  return {
    invite: remembered(memory, "invite", invite),
    token: remembered(memory, "token", token),
    key: remembered(memory, "key", hash.get("key")),
    room: hash.get("room") ?? query.get("room") ?? undefined,
    name: query.get("name") ?? undefined,
    language: query.get("lang") ?? undefined,
    autojoin: query.get("autojoin") === "1",
    codec: codec !== undefined && codecs.includes(codec) ? (codec as VideoCodec) : undefined,
    simulcast: sendsThreeSizes(query.get("simulcast"), mode, resolution),
    scalabilityMode: modes.includes(mode) ? (mode as ScalabilityMode) : undefined,
    video: query.get("video") !== "0",
    audio: query.get("audio") !== "0",
    resolution,
    relay: query.get("relay") === "1",
    direct: query.get("direct") !== "0",
  };
}

/** The address bar once we are in a room: it can be reloaded and, with an invitation, be passed on. */
export function addressInRoom(url: URL, { invite, key }: Pick<Address, "invite" | "key">, room: string): string {
  const query = new URLSearchParams(url.searchParams);
  query.delete("room");
  const hash = invite ? `#${inviteHash(invite, room, key)}` : "";
  if (!invite) query.set("room", room);
  const search = query.toString();
  return `${url.pathname}${search && `?${search}`}${hash}`;
}

export function inviteLink(
  origin: string,
  { invite, key }: Pick<Address, "invite" | "key">,
  room: string,
): string | undefined {
  return invite && `${origin}/#${inviteHash(invite, room, key)}`;
}

function inviteHash(invite: string, room: string, key: string | undefined): string {
  return new URLSearchParams({ invite, room, ...(key !== undefined && { key }) }).toString();
}

export interface Claims {
  room: string | undefined;
  name: string | undefined;
  identity: string | undefined;
}

/** What a token says about itself, unverified: only to be shown. */
export function readClaims(token: string): Claims {
  try {
    const [, payload = ""] = token.split(".");
    const bytes = Uint8Array.from(atob(payload.replaceAll("-", "+").replaceAll("_", "/")), (character) =>
      character.charCodeAt(0),
    );
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as {
      name?: unknown;
      sub?: unknown;
      video?: { room?: unknown };
    };
    return { room: text(claims.video?.room), name: text(claims.name), identity: text(claims.sub) };
  } catch {
    return { room: undefined, name: undefined, identity: undefined };
  }
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
