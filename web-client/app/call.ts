// In the call: the stage, the dock with its buttons, the drawer, and what has to be said about the connection.

import { ParleyError } from "../src/index.js";
import type { LocalParticipant, Room } from "../src/index.js";
import { Chooser } from "./chooser.js";
import type { Choice } from "./chooser.js";
import { batched, h, setText } from "./dom.js";
import { Drawer } from "./drawer.js";
import { icon } from "./icons.js";
import type { IconName } from "./icons.js";
import type { Preferences } from "./preferences.js";
import type { Device } from "./preview.js";
import { Speakers } from "./speakers.js";
import { StageView } from "./stage.js";
import { Toasts } from "./toasts.js";

export interface CallHost {
  leave(): void;
  chosen(changes: Partial<Preferences>): void;
  /** Undefined: nobody can be invited from here. */
  inviteLink: string | undefined;
}

export class Call {
  readonly element: HTMLElement;
  private readonly toasts = new Toasts();
  private readonly speakers: Speakers;
  private readonly stage: StageView;
  private readonly drawer: Drawer;
  private readonly chooser: Chooser;
  private readonly settings: HTMLDialogElement;
  private readonly banner = h("div", { class: "banner", role: "status", hidden: true, "data-testid": "banner" });
  private readonly hear: HTMLButtonElement;
  private readonly alone = h("div", { class: "alone" });
  private readonly count = h("span", { "data-testid": "people-count" });
  private readonly badge = h("span", { class: "badge", hidden: true, "data-testid": "chat-badge" });
  private readonly buttons: Record<"microphone" | "camera" | "screen" | "chat" | "people", HTMLButtonElement>;
  private readonly local: LocalParticipant;
  private readonly endings: (() => void)[];
  private readonly render = batched(() => this.update());

  constructor(
    private readonly room: Room,
    preferences: Preferences,
    private readonly host: CallHost,
  ) {
    this.local = room.localParticipant;
    this.speakers = new Speakers(preferences.speaker);
    this.stage = new StageView(room, this.speakers);
    this.drawer = new Drawer(
      room,
      () => this.render(),
      (error) => this.toasts.warn(error.message),
    );
    this.chooser = new Chooser(preferences, (choice, deviceId) => this.choose(choice, deviceId));
    this.settings = this.makeSettings();
    this.hear = h(
      "button",
      {
        class: "hear",
        type: "button",
        hidden: true,
        "data-testid": "hear-button",
        onclick: () => void room.startPlayback(),
      },
      icon("sound"),
      "Click to hear the others",
    );
    this.buttons = this.makeButtons();
    this.element = this.build();
    this.endings = this.listen();
    this.update();
  }

  close(): void {
    this.endings.forEach((end) => end());
    this.stage.close();
    this.drawer.close();
    this.chooser.close();
  }

  toggle(device: Device): void {
    const camera = device === "camera";
    const on = !(camera ? this.local.cameraEnabled : this.local.microphoneEnabled);
    this.host.chosen(camera ? { cameraOn: on } : { microphoneOn: on });
    const done = camera ? this.local.setCameraEnabled(on) : this.local.setMicrophoneEnabled(on);
    this.buttons[device].toggleAttribute("data-busy", true);
    done
      .catch((error: unknown) => this.warn(error))
      .finally(() => {
        this.buttons[device].toggleAttribute("data-busy", false);
        this.render();
      });
    this.render();
  }

  toggleChat(): void {
    this.drawer.toggle("chat");
  }

  toggleWhy(): void {
    this.stage.toggleWhy();
  }

  closePanels(): void {
    this.stage.closeWhy();
    this.drawer.show(undefined);
  }

  warn(error: unknown): void {
    this.toasts.warn(ParleyError.from(error).message);
  }

  private build(): HTMLElement {
    const { microphone, camera, screen, chat, people } = this.buttons;
    const leave = this.button("leave", "Leave the call", "leave-button", () => this.host.leave());
    leave.classList.add("leave");
    const settings = this.button("settings", "Settings", "settings-button", () => this.settings.showModal());
    const invite = this.host.inviteLink
      ? this.button("link", "Copy the invite link", "invite-button", () => void this.copyInvite())
      : undefined;
    const canShare = "getDisplayMedia" in (navigator.mediaDevices ?? {});
    return h(
      "main",
      { class: "call" },
      h("header", { class: "topbar" }, h("span", { class: "room-name" }, this.room.name), this.banner, people),
      h(
        "div",
        { class: "middle" },
        h("div", { class: "stage-frame" }, this.stage.element, this.alone, this.hear, this.stage.panel, this.toasts.element),
        this.drawer.element,
      ),
      h(
        "nav",
        { class: "dock", "aria-label": "Call controls" },
        microphone,
        camera,
        canShare && screen,
        h("span", { class: "divider" }),
        chat,
        invite,
        settings,
        h("span", { class: "divider" }),
        leave,
      ),
      this.settings,
    );
  }

  private makeButtons(): Record<"microphone" | "camera" | "screen" | "chat" | "people", HTMLButtonElement> {
    const chat = this.button("chat", "Chat (C)", "chat-button", () => this.toggleChat());
    chat.append(this.badge);
    const people = h(
      "button",
      { class: "chip", type: "button", "data-testid": "people-button", onclick: () => this.drawer.toggle("people") },
      icon("people"),
      this.count,
    );
    return {
      microphone: this.button("mic", "Microphone", "mic-button", () => this.toggle("microphone")),
      camera: this.button("camera", "Camera", "camera-button", () => this.toggle("camera")),
      screen: this.button("screen", "Share your screen", "screen-button", () => void this.toggleScreen()),
      chat,
      people,
    };
  }

  private button(name: IconName, label: string, testId: string, act: () => void): HTMLButtonElement {
    return h(
      "button",
      { class: "round", type: "button", "data-testid": testId, "aria-label": label, title: label, onclick: act },
      icon(name),
    );
  }

  private makeSettings(): HTMLDialogElement {
    const dialog = h("dialog", { class: "settings", "aria-label": "Settings" });
    const close = h(
      "button",
      { class: "round small quiet", type: "button", "aria-label": "Close", onclick: () => dialog.close() },
      icon("close"),
    );
    const keys = h(
      "p",
      { class: "keys" },
      h("kbd", {}, "M"),
      " microphone  ",
      h("kbd", {}, "V"),
      " camera  ",
      h("kbd", {}, "C"),
      " chat  ",
      h("kbd", {}, "I"),
      " quality",
    );
    dialog.append(h("header", {}, h("h2", {}, "Settings"), close), this.chooser.element, keys);
    // A click on the backdrop closes it, as people expect.
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    return dialog;
  }

  private listen(): (() => void)[] {
    const { room, render } = this;
    return [
      room.on("stateChanged", render),
      room.on("trackPublished", render),
      room.on("playbackBlocked", render),
      this.local.on("trackPublished", render),
      this.local.on("trackUnpublished", render),
      room.on("warning", (error) => {
        this.warn(error);
        this.render();
      }),
      room.on("participantJoined", (participant) => {
        this.toasts.tell(`${participant.name} joined`);
        this.render();
      }),
      room.on("participantLeft", (participant, reason) => {
        this.toasts.tell(`${participant.name} ${reason === "lost" ? "lost the connection" : "left"}`);
        this.render();
      }),
    ];
  }

  private update(): void {
    if (this.room.state === "disconnected") return;
    this.showState(this.buttons.microphone, this.local.microphoneEnabled, "mic", "micOff", "microphone", "M");
    this.showState(this.buttons.camera, this.local.cameraEnabled, "camera", "cameraOff", "camera", "V");
    const sharing = this.local.publication("screen") !== undefined;
    this.buttons.screen.classList.toggle("active", sharing);
    this.label(this.buttons.screen, sharing ? "Stop sharing your screen" : "Share your screen");

    const { unreadMessages, panel } = this.drawer;
    this.badge.hidden = unreadMessages === 0;
    setText(this.badge, unreadMessages > 9 ? "9+" : String(unreadMessages));
    this.buttons.chat.classList.toggle("active", panel === "chat");
    this.label(this.buttons.chat, unreadMessages > 0 ? `Chat, ${unreadMessages} unread (C)` : "Chat (C)");
    this.buttons.people.classList.toggle("active", panel === "people");

    const people = this.room.participants.length + 1;
    setText(this.count, String(people));
    this.label(this.buttons.people, people === 1 ? "1 person" : `${people} people`);
    this.alone.hidden = people > 1;
    if (people === 1 && this.alone.childElementCount === 0) this.alone.append(...this.aloneCard());

    this.banner.hidden = this.room.state !== "reconnecting";
    setText(this.banner, "Reconnecting…");
    this.hear.hidden = !this.room.playbackIsBlocked;
  }

  private showState(
    button: HTMLButtonElement,
    on: boolean,
    onIcon: IconName,
    offIcon: IconName,
    name: string,
    key: string,
  ): void {
    const wanted = on ? "on" : "off";
    if (button.dataset["state"] !== wanted) button.replaceChildren(icon(on ? onIcon : offIcon));
    button.dataset["state"] = wanted;
    button.setAttribute("aria-pressed", String(on));
    button.setAttribute("aria-keyshortcuts", key);
    this.label(button, `Turn ${on ? "off" : "on"} ${name} (${key})`);
  }

  private label(button: HTMLButtonElement, label: string): void {
    button.setAttribute("aria-label", label);
    button.title = label;
  }

  private aloneCard(): Node[] {
    const text = h("p", {}, "Nobody else is here now.");
    if (!this.host.inviteLink) return [text];
    const copy = h(
      "button",
      { class: "primary", type: "button", onclick: () => void this.copyInvite() },
      icon("link"),
      "Copy invite link",
    );
    return [text, copy];
  }

  private async copyInvite(): Promise<void> {
    const link = this.host.inviteLink ?? "";
    try {
      await navigator.clipboard.writeText(link);
      this.toasts.tell("Invite link copied", "check");
    } catch {
      // Clipboards need a secure page and a permission; the address bar always works.
      this.toasts.warn(`Copy this link: ${link}`);
    }
  }

  private async toggleScreen(): Promise<void> {
    if (this.local.publication("screen")) return this.local.stopScreen();
    try {
      await this.local.publishScreen();
    } catch (error) {
      // Closing the browser's own chooser is an answer, not an error.
      if (!(error instanceof ParleyError) || error.code !== "permission_denied") this.warn(error);
    }
  }

  private choose(choice: Choice, deviceId: string): void {
    this.host.chosen({ [choice]: deviceId });
    if (choice === "speaker") this.speakers.choose(deviceId);
    else this.local.switchDevice(choice, deviceId).catch((error: unknown) => this.warn(error));
  }
}
