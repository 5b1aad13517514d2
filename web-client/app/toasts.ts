// Short messages at the edge: who came and went, and what needs a look.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import type { IconName } from "./icons.js";

const brief = 3_500;
const long = 9_000;

export class Toasts {
  readonly element = h("div", { class: "toasts", role: "status", "aria-live": "polite" });

  tell(text: string, symbol?: IconName): void {
    this.show(text, symbol, brief, "");
  }

  warn(text: string): void {
    this.show(text, "warning", long, "warn");
  }

  private show(text: string, symbol: IconName | undefined, time: number, kind: string): void {
    const toast = h("div", { class: `toast ${kind}` }, symbol && icon(symbol), h("span", {}, text));
    this.element.append(toast);
    // More than three at once are a wall.
    if (this.element.childElementCount > 3) this.element.firstElementChild?.remove();
    setTimeout(() => toast.remove(), time);
  }
}
