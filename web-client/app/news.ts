// What happens in the room, told in passing: who comes and goes, raises a hand, writes while the chat is closed, waits at the door.

import type { Participant, Room } from "../src/index.js";
import { handSince, ReactionWatch } from "./attributes.js";
import type { Reaction } from "./attributes.js";
import { sentence, texts } from "./language.js";
import type { Toasts } from "./toasts.js";

export interface NewsHost {
  reacted(participant: Participant, reaction: Reaction): void;
  /** Opens the list of those who wait. */
  showLobby(): void;
  lobbyIsShown(): boolean;
}

/** Of a text as much as fits. */
const mostCharacters = 90;

export function shortened(text: string): string {
  return text.length > mostCharacters ? `${text.slice(0, mostCharacters - 1)}…` : text;
}

export class News {
  private readonly reactions = new ReactionWatch();
  private readonly hands = new Set<Participant>();
  private waiting = new Set<string>();
  private locked: boolean;
  private readonly endings: (() => void)[];

  constructor(
    private readonly room: Room,
    private readonly toasts: Toasts,
    private readonly host: NewsHost,
  ) {
    this.locked = room.settings.locked;
    for (const participant of room.participants) this.meet(participant);
    this.endings = [
      room.on("warning", (error) => toasts.warn(sentence(error))),
      room.on("participantJoined", (participant) => {
        this.meet(participant);
        toasts.tell(texts.news.joined(participant.name));
      }),
      room.on("participantLeft", (participant, reason) => {
        this.reactions.forget(participant);
        this.hands.delete(participant);
        toasts.tell((reason === "lost" ? texts.news.lost : texts.news.left)(participant.name));
      }),
      room.on("participantUpdated", (participant) => this.look(participant)),
      room.on("trackPublished", ({ source }, { name }) => {
        if (source === "screen") toasts.tell(texts.news.presenting(name), "screen");
      }),
      // Said, not shown: there is nothing to be done about it.
      room.on("pathChanged", (path) => toasts.whisper(texts.news[path])),
      room.on("settingsChanged", ({ locked }) => this.lock(locked)),
      room.on("lobbyChanged", () => this.knock()),
    ];
    this.knock();
  }

  close(): void {
    this.endings.forEach((end) => end());
  }

  /** Somebody has written, and the chat is not open. */
  written(name: string, text: string, open: () => void): void {
    this.toasts.ask(texts.news.wrote(name, shortened(text)), "chat", texts.dock.chat, "chat", open);
  }

  private meet(participant: Participant): void {
    this.reactions.meet(participant);
    if (handSince(participant) !== undefined) this.hands.add(participant);
  }

  private look(participant: Participant): void {
    if (participant.local) return;
    const reaction = this.reactions.look(participant);
    if (reaction) {
      this.host.reacted(participant, reaction);
      this.toasts.whisper(texts.news.reacted(participant.name, reaction));
    }
    const up = handSince(participant) !== undefined;
    if (up && !this.hands.has(participant)) this.toasts.tell(texts.news.handRaised(participant.name), "hand");
    if (up) this.hands.add(participant);
    else this.hands.delete(participant);
  }

  private lock(locked: boolean): void {
    if (locked === this.locked) return;
    this.locked = locked;
    this.toasts.tell(locked ? texts.news.locked : texts.news.unlocked, "lock");
  }

  private knock(): void {
    const { lobby } = this.room;
    const fresh = lobby.filter(({ participant }) => !this.waiting.has(participant));
    this.waiting = new Set(lobby.map(({ participant }) => participant));
    if (this.host.lobbyIsShown()) return;
    for (const { name, identity } of fresh)
      this.toasts.ask(texts.news.waiting(name || identity), "door", texts.drawer.people, "people", () => this.host.showLobby());
  }
}
