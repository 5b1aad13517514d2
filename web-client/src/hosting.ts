// What a member of a room may ask of its server: to write to the others and, with the permission roomAdmin, to keep order.

import { Sharing } from "./exchange.js";
import type { Participant } from "./participant.js";
import type { Request, RoomSettings, WaitingParticipant } from "./signaling/protocol.js";
import type { RemoteTrackPublication } from "./track-publication.js";

export abstract class Hosting extends Sharing {
  /** To everybody, or to one participant. */
  async sendChat(text: string, to?: Participant): Promise<void> {
    await this.request({ type: "chat", text, ...(to && { to: to.id }) });
  }

  /** With the permission roomAdmin. */
  async remove(participant: Participant): Promise<void> {
    await this.request({ type: "remove", participant: participant.id });
  }

  /** With the permission roomAdmin: locks the room, opens its lobby, or forbids direct calls; what is left out stays as it is. */
  async setSettings(changes: Partial<RoomSettings>): Promise<void> {
    await this.request({ type: "setRoom", ...changes });
  }

  /** With the permission roomAdmin: lets somebody in who waits in the lobby. */
  async admit({ participant }: WaitingParticipant): Promise<void> {
    await this.request({ type: "admit", participant });
  }

  /** With the permission roomAdmin: sends somebody away who waits in the lobby. */
  async deny({ participant }: WaitingParticipant): Promise<void> {
    await this.request({ type: "deny", participant });
  }

  /** With the permission roomAdmin. */
  async mute(publication: RemoteTrackPublication): Promise<void> {
    await this.request({ type: "muteOther", track: publication.trackId });
  }

  /** @internal Resolves when the server has said ok. */
  protected abstract request(message: Request): Promise<unknown>;
}
