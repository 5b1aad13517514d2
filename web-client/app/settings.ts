// What can be chosen during a call: devices, language, light or dark.

import type { Chooser } from "./chooser.js";
import { dialog } from "./dialog.js";
import { h } from "./dom.js";
import { languageList } from "./language-list.js";
import { texts } from "./language.js";
import type { Preferences } from "./preferences.js";
import { themes, useTheme } from "./theme.js";
import type { Theme } from "./theme.js";

export interface SettingsHost {
  chosen(changes: Partial<Preferences>): void;
  /** Another language: the screen is drawn anew. */
  spoken(language: string): void;
}

export function settingsDialog(chooser: Chooser, { theme }: Preferences, host: SettingsHost): HTMLDialogElement {
  const { settings } = texts;
  const list = h("select", { "data-testid": "theme-select" });
  list.append(...themes.map((each) => h("option", { value: each }, settings.themes[each])));
  list.value = theme;
  list.addEventListener("change", () => {
    useTheme(list.value as Theme);
    host.chosen({ theme: list.value });
  });
  const looks = h(
    "div",
    { class: "looks" },
    h(
      "label",
      { class: "field" },
      h("span", {}, settings.language),
      languageList((language) => host.spoken(language)),
    ),
    h("label", { class: "field" }, h("span", {}, settings.theme), list),
  );
  const element = dialog(settings.title, chooser.element, looks);
  element.dataset["testid"] = "settings";
  return element;
}
