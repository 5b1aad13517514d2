// Keeps one direction of media alive: watches the condition of its peer connection and, as the policy says, asks for a
// restart or a replacement. It outlives the connections that it keeps. Chromium gives up for good 16 s after the last
// answer to a check, so waiting for a better day is not a plan.

import type { Browser, Milliseconds, Timer } from "../browser.js";
import type { Condition, Repair, RetryPolicy } from "../policy.js";

/** `idle`: nothing to send or receive yet. */
export type Health = Condition | "connected" | "idle";

export class Keeper {
  private attempt = 0;
  private timer: Timer | undefined;
  private due: Milliseconds = Infinity;
  private paused = false;
  private current: Health = "idle";

  constructor(
    private readonly browser: Browser,
    private readonly policy: RetryPolicy,
    private readonly repair: (action: Repair["action"]) => void,
    /** Another health, or one more repair that was needed. */
    private readonly changed: (health: Health) => void,
  ) {}

  get health(): Health {
    return this.current;
  }

  /** How many repairs in a row have not helped. */
  get failures(): number {
    return this.attempt;
  }

  become(health: Health): void {
    const before = this.current;
    this.current = health;
    if (health === "connected" || health === "idle") {
      this.attempt = 0;
      this.cancel();
    } else {
      this.schedule(this.policy.repair(health, this.attempt));
    }
    if (health !== before) this.changed(health);
  }

  /** Without signaling nothing can be repaired. */
  pause(): void {
    this.paused = true;
    this.cancel();
  }

  resume(): void {
    this.paused = false;
    this.hint();
  }

  /** The path has probably gone, though nothing has noticed yet: new credentials find the new one. */
  networkChanged(): void {
    if (this.paused) return;
    if (this.current === "connected") this.repair("restart");
    else this.hint();
  }

  /**
   * How the server sees the connection, where it knows more than the browser. While one is being made or repaired, what
   * the server says may still be about the one before.
   */
  serverSays(state: string): void {
    if (this.current !== "connected") return;
    if (state === "failed") this.become("failed");
    else if (state === "disconnected") this.networkChanged();
  }

  /** The server is back, or says that something is broken: what is broken is repaired now. */
  hint(): void {
    if (this.paused || this.current === "connected" || this.current === "idle") return;
    this.schedule({ ...this.policy.repair(this.current, this.attempt), after: this.current === "connecting" ? 1_000 : 0 });
  }

  stop(): void {
    this.pause();
    this.current = "idle";
  }

  /** A step that comes earlier wins: a connection that flaps must not put its repair off for ever. */
  private schedule(step: Repair): void {
    const due = this.browser.now() + step.after;
    if (this.paused || due >= this.due) return;
    this.cancel();
    this.due = due;
    this.timer = this.browser.setTimeout(() => this.fire(step.action), step.after);
  }

  private cancel(): void {
    this.browser.clearTimeout(this.timer);
    this.due = Infinity;
  }

  private fire(action: Repair["action"]): void {
    this.due = Infinity;
    this.attempt += 1;
    this.repair(action);
    this.changed(this.current);
    if (this.current !== "connected" && this.current !== "idle")
      this.schedule(this.policy.repair("connecting", this.attempt));
  }
}
