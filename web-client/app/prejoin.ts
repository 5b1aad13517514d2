// Before the call: see yourself, hear that the microphone works, say who you are, go in.

import { ParleyError } from "../src/index.js";
import type { Address } from "./address.js";
import { Chooser } from "./chooser.js";
import { batched, h, setText } from "./dom.js";
import { avatar, updateAvatar } from "./faces.js";
import { icon, logo } from "./icons.js";
import type { IconName } from "./icons.js";
import { Meter } from "./meter.js";
import { noticeCard } from "./notice.js";
import type { Preferences } from "./preferences.js";
import type { Device, Preview } from "./preview.js";

export interface Entry {
  name: string;
  room: string;
}

export interface PrejoinHost {
  /** Resolves when the page has moved on; rejects with what to show. */
  join(entry: Entry): Promise<void>;
  /** Another invitation, pasted by the user. */
  invited(link: string): boolean;
  chosen(changes: Partial<Preferences>): void;
}

export class Prejoin {
  readonly element: HTMLElement;
  private readonly video = h("video", {
    class: "mirrored",
    autoplay: true,
    muted: true,
    playsinline: true,
    "aria-label": "Your camera",
  });
  private readonly face = avatar();
  private readonly hint = h("p", { class: "preview-hint" });
  private readonly notices = h("div", { class: "notices", "aria-live": "polite" });
  private readonly name = h("input", {
    "data-testid": "name-input",
    name: "name",
    autocomplete: "name",
    maxlength: 60,
    placeholder: "Ada Lovelace",
  });
  private readonly room = h("input", {
    "data-testid": "room-input",
    name: "room",
    autocomplete: "off",
    maxlength: 60,
    placeholder: "tea",
    spellcheck: "false",
  });
  private readonly button = h("button", { class: "primary", type: "submit", "data-testid": "join-button" }, "Join");
  private readonly toggles: Record<Device, HTMLButtonElement>;
  private readonly chooser: Chooser;
  private readonly meter: Meter;
  private readonly level = h("span", { class: "level" });
  private failure: ParleyError | undefined;
  private joining = false;
  private readonly invited: boolean;

  constructor(
    private readonly address: Address,
    private readonly preview: Preview,
    private readonly wanted: Record<Device, boolean>,
    preferences: Preferences,
    private readonly host: PrejoinHost,
  ) {
    this.invited = address.invite !== undefined || address.token !== undefined;
    this.video.muted = true;
    this.name.value = address.name ?? preferences.name;
    this.room.value = address.room ?? preferences.room;
    this.room.readOnly = address.token !== undefined;
    this.toggles = { microphone: this.makeToggle("microphone", "m"), camera: this.makeToggle("camera", "v") };
    this.chooser = new Chooser(preferences, (choice, deviceId) => {
      host.chosen({ [choice]: deviceId });
      if (choice !== "speaker") void this.preview.choose(choice, deviceId);
    });
    this.meter = new Meter((level) => this.level.style.setProperty("--level", level.toFixed(3)));
    this.element = this.build();
    const render = batched(() => this.render());
    preview.on("changed", render);
    this.name.addEventListener("input", render);
    this.render();
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
    const on = this.preview.tracks[device] === undefined;
    this.host.chosen(device === "camera" ? { cameraOn: on } : { microphoneOn: on });
    if (on) void this.preview.turnOn(device).then(() => this.chooser.refresh());
    else this.preview.turnOff(device);
  }

  private build(): HTMLElement {
    const brand = h("header", { class: "brand" }, logo(), h("span", {}, "Parley"));
    const entrance = h(
      "section",
      { class: "entrance" },
      this.heading(),
      this.notices,
      this.invited ? this.form() : this.pasteForm(),
    );
    if (!this.invited) return h("main", { class: "prejoin uninvited" }, brand, entrance);
    const bar = h("div", { class: "preview-bar" }, this.toggles.microphone, this.toggles.camera);
    const picture = h("div", { class: "preview-picture" }, this.video, this.face, this.hint, bar);
    const preview = h("section", { class: "preview", "aria-label": "Preview" }, picture, this.chooser.element);
    return h("main", { class: "prejoin" }, brand, preview, entrance);
  }

  private heading(): HTMLElement {
    return h(
      "div",
      { class: "heading" },
      h("h1", {}, this.invited ? "Ready to join?" : "You need an invitation"),
      h(
        "p",
        {},
        this.invited
          ? "Have a look at yourself, choose a name, and go in."
          : "Open the invite link that somebody has sent you. If you run this server yourself: it prints one when it starts.",
      ),
    );
  }

  private form(): HTMLElement {
    return h(
      "form",
      { class: "form", onsubmit: (event) => void this.submit(event) },
      h("label", { class: "field" }, h("span", {}, "Your name"), this.name),
      h("label", { class: "field" }, h("span", {}, "Room"), this.room),
      this.button,
    );
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
      this.failure = new ParleyError("token_missing", "There is no invitation in this link. Copy all of it, up to the end.");
      this.render();
    };
    return h(
      "form",
      { class: "form", onsubmit: paste },
      h("label", { class: "field" }, h("span", {}, "Invite link"), link),
      h("button", { class: "primary", type: "submit" }, "Continue"),
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
    const entry = { name: this.name.value.trim(), room: this.room.value.trim() };
    const missing = !entry.name ? this.name : !entry.room && !this.address.token ? this.room : undefined;
    if (missing) {
      missing.setAttribute("aria-invalid", "true");
      missing.addEventListener("input", () => missing.removeAttribute("aria-invalid"), { once: true });
      missing.focus();
      return;
    }
    await this.join(entry);
  }

  async join(entry: Entry): Promise<void> {
    this.joining = true;
    this.failure = undefined;
    this.render();
    try {
      await this.host.join(entry);
    } catch (error) {
      this.failure = ParleyError.from(error);
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
    const name = this.name.value || "You";
    updateAvatar(this.face, name, name);
    this.face.hidden = tracks.camera !== undefined;
    setText(
      this.hint,
      busy.has("camera") ? "Your browser may ask for permission…" : tracks.camera ? "" : "Your camera is off",
    );
    this.button.disabled = this.joining;
    setText(this.button, this.joining ? "Joining…" : "Join");
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
    button.setAttribute("aria-label", `Turn ${isOn ? "off" : "on"} ${device}`);
    button.title = `${isOn ? "Turn off" : "Turn on"} ${device} (${device === "microphone" ? "M" : "V"})`;
    button.disabled = this.preview.busy.has(device);
  }

  private renderNotices(): void {
    const cards = this.failure ? [noticeCard(this.failure)] : [];
    const { camera, microphone } = this.preview.errors;
    if (camera && camera.code === microphone?.code) {
      const both = camera.message
        .replace("the camera", "the camera and the microphone")
        .replace("No camera", "No camera and no microphone");
      cards.push(noticeCard({ code: camera.code, message: both }, this.again("camera", "microphone")));
    } else {
      if (camera) cards.push(noticeCard(camera, this.again("camera")));
      if (microphone) cards.push(noticeCard(microphone, this.again("microphone")));
    }
    this.notices.replaceChildren(...cards);
  }

  private again(...devices: Device[]): { label: string; act(): void } {
    return { label: "Try again", act: () => void Promise.all(devices.map((device) => this.preview.turnOn(device))) };
  }
}
