// What is said in writing: also what was said before we came. Files stand among the texts.

import { ParleyError } from "../src/index.js";
import type { ChatMessage, Room } from "../src/index.js";
import { h } from "./dom.js";
import type { Panel } from "./drawer.js";
import { FileCard } from "./file-card.js";
import { FileDrop } from "./file-drop.js";
import { icon } from "./icons.js";
import { clock, sentence, texts } from "./language.js";
import type { Shelf, ShelfFile } from "./shelf.js";
import { unfinishedCards } from "./unfinished-cards.js";

/** Older messages leave the page, so that a call of a day does not fill it. */
const mostMessages = 500;
/** Texts of the same person within this time stand under one name. */
const breath = 120_000;

export interface ChatHost {
  /** Somebody else has written. */
  written(message: ChatMessage): void;
  /** Somebody else wants to send a file. */
  offered(file: ShelfFile): void;
  failed(text: string): void;
}

export class ChatPanel implements Panel {
  readonly element: HTMLElement;
  private readonly messages = h("div", {
    class: "messages",
    role: "log",
    tabindex: 0,
    "aria-live": "polite",
    "aria-label": texts.drawer.chat,
    "data-testid": "chat-messages",
  });
  private readonly empty = h("p", { class: "empty" }, texts.chat.empty);
  private readonly input = h("input", {
    "data-testid": "chat-input",
    placeholder: texts.chat.placeholder,
    autocomplete: "off",
    maxlength: 2000,
    "aria-label": texts.chat.message,
  });
  private last: (Pick<ChatMessage, "participant"> & { from: string; at: number }) | undefined;
  private readonly cards = new Map<Element, FileCard>();
  private readonly unfinished = h("div", { class: "unfinished" });
  private readonly drop: FileDrop;
  private readonly endings: (() => void)[];

  constructor(
    private readonly room: Room,
    private readonly shelf: Shelf,
    private readonly host: ChatHost,
  ) {
    const send = h("button", { class: "round small", type: "submit", "aria-label": texts.chat.send }, icon("send"));
    const submit = (event: Event): void => void this.send(event);
    const attach = h(
      "button",
      {
        class: "round small quiet",
        type: "button",
        "aria-label": texts.chat.attach,
        title: texts.chat.attach,
        "data-testid": "attach-button",
      },
      icon("clip"),
    );
    const composer = h("form", { class: "composer", onsubmit: submit }, attach, this.input, send);
    this.element = h("div", { class: "chat" }, this.messages, this.empty, this.unfinished, composer);
    this.drop = new FileDrop(this.element, (files) => this.sendFiles(files));
    attach.addEventListener("click", () => this.drop.choose());
    for (const message of room.messages) this.add(message);
    for (const file of shelf.files) this.addFile(file);
    this.renderUnfinished();
    this.endings = [
      room.on("chat", (message) => {
        this.add(message);
        if (!message.participant?.local) host.written(message);
      }),
      shelf.on("added", (file) => {
        this.addFile(file);
        if (file.offer) host.offered(file);
      }),
      shelf.on("unfinished", () => this.renderUnfinished()),
    ];
  }

  show(shown: boolean): void {
    if (!shown) return;
    this.scrollToEnd();
    this.input.focus({ preventScroll: true });
  }

  close(): void {
    this.endings.forEach((end) => end());
    this.cards.forEach((card) => card.close());
  }

  private sendFiles(files: Iterable<File>): void {
    if (this.room.participants.length === 0) return this.host.failed(texts.files.none);
    this.shelf.send(files);
  }

  private addFile(file: ShelfFile): void {
    const card = new FileCard(file, (error) => this.fail(error));
    this.cards.set(card.element, card);
    this.last = undefined;
    this.append(card.element, file.offer === undefined);
  }

  private renderUnfinished(): void {
    this.unfinished.replaceChildren(...unfinishedCards(this.shelf, (error) => this.fail(error)));
  }

  private fail(error: unknown): void {
    this.host.failed(sentence(ParleyError.from(error)));
  }

  private async send(event: Event): Promise<void> {
    event.preventDefault();
    const text = this.input.value.trim();
    if (!text) return;
    this.input.value = "";
    try {
      await this.room.sendChat(text);
    } catch (error) {
      // Nothing that was written is lost, unless something new is being written already.
      this.input.value ||= text;
      this.host.failed(texts.chat.notSent(sentence(ParleyError.from(error))));
    }
  }

  private add(message: ChatMessage): void {
    const { participant, text, time, private: restricted } = message;
    const own = participant?.local === true;
    const from = own ? texts.common.yourself : (participant?.name ?? message.name) || texts.common.somebodyGone;
    const at = time.getTime();
    // Two people may have the same name.
    const same = this.last?.participant === participant && this.last?.from === from;
    const again = same && at - (this.last?.at ?? 0) < breath;
    this.last = { participant, from, at };
    const head = h(
      "div",
      { class: "message-head" },
      h("strong", {}, from),
      restricted && h("em", {}, texts.chat.toYou),
      h("time", { datetime: time.toISOString() }, clock(time)),
    );
    this.append(
      h("div", { class: own ? "entry own" : "entry", "data-again": again }, !again && head, h("p", {}, text)),
      own,
    );
  }

  private append(entry: HTMLElement, follow: boolean): void {
    const nearEnd = this.messages.scrollHeight - this.messages.scrollTop - this.messages.clientHeight < 80;
    this.messages.append(entry);
    if (this.messages.childElementCount > mostMessages) this.forgetOldest();
    this.empty.hidden = true;
    if (nearEnd || follow) this.scrollToEnd();
  }

  /** Not a file that is still on its way: nothing else on the page could stop it. */
  private forgetOldest(): void {
    const oldest = [...this.messages.children].find((entry) => !this.cards.get(entry)?.live);
    if (!oldest) return;
    this.cards.get(oldest)?.close();
    this.cards.delete(oldest);
    oldest.remove();
  }

  private scrollToEnd(): void {
    this.messages.scrollTop = this.messages.scrollHeight;
  }
}
