// The language of the page: the browser's own if it is one of ours, or the one that was chosen. `texts` is what everything on the
// page reads; whoever chooses another language draws the screen anew.

import type { ParleyError } from "../src/index.js";
import { english } from "./texts/english.js";
import type { Texts } from "./texts/english.js";
import { koreanErrors } from "./texts/korean-errors.js";
import { korean } from "./texts/korean.js";

export const languages = { en: english, ko: korean } satisfies Record<string, Texts>;
export type Language = keyof typeof languages;

/** The SDK's own sentences are English. */
const errors: Record<Language, Record<string, string>> = { en: {}, ko: koreanErrors };

let current: Language = "en";
export let texts: Texts = english;

export function isLanguage(name: string): name is Language {
  return Object.hasOwn(languages, name);
}

/** The first of the wishes ("ko-KR", "en") that we speak; English otherwise. */
export function spoken(wishes: readonly string[]): Language {
  return wishes.map((wish) => wish.slice(0, 2).toLowerCase()).find(isLanguage) ?? "en";
}

export function speak(language: Language): void {
  current = language;
  texts = languages[language];
  document.documentElement.lang = language;
}

export function currentLanguage(): Language {
  return current;
}

/** An error as a sentence in the language of the page. */
export function sentence({ code, message }: Pick<ParleyError, "code" | "message">): string {
  return Object.hasOwn(errors[current], code) ? (errors[current][code] as string) : message;
}

/** "14:05", or as this language's speakers in this country write it. */
export function clock(time: Date): string {
  const local = navigator.languages.find((wish) => wish.startsWith(current)) ?? current;
  return time.toLocaleTimeString(local, { hour: "2-digit", minute: "2-digit" });
}
