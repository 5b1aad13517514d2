// What people in a room give each other besides sound and pictures: messages and files. Exchange is their part of one stay in the
// room; Sharing is their part of Room for the page.

import type { Browser } from "./browser.js";
import { Data, refusalError } from "./data/data.js";
import type { SendOptions } from "./data/data.js";
import type { Payload } from "./data/message.js";
import { Emitter } from "./emitter.js";
import { ParleyError } from "./errors.js";
import { Files } from "./files/files.js";
import type { SendFileOptions } from "./files/files.js";
import type { FileTransfer } from "./files/transfer.js";
import type { UnfinishedFile } from "./files/unfinished.js";
import type { Help } from "./media/connection.js";
import type { DataCarrier, Publisher } from "./media/publisher.js";
import { RemoteParticipant } from "./participant.js";
import type { RoomEvents } from "./room-events.js";
import type { Roster } from "./roster.js";
import type { Link } from "./signaling/link.js";
import type { Direct } from "./signaling/protocol.js";

/** The stay's other parts. */
export interface ExchangeParts {
  publisher: Publisher;
  roster: Roster;
  link: Link;
  help(): Help;
  room(): string;
}

export class Exchange implements DataCarrier {
  readonly data: Data;
  readonly files: Files;

  /** The parts are made later than this, and used later still. */
  constructor(
    browser: Browser,
    private readonly parts: () => ExchangeParts,
    events: Emitter<RoomEvents>,
    private readonly dataOption: "auto" | "off" = "auto",
  ) {
    this.data = new Data(browser, {
      find: (id) => parts().roster.find(id),
      mayPublish: () => parts().roster.local.permissions.canPublishData,
      wanted: () => parts().publisher.carryData(),
      broken: () => parts().publisher.keeper.become("failed"),
      received: (message) => events.emit("data", message),
      receivedOwn: (sender, payload) => sender instanceof RemoteParticipant && this.files.receive(sender, payload),
      topicLeft: (topic) => events.emit("topicLeft", topic),
      refused: (topic, reason, receiver) => events.emit("warning", refusalError(topic, reason, receiver)),
      changed: (up) => this.files.dataChanged(up),
    });
    this.files = new Files(browser, {
      data: this.data,
      room: () => parts().room(),
      help: () => parts().help(),
      find: (identity) => parts().roster.participants.find((participant) => participant.identity === identity),
      tellDirect: (to, kind, payload) =>
        parts().link.request({ type: "direct", to: to.id, purpose: "file", kind, payload }, "ok"),
      offered: (offer) => {
        events.emit("fileOffered", offer);
        return events.listens("fileOffered");
      },
    });
  }

  get everybody(): RemoteParticipant[] {
    return this.parts().roster.participants;
  }

  attach(peer: RTCPeerConnection): void {
    this.data.attach(peer);
  }

  detach(): void {
    this.data.detach();
  }

  refused(): void {
    this.data.close(new ParleyError("data_unavailable", "This server carries no messages or files between pages."));
  }

  sendFile(file: File, to: RemoteParticipant, options?: SendFileOptions): FileTransfer {
    if (this.dataOption === "off") throw dataOff();
    return this.files.send(file, to, options);
  }

  joined(participant: RemoteParticipant): void {
    participant.sender = (file, to, options) => this.sendFile(file, to, options);
    this.files.joined(participant);
  }

  left(participant: RemoteParticipant): void {
    this.files.left(participant);
  }

  /** Another browser wants to connect to this one. */
  signalled({ participant, purpose, kind, payload }: Direct): void {
    const from = this.parts().roster.find(participant);
    if (purpose === "file" && from instanceof RemoteParticipant) this.files.receiveDirect(from, kind, payload);
  }

  close(): void {
    this.files.close();
    this.data.close();
  }
}

export abstract class Sharing extends Emitter<RoomEvents> {
  constructor(private readonly dataOption: "auto" | "off" = "auto") {
    super();
  }

  /** @internal Undefined while we are not in the room. */
  protected abstract get exchange(): Exchange | undefined;

  override on<Name extends keyof RoomEvents>(event: Name, listener: (...args: RoomEvents[Name]) => void): () => void {
    const off = super.on(event, listener);
    this.wantData();
    return off;
  }

  /**
   * Sends a message to everybody else, or to some. Bytes, text and what JSON can say arrive as what they were. Resolves when
   * it is on its way: a loop that awaits it is never faster than the network. Rejects with a ParleyError.
   */
  async send(topic: string, payload: Payload, options?: SendOptions): Promise<void> {
    if (this.dataOption === "off") throw dataOff();
    await this.inside().data.send(topic, payload, options);
  }

  /** Back into a topic that we have left because we read too slowly: as soon as the connection has caught up. */
  rejoin(topic: string): void {
    this.inside().data.rejoin(topic);
  }

  /** Offers a file to everybody else who is here now: one transfer for each of them, as each of them decides. */
  sendFile(file: File, options?: SendFileOptions): FileTransfer[] {
    const exchange = this.inside();
    return exchange.everybody.map((participant) => exchange.sendFile(file, participant, options));
  }

  /** What this page was sending in this room before it was loaded again. */
  async unfinishedFiles(): Promise<UnfinishedFile[]> {
    return await this.inside().files.unfinished();
  }

  /** Whoever listens wants to receive, before anything is sent. */
  protected wantData(): void {
    if (this.dataOption !== "off" && (this.listens("data") || this.listens("fileOffered"))) this.exchange?.data.want();
  }

  private inside(): Exchange {
    if (!this.exchange) throw new ParleyError("not_connected", "Join the room first.");
    return this.exchange;
  }
}

function dataOff(): ParleyError {
  return new ParleyError("data_off", 'This room was made with the option data: "off".');
}
