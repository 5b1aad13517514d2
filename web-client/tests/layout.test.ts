import { describe, expect, it } from "vitest";
import { capacity, duo, grid, mostTiles, spotlight, stripCapacity } from "../app/layout.js";
import type { Rectangle, Stage } from "../app/layout.js";

const desk: Stage = { width: 1248, height: 676, gap: 12 };
const phone: Stage = { width: 374, height: 700, gap: 8 };

function overlap(left: Rectangle, right: Rectangle): boolean {
  const apart = 0.01;
  return (
    left.x + left.width > right.x + apart &&
    right.x + right.width > left.x + apart &&
    left.y + left.height > right.y + apart &&
    right.y + right.height > left.y + apart
  );
}

function fits(stage: Stage, rectangles: Rectangle[]): boolean {
  const inside = rectangles.every(
    ({ x, y, width, height }) =>
      width > 0 &&
      height > 0 &&
      x >= -0.01 &&
      y >= -0.01 &&
      x + width <= stage.width + 0.01 &&
      y + height <= stage.height + 0.01,
  );
  return inside && rectangles.every((left, index) => rectangles.slice(index + 1).every((right) => !overlap(left, right)));
}

describe("the grid", () => {
  it("keeps every tile on the stage and apart from the others, for 1 to 60 people", () => {
    for (const stage of [desk, phone]) {
      for (let count = 1; count <= 60; count++) {
        expect(grid(stage, count)).toHaveLength(count);
        expect(fits(stage, grid(stage, count)), `${count} on ${stage.width} × ${stage.height}`).toBe(true);
      }
    }
  });

  it("is two by two for four people at a desk", () => {
    const rectangles = grid(desk, 4);
    expect(new Set(rectangles.map(({ x }) => Math.round(x))).size).toBe(2);
    expect(new Set(rectangles.map(({ y }) => Math.round(y))).size).toBe(2);
  });

  it("centres the last row", () => {
    const last = grid(desk, 7).at(-1) as Rectangle;
    expect(last.x + last.width / 2).toBeCloseTo(desk.width / 2);
  });

  it("never makes a tile wider than the camera's picture", () => {
    for (let count = 1; count <= 20; count++) {
      for (const { width, height } of grid(desk, count)) expect(width / height).toBeLessThanOrEqual(16 / 9 + 0.001);
    }
  });

  it("is empty for nobody", () => {
    expect(grid(desk, 0)).toEqual([]);
  });
});

describe("a page of tiles", () => {
  it("has up to 49 at a desk, and fewer on a phone", () => {
    expect(capacity(desk)).toBe(mostTiles);
    expect(capacity(phone)).toBeGreaterThanOrEqual(8);
    expect(capacity(phone)).toBeLessThan(20);
  });

  it("has no tile that is too small to recognise anybody", () => {
    for (const stage of [desk, phone, { width: 700, height: 350, gap: 12 }]) {
      for (const { width, height } of grid(stage, capacity(stage))) expect(width * height).toBeGreaterThanOrEqual(8_000);
    }
  });

  it("has one at least, however small the stage is", () => {
    expect(capacity({ width: 40, height: 40, gap: 8 })).toBe(1);
    expect(stripCapacity({ width: 40, height: 40, gap: 8 }, true)).toBe(1);
  });
});

describe("a shared screen", () => {
  it("shares the large place with others, and has the whole stage where nobody else is shown", () => {
    for (const stage of [desk, phone]) {
      expect(fits(stage, spotlight(stage, 3, stripCapacity(stage, false), false))).toBe(true);
      expect(spotlight(stage, 1, 0, true)).toEqual([{ x: 0, y: 0, width: stage.width, height: stage.height }]);
    }
  });

  it("leaves the people more room on a phone than it would fill itself", () => {
    const [screen, ...others] = spotlight(phone, 1, 4, true);
    expect((screen?.width ?? 0) / (screen?.height ?? 1)).toBeGreaterThanOrEqual(4 / 3 - 0.001);
    expect(fits(phone, [screen as Rectangle, ...others])).toBe(true);
    expect(others[0]?.height).toBeGreaterThan(100);
  });

  it("gets most of the stage, and nobody is lost", () => {
    for (const stage of [desk, phone]) {
      const rectangles = spotlight(stage, 1, 4, false);
      expect(fits(stage, rectangles)).toBe(true);
      const [screen, ...others] = rectangles.map(({ width, height }) => width * height);
      expect(screen).toBeGreaterThan(0.55 * stage.width * stage.height);
      expect(Math.max(...others)).toBeLessThan(screen as number);
    }
  });
});

describe("two people on a phone", () => {
  it("are the other on the whole stage and ourselves in a corner of it", () => {
    const [other, own] = duo(phone);
    expect(other).toEqual({ x: 0, y: 0, width: phone.width, height: phone.height });
    expect(own && own.x + own.width).toBeLessThan(phone.width);
    expect(own && own.y + own.height).toBeLessThan(phone.height);
  });
});
