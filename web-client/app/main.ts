// The page: prejoin → call → left. What is on the screen is decided here; each screen is a class of its own.
//
// For tests the page shows its state:
//   window.parley.room             the SDK's Room of this page
//   body[data-connection]          idle, connecting, waiting, connected, reconnecting, disconnected
//   data-testid=…                  on whatever a test presses or reads
//   tile                           data-identity, data-participant, data-speaking=true|false, data-connection, data-visible
// What the address takes stands in address.ts.

import "./styles/base.css";
import "./styles/prejoin.css";
import "./styles/call.css";
import "./styles/drawer.css";
import "./styles/tile.css";
import "./styles/why.css";
import "./styles/dialog.css";
import "./styles/menu.css";
import "./styles/files.css";
import "./styles/people.css";
import "./styles/statistics.css";
import "./styles/light.css";

import { Encryption, ParleyError, Room, serverError } from "../src/index.js";
import type { DeviceOptions } from "../src/index.js";
import { addressInRoom, inviteLink, readAddress, readClaims, rememberedStep, rememberStep } from "./address.js";
import type { Address } from "./address.js";
import { encrypting } from "./attributes.js";
import { Call } from "./call.js";
import type { Entry } from "./entry.js";
import { refuseStrayFiles } from "./file-drop.js";
import { exchangeInvite } from "./invitation.js";
import { isLanguage, speak, spoken } from "./language.js";
import { leftScreen } from "./left.js";
import { readPreferences, remember } from "./preferences.js";
import type { Preferences } from "./preferences.js";
import { Prejoin } from "./prejoin.js";
import { Preview } from "./preview.js";
import type { Device } from "./preview.js";
import { Shelf } from "./shelf.js";
import { find, isTaken, latinKey } from "./shortcuts.js";
import { useTheme } from "./theme.js";
import type { Theme } from "./theme.js";
import { WakeLock } from "./wake-lock.js";

declare global {
  interface Window {
    parley: { room: Room };
  }
}

/** What is on the screen. */
interface Screen {
  close(): void;
  toggle?(device: Device): void;
}

class Page {
  private readonly place = document.querySelector("#app") as HTMLElement;
  private readonly wakeLock = new WakeLock();
  private address: Address;
  private room = new Room();
  private encryption: Encryption | undefined;
  private screen: Screen | undefined;
  /** Draws the screen once more, in another language. */
  private redraw: () => void = () => undefined;
  private call: Call | undefined;
  /** Shows that we are in the lobby. */
  private waiting: (waiting: boolean) => void = () => undefined;
  private entry: Entry | undefined;

  constructor() {
    this.address = this.readAddress();
    const { language, theme } = readPreferences();
    this.speak(this.address.language ?? language);
    useTheme(theme as Theme);
    document.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("keyup", (event) => find(this.call?.shortcuts ?? [], latinKey(event))?.release?.());
    // Another window is told when the key is let go: nobody is to be heard until they come back.
    window.addEventListener("blur", () => this.call?.shortcuts.forEach((shortcut) => shortcut.release?.()));
    window.addEventListener("hashchange", () => this.addressChanged());
    window.addEventListener("pagehide", () => this.rememberStep());
    refuseStrayFiles();
  }

  start(): void {
    this.showPrejoin(this.address.autojoin);
  }

  private speak(language: string): void {
    speak(isLanguage(language) ? language : spoken(navigator.languages));
  }

  private choseLanguage(language: string): void {
    remember({ language });
    this.speak(language);
    this.redraw();
  }

  private readAddress(): Address {
    const url = new URL(window.location.href);
    const address = readAddress(url, sessionStorage);
    if (address.token && url.hash.includes("token=")) history.replaceState(null, "", `${url.pathname}${url.search}`);
    if (!address.token) return address;
    const claims = readClaims(address.token);
    return { ...address, room: claims.room ?? address.room, name: address.name ?? claims.name };
  }

  /** Somebody pasted another invitation into the address bar. */
  private addressChanged(): void {
    if (this.call) return;
    // Who waits in a lobby turns round.
    this.room.disconnect();
    this.address = this.readAddress();
    this.showPrejoin(false);
  }

  private showPrejoin(atOnce: boolean, draft?: Entry): void {
    const preferences = readPreferences();
    const { name = preferences.name, room = preferences.room } = this.address;
    const entry = draft ?? { name, room };
    const preview = new Preview(deviceOptions(this.address, preferences));
    const wanted = this.wantedDevices(preferences);
    // Who goes in at once has not seen what is on; who has to wait, or is turned away, is shown it.
    let unseen = atOnce && (this.address.token !== undefined || (entry.name !== "" && entry.room !== ""));
    const prejoin = new Prejoin(this.address, entry, preview, wanted, preferences, {
      join: (chosen) => this.join(chosen, preview, (device) => unseen && wanted[device]),
      invited: (link) => this.takeInvite(link),
      chosen: remember,
      spoken: (language) => this.choseLanguage(language),
      cancel: () => this.room.disconnect(),
    });
    const look = (): void => {
      if (unseen) void prejoin.start();
      unseen = false;
    };
    const close = (): void => {
      unseen = false;
      prejoin.close();
      preview.close();
    };
    this.show(prejoin.element, { close, toggle: (device) => prejoin.toggle(device) });
    this.redraw = () => this.showPrejoin(false, prejoin.entry);
    this.waiting = (waiting) => {
      prejoin.wait(waiting);
      if (waiting) look();
    };
    document.body.dataset["connection"] = "idle";
    document.title = "Parley";
    if (unseen) void prejoin.join(entry).then(look);
    else void prejoin.start();
  }

  private wantedDevices(preferences: Preferences): Record<Device, boolean> {
    // Without a camera turned on last time, one is still wanted when the address says how to join.
    const remembered = !this.address.autojoin;
    return {
      camera: this.address.video && (!remembered || preferences.cameraOn),
      microphone: this.address.audio && (!remembered || preferences.microphoneOn),
    };
  }

  private takeInvite(link: string): boolean {
    // An invitation without the address around it is as good.
    const hash = link.includes("#") ? link.slice(link.indexOf("#")) : `#invite=${link.trim()}`;
    const { invite, token, key, room } = readAddress(new URL(hash, window.location.origin), sessionStorage);
    if (!invite && !token) return false;
    this.address = { ...this.address, invite, token, key, room: room ?? this.address.room };
    this.showPrejoin(false);
    return true;
  }

  private async join(entry: Entry, preview: Preview, unopened: (device: Device) => boolean): Promise<void> {
    const { screen } = this;
    // The rest of the link was cut off: going in without encryption is not what was meant.
    if (this.address.key === "") throw serverError("token_malformed", undefined);
    if (!this.address.autojoin) remember({ name: entry.name, room: entry.room });
    if (entry.encrypt && this.address.key === undefined) this.address = { ...this.address, key: randomKey() };
    const { invite } = this.address;
    const token = this.address.token ?? (await exchangeInvite(invite ?? "", entry.room, entry.name));
    // Another link was opened meanwhile.
    if (screen !== this.screen) throw new ParleyError("left", "The room was left.");
    const room = this.newRoom();
    const shelf = new Shelf(room);
    const attributes = room.encryption && encrypting;
    await room.connect(window.location.origin, token, { name: entry.name, ...(attributes && { attributes }) });
    this.entry = { ...entry, room: room.name };
    history.replaceState(null, "", addressInRoom(new URL(window.location.href), this.address, room.name));
    const preferences = readPreferences();
    const options = deviceOptions(this.address, preferences);
    // A device that failed before the call is not asked for again by itself; one that still opens is.
    const use = (device: Device): boolean => preview.tracks[device] !== undefined || preview.busy.has(device) || unopened(device);
    const used = { camera: use("camera"), microphone: use("microphone") };
    const opened = { camera: preview.take("camera"), microphone: preview.take("microphone") };
    void shelf.lookForUnfinished();
    this.showCall(room, shelf);
    document.title = `${room.name} · Parley`;
    this.wakeLock.start();
    const { localParticipant: local } = room;
    if (!local.permissions.canPublish) return;
    const warn = (error: unknown): void => this.call?.warn(error);
    if (used.microphone) local.setMicrophoneEnabled(true, { ...options.microphone, track: opened.microphone }).catch(warn);
    if (used.camera) local.setCameraEnabled(true, { ...options.camera, track: opened.camera }).catch(warn);
  }

  private showCall(room: Room, shelf: Shelf): void {
    const call = new Call(room, shelf, readPreferences(), {
      leave: () => room.disconnect(),
      chosen: remember,
      spoken: (language) => this.choseLanguage(language),
      inviteLink: inviteLink(window.location.origin, this.address, room.name),
    });
    this.call = call;
    this.show(call.element, call);
    this.redraw = () => this.showCall(room, shelf);
  }

  private newRoom(): Room {
    const { relay, direct, key } = this.address;
    const encryption = key === undefined ? undefined : new Encryption({ key, step: rememberedStep(sessionStorage, key) });
    const room = new Room({
      direct,
      iceTransportPolicy: relay ? "relay" : "all",
      ...(encryption && { encryption }),
    });
    this.encryption = encryption;
    this.room = room;
    window.parley = { room };
    room.on("stateChanged", (state) => {
      if (room !== this.room) return;
      document.body.dataset["connection"] = state;
      if (!this.call) this.waiting(state === "waiting");
    });
    room.on("disconnected", (reason) => this.ended(reason));
    return room;
  }

  private rememberStep(): void {
    const { key } = this.address;
    if (this.encryption && key !== undefined) rememberStep(sessionStorage, key, this.encryption.step);
  }

  private ended(reason: ParleyError | undefined): void {
    this.rememberStep();
    this.call = undefined;
    this.wakeLock.stop();
    const leftRoom = this.entry?.room ?? "";
    this.address = {
      ...this.address,
      room: leftRoom || this.address.room,
      name: this.entry?.name ?? this.address.name,
      autojoin: false,
    };
    this.redraw = () => undefined;
    this.show(
      leftScreen(leftRoom, reason, () => this.showPrejoin(true)),
      { close: () => undefined },
    );
    document.title = "Parley";
  }

  private show(element: HTMLElement, screen: Screen): void {
    this.screen?.close();
    this.screen = screen;
    this.place.replaceChildren(element);
  }

  private key(event: KeyboardEvent): void {
    if (event.repeat || isTaken(event)) return;
    // What lies over the page closes itself first.
    const covered = document.querySelector(":popover-open, dialog[open]") !== null;
    if (event.key === "Escape" && !covered) return this.call?.closePanels();
    const key = latinKey(event);
    if (this.call) find(this.call.shortcuts, key)?.act(event);
    else if (key === "m") this.screen?.toggle?.("microphone");
    else if (key === "v") this.screen?.toggle?.("camera");
  }
}

/** 128 bits, as they may stand in a link. */
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function deviceOptions(address: Address, preferences: Preferences): Record<Device, DeviceOptions> {
  const { resolution, codec, simulcast, scalabilityMode } = address;
  const size = resolution === undefined ? {} : { height: resolution, width: Math.round((resolution * 16) / 9) };
  return {
    camera: {
      deviceId: preferences.camera,
      ...size,
      ...(codec && { codec }),
      ...(scalabilityMode && { scalabilityMode }),
      simulcast,
    },
    microphone: { deviceId: preferences.microphone },
  };
}

const page = new Page();
window.parley = { room: new Room() };
page.start();
