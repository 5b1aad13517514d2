// An error as people see it: what happened, what to do, and where it makes sense a button.

import type { ParleyError } from "../src/index.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";

const titles: Record<string, string> = {
  permission_denied: "No permission",
  device_not_found: "Nothing plugged in",
  device_busy: "In use elsewhere",
  device_constraints: "Device is gone",
  insecure_context: "This page is not secure",
  server_unreachable: "The server does not answer",
  token_missing: "You need an invitation",
  token_malformed: "Damaged link",
  token_expired: "Invitation expired",
  token_not_yet_valid: "Too early",
  token_wrong_room: "Wrong room",
  token_no_join: "No way in",
  token_signature: "Unknown invitation",
  token_unknown_key: "Unknown invitation",
  token_algorithm: "Unknown invitation",
  room_full: "The room is full",
  server_busy: "One moment",
};

export interface Action {
  label: string;
  act(): void;
}

export function noticeCard(error: Pick<ParleyError, "code" | "message">, action?: Action): HTMLElement {
  return h(
    "div",
    { class: "notice", role: "alert", "data-testid": "notice", "data-code": error.code },
    icon("warning"),
    h(
      "div",
      { class: "notice-text" },
      h("strong", {}, titles[error.code] ?? "That did not work"),
      h("p", {}, error.message),
      action && h("button", { class: "text-button", type: "button", onclick: () => action.act() }, action.label),
    ),
  );
}
