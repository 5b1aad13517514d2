// After the call: why it ended, and the way back.

import type { ParleyError } from "../src/index.js";
import { h } from "./dom.js";
import { icon, logo } from "./icons.js";

const titles: Record<string, string> = {
  replaced: "You joined from another window",
  removed: "You were removed from the call",
  roomClosed: "The call has ended",
  server_unreachable: "The connection was lost",
};

export function leftScreen(room: string, reason: ParleyError | undefined, rejoin: () => void): HTMLElement {
  const title = reason ? (titles[reason.code] ?? "The call has ended") : "You left the call";
  const text = reason?.message ?? `Room “${room}” is still there.`;
  const button = h(
    "button",
    { class: "primary", type: "button", "data-testid": "rejoin-button", onclick: rejoin },
    reason?.code === "replaced" ? "Use this window instead" : "Join again",
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
