import { describe, expect, it } from "vitest";
import { repair, retry } from "../src/policy.js";

describe("looking for a lost server", () => {
  it("begins at once", () => {
    expect(retry(0, 0, 0)).toBe(0);
    expect(retry(0, 0, 0.99)).toBeLessThan(100);
  });

  it("waits longer after each attempt, but never more than five seconds", () => {
    const pauses = [1, 2, 3, 4, 5, 6, 20].map((attempt) => retry(attempt, 0, 0.5) ?? Infinity);
    expect(pauses).toEqual([250, 500, 1000, 2000, 4000, 4000, 4000]);
    expect(retry(20, 0, 0.999)).toBeLessThanOrEqual(5_000);
  });

  it("spreads the clients of a server that has started again", () => {
    expect(retry(5, 0, 0)).toBe(3_000);
    expect(retry(5, 0, 0.999)).toBe(4_998);
  });

  it("gives up after two minutes", () => {
    expect(retry(30, 119_000, 0.5)).toBeDefined();
    expect(retry(31, 120_001, 0.5)).toBeUndefined();
  });
});

describe("repairing a peer connection", () => {
  it("gives a disconnected one a second, then restarts ICE", () => {
    expect(repair("disconnected", 0)).toEqual({ action: "restart", after: 1_000 });
  });

  it("replaces it when the restart has not helped, before Chromium gives up", () => {
    const { action, after } = repair("disconnected", 1);
    expect(action).toBe("replace");
    // Disconnected after 5.9 s, restart after 1 s more: the replacement comes before 15.9 s.
    expect(5_900 + 1_000 + after).toBeLessThan(15_900);
  });

  it("replaces a failed one at once, and then ever more slowly", () => {
    expect([0, 1, 2, 3, 9].map((attempt) => repair("failed", attempt))).toEqual(
      [0, 1_000, 2_000, 4_000, 10_000].map((after) => ({ action: "replace", after })),
    );
  });

  it("gives a new one time to connect", () => {
    expect(repair("connecting", 0)).toEqual({ action: "replace", after: 8_000 });
  });
});
