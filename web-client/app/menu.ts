// A button that opens a short list: a popover in the top layer, so that nothing cuts it off; closed by Escape, by a click elsewhere
// or by a choice; arrow keys go through it.

import { h } from "./dom.js";
import type { Child } from "./dom.js";
import { icon } from "./icons.js";
import type { IconName } from "./icons.js";

export interface Item {
  label: string;
  hint?: string | undefined;
  icon?: IconName | undefined;
  /** The key that does the same. */
  key?: string | undefined;
  /** For what is on or off. Such an item leaves the menu open. */
  checked?: boolean | undefined;
  danger?: boolean;
  testId?: string;
  act(): void;
}

const margin = 8;

export class Menu {
  readonly popup: HTMLElement;

  /** `items` is asked at each opening. */
  constructor(
    private readonly button: HTMLButtonElement,
    private readonly items: () => Item[],
    label: string,
    kind = "",
  ) {
    this.popup = h("div", { class: `menu ${kind}`, role: "menu", popover: "auto", "aria-label": label });
    button.setAttribute("aria-haspopup", "menu");
    button.setAttribute("aria-expanded", "false");
    button.popoverTargetElement = this.popup;
    this.popup.addEventListener("beforetoggle", (event) => {
      if ((event as ToggleEvent).newState === "open") this.fill();
    });
    this.popup.addEventListener("toggle", (event) => this.toggled((event as ToggleEvent).newState === "open"));
    this.popup.addEventListener("keydown", (event) => this.key(event));
  }

  open(): void {
    this.popup.showPopover();
  }

  private fill(): void {
    this.popup.replaceChildren(...this.items().map((item) => this.entry(item)));
  }

  private entry(item: Item): HTMLElement {
    const { label, hint, checked, danger } = item;
    const text: Child[] = [h("span", { class: "menu-label" }, label), hint !== undefined && h("small", {}, hint)];
    const choose = (): void => {
      // Closed first: a dialog that is opened now gives the focus back to the button of the menu, not to an item that has gone.
      if (checked === undefined) this.popup.hidePopover();
      item.act();
      if (checked !== undefined) this.fill();
    };
    return h(
      "button",
      {
        type: "button",
        class: danger ? "danger" : "",
        role: checked === undefined ? "menuitem" : "menuitemcheckbox",
        ...(checked !== undefined && { "aria-checked": String(checked) }),
        ...(item.testId !== undefined && { "data-testid": item.testId }),
        onclick: choose,
      },
      item.icon && icon(item.icon),
      h("span", { class: "menu-text" }, ...text),
      checked === true && icon("check"),
      item.key !== undefined && h("kbd", {}, item.key),
    );
  }

  private toggled(open: boolean): void {
    this.button.setAttribute("aria-expanded", String(open));
    if (!open) return;
    this.place();
    this.entries[0]?.focus({ preventScroll: true });
  }

  /** Above its button, or below where there is no room; never over the edge of the page. */
  private place(): void {
    const { left, top, bottom, width } = this.button.getBoundingClientRect();
    const { offsetWidth, offsetHeight, style } = this.popup;
    const wanted = left + width / 2 - offsetWidth / 2;
    style.left = `${Math.max(margin, Math.min(wanted, window.innerWidth - offsetWidth - margin))}px`;
    const above = top - offsetHeight - margin;
    style.top = `${above >= margin ? above : Math.min(bottom + margin, window.innerHeight - offsetHeight - margin)}px`;
  }

  private get entries(): HTMLElement[] {
    return [...this.popup.querySelectorAll<HTMLElement>("button")];
  }

  private key(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const { entries } = this;
    const next = entries.indexOf(document.activeElement as HTMLElement) + step;
    entries[(next + entries.length) % entries.length]?.focus();
  }
}
