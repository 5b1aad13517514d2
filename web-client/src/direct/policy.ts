// Whether two people's media goes directly from one to the other or over the server: a machine that is told facts with the
// time, and says what is to be done. It knows no timers and no connections; call.ts carries it out.
//
//    server ──two people, allowed──▶ building ──it flows──▶ direct
//      ▲                               │ fails                │ a third comes, forbidden, it fails, the other one goes back
//      └──── closed ◀── returning ◀────┴──────────────────────┘
//
// On the way back the direct connection stays until the server's media is there on both sides, or it takes too long.

import type { Milliseconds } from "../browser.js";

export type DirectPhase = "server" | "building" | "direct" | "returning";

/** Why it goes back. */
export type DirectEnd = "company" | "forbidden" | "failed" | "peer";

export interface DirectFacts {
  /** The only other one in the room; undefined: there is nobody, or more than one. */
  peer: string | undefined;
  /** The room lets people connect directly. */
  allowed: boolean;
  /** The other one has begun to connect. */
  invited: boolean;
  /** RTP packets that have come directly until now. */
  packets: number;
  /** Of what the other one sends, something ought to come all the time: a camera or a microphone that is on. */
  expected: boolean;
  /** All that comes directly can be shown. */
  flowing: boolean;
  /** Nothing is shown from the direct connection any more. */
  returned: boolean;
  /** The connection has given up. */
  failed: boolean;
  /** The other one goes back to the server, and has done so. */
  peerReturning: boolean;
  peerReturned: boolean;
}

export type DirectAction =
  | { type: "build"; peer: string }
  /** Show what comes directly. */
  | { type: "show" }
  /** Show what comes over the server, each track as soon as it is there. */
  | { type: "return"; reason: DirectEnd }
  | { type: "close" };

/** Nothing of a flow for so long: the path is broken. Opus in silence sends each 400 ms. */
const longestSilence: Milliseconds = 1_000;
/** A page that stood still learns nothing about the network meanwhile. */
const longestTick: Milliseconds = 400;
/** Gathering, checks, DTLS and the first key frame; with a relay over TCP it takes some seconds. */
const buildTime: Milliseconds = 12_000;
/** The server's picture is there after a key frame; without it the direct one is kept no longer than this. */
const returnTime: Milliseconds = 5_000;
/** Who comes into an empty room may be the first of several. */
const settleTime: Milliseconds = 500;
const firstPause: Milliseconds = 5_000;
const longestPause: Milliseconds = 60_000;
/** After so long it was a good connection, and what broke it was something new. */
const provenTime: Milliseconds = 30_000;

export class DirectPolicy {
  private current: DirectPhase = "server";
  private since: Milliseconds = 0;
  /** Not before this. */
  private next: Milliseconds = 0;
  private peer: string | undefined;
  /** To whom the connection was built. */
  private partner: string | undefined;
  private failures = 0;
  private silence: Milliseconds = 0;
  private packets = 0;
  private ticked: Milliseconds = 0;

  get phase(): DirectPhase {
    return this.current;
  }

  /** The facts as they are now. At most one thing is to be done; it is told once. */
  advance(now: Milliseconds, facts: DirectFacts): DirectAction | undefined {
    this.listen(now, facts);
    const wanted = facts.peer !== undefined && facts.allowed;
    if (facts.peer !== this.peer) {
      this.peer = facts.peer;
      this.failures = 0;
      this.next = now + settleTime;
    }
    if (this.current === "server") return wanted && (facts.invited || now >= this.next) ? this.build(now, facts) : undefined;
    if (this.current === "returning") {
      const done = facts.returned && (facts.failed || facts.peerReturned);
      return done || now - this.since >= returnTime ? this.close(now) : undefined;
    }
    const reason = this.reasonToReturn(now, facts);
    if (reason) return this.goBack(now, reason);
    if (this.current === "building" && facts.flowing) {
      this.become(now, "direct");
      return { type: "show" };
    }
    return undefined;
  }

  private reasonToReturn(now: Milliseconds, facts: DirectFacts): DirectEnd | undefined {
    if (!facts.allowed) return "forbidden";
    if (facts.peer !== this.partner) return "company";
    if (facts.failed) return "failed";
    if (this.current === "building" && now - this.since >= buildTime) return "failed";
    if (this.current === "direct" && this.silence >= longestSilence) return "failed";
    return facts.peerReturning ? "peer" : undefined;
  }

  private build(now: Milliseconds, { peer, packets }: DirectFacts): DirectAction {
    this.become(now, "building");
    this.packets = packets;
    this.partner = peer;
    return { type: "build", peer: peer as string };
  }

  private goBack(now: Milliseconds, reason: DirectEnd): DirectAction {
    if (this.current === "direct" && now - this.since >= provenTime) this.failures = 0;
    if (reason === "failed" || reason === "peer") {
      this.next = now + Math.min(firstPause * 2 ** this.failures, longestPause);
      this.failures += 1;
    } else {
      this.next = now + settleTime;
    }
    this.become(now, "returning");
    return { type: "return", reason };
  }

  private close(now: Milliseconds): DirectAction {
    this.become(now, "server");
    return { type: "close" };
  }

  private listen(now: Milliseconds, { packets, expected }: DirectFacts): void {
    const passed = Math.min(now - this.ticked, longestTick);
    this.ticked = now;
    this.silence = packets !== this.packets || !expected ? 0 : this.silence + passed;
    this.packets = packets;
  }

  private become(now: Milliseconds, phase: DirectPhase): void {
    this.current = phase;
    this.since = now;
    this.silence = 0;
  }
}
