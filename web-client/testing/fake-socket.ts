// A WebSocket whose server is the test: what was sent is kept, what is to be heard is said.

import { settle } from "./settle.js";

export class FakeSocket {
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  readonly sent: Record<string, unknown>[] = [];
  closed = false;

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close(): void {
    this.closed = true;
  }

  ofType(type: string): Record<string, unknown>[] {
    return this.sent.filter((message) => message["type"] === type);
  }
  last(type: string): Record<string, unknown> {
    const message = this.ofType(type).at(-1);
    if (!message) throw new Error(`No ${type} was sent, only ${this.sent.map((each) => String(each["type"])).join(", ")}`);
    return message;
  }
  async open(): Promise<void> {
    this.onopen?.();
    await settle();
  }
  async say(message: Record<string, unknown>): Promise<void> {
    this.onmessage?.({ data: JSON.stringify(message) });
    await settle();
  }
  async reply(type: string, reply: Record<string, unknown>): Promise<void> {
    await this.say({ id: this.last(type)["id"], ...reply });
  }
  /** The network is gone, and the browser has noticed. */
  async drop(): Promise<void> {
    this.onclose?.();
    await settle();
  }
}
