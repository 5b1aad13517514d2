// Before the call: see yourself, hear that the microphone works, say who you are, go in.

import { Encryption, ParleyError } from "../src/index.js";
import type { Address } from "./address.js";
import { Chooser } from "./chooser.js";
import { batched, h, setText } from "./dom.js";
import { correctionOf, plainName } from "./entry.js";
import type { Entry } from "./entry.js";
import { avatar, updateAvatar } from "./faces.js";
import { icon, logo } from "./icons.js";
import type { IconName } from "./icons.js";
import { sentence, texts } from "./language.js";
import { languageList } from "./language-list.js";
import { Meter } from "./meter.js";
import { noticeCard } from "./notice.js";
import type { Preferences } from "./preferences.js";
import type { Device, Preview } from "./preview.js";

export interface PrejoinHost {
  /** Resolves when the page has moved on; rejects with what to show. */
  join(entry: Entry): Promise<void>;
  /** Another invitation, pasted by the user. */
  invited(link: string): boolean;
  chosen(changes: Partial<Preferences>): void;
  /** Another language: the screen is drawn anew. */
  spoken(language: string): void;
  /** Out of the lobby again. */
  cancel(): void;
}

export class Prejoin {
  readonly element: HTMLElement;
  private readonly video = h("video", {
    class: "mirrored",
    autoplay: true,
    muted: true,
    playsinline: true,
    "aria-label": texts.prejoin.yourCamera,
  });
  private readonly face = avatar();
  private readonly hint = h("p", { class: "preview-hint" });
  private readonly notices = h("div", { class: "notices", "aria-live": "polite" });
  private readonly name = h("input", {
    "data-testid": "name-input",
    name: "name",
    autocomplete: "name",
    maxlength: 60,
    placeholder: texts.prejoin.namePlaceholder,
  });
  private readonly room = h("input", {
    "data-testid": "room-input",
    name: "room",
    autocomplete: "off",
    maxlength: 60,
    placeholder: texts.prejoin.roomPlaceholder,
    spellcheck: "false",
  });
  private readonly button = h(
    "button",
    { class: "primary", type: "submit", "data-testid": "join-button" },
    texts.prejoin.join,
  );
  private readonly toggles: Record<Device, HTMLButtonElement>;
  private readonly chooser: Chooser;
  private readonly meter: Meter;
  private readonly level = h("span", { class: "level" });
  /** What is put away while we wait in the lobby. */
  private readonly entering: HTMLElement[] = [];
  private readonly lobby: HTMLElement;
  private readonly languages = languageList((language) => this.host.spoken(language));
  private readonly encrypt = h("input", { type: "checkbox", role: "switch", "data-testid": "encrypt-switch" });
  private failure: ParleyError | undefined;
  private joining = false;
  private readonly invited: boolean;

  constructor(
    private readonly address: Address,
    entry: Entry,
    private readonly preview: Preview,
    private readonly wanted: Record<Device, boolean>,
    preferences: Preferences,
    private readonly host: PrejoinHost,
  ) {
    this.invited = address.invite !== undefined || address.token !== undefined;
    this.video.muted = true;
    this.name.value = entry.name;
    this.room.value = entry.room;
    this.encrypt.checked = entry.encrypt ?? false;
    this.room.readOnly = address.token !== undefined;
    this.toggles = { microphone: this.makeToggle("microphone", "m"), camera: this.makeToggle("camera", "v") };
    this.chooser = new Chooser(preferences, (choice, deviceId) => {
      host.chosen({ [choice]: deviceId });
      if (choice !== "speaker") void this.preview.choose(choice, deviceId);
    });
    this.meter = new Meter((level) => this.level.style.setProperty("--level", level.toFixed(3)));
    this.lobby = this.makeLobby();
    this.element = this.build();
    const render = batched(() => this.render());
    preview.on("changed", render);
    this.name.addEventListener("input", render);
    this.render();
  }

  /** What has been typed so far. */
  get entry(): Entry {
    return { name: plainName(this.name.value), room: plainName(this.room.value), encrypt: this.encrypt.checked };
  }

  /** Opens the devices that are wanted. */
  async start(): Promise<void> {
    if (!this.invited) return;
    // Enter is enough to go in; on a touch screen a focused field would only bring up the keyboard.
    if (this.name.value) this.button.focus({ preventScroll: true, focusVisible: false } as FocusOptions);
    else if (matchMedia("(hover: hover)").matches) this.name.focus({ preventScroll: true });
    await this.preview.open(this.wanted);
    await this.chooser.refresh();
  }

  close(): void {
    this.meter.close();
    this.chooser.close();
    this.video.srcObject = null;
  }

  toggle(device: Device): void {
    if (this.preview.busy.has(device)) return;
    const on = this.preview.tracks[device] === undefined;
    this.host.chosen(device === "camera" ? { cameraOn: on } : { microphoneOn: on });
    if (on) void this.preview.turnOn(device).then(() => this.chooser.refresh());
    else this.preview.turnOff(device);
  }

  private build(): HTMLElement {
    const brand = h(
      "header",
      { class: "brand" },
      logo(),
      h("span", {}, "Parley"),
      this.languages,
    );
    const form = this.invited ? this.form() : this.pasteForm();
    const entrance = h("section", { class: "entrance" }, this.heading(), this.notices, form, this.lobby);
    this.entering.push(form);
    if (!this.invited) return h("main", { class: "prejoin uninvited" }, brand, entrance);
    const bar = h("div", { class: "preview-bar" }, this.toggles.microphone, this.toggles.camera);
    const picture = h("div", { class: "preview-picture" }, this.video, this.face, this.hint, bar);
    const preview = h("section", { class: "preview", "aria-label": texts.prejoin.preview }, picture, this.chooser.element);
    return h("main", { class: "prejoin" }, brand, preview, entrance);
  }

  /** In the lobby until somebody lets us in. */
  wait(waiting: boolean): void {
    const before = !this.lobby.hidden;
    this.lobby.hidden = !waiting;
    this.entering.forEach((element) => (element.hidden = waiting));
    if (waiting) this.lobby.querySelector("button")?.focus();
    else if (before) this.button.focus();
  }

  private makeLobby(): HTMLElement {
    const { prejoin, common } = texts;
    const cancel = h("button", { class: "secondary", type: "button", onclick: () => this.host.cancel() }, common.cancel);
    return h(
      "div",
      { class: "waiting", role: "status", hidden: true, "data-testid": "waiting-card" },
      h("span", { class: "waiting-dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")),
      h("h2", {}, prejoin.waitingTitle),
      h("p", {}, prejoin.waiting),
      cancel,
    );
  }

  private heading(): HTMLElement {
    const heading = h(
      "div",
      { class: "heading" },
      h("h1", {}, this.invited ? texts.prejoin.title : texts.prejoin.uninvitedTitle),
      h("p", {}, this.invited ? texts.prejoin.subtitle : texts.prejoin.uninvited),
    );
    this.entering.push(heading);
    return heading;
  }

  private form(): HTMLElement {
    return h(
      "form",
      { class: "form", onsubmit: (event) => void this.submit(event) },
      h("label", { class: "field" }, h("span", {}, texts.prejoin.name), this.name),
      h("label", { class: "field" }, h("span", {}, texts.prejoin.room), this.room),
      this.secrecy(),
      this.button,
    );
  }

  /** Who has a key in their link need not ask for one; with a personal token there is no link to pass it on. */
  private secrecy(): HTMLElement | undefined {
    const { prejoin } = texts;
    if (this.address.key !== undefined) return h("p", { class: "encrypted-note" }, icon("shield"), prejoin.encrypted);
    if (this.address.invite === undefined || !Encryption.supported) return undefined;
    return h("label", { class: "switch" }, h("span", {}, prejoin.encrypt, h("small", {}, prejoin.encryptHint)), this.encrypt);
  }

  private pasteForm(): HTMLElement {
    const link = h("input", {
      name: "invite",
      autocomplete: "off",
      placeholder: "https://…/#invite=…",
      "data-testid": "invite-input",
      required: true,
    });
    const paste = (event: Event): void => {
      event.preventDefault();
      if (this.host.invited(link.value)) return;
      this.failure = new ParleyError("token_missing", texts.prejoin.noInvitation);
      this.render();
    };
    return h(
      "form",
      { class: "form", onsubmit: paste },
      h("label", { class: "field" }, h("span", {}, texts.prejoin.link), link),
      h("button", { class: "primary", type: "submit" }, texts.prejoin.continue),
    );
  }

  private makeToggle(device: Device, key: string): HTMLButtonElement {
    const button = h("button", {
      type: "button",
      class: "round",
      "data-testid": device === "microphone" ? "mic-button" : "camera-button",
    });
    button.addEventListener("click", () => this.toggle(device));
    button.setAttribute("aria-keyshortcuts", key);
    return button;
  }

  private async submit(event: Event): Promise<void> {
    event.preventDefault();
    if (this.joining) return;
    const { entry } = this;
    const correction = correctionOf(entry);
    // A personal token says which room, even where it is damaged: the server tells what is wrong with it.
    const asked = correction?.field === "room" && this.address.token !== undefined ? undefined : correction;
    if (asked) this.ask(asked.field === "name" ? this.name : this.room, asked.sentence);
    else await this.join(entry);
  }

  /** Says what is to be typed there, until something is. */
  private ask(input: HTMLInputElement, sentence: string): void {
    input.focus();
    if (input.hasAttribute("aria-invalid")) return;
    const hint = h("small", { class: "missing", role: "alert" }, sentence);
    input.after(hint);
    input.setAttribute("aria-invalid", "true");
    const answered = (): void => {
      hint.remove();
      input.removeAttribute("aria-invalid");
    };
    input.addEventListener("input", answered, { once: true });
  }

  async join(entry: Entry): Promise<void> {
    this.joining = true;
    this.failure = undefined;
    this.render();
    try {
      await this.host.join(entry);
    } catch (error) {
      const failure = ParleyError.from(error);
      // Whoever goes out of the lobby again knows that.
      if (failure.code !== "left") this.failure = failure;
    }
    this.joining = false;
    this.render();
  }

  private render(): void {
    const { tracks, busy } = this.preview;
    this.showCamera(tracks.camera);
    this.meter.become(tracks.microphone);
    this.renderToggle("microphone", "mic", "micOff");
    this.renderToggle("camera", "camera", "cameraOff");
    const name = this.name.value || texts.common.yourself;
    updateAvatar(this.face, name, name);
    this.face.hidden = tracks.camera !== undefined;
    setText(this.hint, busy.has("camera") ? texts.prejoin.mayAsk : tracks.camera ? "" : texts.prejoin.cameraOff);
    // Not disabled, which would take the focus away from whoever uses the keyboard.
    this.button.setAttribute("aria-disabled", String(this.joining));
    this.languages.disabled = this.joining;
    setText(this.button, this.joining ? texts.prejoin.joining : texts.prejoin.join);
    this.renderNotices();
  }

  private showCamera(track: MediaStreamTrack | undefined): void {
    const shown = this.video.srcObject instanceof MediaStream ? this.video.srcObject.getTracks()[0] : undefined;
    if (shown !== track) this.video.srcObject = track ? new MediaStream([track]) : null;
    this.video.hidden = track === undefined;
  }

  private renderToggle(device: Device, on: IconName, off: IconName): void {
    const button = this.toggles[device];
    const isOn = this.preview.tracks[device] !== undefined;
    button.replaceChildren(icon(isOn ? on : off), ...(device === "microphone" && isOn ? [this.level] : []));
    button.setAttribute("aria-pressed", String(isOn));
    const label = (isOn ? texts.devices.turnOff : texts.devices.turnOn)[device];
    button.setAttribute("aria-label", label);
    button.title = `${label} (${device === "microphone" ? "M" : "V"})`;
    button.setAttribute("aria-disabled", String(this.preview.busy.has(device)));
  }

  private renderNotices(): void {
    const cards = this.failure ? [noticeCard(this.failure, sentence(this.failure))] : [];
    const { camera, microphone } = this.preview.errors;
    if (camera && camera.code === microphone?.code) {
      const both: Record<string, string> = texts.both;
      cards.push(noticeCard(camera, both[camera.code] ?? sentence(camera), this.again("camera", "microphone")));
    } else {
      if (camera) cards.push(noticeCard(camera, sentence(camera), this.again("camera")));
      if (microphone) cards.push(noticeCard(microphone, sentence(microphone), this.again("microphone")));
    }
    const words = (notices: Iterable<Element>): string => Array.from(notices, ({ textContent }) => textContent).join();
    // What stands there is neither said once more nor loses the focus.
    if (words(cards) === words(this.notices.children)) return;
    const focused = this.notices.contains(document.activeElement);
    this.notices.replaceChildren(...cards);
    if (focused) this.button.focus();
  }

  private again(...devices: Device[]): { label: string; act(): void } {
    return {
      label: texts.common.tryAgain,
      act: () => void Promise.all(devices.map((device) => this.preview.turnOn(device))).then(() => this.chooser.refresh()),
    };
  }
}
