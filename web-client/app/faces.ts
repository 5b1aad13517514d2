// Somebody without a picture: initials on a colour that is always the same for the same person.

import { h, setText } from "./dom.js";

/** What readers take for one: a flag or a family is made of several code points. */
const characters = new Intl.Segmenter();

function firstCharacter(word: string | undefined): string {
  const [first] = characters.segment(word ?? "");
  return first?.segment ?? "?";
}

export function initials(name: string): string {
  const words = name
    .trim()
    .split(/[\s_.-]+/)
    .filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters
    .map(firstCharacter)
    .join("")
    .toLocaleUpperCase();
}

export function hue(identity: string): number {
  let hash = 7;
  for (const character of identity) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 360_007;
  // The golden angle keeps "guest1" and "guest2" far apart.
  return Math.round(hash * 137.508) % 360;
}

export function avatar(): HTMLElement {
  return h("span", { class: "avatar", "aria-hidden": "true" });
}

export function updateAvatar(element: HTMLElement, name: string, identity: string): void {
  setText(element, initials(name));
  element.style.setProperty("--hue", String(hue(identity)));
}
