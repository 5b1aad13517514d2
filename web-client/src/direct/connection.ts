// One connection from browser to browser: what each of the two publishes, sent past the server. Either side may offer when
// its tracks change; when both do at once, the polite one gives way (W3C webrtc-pc, section 10.7, "perfect negotiation").
//
// Which track of the other one's a section carries stands beside each description, by the server's ids. What belongs to
// another attempt is ignored: each has a name, which the impolite side gives it with its first offer.

import type { Browser } from "../browser.js";
import type { Help } from "../media/connection.js";
import { withStereo } from "../media/sdp.js";
import { addSender } from "../media/sender.js";
import type { LocalTrackPublication } from "../track-publication.js";

export interface DirectHost {
  /** To the other browser. */
  tell(kind: string, payload: string): void;
  sending(sender: RTCRtpSender): void;
  receiving(receiver: RTCRtpReceiver): void;
}

/** What is sent in a section. */
interface Sent {
  mid: string;
  track: string;
  /** It has two channels, which whoever decodes them has to ask for. */
  stereo?: boolean;
}

/** What the two tell each other, as JSON. */
interface Message {
  attempt: string;
  sdp?: string;
  /** Of the sender of the message. */
  tracks?: Sent[];
  candidate?: RTCIceCandidateInit;
}

function parseMessage(payload: string): Message | undefined {
  try {
    const message = JSON.parse(payload) as Message | null;
    const tracks = message?.tracks ?? [];
    return typeof message?.attempt === "string" && Array.isArray(tracks) ? message : undefined;
  } catch {
    return undefined;
  }
}

export class DirectConnection {
  readonly peer: RTCPeerConnection;
  private readonly senders = new Map<LocalTrackPublication, RTCRtpTransceiver>();
  private readonly received = new Map<string, RTCRtpReceiver>();
  private work: Promise<void> = Promise.resolve();
  private offering = false;
  private ignoring = false;
  private over = false;
  private readonly polite: boolean;

  /** `attempt`: undefined on the polite side, until the first offer comes. */
  constructor(
    private readonly browser: Browser,
    help: Help,
    private attempt: string | undefined,
    private readonly host: DirectHost,
  ) {
    this.polite = attempt === undefined;
    this.peer = browser.createPeerConnection({ bundlePolicy: "max-bundle", rtcpMuxPolicy: "require", ...help });
    this.peer.onnegotiationneeded = () => void this.offer();
    this.peer.onicecandidate = ({ candidate }) => {
      if (candidate?.candidate) this.tell("candidate", { candidate: candidate.toJSON() });
    };
    // So that there is something to offer, also by somebody who sends nothing.
    if (!this.polite) this.peer.createDataChannel("call");
  }

  get state(): RTCPeerConnectionState {
    return this.peer.connectionState;
  }

  /** What comes of the other one's track, if anything does. */
  receiver(trackId: string): RTCRtpReceiver | undefined {
    return this.received.get(trackId);
  }

  /** Sends these and no others. The polite side waits for the first offer. */
  send(publications: LocalTrackPublication[]): void {
    if (this.attempt === undefined || this.over) return;
    for (const [publication, transceiver] of this.senders) {
      if (publications.includes(publication)) continue;
      this.senders.delete(publication);
      transceiver.stop();
    }
    for (const publication of publications) {
      const transceiver = this.senders.get(publication);
      if (!transceiver) this.senders.set(publication, this.add(publication));
      else if (transceiver.sender.track !== (publication.track ?? null))
        transceiver.sender.replaceTrack(publication.track ?? null).catch(() => undefined);
    }
  }

  /** Whether a message is for this attempt: also the first offer, for the polite side. */
  knows(payload: string): boolean {
    const message = parseMessage(payload);
    return message !== undefined && (message.attempt === this.attempt || this.attempt === undefined);
  }

  /** One message of the other browser's after the other. */
  take(kind: string, payload: string): void {
    const message = parseMessage(payload);
    if (!message) return;
    if (this.polite && kind === "offer") this.attempt ??= message.attempt;
    if (message.attempt !== this.attempt) return;
    // What does not fit is not answered, and the policy's time runs out.
    this.work = this.work.then(() => this.takeNext(kind, message)).catch(() => undefined);
  }

  close(): void {
    this.over = true;
    this.peer.onnegotiationneeded = null;
    this.peer.onicecandidate = null;
    this.peer.close();
  }

  private add(publication: LocalTrackPublication): RTCRtpTransceiver {
    const transceiver = addSender(this.browser, this.peer, publication, false);
    this.host.sending(transceiver.sender);
    return transceiver;
  }

  private async offer(): Promise<void> {
    if (this.attempt === undefined || this.over) return;
    this.offering = true;
    try {
      await this.peer.setLocalDescription();
      this.describe();
    } catch {
      // The other one's offer has come in between; its answer makes this one needed again.
    } finally {
      this.offering = false;
    }
  }

  private async takeNext(kind: string, { sdp, tracks = [], candidate }: Message): Promise<void> {
    if (this.over) return;
    if (kind === "candidate") {
      if (candidate && !this.ignoring) await this.peer.addIceCandidate(candidate);
      return;
    }
    if (sdp === undefined || (kind !== "offer" && kind !== "answer")) return;
    const collision = kind === "offer" && (this.offering || this.peer.signalingState !== "stable");
    this.ignoring = collision && !this.polite;
    if (this.ignoring) return;
    await this.peer.setRemoteDescription({ type: kind, sdp });
    this.assign(tracks);
    if (kind !== "offer") return;
    const stereo = new Set(tracks.filter((each) => each.stereo).map(({ mid }) => mid));
    const answer = await this.peer.createAnswer();
    await this.peer.setLocalDescription({ type: "answer", sdp: withStereo(answer.sdp ?? "", stereo) });
    this.describe();
  }

  private assign(tracks: Sent[]): void {
    this.received.clear();
    for (const { mid, track } of tracks) {
      const transceiver = this.peer.getTransceivers().find((each) => each.mid === mid);
      if (!transceiver) continue;
      this.host.receiving(transceiver.receiver);
      this.received.set(track, transceiver.receiver);
    }
  }

  private describe(): void {
    const { localDescription } = this.peer;
    if (!localDescription) return;
    const tracks = [...this.senders].flatMap(([{ trackId, options }, { mid }]): Sent[] =>
      mid !== null && trackId !== undefined ? [{ mid, track: trackId, ...(options.stereo && { stereo: true }) }] : [],
    );
    this.tell(localDescription.type, { sdp: localDescription.sdp, tracks });
  }

  private tell(kind: string, message: Omit<Message, "attempt">): void {
    if (this.attempt !== undefined) this.host.tell(kind, JSON.stringify({ attempt: this.attempt, ...message }));
  }
}
