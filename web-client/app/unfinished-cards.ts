// What an earlier load of this page was sending, and can go on with.

import type { UnfinishedFile } from "../src/index.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { texts } from "./language.js";
import type { Shelf } from "./shelf.js";

export function unfinishedCards(shelf: Shelf, failed: (error: unknown) => void): HTMLElement[] {
  return shelf.unfinished.map((unfinished) => card(unfinished, shelf, failed));
}

function card(unfinished: UnfinishedFile, shelf: Shelf, failed: (error: unknown) => void): HTMLElement {
  const { files } = texts;
  const input = h("input", { type: "file", hidden: true, tabindex: -1 });
  const goOn = (file?: File): void => void shelf.goOn(unfinished, file).catch(failed);
  input.addEventListener("change", () => goOn(input.files?.[0]));
  const again = h(
    "button",
    { class: "primary compact", type: "button", onclick: () => (unfinished.needsFile ? input.click() : goOn()) },
    files.again,
  );
  const forget = h(
    "button",
    { class: "secondary compact", type: "button", onclick: () => void shelf.forget(unfinished) },
    files.forget,
  );
  return h(
    "div",
    { class: "entry file", "data-testid": "unfinished-file" },
    h("span", { class: "file-icon" }, icon("file")),
    h(
      "div",
      { class: "file-text" },
      h("p", {}, files.unfinished(unfinished.name)),
      h("div", { class: "file-actions" }, forget, again),
    ),
    input,
  );
}
