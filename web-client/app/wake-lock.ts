// A phone in a call keeps its screen on.

export class WakeLock {
  private wanted = false;
  private lock: WakeLockSentinel | undefined;
  private readonly again = (): void => void this.take();

  start(): void {
    this.wanted = true;
    // The browser takes the lock away whenever the page is hidden.
    document.addEventListener("visibilitychange", this.again);
    void this.take();
  }

  stop(): void {
    this.wanted = false;
    document.removeEventListener("visibilitychange", this.again);
    void this.lock?.release();
    this.lock = undefined;
  }

  private async take(): Promise<void> {
    if (document.visibilityState !== "visible" || !("wakeLock" in navigator)) return;
    // Refused when the battery is low; the call goes on all the same.
    const lock = await navigator.wakeLock.request("screen").catch(() => undefined);
    // The call may have ended meanwhile.
    if (this.wanted) this.lock = lock;
    else void lock?.release();
  }
}
