// The camera and the microphone before the call: opened here, tried out, and handed on to the room.

import { capture, captureBoth, captureError, Emitter, windowBrowser } from "../src/index.js";
import type { Browser, CaptureOptions, ParleyError } from "../src/index.js";

export type Device = "camera" | "microphone";

export interface PreviewEvents {
  changed: [];
}

export class Preview extends Emitter<PreviewEvents> {
  readonly tracks: Partial<Record<Device, MediaStreamTrack>> = {};
  readonly errors: Partial<Record<Device, ParleyError>> = {};
  readonly busy = new Set<Device>();
  private closed = false;

  constructor(
    private readonly options: Record<Device, CaptureOptions>,
    private readonly browser: Browser = windowBrowser(),
  ) {
    super();
  }

  /** Opens what is wanted, with one question to the user for both. */
  async open(wanted: Record<Device, boolean>): Promise<void> {
    if (!(wanted.camera && wanted.microphone)) {
      await Promise.all(
        (["camera", "microphone"] as const).filter((device) => wanted[device]).map((device) => this.turnOn(device)),
      );
      return;
    }
    this.busy.add("camera").add("microphone");
    this.emit("changed");
    // Once this is allowed, or refused, the two single requests that follow are answered without another question.
    await this.askForBoth();
    if (!this.closed) await Promise.all([this.turnOn("camera"), this.turnOn("microphone")]);
  }

  async turnOn(device: Device): Promise<void> {
    this.busy.add(device);
    this.emit("changed");
    try {
      if (!this.tracks[device]) this.keep(device, await capture(this.browser, device, this.options[device]));
      delete this.errors[device];
    } catch (error) {
      this.errors[device] = captureError(error, device);
    }
    this.busy.delete(device);
    this.emit("changed");
  }

  turnOff(device: Device): void {
    this.tracks[device]?.stop();
    delete this.tracks[device];
    delete this.errors[device];
    this.emit("changed");
  }

  async choose(device: Device, deviceId: string): Promise<void> {
    this.options[device].deviceId = deviceId;
    if (!this.tracks[device]) return;
    this.turnOff(device);
    await this.turnOn(device);
  }

  /** Gives the track to somebody else. */
  take(device: Device): MediaStreamTrack | undefined {
    const track = this.tracks[device];
    delete this.tracks[device];
    return track;
  }

  close(): void {
    this.closed = true;
    for (const device of ["camera", "microphone"] as const) this.take(device)?.stop();
  }

  /** What is allowed only after the page has moved on is closed again. */
  private keep(device: Device, track: MediaStreamTrack): void {
    if (this.closed) track.stop();
    else this.tracks[device] = track;
  }

  private async askForBoth(): Promise<void> {
    try {
      const { camera, microphone } = await captureBoth(this.browser, this.options.camera, this.options.microphone);
      this.keep("camera", camera);
      this.keep("microphone", microphone);
    } catch {
      // The single requests tell which of the two it is, and why.
    }
  }
}
