// Which part of a long row is shown, and the buttons that turn the page.

import { h, setText } from "./dom.js";
import { icon } from "./icons.js";
import { texts } from "./language.js";

export class Pager {
  readonly element: HTMLElement;
  private readonly label = h("span", { role: "status", "data-testid": "page-label" });
  private current = 0;
  private pages = 1;

  constructor(private readonly turned: () => void) {
    const button = (name: "left" | "right", label: string, step: number): HTMLElement =>
      h(
        "button",
        {
          class: "round small",
          type: "button",
          "aria-label": label,
          title: label,
          "data-testid": step < 0 ? "previous-page" : "next-page",
          onclick: () => this.turn(step),
        },
        icon(name),
      );
    this.element = h(
      "div",
      { class: "pager", hidden: true, "data-testid": "pager" },
      button("left", texts.stage.previous, -1),
      this.label,
      button("right", texts.stage.next, 1),
    );
  }

  /** Over the last page comes the first. */
  turn(step: number): void {
    if (this.pages < 2) return;
    this.current = (this.current + step + this.pages) % this.pages;
    this.turned();
  }

  /** Those of `all` that are on the page, when a page has `size`. */
  page<Each>(all: Each[], size: number): Each[] {
    this.pages = Math.max(1, Math.ceil(all.length / size));
    this.current = Math.min(this.current, this.pages - 1);
    this.element.hidden = this.pages < 2;
    setText(this.label, `${this.current + 1} / ${this.pages}`);
    this.label.setAttribute("aria-label", texts.stage.page(this.current + 1, this.pages));
    return all.slice(this.current * size, (this.current + 1) * size);
  }
}
