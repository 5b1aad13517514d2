import { describe, expect, it } from "vitest";
import { Floor } from "../app/floor.js";
import { Seating } from "../app/seating.js";

function seated(...ids: string[]): Seating {
  const seating = new Seating();
  seating.seat(ids);
  return seating;
}

describe("the seats", () => {
  it("are taken in the order of coming, and given up by leaving", () => {
    const seating = seated("a", "b", "c");
    seating.seat(["a", "c", "d"]);
    expect(seating.order).toEqual(["a", "c", "d"]);
  });

  it("do not change while those on the first page speak", () => {
    const seating = seated("a", "b", "c", "d");
    expect(seating.hear(["b"], 2)).toBe(false);
    expect(seating.order).toEqual(["a", "b", "c", "d"]);
  });

  it("change for a speaker from the back, with whoever has been silent for the longest time", () => {
    const seating = seated("a", "b", "c", "d");
    seating.hear(["b"], 2);
    expect(seating.hear(["d"], 2)).toBe(true);
    expect(seating.order).toEqual(["d", "b", "c", "a"]);
  });

  it("are never taken from somebody who speaks too", () => {
    const seating = seated("a", "b", "c");
    expect(seating.hear(["a", "b", "c"], 2)).toBe(false);
    expect(seating.order).toEqual(["a", "b", "c"]);
  });
});

describe("the floor", () => {
  it("belongs to the loudest until they stop and somebody else speaks", () => {
    const floor = new Floor<string>();
    expect(floor.hear(["a", "b"])).toBe(true);
    expect(floor.hear(["b", "a"])).toBe(false);
    expect(floor.hear([])).toBe(false);
    expect(floor.holder).toBe("a");
    expect(floor.hear(["b"])).toBe(true);
    expect(floor.holder).toBe("b");
  });

  it("is nobody's when its holder leaves", () => {
    const floor = new Floor<string>();
    floor.hear(["a"]);
    floor.forget("a");
    expect(floor.holder).toBeUndefined();
  });
});
