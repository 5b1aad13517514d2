// The choice of a language, by its own name for itself.

import { h } from "./dom.js";
import { currentLanguage, languages, texts } from "./language.js";

export function languageList(changed: (language: string) => void): HTMLSelectElement {
  const list = h("select", { "data-testid": "language-select", "aria-label": texts.settings.language, class: "language" });
  list.append(...Object.entries(languages).map(([language, { name }]) => h("option", { value: language }, name)));
  list.value = currentLanguage();
  list.addEventListener("change", () => changed(list.value));
  return list;
}
