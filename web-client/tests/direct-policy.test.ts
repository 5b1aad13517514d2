import { describe, expect, it } from "vitest";
import { DirectPolicy } from "../src/direct/policy.js";
import type { DirectAction, DirectFacts } from "../src/direct/policy.js";

const alone: DirectFacts = {
  peer: undefined,
  allowed: true,
  invited: false,
  packets: 0,
  expected: true,
  flowing: false,
  returned: true,
  failed: false,
  peerReturning: false,
  peerReturned: false,
};

/** A policy that is asked each 100 ms, with packets that come as long as they are said to. */
class Call {
  readonly policy = new DirectPolicy();
  facts: DirectFacts = { ...alone };
  now = 0;
  flows = false;

  /** What is to be done within the time, each with when. */
  pass(duration: number, changes: Partial<DirectFacts> = {}): [number, DirectAction][] {
    Object.assign(this.facts, changes);
    const actions: [number, DirectAction][] = [];
    for (const end = this.now + duration; this.now < end; ) {
      this.now += 100;
      if (this.flows) this.facts.packets += 5;
      const action = this.policy.advance(this.now, this.facts);
      if (action) actions.push([this.now, action]);
      if (action?.type === "build" || action?.type === "close") Object.assign(this.facts, { failed: false, invited: false });
    }
    return actions;
  }

  /** Connected directly with p2, since now. */
  static direct(): Call {
    const call = new Call();
    call.pass(1_000, { peer: "p2" });
    call.flows = true;
    expect(call.pass(200, { flowing: true, returned: false })[0]?.[1]).toEqual({ type: "show" });
    return call;
  }
}

const kinds = (actions: [number, DirectAction][]): string[] => actions.map(([, action]) => action.type);

describe("whether a call goes directly", () => {
  it("waits until there are two, and a moment longer, in case more come", () => {
    const call = new Call();
    expect(call.pass(5_000)).toEqual([]);
    const begin = call.now;
    const [built] = call.pass(1_000, { peer: "p2" });
    expect(built?.[1]).toEqual({ type: "build", peer: "p2" });
    expect((built?.[0] ?? 0) - begin).toBeGreaterThanOrEqual(500);
  });

  it("does not wait when the other one has begun", () => {
    const call = new Call();
    expect(kinds(call.pass(100, { peer: "p2", invited: true }))).toEqual(["build"]);
  });

  it("never builds where the room forbids it", () => {
    const call = new Call();
    expect(call.pass(60_000, { peer: "p2", allowed: false, invited: true })).toEqual([]);
  });

  it("shows the direct path only when all of it flows", () => {
    const call = new Call();
    call.pass(1_000, { peer: "p2" });
    expect(call.pass(3_000)).toEqual([]);
    expect(kinds(call.pass(100, { flowing: true }))).toEqual(["show"]);
    expect(call.policy.phase).toBe("direct");
  });

  it("goes back when a third comes, keeps the connection until both have, and is direct again when they leave", () => {
    const call = Call.direct();
    expect(call.pass(100, { peer: undefined })).toEqual([[call.now, { type: "return", reason: "company" }]]);
    expect(call.pass(1_000)).toEqual([]);
    expect(call.pass(1_000, { returned: true })).toEqual([]);
    expect(kinds(call.pass(100, { peerReturned: true }))).toEqual(["close"]);
    expect(call.policy.phase).toBe("server");
    call.flows = false;
    expect(call.pass(5_000)).toEqual([]);
    expect(kinds(call.pass(1_000, { peer: "p2", flowing: false, peerReturned: false }))).toEqual(["build"]);
  });

  it("goes back when it becomes forbidden", () => {
    const call = Call.direct();
    expect(call.pass(100, { allowed: false })[0]?.[1]).toEqual({ type: "return", reason: "forbidden" });
  });

  it("goes back with the other one", () => {
    const call = Call.direct();
    expect(call.pass(100, { peerReturning: true })[0]?.[1]).toEqual({ type: "return", reason: "peer" });
  });

  it("goes back when the other one is somebody else now", () => {
    const call = Call.direct();
    expect(call.pass(100, { peer: "p3" })[0]?.[1]).toEqual({ type: "return", reason: "company" });
  });

  it("closes after five seconds, even when the server's media does not come", () => {
    const call = Call.direct();
    call.pass(100, { peer: undefined });
    const begin = call.now;
    expect(call.pass(10_000)).toEqual([[begin + 5_000, { type: "close" }]]);
  });
});

describe("a direct path that breaks", () => {
  it("is noticed after a second without packets", () => {
    const call = Call.direct();
    call.flows = false;
    const begin = call.now;
    const [[at, action] = [0, undefined]] = call.pass(3_000);
    expect(action).toEqual({ type: "return", reason: "failed" });
    expect(at - begin).toBe(1_000);
  });

  it("is not suspected when nothing is expected, or while the page stood still", () => {
    const call = Call.direct();
    call.flows = false;
    expect(call.pass(10_000, { expected: false })).toEqual([]);
    call.flows = true;
    call.pass(100, { expected: true });
    call.now += 5_000;
    expect(call.pass(100)).toEqual([]);
  });

  it("is tried again after longer and longer", () => {
    const call = new Call();
    const next = (): number => {
      while (call.now < 1_000_000) {
        const [built] = call.pass(100);
        if (built?.[1].type === "build") return call.now;
      }
      return Infinity;
    };
    call.pass(100, { peer: "p2" });
    next();
    const pauses = [0, 1, 2, 3, 4, 5].map(() => {
      const begin = call.now;
      call.facts.failed = true;
      return next() - begin;
    });
    expect(pauses.map((pause) => Math.round(pause / 1_000))).toEqual([5, 10, 20, 40, 60, 60]);
  });

  it("that never comes about is given up after twelve seconds", () => {
    const call = new Call();
    call.pass(600, { peer: "p2" });
    expect(kinds(call.pass(11_800))).toEqual([]);
    expect(call.pass(200)[0]?.[1]).toEqual({ type: "return", reason: "failed" });
  });
});
