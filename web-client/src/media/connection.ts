// One RTCPeerConnection, from its making to its end: trickles candidates both ways and tells its health. It is never
// repaired beyond an ICE restart; a new one takes its place.

import type { Browser } from "../browser.js";
import { ParleyError } from "../errors.js";
import type { ConnectionName, Statement } from "../signaling/protocol.js";
import type { Health } from "./keeper.js";

const healths: Record<RTCPeerConnectionState, Health> = {
  new: "connecting",
  connecting: "connecting",
  connected: "connected",
  disconnected: "disconnected",
  failed: "failed",
  closed: "failed",
};

export interface ConnectionHost {
  send(message: Statement): void;
  healthChanged(connection: Connection, health: Health): void;
}

/** The servers that help on the way, and whether anything but a relay may be used. */
export type Help = Pick<RTCConfiguration, "iceServers" | "iceTransportPolicy">;

const fixed = { bundlePolicy: "max-bundle", rtcpMuxPolicy: "require" } as const;

interface Candidate {
  candidate: string;
  mid: string | undefined;
}

export class Connection {
  readonly peer: RTCPeerConnection;
  /** Rejects when the connection is closed: after that a browser settles none of its promises (WebRTC 1.0, section 4.4.1.2). */
  readonly gone: Promise<never>;
  private give: (error: ParleyError) => void = () => undefined;
  /** Found before our description was sent. */
  private found: Candidate[] | undefined = [];
  /** Heard before the server's description came. */
  private heard: Candidate[] | undefined = [];

  constructor(
    browser: Browser,
    private readonly name: ConnectionName,
    help: Help,
    private readonly host: ConnectionHost,
  ) {
    this.peer = browser.createPeerConnection({ ...fixed, ...help });
    this.peer.onicecandidate = ({ candidate }) => {
      if (candidate?.candidate) this.tell({ candidate: candidate.candidate, mid: candidate.sdpMid ?? undefined });
    };
    this.gone = new Promise((_, reject) => (this.give = reject));
    this.gone.catch(() => undefined);
    this.peer.onconnectionstatechange = () => host.healthChanged(this, healths[this.peer.connectionState]);
  }

  /** For the next ICE restart: a relay's credentials may have expired since this connection was made. */
  renew(help: Help): void {
    this.peer.setConfiguration({ ...fixed, ...help });
  }

  /** Our description has been sent: candidates may follow it. */
  described(): void {
    const found = this.found ?? [];
    this.found = undefined;
    found.forEach((candidate) => this.tell(candidate));
  }

  /** The server's description is set: its candidates may be added. */
  answered(): void {
    const heard = this.heard ?? [];
    this.heard = undefined;
    heard.forEach(({ candidate, mid }) => this.addCandidate(candidate, mid));
  }

  /** A candidate of the server's; without `mid` it holds for the whole bundle. */
  addCandidate(candidate: string, mid: string | undefined): void {
    if (this.heard) {
      this.heard.push({ candidate, mid });
      return;
    }
    const place = mid === undefined ? { sdpMLineIndex: 0 } : { sdpMid: mid };
    // One candidate that the browser does not like leaves the others as they are.
    this.peer.addIceCandidate({ candidate, ...place }).catch(() => undefined);
  }

  close(): void {
    this.peer.onicecandidate = null;
    this.peer.onconnectionstatechange = null;
    this.peer.close();
    this.give(new ParleyError("connection_lost", "The peer connection has been replaced."));
  }

  private tell({ candidate, mid }: Candidate): void {
    if (this.found) this.found.push({ candidate, mid });
    else this.host.send({ type: "candidate", connection: this.name, candidate, ...(mid !== undefined && { mid }) });
  }
}
