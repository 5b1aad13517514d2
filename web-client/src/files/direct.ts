// A data channel straight to another participant's browser, for one file. The server passes the descriptions on and sees nothing
// of the file; its relay helps where the two can't reach each other otherwise. Made by the sender, and never repaired: when it
// fails, the file goes on over the server.

import type { Browser } from "../browser.js";
import { readPayload, writePayload } from "../data/message.js";
import type { Payload } from "../data/message.js";
import { connectionLost, Outlet } from "../data/outlet.js";
import { Scratch } from "../data/scratch.js";
import type { Take } from "../data/scratch.js";
import type { Help } from "../media/connection.js";
import type { FilePath } from "./sender.js";

export interface FileDirectHost {
  /** To the other browser, by way of the server. Rejects when direct connections are off. */
  tell(kind: string, payload: object): Promise<unknown>;
  received(payload: Payload): void;
  /** It is open, or it has ended. */
  changed(): void;
}

export class FileDirect {
  private readonly peer: RTCPeerConnection;
  private readonly channel: RTCDataChannel;
  private readonly outlet = new Outlet("lost");
  /** Heard before the description that they belong to. */
  private early: RTCIceCandidateInit[] | undefined = [];
  private current: "connecting" | "open" | "over" = "connecting";

  constructor(
    browser: Browser,
    help: Help,
    readonly id: string,
    private readonly host: FileDirectHost,
  ) {
    this.peer = browser.createPeerConnection(help);
    this.peer.onicecandidate = ({ candidate }) => {
      if (candidate) this.tell("candidate", { candidate: candidate.candidate, mid: candidate.sdpMid });
    };
    this.peer.onconnectionstatechange = () => {
      if (this.peer.connectionState === "failed") this.close();
    };
    this.channel = this.peer.createDataChannel("", { negotiated: true, id: 0 });
    this.channel.binaryType = "arraybuffer";
    this.channel.onclose = () => this.close();
    this.channel.onmessage = ({ data }) => this.receive(data);
    this.outlet.attach(this.channel);
    this.channel.onopen = () => this.opened();
  }

  get state(): "connecting" | "open" | "over" {
    return this.current;
  }

  /** The sender's first step. */
  async offer(): Promise<void> {
    await this.attempt(async () => {
      await this.peer.setLocalDescription(await this.peer.createOffer());
      await this.host.tell("offer", this.description());
    });
  }

  /** What the other browser says. */
  async take(kind: string, payload: Record<string, unknown>): Promise<void> {
    const { sdp, candidate, mid } = payload;
    if (kind === "end") return this.close();
    if (kind === "candidate" && typeof candidate === "string")
      return this.addCandidate({ candidate, sdpMid: typeof mid === "string" ? mid : null });
    if (typeof sdp !== "string" || this.peer.remoteDescription) return;
    await this.attempt(async () => {
      await this.peer.setRemoteDescription({ type: kind === "offer" ? "offer" : "answer", sdp });
      if (kind === "offer") {
        await this.peer.setLocalDescription(await this.peer.createAnswer());
        await this.host.tell("answer", this.description());
      }
      const early = this.early ?? [];
      this.early = undefined;
      early.forEach((each) => this.addCandidate(each));
    });
  }

  /** `take`: memory for the message, in use until the promise is settled. */
  send(payload: Payload, take?: Take): Promise<void> {
    return this.current === "open" ? this.outlet.send(writePayload(payload, 0, take)) : Promise.reject(connectionLost());
  }

  /** Rejects what waits to be sent. */
  abandon(): void {
    this.outlet.fail(connectionLost());
  }

  close(): void {
    if (this.current === "over") return;
    this.current = "over";
    this.outlet.detach();
    this.channel.onclose = this.channel.onmessage = this.channel.onopen = null;
    this.peer.onicecandidate = this.peer.onconnectionstatechange = null;
    this.peer.close();
    this.host.changed();
  }

  private description(): object {
    return { id: this.id, sdp: this.peer.localDescription?.sdp ?? "" };
  }

  private opened(): void {
    this.current = "open";
    this.host.changed();
  }

  private receive(data: unknown): void {
    const payload = data instanceof ArrayBuffer ? readPayload(new Uint8Array(data)) : undefined;
    if (payload !== undefined) this.host.received(payload);
  }

  private addCandidate(candidate: RTCIceCandidateInit): void {
    // More than a browser has is somebody's mischief.
    if (this.early && this.early.length < 64) this.early.push(candidate);
    else if (!this.early) this.peer.addIceCandidate(candidate).catch(() => undefined);
  }

  private tell(kind: string, payload: object): void {
    this.host.tell(kind, { id: this.id, ...payload }).catch(() => undefined);
  }

  private async attempt(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch {
      this.close();
    }
  }
}

/** What a sender takes it for. */
export function directPath(direct: FileDirect): FilePath {
  const { take } = new Scratch();
  return {
    kind: "direct",
    get usable() {
      return direct.state === "open";
    },
    send: (payload) => direct.send(payload, take),
    abandon: (broken) => (broken ? direct.close() : direct.abandon()),
  };
}
