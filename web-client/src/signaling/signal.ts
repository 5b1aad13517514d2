// One WebSocket to the server: requests with replies, notifications, and a heartbeat, because a WebSocket over a
// network that is gone stays open for minutes. When it is lost it is lost; session.ts makes the next one.

import type { Browser, Milliseconds, Timer } from "../browser.js";
import { Emitter } from "../emitter.js";
import { ParleyError, serverError } from "../errors.js";
import { parseServerMessage, subprotocol } from "./protocol.js";
import type { Notification, Reply, Request, ServerMessage, Statement } from "./protocol.js";

const openTime: Milliseconds = 8_000;
/** A worker that starts again answers a publish within a few seconds. */
const replyTime: Milliseconds = 15_000;
const heartbeat: Milliseconds = 4_000;

export interface SignalEvents {
  notification: [Notification];
  /** Said once; nothing comes after it. */
  lost: [];
}

interface Waiting {
  resolve(reply: Reply): void;
  reject(error: ParleyError): void;
  timer: Timer;
}

type ReplyOf<Type extends Reply["type"]> = Extract<Reply, { type: Type }>;

export class Signal extends Emitter<SignalEvents> {
  private readonly waiting = new Map<number, Waiting>();
  private nextId = 1;
  private heartbeatTimer: Timer;
  /** An error that is about the connection, not about a request: the server says it before it closes. */
  private lastWords: ParleyError | undefined;
  private over = false;

  /** Rejects with "server_unreachable". */
  static open(browser: Browser, url: string): Promise<Signal> {
    return new Promise((resolve, reject) => {
      const socket = browser.createWebSocket(url, subprotocol);
      const refuse = (): void => {
        browser.clearTimeout(timer);
        socket.onclose = null;
        socket.close();
        reject(
          new ParleyError(
            "server_unreachable",
            "The server can't be reached. Check your network connection, then try again.",
          ),
        );
      };
      const timer = browser.setTimeout(refuse, openTime);
      socket.onclose = refuse;
      socket.onopen = () => {
        browser.clearTimeout(timer);
        resolve(new Signal(browser, socket));
      };
    });
  }

  private constructor(
    private readonly browser: Browser,
    private readonly socket: WebSocket,
  ) {
    super();
    socket.onmessage = (event: MessageEvent) => this.receive(parseServerMessage(event.data));
    socket.onclose = () => this.lose();
    this.scheduleHeartbeat();
  }

  /** Rejects with the server's error, with "connection_lost", or with "connection_timeout". */
  request<Type extends Reply["type"]>(message: Request, expected: Type): Promise<ReplyOf<Type>> {
    if (this.over) return Promise.reject(connectionLost());
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      const timer = this.browser.setTimeout(() => {
        this.waiting.delete(id);
        reject(new ParleyError("connection_timeout", "The server did not answer in time."));
      }, replyTime);
      const settle = (reply: Reply): void => {
        if (reply.type === "error") reject(serverError(reply.code, reply.message));
        else if (reply.type === expected) resolve(reply as ReplyOf<Type>);
        else reject(new ParleyError("protocol_violation", `The server answered ${message.type} with ${reply.type}.`));
      };
      this.waiting.set(id, { resolve: settle, reject, timer });
      this.socket.send(JSON.stringify({ ...message, id }));
    });
  }

  send(message: Statement): void {
    if (!this.over) this.socket.send(JSON.stringify(message));
  }

  close(): void {
    if (this.over) return;
    this.finish();
    this.socket.close(1000);
  }

  /** Finds out now, not at the next heartbeat, whether the server is still there. */
  probe(): void {
    if (this.over) return;
    this.browser.clearTimeout(this.heartbeatTimer);
    let answered = false;
    this.heartbeatTimer = this.browser.setTimeout(() => (answered ? this.probe() : this.lose()), heartbeat);
    this.request({ type: "ping" }, "pong").then(
      () => (answered = true),
      () => undefined,
    );
  }

  private scheduleHeartbeat(): void {
    this.heartbeatTimer = this.browser.setTimeout(() => this.probe(), heartbeat);
  }

  private receive(message: ServerMessage | undefined): void {
    if (!message || this.over) return;
    const waiting = message.id === undefined ? undefined : this.waiting.get(message.id);
    if (message.id !== undefined && waiting) {
      this.waiting.delete(message.id);
      this.browser.clearTimeout(waiting.timer);
      waiting.resolve(message as Reply);
    } else if (message.type === "error") {
      this.lastWords = serverError(message.code, message.message);
    } else if (message.id === undefined) {
      if (message.type === "waiting") this.waitLonger();
      this.emit("notification", message as Notification);
    }
  }

  /** In the lobby, the reply to `join` takes as long as a person takes. */
  private waitLonger(): void {
    for (const { timer } of this.waiting.values()) this.browser.clearTimeout(timer);
  }

  private lose(): void {
    if (this.over) return;
    this.finish();
    this.socket.close();
    this.emit("lost");
  }

  private finish(): void {
    this.over = true;
    this.browser.clearTimeout(this.heartbeatTimer);
    this.socket.onclose = null;
    for (const { reject, timer } of this.waiting.values()) {
      this.browser.clearTimeout(timer);
      reject(this.lastWords ?? connectionLost());
    }
    this.waiting.clear();
  }
}

function connectionLost(): ParleyError {
  return new ParleyError("connection_lost", "The connection to the server was lost before it answered.");
}

/** https://host:8443/any?thing → wss://host:8443/signal; a ws: or wss: address is used as it is. */
export function signalAddress(url: string): string {
  const address = new URL(url);
  if (address.protocol === "ws:" || address.protocol === "wss:") return address.href;
  const protocol = address.protocol === "https:" ? "wss:" : "ws:";
  return `${protocol}//${address.host}/signal`;
}
