// After the call: why it ended, and the way back.

import type { ParleyError } from "../src/index.js";
import { h } from "./dom.js";
import { icon, logo } from "./icons.js";
import { sentence, texts } from "./language.js";

export function leftScreen(room: string, reason: ParleyError | undefined, rejoin: () => void): HTMLElement {
  const { left } = texts;
  const titles: Record<string, string> = {
    replaced: left.replaced,
    removed: left.removed,
    server_unreachable: left.connectionLost,
  };
  const title = reason ? (titles[reason.code] ?? left.ended) : left.youLeft;
  const text = reason ? sentence(reason) : left.stillThere(room);
  const button = h(
    "button",
    { class: "primary", type: "button", "data-testid": "rejoin-button", onclick: rejoin },
    reason?.code === "replaced" ? left.useThis : left.rejoin,
  );
  queueMicrotask(() => button.focus());
  return h(
    "main",
    { class: "left", "data-testid": "left-screen", "data-reason": reason?.code ?? "left" },
    h("header", { class: "brand" }, logo(), h("span", {}, "Parley")),
    h(
      "section",
      { class: "left-card" },
      h("span", { class: "left-icon" }, icon(reason ? "warning" : "door")),
      h("h1", {}, title),
      h("p", {}, text),
      button,
    ),
  );
}
