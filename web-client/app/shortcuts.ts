// The keys of the page, in one table: what they do, and the list that explains them.

import { dialog } from "./dialog.js";
import { h } from "./dom.js";
import { texts } from "./language.js";

export interface Shortcut {
  /** As `KeyboardEvent.key` has them, small. */
  keys: readonly string[];
  /** As they are called in the list. */
  shown: readonly string[];
  label: string;
  act(event: KeyboardEvent): void;
  /** For a key that does something as long as it is held. */
  release?(): void;
}

/** Keys belong to whoever is being typed into, and to controls that have a use for them. */
export function isTaken(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return true;
  const target = event.target instanceof Element ? event.target : undefined;
  // What has just been closed may still have the focus: browsers take it away only a moment later.
  const covering = "dialog[open], [role=menu]:popover-open";
  if (event.key === "Escape") return target?.closest(covering) != null;
  if (target?.closest(`input, select, textarea, ${covering}`)) return true;
  return event.key === " " && target?.closest("button, a, summary") != null;
}

/** The key that was pressed; where people write in other letters (ㅡ, ь), the Latin one that shares the key. */
export function latinKey({ key, code }: Pick<KeyboardEvent, "key" | "code">): string {
  const foreign = key.length === 1 && key > "\u007f";
  return foreign ? (/^Key([A-Z])$/.exec(code)?.[1]?.toLowerCase() ?? key) : key;
}

export function find(shortcuts: readonly Shortcut[], key: string): Shortcut | undefined {
  return shortcuts.find(({ keys }) => keys.includes(key.length === 1 ? key.toLowerCase() : key));
}

export function shortcutsDialog(shortcuts: readonly Shortcut[]): HTMLDialogElement {
  const line = ({ shown, label }: Pick<Shortcut, "shown" | "label">): HTMLElement =>
    h("div", {}, h("dt", {}, ...shown.map((key) => h("kbd", {}, key))), h("dd", {}, label));
  const { shortcuts: words } = texts;
  const list = h("dl", { class: "shortcuts" });
  list.append(...[...shortcuts, { shown: [words.escapeKey], label: words.escape }].map(line));
  const element = dialog(words.title, list);
  element.dataset["testid"] = "shortcuts";
  return element;
}
