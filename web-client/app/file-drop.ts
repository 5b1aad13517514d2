// Files dropped on something, or chosen in the browser's own dialog.

import { h } from "./dom.js";
import { texts } from "./language.js";

export class FileDrop {
  private readonly input = h("input", {
    type: "file",
    multiple: true,
    hidden: true,
    tabindex: -1,
    "data-testid": "file-input",
  });

  constructor(
    private readonly target: HTMLElement,
    dropped: (files: File[]) => void,
  ) {
    target.dataset["drop"] = texts.chat.drop;
    target.append(this.input);
    this.input.addEventListener("change", () => {
      dropped([...(this.input.files ?? [])]);
      this.input.value = "";
    });
    target.addEventListener("dragover", (event) => this.hover(event));
    target.addEventListener("dragleave", (event) => {
      if (!target.contains(event.relatedTarget as Node | null)) this.show(false);
    });
    target.addEventListener("drop", (event) => {
      this.show(false);
      const files = [...(event.dataTransfer?.files ?? [])];
      if (files.length === 0) return;
      event.preventDefault();
      dropped(files);
    });
  }

  choose(): void {
    this.input.click();
  }

  private hover(event: DragEvent): void {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.show(true);
  }

  private show(over: boolean): void {
    this.target.toggleAttribute("data-drop-over", over);
  }
}

/** A file that is dropped beside its goal must not be opened in the place of the page, which would end the call. */
export function refuseStrayFiles(): void {
  const refuse = (event: DragEvent): void => {
    if (event.defaultPrevented || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "none";
  };
  document.addEventListener("dragover", refuse);
  document.addEventListener("drop", refuse);
}
