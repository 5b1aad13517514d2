// The drawer beside the stage: one of its panels at a time.

import { closeButton } from "./dialog.js";
import { h, setText } from "./dom.js";
import { texts } from "./language.js";

export type PanelName = "chat" | "people" | "statistics";

export interface Panel {
  readonly element: HTMLElement;
  /** It is seen from now on, or no longer. */
  show(shown: boolean): void;
  close(): void;
}

export class Drawer {
  readonly element: HTMLElement;
  private readonly title = h("h2", {});
  private shown: PanelName | undefined;
  private news = 0;
  /** Where somebody who uses the keyboard came from. */
  private opener: HTMLElement | null = null;

  constructor(
    private readonly panels: Record<PanelName, Panel>,
    private readonly changed: () => void,
  ) {
    const header = h(
      "header",
      {},
      this.title,
      closeButton(() => this.show(undefined)),
    );
    const elements = Object.values(panels).map(({ element }) => element);
    this.element = h("aside", { class: "drawer", hidden: true, "data-testid": "drawer" }, header, ...elements);
    this.render();
  }

  get panel(): PanelName | undefined {
    return this.shown;
  }

  /** How much has been written while the chat was not open. */
  get unread(): number {
    return this.news;
  }

  /** Something has been written. */
  written(): void {
    if (this.shown !== "chat") this.news += 1;
    this.changed();
  }

  close(): void {
    for (const panel of Object.values(this.panels)) panel.close();
  }

  toggle(panel: PanelName): void {
    this.show(this.shown === panel ? undefined : panel);
  }

  show(panel: PanelName | undefined): void {
    const before = this.shown;
    if (before === panel) return;
    this.shown = panel;
    if (panel === "chat") this.news = 0;
    // What is hidden must not swallow the next key: browsers take the focus from it only a moment later.
    const { activeElement } = document;
    const focused = activeElement instanceof HTMLElement && this.element.contains(activeElement);
    if (!before) this.opener = document.querySelector<HTMLElement>(":focus-visible");
    if (focused) activeElement.blur();
    this.render();
    if (focused && !panel) this.opener?.focus();
    if (before) this.panels[before].show(false);
    if (panel) this.panels[panel].show(true);
    this.changed();
  }

  private render(): void {
    this.element.hidden = this.shown === undefined;
    for (const [name, { element }] of Object.entries(this.panels)) element.hidden = name !== this.shown;
    if (!this.shown) return;
    setText(this.title, texts.drawer[this.shown]);
    this.element.setAttribute("aria-label", texts.drawer[this.shown]);
  }
}
