// The three lists of devices: camera, microphone, loudspeaker. They follow what is plugged in and out.

import { h } from "./dom.js";
import { texts } from "./language.js";
import type { Preferences } from "./preferences.js";
import { Speakers } from "./speakers.js";

export type Choice = "camera" | "microphone" | "speaker";

const choices: { choice: Choice; kind: MediaDeviceKind }[] = [
  { choice: "camera", kind: "videoinput" },
  { choice: "microphone", kind: "audioinput" },
  { choice: "speaker", kind: "audiooutput" },
];

export class Chooser {
  readonly element = h("div", { class: "chooser" });
  private readonly lists = new Map<Choice, HTMLSelectElement>();
  private readonly follow = (): void => void this.refresh();

  constructor(
    private readonly chosen: Pick<Preferences, Choice>,
    changed: (choice: Choice, deviceId: string) => void,
  ) {
    for (const { choice } of choices) {
      if (choice === "speaker" && !Speakers.canChoose) continue;
      const list = h("select", {
        "data-testid": `${choice}-select`,
        onchange: () => {
          this.chosen[choice] = list.value;
          changed(choice, list.value);
        },
      });
      this.lists.set(choice, list);
      this.element.append(h("label", { class: "field" }, h("span", {}, texts.devices[choice]), list));
    }
    navigator.mediaDevices?.addEventListener("devicechange", this.follow);
    void this.refresh();
  }

  close(): void {
    navigator.mediaDevices?.removeEventListener("devicechange", this.follow);
  }

  /** Names of devices are known only after permission has been given, so this is called again then. */
  async refresh(): Promise<void> {
    const devices = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
    for (const { choice, kind } of choices) {
      const found = devices.filter((device) => device.kind === kind && device.deviceId !== "");
      this.fill(choice, found);
    }
  }

  private fill(choice: Choice, devices: MediaDeviceInfo[]): void {
    const list = this.lists.get(choice);
    if (!list) return;
    const options = devices.map(({ deviceId, label: name }, index) =>
      h("option", { value: deviceId }, name || `${texts.devices[choice]} ${index + 1}`),
    );
    const standard = choice === "speaker" ? texts.devices.systemStandard : texts.devices.standard;
    list.replaceChildren(...(options.length > 0 ? options : [h("option", { value: "" }, standard)]));
    list.disabled = options.length < 2;
    const wanted = this.chosen[choice];
    if (devices.some(({ deviceId }) => deviceId === wanted)) list.value = wanted;
  }
}
