// A <video> or <audio> that only remembers what it was told, and the stream in it.

export class FakeStream {
  private readonly tracks: unknown[];
  constructor(track: unknown) {
    this.tracks = [track];
  }
  /** The one that is shown. */
  get track(): unknown {
    return this.tracks[0];
  }
  getTracks(): unknown[] {
    return [...this.tracks];
  }
  addTrack(track: unknown): void {
    if (!this.tracks.includes(track)) this.tracks.push(track);
  }
  removeTrack(track: unknown): void {
    this.tracks.splice(this.tracks.indexOf(track), 1);
  }
}

export class FakeElement {
  srcObject: FakeStream | null = null;
  readyState = 4;
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
