// The drawer beside the stage: what is said in writing, and who is here.

import { ParleyError } from "../src/index.js";
import type { ChatMessage, Participant, Room } from "../src/index.js";
import { batched, h, setText } from "./dom.js";
import { avatar, updateAvatar } from "./faces.js";
import { icon } from "./icons.js";

export type Panel = "chat" | "people";

/** Older messages leave the page, so that a call of a day does not fill it. */
const mostMessages = 500;
const timeFormat = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

export class Drawer {
  readonly element: HTMLElement;
  private readonly messages = h("ol", { class: "messages", "aria-live": "polite", "data-testid": "chat-messages" });
  private readonly empty = h(
    "p",
    { class: "empty" },
    "Nothing has been written yet. Everybody in the room can read what you write here.",
  );
  private readonly input = h("input", {
    "data-testid": "chat-input",
    placeholder: "Write to everybody",
    autocomplete: "off",
    maxlength: 2000,
    "aria-label": "Message",
  });
  private readonly people = h("ul", { class: "people" });
  private readonly title = h("h2", {});
  private readonly chat: HTMLElement;
  private shown: Panel | undefined;
  private last: { from: string; at: number } | undefined;
  private unread = 0;
  private readonly endings: (() => void)[];
  private readonly update = batched(() => this.renderPeople());

  constructor(
    private readonly room: Room,
    private readonly changed: () => void,
    private readonly failed: (error: ParleyError) => void,
  ) {
    const submit = (event: Event): void => void this.send(event);
    this.chat = h(
      "div",
      { class: "chat" },
      this.messages,
      this.empty,
      h(
        "form",
        { class: "composer", onsubmit: submit },
        this.input,
        h("button", { class: "round small", type: "submit", "aria-label": "Send" }, icon("send")),
      ),
    );
    const close = h(
      "button",
      { class: "round small quiet", type: "button", "aria-label": "Close", onclick: () => this.show(undefined) },
      icon("close"),
    );
    this.element = h(
      "aside",
      { class: "drawer", hidden: true, "data-testid": "drawer" },
      h("header", {}, this.title, close),
      this.chat,
      this.people,
    );
    this.endings = [
      room.on("chat", (message) => this.add(message)),
      room.on("participantJoined", this.update),
      room.on("participantLeft", this.update),
      room.on("participantUpdated", this.update),
      room.on("trackPublished", this.update),
      room.on("trackUnpublished", this.update),
      room.on("speakersChanged", this.update),
    ];
  }

  get panel(): Panel | undefined {
    return this.shown;
  }

  get unreadMessages(): number {
    return this.unread;
  }

  close(): void {
    this.endings.forEach((end) => end());
  }

  toggle(panel: Panel): void {
    this.show(this.shown === panel ? undefined : panel);
  }

  show(panel: Panel | undefined): void {
    this.shown = panel;
    this.element.hidden = panel === undefined;
    this.chat.hidden = panel !== "chat";
    this.people.hidden = panel !== "people";
    setText(this.title, panel === "people" ? "People" : "Chat");
    if (panel === "chat") {
      this.unread = 0;
      this.scrollToEnd();
      this.input.focus({ preventScroll: true });
    }
    this.renderPeople();
    this.changed();
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
      const reason = ParleyError.from(error);
      this.failed(new ParleyError(reason.code, `Your message was not sent. ${reason.message}`));
    }
  }

  private add({ participant, text, time, private: restricted }: ChatMessage): void {
    const from = participant?.local ? "You" : (participant?.name ?? "Somebody who has left");
    const at = time.getTime();
    const again = this.last?.from === from && at - this.last.at < 120_000;
    this.last = { from, at };
    const head = h(
      "div",
      { class: "message-head" },
      h("strong", {}, from),
      restricted && h("em", {}, "to you"),
      h("time", {}, timeFormat.format(time)),
    );
    const nearEnd = this.messages.scrollHeight - this.messages.scrollTop - this.messages.clientHeight < 80;
    this.messages.append(
      h("li", { class: participant?.local ? "own" : "", "data-again": again }, !again && head, h("p", {}, text)),
    );
    if (this.messages.childElementCount > mostMessages) this.messages.firstElementChild?.remove();
    this.empty.hidden = true;
    if (nearEnd || participant?.local) this.scrollToEnd();
    if (this.shown !== "chat" && !participant?.local) this.unread += 1;
    this.changed();
  }

  private scrollToEnd(): void {
    this.messages.scrollTop = this.messages.scrollHeight;
  }

  private renderPeople(): void {
    if (this.shown !== "people" || this.room.state === "disconnected") return;
    const everybody: Participant[] = [this.room.localParticipant, ...this.room.participants];
    this.people.replaceChildren(...everybody.map((participant) => personRow(participant)));
  }
}

function personRow(participant: Participant): HTMLElement {
  const face = avatar();
  updateAvatar(face, participant.name, participant.identity);
  const microphone = participant.publication("microphone");
  const muted = microphone === undefined || microphone.muted;
  const name = participant.local ? `${participant.name} (you)` : participant.name;
  const note = participant.connection === "reconnecting" ? "reconnecting…" : participant.speaking ? "speaking" : "";
  return h(
    "li",
    {},
    face,
    h("span", { class: "name" }, name),
    h("span", { class: "note" }, note),
    muted ? icon("micOff") : icon("mic"),
  );
}
