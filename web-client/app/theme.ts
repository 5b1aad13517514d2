// Light or dark: as the system has it, unless one was chosen. The style sheets only read the attribute that is set here.

export type Theme = "auto" | "dark" | "light";

export const themes: readonly Theme[] = ["auto", "dark", "light"];

const system = window.matchMedia("(prefers-color-scheme: light)");
let chosen: Theme = "auto";

function show(): void {
  const light = chosen === "light" || (chosen === "auto" && system.matches);
  document.documentElement.dataset["theme"] = light ? "light" : "dark";
}

system.addEventListener("change", show);

export function useTheme(theme: Theme): void {
  chosen = theme;
  show();
}
