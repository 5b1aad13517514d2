// A dialog over the page: a title, a way out, and what is in it.

import { h } from "./dom.js";
import type { Child } from "./dom.js";
import { icon } from "./icons.js";
import { texts } from "./language.js";

export function closeButton(close: () => void): HTMLButtonElement {
  return h(
    "button",
    {
      class: "round small quiet",
      type: "button",
      "aria-label": texts.common.close,
      title: texts.common.close,
      onclick: close,
    },
    icon("close"),
  );
}

export function dialog(title: string, ...children: Child[]): HTMLDialogElement {
  const element = h("dialog", { class: "dialog", "aria-label": title });
  element.append(
    h(
      "header",
      {},
      h("h2", {}, title),
      closeButton(() => element.close()),
    ),
    h("div", { class: "dialog-body" }),
  );
  element.lastElementChild?.append(...children.filter((child): child is Node | string => Boolean(child)));
  // A click on the backdrop closes it, as people expect.
  element.addEventListener("click", (event) => event.target === element && element.close());
  return element;
}
