// Being in the room, across WebSockets: joins, and after a loss resumes, or joins again when it is too late for that.
// Media does not pass here and does not stop when a WebSocket does.

import type { Browser, Milliseconds } from "../browser.js";
import { Emitter } from "../emitter.js";
import { ParleyError } from "../errors.js";
import type { RetryPolicy } from "../policy.js";
import type { Attributes, Joined, Notification, Reply, Request, Resumed, Statement } from "./protocol.js";
import { Signal } from "./signal.js";

export interface Entrance {
  token: string;
  name?: string;
  autoSubscribe: boolean;
  attributes?: Attributes;
}

export interface SessionEvents {
  /** The server no longer knew us: all state begins anew. (The first time is the result of `enter`.) */
  rejoined: [Joined];
  /** The same session goes on. */
  resumed: [Resumed];
  lost: [];
  /** We are in the lobby. */
  waiting: [];
  notification: [Notification];
  /** The end, unless it was ours. */
  ended: [ParleyError];
}

/** Someone who just started the server should not have to press the button twice. */
const busyPatience: Milliseconds = 10_000;

/** Errors after which another attempt makes sense. */
const passing = new Set([
  "server_unreachable",
  "connection_lost",
  "connection_timeout",
  "server_busy",
  "too_many_connections",
]);

export class Session extends Emitter<SessionEvents> {
  private signal: Signal | undefined;
  /** Not let in yet, or not let in again. */
  private entering: Signal | undefined;
  private id: string | undefined;
  private over = false;
  /** Ends the present pause between two attempts. */
  private hurry: (() => void) | undefined;

  constructor(
    private readonly browser: Browser,
    private readonly policy: RetryPolicy,
    private readonly url: string,
    private entrance: Entrance,
  ) {
    super();
  }

  get connected(): boolean {
    return this.signal !== undefined;
  }

  /** The first join. Rejects when the server is not there or refuses. */
  async enter(): Promise<Joined> {
    const begin = this.browser.now();
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.join(await this.open());
      } catch (error) {
        if (this.over) throw leftAlready();
        const elapsed = this.browser.now() - begin;
        const pause = this.policy.retry(attempt, elapsed, this.browser.random());
        const busy = error instanceof ParleyError && error.code === "server_busy" && elapsed < busyPatience;
        if (!busy || pause === undefined) throw error;
        await this.pause(pause);
      }
      if (this.over) throw leftAlready();
    }
  }

  request<Type extends Reply["type"]>(message: Request, expected: Type): Promise<Extract<Reply, { type: Type }>> {
    if (!this.signal)
      return Promise.reject(new ParleyError("connection_lost", "There is no connection to the server just now."));
    const reply = this.signal.request(message, expected);
    if (message.type === "update") reply.then(() => this.keep(message), () => undefined);
    return reply;
  }

  send(message: Statement): void {
    this.signal?.send(message);
  }

  leave(): void {
    if (this.over) return;
    this.send({ type: "leave" });
    this.finish();
  }

  /** The network has changed: look at once. */
  hint(): void {
    this.hurry?.();
    this.signal?.probe();
  }

  private async open(): Promise<Signal> {
    const signal = await Signal.open(this.browser, this.url);
    if (this.over) {
      signal.close();
      throw leftAlready();
    }
    this.entering = signal;
    signal.on("notification", (message) => this.receive(message));
    return signal;
  }

  private async join(signal: Signal): Promise<Joined> {
    try {
      const joined = await signal.request({ type: "join", ...this.entrance }, "joined");
      this.id = joined.session;
      this.use(signal);
      return joined;
    } catch (error) {
      signal.close();
      throw error;
    }
  }

  /** Another join begins with what we said of ourselves last. */
  private keep({ type: _, ...info }: Extract<Request, { type: "update" }>): void {
    this.entrance = { ...this.entrance, ...info };
  }

  private use(signal: Signal): void {
    this.entering = undefined;
    this.signal = signal;
    signal.on("lost", () => void this.reconnect());
  }

  private receive(message: Notification): void {
    // A server that stops may be starting anew: its end is treated like any lost connection.
    if (message.type === "closed" && message.code === "serverStopping") return;
    if (message.type === "closed")
      this.end(new ParleyError(message.code, message.message || "The server has ended this call."));
    else if (message.type === "waiting") this.emit("waiting");
    else this.emit("notification", message);
  }

  private async reconnect(): Promise<void> {
    if (this.over) return;
    this.signal = undefined;
    this.emit("lost");
    const lostAt = this.browser.now();
    for (let attempt = 0; !this.over; attempt++) {
      const pause = this.policy.retry(attempt, this.browser.now() - lostAt, this.browser.random());
      if (pause === undefined) return this.end(serverGone());
      await this.pause(pause);
      if (this.over) return;
      try {
        return await this.comeBack();
      } catch (error) {
        const failure = ParleyError.from(error);
        if (!passing.has(failure.code)) return this.end(failure);
      }
    }
  }

  private async comeBack(): Promise<void> {
    const signal = await this.open();
    if (this.id !== undefined) {
      try {
        const resumed = await signal.request({ type: "resume", session: this.id }, "resumed");
        this.use(signal);
        this.emit("resumed", resumed);
        return;
      } catch (error) {
        if (!(error instanceof ParleyError) || error.code !== "session_unknown") {
          signal.close();
          throw error;
        }
        this.id = undefined;
      }
    }
    this.emit("rejoined", await this.join(signal));
  }

  private pause(delay: Milliseconds): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.browser.setTimeout(() => this.hurry?.(), delay);
      this.hurry = () => {
        this.browser.clearTimeout(timer);
        this.hurry = undefined;
        resolve();
      };
    });
  }

  private end(reason: ParleyError): void {
    if (this.over) return;
    this.finish();
    this.emit("ended", reason);
  }

  private finish(): void {
    this.over = true;
    this.entering?.close();
    this.signal?.close();
    this.signal = undefined;
    this.hurry?.();
  }
}

function leftAlready(): ParleyError {
  return new ParleyError("left", "The room was left before it was entered.");
}

function serverGone(): ParleyError {
  return new ParleyError("server_unreachable", "The server has not answered for two minutes. Join again when it is back.");
}
