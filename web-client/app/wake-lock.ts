// A phone in a call keeps its screen on.

export class WakeLock {
  private lock: WakeLockSentinel | undefined;
  private readonly again = (): void => void this.take();

  start(): void {
    // The browser takes the lock away whenever the page is hidden.
    document.addEventListener("visibilitychange", this.again);
    void this.take();
  }

  stop(): void {
    document.removeEventListener("visibilitychange", this.again);
    void this.lock?.release();
    this.lock = undefined;
  }

  private async take(): Promise<void> {
    if (document.visibilityState !== "visible" || !("wakeLock" in navigator)) return;
    // Refused when the battery is low; the call goes on all the same.
    this.lock = await navigator.wakeLock.request("screen").catch(() => undefined);
  }
}
