// Where sound comes out: all sound elements of the call use the loudspeaker that was chosen, where the browser can do that.

type Sink = HTMLMediaElement & { setSinkId?: (deviceId: string) => Promise<void> };

export class Speakers {
  private readonly elements = new Set<Sink>();

  constructor(private deviceId: string) {}

  static get canChoose(): boolean {
    return "setSinkId" in HTMLMediaElement.prototype;
  }

  add(element: Sink): void {
    this.elements.add(element);
    if (this.deviceId) this.use(element);
  }

  remove(element: Sink): void {
    this.elements.delete(element);
  }

  choose(deviceId: string): void {
    this.deviceId = deviceId;
    this.elements.forEach((element) => this.use(element));
  }

  private use(element: Sink): void {
    // One that is no longer plugged in: the system's own choice stays.
    element.setSinkId?.(this.deviceId).catch(() => undefined);
  }
}
