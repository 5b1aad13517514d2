// A small plot of the last minute: a line, the area below it, and the newest value beside its name.

import { h, setText, svg } from "./dom.js";
import { texts } from "./language.js";

const width = 240;
const height = 44;
/** One sample a second. */
const samples = 60;

/** The line through `values`, the newest at the right edge, on a field whose top is `top`. Undefined values are gaps. */
export function linePath(values: readonly (number | undefined)[], top: number): string {
  const step = width / (samples - 1);
  const first = samples - values.length;
  let pen = false;
  const parts = values.map((value, index) => {
    if (value === undefined) {
      pen = false;
      return "";
    }
    const x = ((first + index) * step).toFixed(1);
    const y = (height - 2 - (Math.min(value, top) / top) * (height - 4)).toFixed(1);
    const part = `${pen ? "L" : "M"}${x} ${y}`;
    pen = true;
    return part;
  });
  return parts.join("");
}

export class Plot {
  readonly element: HTMLElement;
  private readonly values: (number | undefined)[] = [];
  private readonly value = h("output", {});
  private readonly line = svg("path", { class: "plot-line" });
  private readonly area = svg("path", { class: "plot-area" });
  private readonly picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", role: "img" });

  /** `top`: the field is at least so high, so that noise near zero looks small. */
  constructor(
    private readonly name: string,
    private readonly top: number,
    private readonly show: (value: number) => string,
    testId: string,
  ) {
    this.picture.append(this.area, this.line);
    const head = h("div", { class: "plot-head" }, h("h3", {}, name), this.value);
    this.element = h("section", { class: "plot", "data-testid": testId }, head);
    this.element.append(this.picture);
  }

  add(value: number | undefined): void {
    this.values.push(value);
    if (this.values.length > samples) this.values.shift();
    const text = value === undefined ? "–" : this.show(value);
    setText(this.value, text);
    this.picture.setAttribute("aria-label", texts.statistics.plot(this.name, text));
    const known = this.values.filter((each) => each !== undefined);
    const path = linePath(this.values, Math.max(this.top, ...known));
    this.line.setAttribute("d", path);
    // Only an unbroken line has an area.
    const begin = /^M([\d.]+) [\d.]+(L.*)$/.exec(path);
    this.area.setAttribute(
      "d",
      begin && !path.slice(1).includes("M") ? `${path}L${width} ${height}L${begin[1]} ${height}Z` : "",
    );
  }
}
