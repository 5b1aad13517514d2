// In the call: puts together the stage, the bar above, the dock below and the drawer beside it, and says which keys do what.

import type { Room } from "../src/index.js";
import { ChatPanel } from "./chat-panel.js";
import { Chooser } from "./chooser.js";
import type { Choice } from "./chooser.js";
import { Controls } from "./controls.js";
import { Dock } from "./dock.js";
import { batched, h } from "./dom.js";
import { Drawer } from "./drawer.js";
import { Floating } from "./floating.js";
import { icon } from "./icons.js";
import { texts } from "./language.js";
import type { Item } from "./menu.js";
import { News } from "./news.js";
import { PeoplePanel } from "./people-panel.js";
import type { Preferences } from "./preferences.js";
import type { Device } from "./preview.js";
import type { Shelf } from "./shelf.js";
import { settingsDialog } from "./settings.js";
import type { SettingsHost } from "./settings.js";
import { shortcutsDialog } from "./shortcuts.js";
import type { Shortcut } from "./shortcuts.js";
import { Speakers } from "./speakers.js";
import { StageView } from "./stage.js";
import { StatisticsPanel } from "./statistics-panel.js";
import { Toasts } from "./toasts.js";
import { Topbar } from "./topbar.js";

export interface CallHost extends SettingsHost {
  leave(): void;
  /** Undefined: nobody can be invited from here. */
  inviteLink: string | undefined;
}

export class Call {
  readonly element: HTMLElement;
  readonly shortcuts: readonly Shortcut[];
  private readonly toasts = new Toasts();
  private readonly speakers: Speakers;
  private readonly controls: Controls;
  private readonly stage: StageView;
  private readonly drawer: Drawer;
  private readonly dock: Dock;
  private readonly topbar: Topbar;
  private readonly news: News;
  private readonly chooser: Chooser;
  private readonly settings: HTMLDialogElement;
  private readonly help: HTMLDialogElement;
  private readonly floating = new Floating(() => this.stage.subject?.publication);
  private readonly hear: HTMLButtonElement;
  private readonly alone = h("div", { class: "alone" });
  private readonly endings: (() => void)[];
  private readonly render = batched(() => this.update());

  constructor(
    private readonly room: Room,
    private readonly shelf: Shelf,
    preferences: Preferences,
    private readonly host: CallHost,
  ) {
    const { render, toasts } = this;
    const local = room.localParticipant;
    this.speakers = new Speakers(preferences.speaker);
    this.controls = new Controls(room, toasts, {
      chosen: (changes) => host.chosen(changes),
      inviteLink: host.inviteLink,
      changed: render,
      reacted: (reaction) => this.stage.react(local, reaction),
    });
    this.stage = new StageView(room, this.speakers, preferences.view === "speaker" ? "speaker" : "grid", () =>
      this.floating.follow(),
    );
    this.drawer = this.makeDrawer();
    this.dock = new Dock(room, this.controls, this.drawer, { leave: () => host.leave(), more: () => this.moreItems() });
    this.topbar = new Topbar(room, this.drawer);
    this.news = new News(room, toasts, {
      reacted: (participant, reaction) => this.stage.react(participant, reaction),
      showLobby: () => this.drawer.show("people"),
      lobbyIsShown: () => this.drawer.panel === "people",
    });
    this.chooser = new Chooser(preferences, (choice, deviceId) => this.choose(choice, deviceId));
    this.settings = settingsDialog(this.chooser, preferences, host);
    this.shortcuts = this.makeShortcuts();
    this.help = shortcutsDialog(this.shortcuts);
    const start = (): void => void room.startPlayback();
    const attributes = { class: "hear", type: "button", hidden: true, "data-testid": "hear-button", onclick: start };
    this.hear = h("button", attributes, icon("sound"), texts.stage.clickToHear);
    this.element = this.build();
    this.endings = this.listen();
    this.update();
  }

  close(): void {
    this.endings.forEach((end) => end());
    this.news.close();
    this.floating.close();
    this.stage.close();
    this.drawer.close();
    this.chooser.close();
  }

  toggle(device: Device): void {
    this.controls.toggle(device);
  }

  closePanels(): void {
    this.stage.closeWhy();
    this.drawer.show(undefined);
  }

  warn(error: unknown): void {
    this.controls.warn(error);
  }

  private makeDrawer(): Drawer {
    const { room, controls } = this;
    const chat = new ChatPanel(room, this.shelf, {
      written: ({ name, text }) => {
        if (this.drawer.panel !== "chat") this.news.written(name, text, () => this.drawer.show("chat"));
        this.drawer.written();
      },
      offered: ({ transfer }) => {
        const show = (): void => this.drawer.show("chat");
        if (this.drawer.panel !== "chat")
          this.toasts.ask(texts.files.offer(transfer.participant.name), "file", texts.files.look, "chat", show);
        this.drawer.written();
      },
      failed: (text) => this.toasts.warn(text),
    });
    const people = new PeoplePanel(room, {
      isPinned: (participant) => this.stage.isPinned(participant),
      pin: (participant) => this.stage.pin(participant),
      attempt: (action) => void controls.attempt(action),
      send: (files, participant) => {
        this.shelf.send(files, participant);
        this.drawer.show("chat");
      },
    });
    return new Drawer({ chat, people, statistics: new StatisticsPanel(room) }, () => {
      if (this.drawer.panel) this.toasts.answered(this.drawer.panel);
      this.render();
    });
  }

  private build(): HTMLElement {
    const frame = h(
      "div",
      { class: "stage-frame" },
      this.stage.element,
      this.alone,
      this.hear,
      ...this.stage.overlays,
      this.toasts.element,
    );
    return h(
      "main",
      { class: "call" },
      this.topbar.element,
      h("div", { class: "middle" }, frame, this.drawer.element),
      this.dock.element,
      this.settings,
      this.help,
      this.floating.element,
    );
  }

  private moreItems(): Item[] {
    const { dock } = texts;
    const grid = this.stage.view === "grid";
    const view: Item = {
      label: grid ? dock.speaker : dock.grid,
      icon: grid ? "speaker" : "grid",
      key: "G",
      testId: "view-item",
      act: () => this.toggleView(),
    };
    const floating: Item = { label: dock.floating, icon: "floating", testId: "floating-item", act: () => this.float() };
    const invite: Item = {
      label: texts.common.copyLink,
      icon: "link",
      testId: "invite-item",
      act: () => void this.controls.copyInvite(),
    };
    const statistics = (): void => this.drawer.toggle("statistics");
    return [
      view,
      ...(Floating.possible ? [floating] : []),
      ...(this.controls.canInvite ? [invite] : []),
      { label: dock.statistics, icon: "chart", key: "T", testId: "statistics-item", act: statistics },
      { label: dock.settings, icon: "settings", testId: "settings-button", act: () => this.settings.showModal() },
      { label: dock.shortcuts, icon: "keyboard", key: "?", testId: "shortcuts-item", act: () => this.help.showModal() },
    ];
  }

  private makeShortcuts(): Shortcut[] {
    const { shortcuts: words } = texts;
    const { controls, drawer, dock, stage } = this;
    const letter = (key: string, label: string, act: () => void): Shortcut => ({
      keys: [key],
      shown: [key.toUpperCase()],
      label,
      // The letter must not end up in a field that gets the focus.
      act: (event) => {
        event.preventDefault();
        act();
      },
    });
    const page = (event: KeyboardEvent): void => stage.turn(event.key === "PageUp" || event.key === "ArrowLeft" ? -1 : 1);
    return [
      letter("m", words.microphone, () => controls.toggle("microphone")),
      {
        ...letter(" ", words.talk, () => controls.talk(true)),
        shown: [words.space],
        release: () => controls.talk(false),
      },
      letter("v", words.camera, () => controls.toggle("camera")),
      letter("s", words.screen, () => dock.openScreenMenu()),
      letter("h", words.hand, () => controls.toggleHand()),
      letter("e", words.react, () => dock.openReactions()),
      letter("c", words.chat, () => drawer.toggle("chat")),
      letter("p", words.people, () => drawer.toggle("people")),
      letter("g", words.view, () => this.toggleView()),
      { keys: ["ArrowLeft", "ArrowRight", "PageUp", "PageDown"], shown: ["←", "→"], label: words.pages, act: page },
      letter("i", words.why, () => stage.toggleWhy()),
      letter("t", words.statistics, () => drawer.toggle("statistics")),
      letter("?", words.help, () => this.help.showModal()),
    ];
  }

  private listen(): (() => void)[] {
    const { room, render } = this;
    const { localParticipant: local } = room;
    return [
      room.on("stateChanged", render),
      room.on("troubleChanged", render),
      room.on("trackPublished", render),
      room.on("playbackBlocked", render),
      room.on("participantJoined", render),
      room.on("participantLeft", render),
      room.on("participantUpdated", render),
      room.on("settingsChanged", render),
      room.on("pathChanged", render),
      room.on("lobbyChanged", render),
      room.on("warning", render),
      local.on("trackPublished", (publication) => {
        this.endings.push(publication.on("updated", render));
        render();
      }),
      local.on("trackUnpublished", render),
      ...local.publications.map((publication) => publication.on("updated", render)),
    ];
  }

  private update(): void {
    if (this.room.state === "disconnected") return;
    this.controls.noticeMuting();
    this.topbar.update();
    this.dock.update();
    this.hear.hidden = !this.room.playbackIsBlocked;
    this.alone.hidden = this.room.participants.length > 0;
    if (!this.alone.hidden && this.alone.childElementCount === 0) this.alone.append(...this.aloneCard());
  }

  private aloneCard(): Node[] {
    const text = h("p", {}, texts.stage.alone);
    if (!this.controls.canInvite) return [text];
    const copy = (): void => void this.controls.copyInvite();
    return [text, h("button", { class: "primary", type: "button", onclick: copy }, icon("link"), texts.common.copyLink)];
  }

  private toggleView(): void {
    const view = this.stage.view === "grid" ? "speaker" : "grid";
    this.stage.show(view);
    this.host.chosen({ view });
  }

  private float(): void {
    void this.controls.attempt(this.floating.toggle());
  }

  private choose(choice: Choice, deviceId: string): void {
    this.host.chosen({ [choice]: deviceId });
    if (choice === "speaker") this.speakers.choose(deviceId);
    else void this.controls.attempt(this.room.localParticipant.switchDevice(choice, deviceId));
  }
}
