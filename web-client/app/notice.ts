// An error as people see it: what happened, what to do, and where it makes sense a button.

import type { ParleyError } from "../src/index.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { texts } from "./language.js";

export interface Action {
  label: string;
  act(): void;
}

/** `text`: the error as a sentence in the language of the page. */
export function noticeCard({ code }: Pick<ParleyError, "code">, text: string, action?: Action): HTMLElement {
  const titles: Record<string, string> = texts.notices;
  return h(
    "div",
    { class: "notice", role: "alert", "data-testid": "notice", "data-code": code },
    icon("warning"),
    h(
      "div",
      { class: "notice-text" },
      h("strong", {}, titles[code] ?? texts.notices.other),
      h("p", {}, text),
      action && h("button", { class: "text-button", type: "button", onclick: () => action.act() }, action.label),
    ),
  );
}
