// The row of buttons below the stage.

import type { Room, ScreenKind } from "../src/index.js";
import { reactions } from "./attributes.js";
import type { Controls } from "./controls.js";
import { h, setText } from "./dom.js";
import type { Drawer } from "./drawer.js";
import { icon } from "./icons.js";
import type { IconName } from "./icons.js";
import { texts } from "./language.js";
import { Menu } from "./menu.js";
import type { Item } from "./menu.js";
import type { Device } from "./preview.js";

export interface DockHost {
  leave(): void;
  /** What stands in the menu of everything else. */
  more(): Item[];
}

export class Dock {
  readonly element: HTMLElement;
  private readonly microphone = this.button("mic", "mic-button", () => this.controls.toggle("microphone"));
  private readonly camera = this.button("camera", "camera-button", () => this.controls.toggle("camera"));
  private readonly screen = this.button("screen", "screen-button", () => this.controls.stopScreen());
  private readonly hand = this.button("hand", "hand-button", () => this.controls.toggleHand());
  private readonly reaction = this.button("smile", "reaction-button");
  private readonly chat = this.button("chat", "chat-button", () => this.drawer.toggle("chat"));
  private readonly badge = h("span", { class: "badge", hidden: true, "data-testid": "chat-badge" });
  private readonly sounds: { audio: boolean } = { audio: true };
  private readonly screenMenu: Menu;
  private readonly reactionMenu: Menu;

  constructor(
    private readonly room: Room,
    private readonly controls: Controls,
    private readonly drawer: Drawer,
    host: DockHost,
  ) {
    const { dock } = texts;
    this.chat.append(this.badge);
    const more = this.button("more", "more-button");
    const leave = this.button("leave", "leave-button", () => host.leave());
    leave.classList.add("leave");
    this.label(more, dock.more);
    this.label(leave, dock.leave);
    this.label(this.reaction, dock.react, "E");
    this.screenMenu = new Menu(this.screen, () => this.screenItems(), dock.screen);
    this.reactionMenu = new Menu(this.reaction, () => this.reactionItems(), dock.react, "row");
    const moreMenu = new Menu(more, () => host.more(), dock.more);
    const canShare = "getDisplayMedia" in (navigator.mediaDevices ?? {});
    const invite = this.button("link", "invite-button", () => void controls.copyInvite());
    this.label(invite, texts.common.copyLink);
    this.element = h(
      "nav",
      { class: "dock", "aria-label": dock.label },
      this.microphone,
      this.camera,
      canShare && this.screen,
      h("span", { class: "divider" }),
      this.hand,
      this.reaction,
      this.chat,
      controls.canInvite && invite,
      more,
      h("span", { class: "divider" }),
      leave,
      this.screenMenu.popup,
      this.reactionMenu.popup,
      moreMenu.popup,
    );
  }

  openScreenMenu(): void {
    if (this.controls.sharing) this.controls.stopScreen();
    else if (this.screen.isConnected) this.screenMenu.open();
  }

  openReactions(): void {
    this.reactionMenu.open();
  }

  update(): void {
    const { dock } = texts;
    const { localParticipant: local } = this.room;
    this.showDevice(this.microphone, "microphone", local.microphoneEnabled, "mic", "micOff", "M");
    this.showDevice(this.camera, "camera", local.cameraEnabled, "camera", "cameraOff", "V");
    const { sharing, handIsUp } = this.controls;
    this.screen.classList.toggle("active", sharing);
    // A button that stops opens no menu.
    this.screen.popoverTargetElement = sharing ? null : this.screenMenu.popup;
    this.label(this.screen, sharing ? dock.stopScreen : dock.screen, "S");
    this.hand.classList.toggle("active", handIsUp);
    this.hand.setAttribute("aria-pressed", String(handIsUp));
    this.label(this.hand, handIsUp ? dock.lowerHand : dock.hand, "H");

    const { unread, panel } = this.drawer;
    this.badge.hidden = unread === 0;
    setText(this.badge, unread > 9 ? "9+" : String(unread));
    this.chat.classList.toggle("active", panel === "chat");
    this.chat.setAttribute("aria-expanded", String(panel === "chat"));
    this.label(this.chat, unread > 0 ? dock.unread(unread) : dock.chat, "C");
  }

  private screenItems(): Item[] {
    const { screen } = texts;
    const share = (kind: ScreenKind): void => void this.controls.share(kind, this.sounds.audio);
    return [
      { label: screen.text, hint: screen.textHint, icon: "file", testId: "share-text", act: () => share("text") },
      { label: screen.motion, hint: screen.motionHint, icon: "motion", testId: "share-motion", act: () => share("motion") },
      {
        label: screen.sound,
        icon: "sound",
        checked: this.sounds.audio,
        testId: "share-sound",
        act: () => (this.sounds.audio = !this.sounds.audio),
      },
    ];
  }

  private reactionItems(): Item[] {
    return reactions.map((reaction) => ({ label: reaction, act: () => this.controls.react(reaction) }));
  }

  private showDevice(
    button: HTMLButtonElement,
    device: Device,
    on: boolean,
    onIcon: IconName,
    offIcon: IconName,
    key: string,
  ): void {
    const wanted = on ? "on" : "off";
    if (button.dataset["state"] !== wanted) button.replaceChildren(icon(on ? onIcon : offIcon));
    button.dataset["state"] = wanted;
    button.setAttribute("aria-pressed", String(on));
    button.toggleAttribute("data-busy", this.controls.busy.has(device));
    this.label(button, (on ? texts.devices.turnOff : texts.devices.turnOn)[device], key);
  }

  private button(name: IconName, testId: string, act?: () => void): HTMLButtonElement {
    const click = act && { onclick: () => act() };
    return h("button", { class: "round", type: "button", "data-testid": testId, ...click }, icon(name));
  }

  private label(button: HTMLButtonElement, label: string, key?: string): void {
    button.setAttribute("aria-label", label);
    if (key) button.setAttribute("aria-keyshortcuts", key);
    button.title = key ? `${label} (${key})` : label;
  }
}
