// Short messages at the edge: who came and went, and what needs a look. Screen readers say them; some are for them alone.

import { h } from "./dom.js";
import type { PanelName } from "./drawer.js";
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

  /** With something to do about it: `act` opens the panel that it is about. */
  ask(text: string, symbol: IconName, label: string, panel: PanelName, act: () => void): void {
    const button = h("button", { class: "text-button", type: "button" }, label);
    const toast = this.show(text, symbol, long, "asks", button);
    toast.dataset["panel"] = panel;
    button.addEventListener("click", () => {
      toast.remove();
      act();
    });
  }

  /** The panel has been opened, by whatever way. */
  answered(panel: PanelName): void {
    this.element.querySelectorAll(`[data-panel="${panel}"]`).forEach((toast) => toast.remove());
  }

  /** For screen readers: others see it anyway. */
  whisper(text: string): void {
    this.show(text, undefined, brief, "hidden-text");
  }

  private show(text: string, symbol: IconName | undefined, time: number, kind: string, more?: HTMLElement): HTMLElement {
    const toast = h("div", { class: `toast ${kind}` }, symbol && icon(symbol), h("span", {}, text), more);
    this.element.append(toast);
    // More than three at once are a wall.
    if (this.element.childElementCount > 3) this.element.firstElementChild?.remove();
    setTimeout(() => toast.remove(), time);
    return toast;
  }
}
