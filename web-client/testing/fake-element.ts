// A <video> or <audio> that only remembers what it was told.

export class FakeElement {
  srcObject: { track: unknown } | null = null;
  autoplay = false;
  muted = false;
  played = 0;
  /** The browser wants a click first. */
  blocked = false;
  play(): Promise<void> {
    this.played += 1;
    if (!this.blocked) return Promise.resolve();
    return Promise.reject(Object.assign(new Error("not allowed"), { name: "NotAllowedError" }));
  }
  get asElement(): HTMLMediaElement {
    return this as unknown as HTMLMediaElement;
  }
}
