// Who is here, who waits to come in, and what an administrator may do about it.

import { RemoteParticipant } from "../src/index.js";
import type { Participant, Room, RoomSettings, WaitingParticipant } from "../src/index.js";
import { handSince } from "./attributes.js";
import { batched, h, setText } from "./dom.js";
import type { Panel } from "./drawer.js";
import { avatar, updateAvatar } from "./faces.js";
import { FileDrop } from "./file-drop.js";
import { icon } from "./icons.js";
import { texts } from "./language.js";
import { Menu } from "./menu.js";
import type { Item } from "./menu.js";

export interface PeopleHost {
  isPinned(participant: Participant): boolean;
  pin(participant: Participant): void;
  attempt(action: Promise<unknown>): void;
  send(files: Iterable<File>, participant: RemoteParticipant): void;
}

export class PeoplePanel implements Panel {
  readonly element: HTMLElement;
  private readonly lobby = h("ul", { class: "people lobby", "aria-label": texts.people.waiting, "data-testid": "lobby" });
  private readonly lobbyHead: HTMLElement;
  private readonly list = h("ul", { class: "people", "data-testid": "people" });
  private readonly rows = new Map<Participant, PersonRow>();
  private readonly drops = new WeakMap<RemoteParticipant, FileDrop>();
  private readonly switches: Record<keyof RoomSettings, HTMLInputElement>;
  private readonly administration: HTMLElement;
  private shown = false;
  private readonly endings: (() => void)[];
  private readonly update = batched(() => this.render());

  constructor(
    private readonly room: Room,
    private readonly host: PeopleHost,
  ) {
    const { people } = texts;
    const admitAll = h("button", { class: "text-button", type: "button", onclick: () => this.admitAll() }, people.admitAll);
    this.lobbyHead = h("div", { class: "section-head" }, h("h3", {}, people.waiting), admitAll);
    this.switches = {
      locked: this.makeSwitch("locked"),
      lobby: this.makeSwitch("lobby"),
      direct: this.makeSwitch("direct"),
    };
    this.administration = this.makeAdministration();
    this.element = h("div", { class: "people-panel" }, this.lobbyHead, this.lobby, this.list, this.administration);
    this.endings = [
      room.on("participantJoined", this.update),
      room.on("participantLeft", this.update),
      room.on("participantUpdated", this.update),
      room.on("trackPublished", this.update),
      room.on("trackUnpublished", this.update),
      room.on("speakersChanged", this.update),
      room.on("settingsChanged", this.update),
      room.on("lobbyChanged", this.update),
    ];
  }

  show(shown: boolean): void {
    this.shown = shown;
    this.render();
  }

  close(): void {
    this.endings.forEach((end) => end());
  }

  private get administers(): boolean {
    return this.room.localParticipant.permissions.roomAdmin;
  }

  private makeAdministration(): HTMLElement {
    const { people } = texts;
    const muteAll = h(
      "button",
      { class: "secondary", type: "button", onclick: () => this.muteAll() },
      icon("micOff"),
      people.muteAll,
    );
    const line = (setting: keyof RoomSettings, label: string, hint: string): HTMLElement =>
      h("label", { class: "switch" }, h("span", {}, label, h("small", {}, hint)), this.switches[setting]);
    return h(
      "section",
      { class: "administration", "data-testid": "administration" },
      h("h3", {}, people.room),
      line("locked", people.lock, people.lockHint),
      line("lobby", people.lobby, people.lobbyHint),
      line("direct", people.direct, people.directHint),
      muteAll,
    );
  }

  private makeSwitch(setting: keyof RoomSettings): HTMLInputElement {
    const input = h("input", { type: "checkbox", role: "switch", "data-testid": `${setting}-switch` });
    input.addEventListener("change", () => {
      this.host.attempt(this.room.setSettings({ [setting]: input.checked }).finally(this.update));
    });
    return input;
  }

  private admitAll(): void {
    for (const waiting of this.room.lobby) this.host.attempt(this.room.admit(waiting));
  }

  private muteAll(): void {
    const sounds = this.room.participants.flatMap((participant) => participant.publication("microphone") ?? []);
    for (const publication of sounds) if (!publication.muted) this.host.attempt(this.room.mute(publication));
  }

  private render(): void {
    if (!this.shown || this.room.state === "disconnected") return;
    this.renderLobby();
    this.renderPeople();
    this.administration.hidden = !this.administers;
    for (const setting of ["locked", "lobby", "direct"] as const)
      this.switches[setting].checked = this.room.settings[setting];
  }

  private renderLobby(): void {
    const { lobby } = this.room;
    const key = lobby.map(({ participant }) => participant).join();
    this.lobbyHead.hidden = this.lobby.hidden = lobby.length === 0;
    if (this.lobby.dataset["key"] === key) return;
    this.lobby.dataset["key"] = key;
    this.lobby.replaceChildren(...lobby.map((waiting) => this.waitingRow(waiting)));
  }

  private waitingRow(waiting: WaitingParticipant): HTMLElement {
    const { people } = texts;
    const name = waiting.name || waiting.identity;
    const face = avatar();
    updateAvatar(face, name, waiting.identity);
    const answer = (label: string, spoken: string, kind: string, act: () => Promise<void>): HTMLElement =>
      h("button", { class: kind, type: "button", "aria-label": spoken, onclick: () => this.host.attempt(act()) }, label);
    return h(
      "li",
      { "data-testid": "waiting" },
      face,
      h("span", { class: "name" }, name),
      answer(people.deny, people.denySomebody(name), "secondary compact", () => this.room.deny(waiting)),
      answer(people.admit, people.admitSomebody(name), "primary compact", () => this.room.admit(waiting)),
    );
  }

  /** Whoever has raised a hand comes first, in the order of raising. */
  private renderPeople(): void {
    const { localParticipant: local, participants } = this.room;
    const since = (participant: Participant): number => handSince(participant) ?? Infinity;
    const everybody = [local, ...participants].sort((left, right) =>
      since(left) === since(right) ? 0 : since(left) - since(right),
    );
    const here = new Set<Participant>(everybody);
    for (const participant of this.rows.keys()) if (!here.has(participant)) this.rows.delete(participant);
    const rows = everybody.map((participant) => {
      const row = this.rows.get(participant) ?? this.makeRow(participant);
      this.rows.set(participant, row);
      row.update();
      return row.element;
    });
    // Moving a row would close its menu and lose the focus, so only what has to is moved.
    rows.forEach((row, index) => {
      if (this.list.children[index] !== row) this.list.insertBefore(row, this.list.children[index] ?? null);
    });
    while (this.list.childElementCount > rows.length) this.list.lastElementChild?.remove();
  }

  private makeRow(participant: Participant): PersonRow {
    const row = new PersonRow(participant, () => this.actions(participant));
    if (participant instanceof RemoteParticipant)
      this.drops.set(participant, new FileDrop(row.element, (files) => this.host.send(files, participant)));
    return row;
  }

  private actions(participant: Participant): Item[] {
    const { people } = texts;
    const pinned = this.host.isPinned(participant);
    const pin: Item = { label: pinned ? people.unpin : people.pin, icon: "pin", act: () => this.host.pin(participant) };
    if (!(participant instanceof RemoteParticipant)) return [pin];
    const choose = (): void => this.drops.get(participant)?.choose();
    const file: Item = { label: people.sendFile, icon: "file", testId: "send-file", act: choose };
    return [pin, file, ...(this.administers ? this.hostActions(participant) : [])];
  }

  private hostActions(participant: RemoteParticipant): Item[] {
    const { people } = texts;
    const microphone = participant.publication("microphone");
    const remove: Item = {
      label: people.remove,
      icon: "remove",
      danger: true,
      testId: "remove-person",
      act: () => this.host.attempt(this.room.remove(participant)),
    };
    if (!microphone || microphone.muted) return [remove];
    const mute = (): void => this.host.attempt(this.room.mute(microphone));
    return [{ label: people.mute, icon: "micOff", testId: "mute-person", act: mute }, remove];
  }
}

class PersonRow {
  readonly element: HTMLElement;
  private readonly face = avatar();
  private readonly name = h("span", { class: "name" });
  private readonly note = h("span", { class: "note" });
  private readonly state = h("span", { class: "state" });

  constructor(
    private readonly participant: Participant,
    actions: () => Item[],
  ) {
    const label = texts.people.actions(participant.name);
    const button = h(
      "button",
      { class: "round small quiet", type: "button", "aria-label": label, title: label, "data-testid": "person-menu" },
      icon("more"),
    );
    const menu = new Menu(button, actions, label);
    this.element = h(
      "li",
      { "data-person": participant.identity },
      this.face,
      h("span", { class: "who" }, this.name, this.note),
      this.state,
      button,
      menu.popup,
    );
  }

  update(): void {
    const { participant, state } = this;
    const { people } = texts;
    updateAvatar(this.face, participant.name, participant.identity);
    setText(this.name, participant.local ? texts.common.you(participant.name) : participant.name);
    const hand = handSince(participant) !== undefined;
    setText(
      this.note,
      participant.connection === "reconnecting"
        ? people.reconnecting
        : hand
          ? people.handUp
          : participant.speaking
            ? people.speaking
            : "",
    );
    const microphone = participant.publication("microphone");
    const on = microphone !== undefined && !microphone.muted;
    const shown = `${on} ${hand}`;
    if (state.dataset["shown"] === shown) return;
    state.dataset["shown"] = shown;
    state.replaceChildren(...(hand ? [icon("hand")] : []), icon(on ? "mic" : "micOff"));
  }
}
