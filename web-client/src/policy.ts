// When to try again, and what: pure functions, so that the whole behaviour after a failure can be read, tested and
// replaced here. They know no clock and no socket.

import type { Milliseconds } from "./browser.js";

/** How often and how long a lost server is looked for. */
export interface RetryPolicy {
  /**
   * The pause before attempt number `attempt` (0 is the first), or undefined to give up.
   * `elapsed` is how long it has been broken; `random` in [0, 1) spreads the clients of a restarted server.
   */
  retry(attempt: number, elapsed: Milliseconds, random: number): Milliseconds | undefined;
  /** What to do about a peer connection that is not connected, for the `attempt`-th time in a row. */
  repair(condition: Condition, attempt: number): Repair;
}

/** A peer connection that has been told to connect, has lost its way, or has given up. */
export type Condition = "connecting" | "disconnected" | "failed";

/** What is done about a peer connection that is not connected, and when. */
export interface Repair {
  /** `restart`: new ICE credentials on the same connection. `replace`: a new connection in its place. */
  action: "restart" | "replace";
  after: Milliseconds;
}

const firstPause = 250;
const longestPause = 4_000;
/** A server that was away this long has been replaced or is gone; the page then offers a button. */
const patience = 120_000;

/** A blip needs no repair: Chromium and Firefox often come back from `disconnected` by themselves within a second. */
const blip = 1_000;
/** ICE and DTLS over a slow mobile link take about 3 s; DTLS retransmits after 1, 2 and 4 s when a flight is lost. */
const connectTime = 8_000;
/** A restart needs one round of checks and no DTLS. */
const restartTime = 4_000;

/** The standard: at once, then after pauses that grow to some seconds, for two minutes. */
export function retry(attempt: number, elapsed: Milliseconds, random: number): Milliseconds | undefined {
  if (elapsed > patience) return undefined;
  if (attempt === 0) return Math.round(random * 100);
  const pause = Math.min(firstPause * 2 ** (attempt - 1), longestPause);
  return Math.round(pause * (0.75 + random / 2));
}

/** The standard: a blip may pass by itself, then an ICE restart, then new connections, with growing pauses in between. */
export function repair(condition: Condition, attempt: number): Repair {
  const again = attempt === 0 ? 0 : Math.min(1_000 * 2 ** (attempt - 1), 10_000);
  if (condition === "failed") return { action: "replace", after: again };
  if (condition === "disconnected" && attempt === 0) return { action: "restart", after: blip };
  if (condition === "disconnected") return { action: "replace", after: Math.max(again, restartTime) };
  return { action: "replace", after: Math.max(again, attempt === 1 ? restartTime : connectTime) };
}

/** What a room uses unless `RoomOptions.policy` says otherwise. */
export const standardPolicy: RetryPolicy = { retry, repair };
