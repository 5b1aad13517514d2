// A file among the texts of the chat: who sends it to whom, how far it is, and what can be done about it.

import { ParleyError } from "../src/index.js";
import type { FileTransfer } from "../src/index.js";
import { batched, h, setText } from "./dom.js";
import { icon } from "./icons.js";
import { sentence, texts } from "./language.js";
import type { ShelfFile } from "./shelf.js";

const units = ["B", "kB", "MB", "GB", "TB"];

/** "12.3 MB" */
export function bytesText(bytes: number): string {
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(bytes, 1)) / 3)));
  const value = bytes / 1000 ** step;
  return `${step === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[step]}`;
}

export class FileCard {
  readonly element: HTMLElement;
  private readonly note = h("p", { class: "file-note" });
  private readonly bar = h("progress", { max: 1 });
  private readonly actions = h("div", { class: "file-actions" });
  private readonly endings: (() => void)[];
  private shownState = "";
  private closed = false;
  private address: string | undefined;
  private readonly render = batched(() => this.update());

  constructor(
    private readonly file: ShelfFile,
    private readonly failed: (error: unknown) => void,
  ) {
    const { transfer } = file;
    this.bar.setAttribute("aria-label", transfer.name);
    this.element = h(
      "div",
      { class: "entry file", "data-testid": "file", "data-name": transfer.name },
      h("span", { class: "file-icon" }, icon("file")),
      h(
        "div",
        { class: "file-text" },
        h("strong", {}, transfer.name),
        h("small", {}, this.title()),
        this.note,
        this.bar,
        this.actions,
      ),
    );
    this.endings = [transfer.on("stateChanged", this.render), transfer.on("progress", this.render)];
    transfer.done.then(
      (saved) => this.receive(saved),
      () => undefined,
    );
    this.update();
  }

  /** Something can still be done about it. */
  get live(): boolean {
    return !this.file.transfer.over;
  }

  close(): void {
    this.closed = true;
    this.endings.forEach((end) => end());
    if (this.address) URL.revokeObjectURL(this.address);
  }

  private title(): string {
    const { direction, participant } = this.file.transfer;
    return (direction === "sending" ? texts.files.sending : texts.files.receiving)(participant.name);
  }

  /** It is on the browser's private disk space: from there to the user's own folder it takes a download. */
  private receive(saved: File | undefined): void {
    if (!saved || this.closed) return;
    this.address = URL.createObjectURL(saved);
    const { name } = this.file.transfer;
    const link = h(
      "a",
      { class: "text-button", href: this.address, download: name, "data-testid": "file-save" },
      texts.files.save,
    );
    this.actions.replaceChildren(link);
    // Once: drawn anew, in another language for example, the card only offers it.
    if (!this.file.saved) link.click();
    this.file.saved = true;
  }

  private update(): void {
    const { transfer } = this.file;
    const { state, transferred, size } = transfer;
    this.element.dataset["state"] = state;
    setText(this.note, this.noteText(transfer));
    this.bar.hidden = transfer.over || state === "offered";
    this.bar.value = size > 0 ? transferred / size : 0;
    if (state === this.shownState) return;
    this.shownState = state;
    if (!this.address) this.actions.replaceChildren(...this.buttons());
  }

  private noteText({ state, transferred, size, rate, path, error, direction }: FileTransfer): string {
    const { files } = texts;
    switch (state) {
      case "offered":
        return direction === "sending" ? files.waiting : bytesText(size);
      case "waiting":
        return files.stopped;
      case "active":
        return [files.going(bytesText(transferred), bytesText(size), bytesText(rate)), path && files[path]]
          .filter(Boolean)
          .join(" · ");
      case "done":
        return files.done(bytesText(size));
      case "declined":
        return files.declined;
      case "cancelled":
        return files.cancelled;
      case "failed":
        return error ? sentence(error) : files.failed;
    }
  }

  private buttons(): HTMLElement[] {
    const { transfer, offer } = this.file;
    const { files } = texts;
    const button = (label: string, kind: string, testId: string, act: () => void): HTMLElement =>
      h("button", { class: kind, type: "button", "data-testid": testId, onclick: act }, label);
    if (transfer.over) return [];
    if (transfer.state === "offered" && offer) {
      // From a click, because the browser may ask for a place.
      const accept = (): void => void offer.accept().catch((error: unknown) => this.failed(ParleyError.from(error)));
      return [
        button(files.decline, "secondary compact", "file-decline", () => offer.decline()),
        button(files.accept, "primary compact", "file-accept", accept),
      ];
    }
    return [button(files.cancel, "text-button", "file-cancel", () => transfer.cancel())];
  }
}
