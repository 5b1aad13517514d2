// Who is in the room, as the server's messages tell it. Participants and publications keep their objects through a lost
// connection, and, recognised by identity, even through a new join.

import type { Browser } from "./browser.js";
import type { EncryptionState } from "./e2ee/cipher.js";
import { ParleyError } from "./errors.js";
import type { LocalParticipant } from "./local-participant.js";
import { RemoteParticipant } from "./participant.js";
import type { Participant } from "./participant.js";
import type { Link } from "./signaling/link.js";
import type { ParticipantInfo, TrackInfo } from "./signaling/protocol.js";
import type { RemoteTrackPublication } from "./track-publication.js";
import type { Pause } from "./viewing/quality.js";
import { Viewer } from "./viewing/viewer.js";

export interface RosterHost {
  participantJoined(participant: RemoteParticipant): void;
  participantLeft(participant: RemoteParticipant, reason: string): void;
  trackPublished(publication: RemoteTrackPublication, participant: RemoteParticipant): void;
  trackUnpublished(publication: RemoteTrackPublication, participant: RemoteParticipant): void;
  /** The media of a track, when it has been negotiated before the track was announced. */
  media(trackId: string): MediaStreamTrack | undefined;
}

function pauseReason(reason: string | undefined): Pause["reason"] {
  return reason === "viewport" || reason === "policy" ? reason : "bandwidth";
}

export class Roster {
  private readonly remotes = new Map<string, RemoteParticipant>();
  private readonly viewer: Viewer;

  constructor(
    readonly local: LocalParticipant,
    private readonly link: Link,
    private readonly automatic: boolean,
    private readonly browser: Browser,
    private readonly host: RosterHost,
  ) {
    this.viewer = new Viewer(browser, link);
  }

  get participants(): RemoteParticipant[] {
    return [...this.remotes.values()];
  }

  find(id: string): Participant | undefined {
    return id === this.local.id ? this.local : this.remotes.get(id);
  }

  /** Whether somebody publishes something that is wanted here. */
  get expectsMedia(): boolean {
    const publications = this.participants.flatMap((participant) => participant.publications);
    return publications.some(({ subscribed, refusal }) => subscribed && refusal === undefined);
  }

  publication(trackId: string): RemoteTrackPublication | undefined {
    for (const participant of this.remotes.values()) {
      const publication = participant.track(trackId);
      if (publication) return publication;
    }
    return undefined;
  }

  /** The whole room as it is now. */
  reset(infos: ParticipantInfo[]): void {
    const identities = new Map(infos.map((info) => [info.identity, info]));
    for (const participant of this.participants) {
      const info = identities.get(participant.identity);
      if (!info) this.left(participant.id, "left");
      else if (info.participant !== participant.id) this.renumber(participant, info);
    }
    infos.forEach((info) => this.joined(info));
    this.viewer.repeat();
  }

  joined(info: ParticipantInfo): void {
    if (info.participant === this.local.id) return;
    const known = this.remotes.get(info.participant);
    if (known) return this.update(known, info);
    const participant = new RemoteParticipant(info, this.link, this.automatic, this.browser, this.viewer);
    this.remotes.set(info.participant, participant);
    this.host.participantJoined(participant);
    participant.publications.forEach((publication) => this.announce(publication, participant));
  }

  updated(info: ParticipantInfo): void {
    // Only who they are: tracks have messages of their own, and may be left out here.
    this.find(info.participant)?.update(info);
  }

  left(id: string, reason: string): void {
    const participant = this.remotes.get(id);
    if (!participant) return;
    participant.publications.forEach(({ trackId }) => this.trackUnpublished(id, trackId));
    this.remotes.delete(id);
    this.host.participantLeft(participant, reason);
  }

  trackPublished(id: string, info: TrackInfo): void {
    const participant = this.remotes.get(id);
    const publication = participant?.addTrack(info);
    if (participant && publication) this.announce(publication, participant);
  }

  trackUpdated(id: string, info: TrackInfo): void {
    if (id === this.local.id) this.local.mutedByServer(info.track, info.muted);
    else this.remotes.get(id)?.track(info.track)?.update(info);
  }

  trackUnpublished(id: string, trackId: string): void {
    const participant = this.remotes.get(id);
    const publication = participant?.removeTrack(trackId);
    if (participant && publication) this.host.trackUnpublished(publication, participant);
  }

  subscription(trackId: string, state: string, reason: string | undefined, message: string | undefined): void {
    const publication = this.publication(trackId);
    const sentence = message ?? "The server can't send this track to this browser.";
    publication?.refuse(state === "refused" ? new ParleyError(reason ?? "codec_unsupported", sentence) : undefined);
    if (state === "paused") publication?.becomePaused({ reason: pauseReason(reason), message: message ?? "" });
    // While it waits for its key frame, nothing has come back yet.
    else if (state !== "waiting") publication?.becomePaused(undefined);
  }

  encrypted(identity: string, state: EncryptionState): void {
    this.participants.find((participant) => participant.identity === identity)?.becomeSecret(state);
  }

  /** Who speaks now, the loudest first. */
  speakers(levels: { participant: string; level: number }[]): Participant[] {
    const loud = new Map(levels.map(({ participant, level }) => [participant, level]));
    const everybody = [this.local, ...this.remotes.values()];
    for (const participant of everybody) participant.becomeLoud(loud.get(participant.id) ?? 0);
    return everybody.filter(({ speaking }) => speaking).sort((left, right) => right.level - left.level);
  }

  clear(): void {
    for (const { id } of this.participants) this.left(id, "left");
    this.viewer.close();
  }

  private announce(publication: RemoteTrackPublication, participant: RemoteParticipant): void {
    publication.become(this.host.media(publication.trackId));
    this.host.trackPublished(publication, participant);
  }

  private renumber(participant: RemoteParticipant, info: ParticipantInfo): void {
    this.remotes.delete(participant.id);
    this.remotes.set(info.participant, participant);
    this.update(participant, info);
  }

  private update(participant: RemoteParticipant, info: ParticipantInfo): void {
    participant.update(info);
    const present = new Set(info.tracks.map(({ track }) => track));
    for (const { trackId } of participant.publications) {
      if (!present.has(trackId)) this.trackUnpublished(info.participant, trackId);
    }
    info.tracks.forEach((track) => this.trackPublished(info.participant, track));
    participant.publications.forEach((publication) => void publication.restoreSubscription().catch(() => undefined));
  }
}
