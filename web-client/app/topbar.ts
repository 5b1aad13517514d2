// The line above the stage: which room, what holds for it, what is wrong with the connection, and how many are here.

import type { Room } from "../src/index.js";
import type { Drawer } from "./drawer.js";
import { h, setText } from "./dom.js";
import { icon } from "./icons.js";
import type { IconName } from "./icons.js";
import { texts } from "./language.js";

/** A state that somebody may want to know about, as a small badge with an explanation. */
function chip(name: IconName, testId: string, label: string, hint: string): HTMLElement {
  return h(
    "span",
    // On a phone only the icon is seen.
    { class: "status-chip", "data-testid": testId, role: "img", "aria-label": label, title: hint, hidden: true },
    icon(name),
    h("span", {}, label),
  );
}

export class Topbar {
  readonly element: HTMLElement;
  private readonly banner = h("div", { class: "banner", role: "status", hidden: true, "data-testid": "banner" });
  private readonly locked = chip("lock", "locked-chip", texts.status.locked, texts.people.lockHint);
  private readonly encrypted = chip("shield", "encrypted-chip", texts.status.encrypted, texts.status.encryptedHint);
  private readonly direct = chip("direct", "direct-chip", texts.status.direct, texts.status.directHint);
  private readonly count = h("span", { "data-testid": "people-count", "aria-hidden": "true" });
  private readonly waiting = h("span", {
    class: "badge",
    hidden: true,
    "data-testid": "lobby-badge",
    "aria-hidden": "true",
  });
  private readonly spoken = h("span", { class: "hidden-text" });
  private readonly people: HTMLButtonElement;

  constructor(
    private readonly room: Room,
    private readonly drawer: Drawer,
  ) {
    this.people = h(
      "button",
      { class: "chip", type: "button", "data-testid": "people-button", onclick: () => this.drawer.toggle("people") },
      icon("people"),
      this.count,
      this.waiting,
      this.spoken,
    );
    this.encrypted.classList.add("good");
    this.encrypted.hidden = room.encryption === undefined;
    const where = h(
      "div",
      { class: "where" },
      h("h1", { class: "room-name" }, room.name),
      this.encrypted,
      this.direct,
      this.locked,
    );
    this.element = h("header", { class: "topbar" }, where, this.banner, this.people);
  }

  update(): void {
    const { room, people } = this;
    const { dock, trouble } = texts;
    this.banner.hidden = room.state !== "reconnecting";
    setText(this.banner, trouble[room.trouble ?? "media"]);
    this.direct.hidden = room.path !== "direct";
    this.locked.hidden = !room.settings.locked;
    const count = room.participants.length + 1;
    const waiting = room.lobby.length;
    setText(this.count, String(count));
    setText(this.waiting, String(waiting));
    this.waiting.hidden = waiting === 0;
    const label = waiting > 0 ? `${dock.people(count)}, ${dock.atTheDoor(waiting)}` : dock.people(count);
    setText(this.spoken, label);
    people.title = `${label} (P)`;
    people.setAttribute("aria-keyshortcuts", "P");
    people.setAttribute("aria-expanded", String(this.drawer.panel === "people"));
    people.classList.toggle("active", this.drawer.panel === "people");
  }
}
