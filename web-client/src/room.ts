// A room that we are in. Room only connects its parts: Session (the way to the server), Publisher and Subscriber (one
// peer connection each), Roster (who is there). What a message means is decided in them.

import { windowBrowser } from "./browser.js";
import type { Browser } from "./browser.js";
import { ChatLog } from "./chat-log.js";
import type { ChatMessage } from "./chat-log.js";
import { DirectCall } from "./direct/call.js";
import type { Encrypter } from "./e2ee/encryption.js";
import { mediaUnreachable, ParleyError } from "./errors.js";
import { Exchange } from "./exchange.js";
import type { ExchangeParts } from "./exchange.js";
import { Hosting } from "./hosting.js";
import { LocalParticipant } from "./local-participant.js";
import type { LocalHost } from "./local-participant.js";
import type { Help } from "./media/connection.js";
import type { MediaPath, Path } from "./media/path.js";
import { Publisher } from "./media/publisher.js";
import { Subscriber } from "./media/subscriber.js";
import type { RemoteParticipant } from "./participant.js";
import { standardPolicy } from "./policy.js";
import type { RetryPolicy } from "./policy.js";
import type { ConnectOptions, RoomOptions, RoomState, Trouble } from "./room-events.js";
import { Roster } from "./roster.js";
import type { RosterHost } from "./roster.js";
import type { Joined, Notification, Request, Resumed, RoomSettings, WaitingParticipant } from "./signaling/protocol.js";
import { Session } from "./signaling/session.js";
import { signalAddress } from "./signaling/signal.js";
import type { Handlers, Stay } from "./stay.js";
import { LocalTrackPublication } from "./track-publication.js";
import type { TrackPublication } from "./track-publication.js";

/** After two repairs that did not help it is the network that keeps media away. */
const repairsBeforeWarning = 2;

/** A room that we are in, or are going to be in: `connect` joins it, its events tell what happens there. */
export class Room extends Hosting {
  private readonly browser: Browser;
  private readonly policy: RetryPolicy;
  private current: RoomState = "idle";
  private session: Session | undefined;
  private stay: Stay | undefined;
  private iceServers: RTCIceServer[] = [];
  private roomName = "";
  private rules: RoomSettings = { locked: false, lobby: false, direct: false };
  private atTheDoor: WaitingParticipant[] = [];
  private repairing: Trouble | undefined;
  private blocked = false;
  private warned = false;
  private endings: (() => void)[] = [];
  private readonly chat = new ChatLog();

  constructor(private readonly options: RoomOptions = {}) {
    super(options.data);
    this.browser = options.browser ?? windowBrowser();
    this.policy = options.policy ?? standardPolicy;
  }

  get state(): RoomState {
    return this.current;
  }

  get name(): string {
    return this.roomName;
  }

  /** Throws while we are not in the room. */
  get localParticipant(): LocalParticipant {
    return this.here().roster.local;
  }

  /** Everybody else. */
  get participants(): RemoteParticipant[] {
    return this.stay?.roster.participants ?? [];
  }

  /** What has been written, the oldest first: up to 100 texts to everybody from before we came, and all since. */
  get messages(): readonly ChatMessage[] {
    return this.chat.messages;
  }

  /** What an administrator has decided for the room. */
  get settings(): Readonly<RoomSettings> {
    return this.rules;
  }

  /** Who waits to be let in; only administrators are told. */
  get lobby(): readonly WaitingParticipant[] {
    return this.atTheDoor;
  }

  /** While the room is `reconnecting`: what is being repaired. */
  get trouble(): Trouble | undefined {
    return this.repairing;
  }

  /** As it was given to this room. */
  get encryption(): Encrypter | undefined {
    return this.options.encryption;
  }

  /** The way of sound and pictures to us. */
  get path(): MediaPath {
    return this.stay?.direct.path ?? "server";
  }

  /** The same with what the browser knows of it. */
  async describePath(): Promise<Path> {
    return await this.here().direct.describe();
  }

  get playbackIsBlocked(): boolean {
    return this.blocked;
  }

  /** Joins. `url`: the address of the server ("https://host:8443") or of its WebSocket. Rejects with a ParleyError. */
  async connect(url: string, token: string, options: ConnectOptions = {}): Promise<void> {
    if (this.session) throw new ParleyError("protocol_violation", "This room is connected already.");
    const { autoSubscribe = true, ...rest } = options;
    const session = new Session(this.browser, this.policy, signalAddress(url), { token, autoSubscribe, ...rest });
    this.session = session;
    this.become("connecting");
    // Notifications may follow the reply to `join` at once.
    session.on("notification", (message) => this.dispatch(message));
    session.on("ended", (reason) => this.end(reason));
    session.on("waiting", () => this.become("waiting"));
    this.endings = [
      this.browser.onPageHide(() => session.leave()),
      this.browser.onNetworkChange(() => this.networkChanged(session)),
    ];
    try {
      this.enter(session, await session.enter(), autoSubscribe);
    } catch (error) {
      const failure = ParleyError.from(error);
      // Who has left meanwhile may be on the way into the room once more.
      if (session === this.session) this.end(failure);
      throw failure;
    }
  }

  /** Leaves; stops the camera and the microphone. The room can be connected again. */
  disconnect(): void {
    this.session?.leave();
    this.end(undefined);
  }

  /** Call it from a click after "playbackBlocked". */
  async startPlayback(): Promise<void> {
    this.becomeBlocked(false);
    const publications = this.participants.flatMap((participant) => participant.publications);
    await Promise.all(publications.map((publication) => publication.play()));
  }

  /** What the browser counts of the track's media, if it flows: RTCInboundRtpStreamStats, or RTCOutboundRtpStreamStats of our own. */
  async getStats(publication: TrackPublication): Promise<RTCStatsReport | undefined> {
    const { publisher, subscriber, direct } = this.here();
    if (publication instanceof LocalTrackPublication) return publisher.stats(publication);
    if (publication.trackId === undefined) return undefined;
    return direct.stats(publication.trackId) ?? subscriber.stats(publication.trackId);
  }

  protected get exchange(): Exchange | undefined {
    return this.stay?.exchange;
  }

  protected request(message: Request): Promise<unknown> {
    return this.here().session.request(message, "ok");
  }

  private here(): Stay {
    if (!this.stay) throw new ParleyError("not_connected", "Join the room first.");
    return this.stay;
  }

  private enter(session: Session, joined: Joined, automatic: boolean): void {
    this.stay = this.makeStay(session, joined, automatic);
    this.takeJoined(joined);
    session.on("lost", () => this.lost());
    session.on("resumed", (resumed) => this.resumed(resumed));
    session.on("rejoined", (again) => this.rejoined(again));
    const { roster } = this.stay;
    roster.reset(joined.participants);
    this.chat.catchUp(joined.chat, roster);
    this.wantData();
    this.judge();
  }

  private makeStay(session: Session, joined: Joined, automatic: boolean): Stay {
    const { browser, policy } = this;
    const { iceTransportPolicy = "all", encryption } = this.options;
    const help = (): Help => ({ iceServers: this.iceServers, iceTransportPolicy });
    const healthChanged = (): void => this.judge();
    const parts = (): ExchangeParts => ({ publisher, roster, link: session, help, room: () => this.name });
    const exchange = new Exchange(browser, parts, this, this.options.data);
    const publisher: Publisher = new Publisher(browser, policy, session, help, {
      published: (publication) => local.syncMute(publication),
      healthChanged,
      data: exchange,
      sending: (sender) => encryption?.sending(sender),
    });
    const subscriber: Subscriber = new Subscriber(browser, policy, session, help, {
      trackChanged: (trackId, track) => roster.publication(trackId)?.become(track),
      healthChanged,
      expected: () => roster.expectsMedia,
      receiving: (receiver, from) => encryption?.receiving(receiver, roster.find(from)?.identity ?? from),
    });
    const local = this.makeLocal(session, publisher, joined);
    const roster: Roster = new Roster(local, session, automatic, browser, this.rosterHost(subscriber));
    encryption?.begin(joined.room, local.identity, (identity, state) => roster.encrypted(identity, state));
    const handlers = this.makeHandlers(publisher, subscriber, roster);
    const direct = new DirectCall(browser, {
      ...{ link: session, roster, subscriber, help, encryption },
      allowed: () => this.rules.direct && (this.options.direct ?? true),
      pathChanged: (path) => this.emit("pathChanged", path),
    });
    return { session, publisher, subscriber, roster, exchange, direct, handlers };
  }

  private makeLocal(session: Session, publisher: Publisher, { participant, permissions }: Joined): LocalParticipant {
    const host: LocalHost = {
      publish: (publication) => publisher.publish(publication),
      unpublish: (publication) => publisher.unpublish(publication),
      swap: (publication) => publisher.swap(publication),
      request: (message, expected) => session.request(message, expected),
      deviceLost: (error) => this.emit("warning", error),
    };
    const local = new LocalParticipant(participant, permissions, host, this.browser);
    local.on("updated", () => this.emit("participantUpdated", local));
    return local;
  }

  private rosterHost(subscriber: Subscriber): RosterHost {
    return {
      participantJoined: (participant) => {
        participant.on("updated", () => this.emit("participantUpdated", participant));
        this.exchange?.joined(participant);
        participant.on("encryptionChanged", () => this.emit("encryptionChanged", participant));
        this.stay?.direct.update();
        this.emit("participantJoined", participant);
      },
      participantLeft: (participant, reason) => {
        this.exchange?.left(participant);
        this.stay?.direct.update();
        this.emit("participantLeft", participant, reason);
      },
      trackPublished: (publication, participant) => {
        publication.on("playbackBlocked", () => this.becomeBlocked(true));
        this.emit("trackPublished", publication, participant);
      },
      trackUnpublished: (publication, participant) => this.emit("trackUnpublished", publication, participant),
      media: (trackId) => subscriber.track(trackId),
    };
  }

  /** What each message of the server's sets in motion. */
  private makeHandlers(publisher: Publisher, subscriber: Subscriber, roster: Roster): Handlers {
    return {
      offer: (offer) => subscriber.take(offer),
      candidate: ({ connection, candidate, mid }) =>
        (connection === "publishing" ? publisher : subscriber).addCandidate(candidate, mid),
      connection: ({ connection, state }) => (connection === "publishing" ? publisher : subscriber).keeper.serverSays(state),
      moved: () => this.moved(),
      participantJoined: ({ participant }) => roster.joined(participant),
      participantUpdated: ({ participant }) => roster.updated(participant),
      participantLeft: ({ participant, reason }) => roster.left(participant, reason),
      trackPublished: ({ participant, track }) => roster.trackPublished(participant, track),
      trackUpdated: ({ participant, track }) => roster.trackUpdated(participant, track),
      trackUnpublished: ({ participant, track }) => roster.trackUnpublished(participant, track),
      subscription: ({ track, state, reason, message }) => roster.subscription(track, state, reason, message),
      quality: ({ track, current, wanted, limit, estimate }) =>
        roster.publication(track)?.becomeQuality({ current, wanted, limit, estimate }),
      iceServers: ({ iceServers }) => (this.iceServers = iceServers),
      encodings: ({ track, rids, any }) => publisher.want(track, { rids, any }),
      speakers: ({ speakers }) => this.emit("speakersChanged", roster.speakers(speakers)),
      chat: (text) => this.emit("chat", this.chat.take(text, roster.find(text.participant))),
      roomState: (settings) => this.takeSettings(settings),
      lobby: ({ waiting }) => this.emit("lobbyChanged", (this.atTheDoor = waiting)),
      waiting: () => undefined,
      direct: (message) => (message.purpose === "call" ? this.stay?.direct.take(message) : this.exchange?.signalled(message)),
      closed: () => undefined,
    };
  }

  private dispatch(message: Notification): void {
    const handler = this.stay?.handlers[message.type] as ((message: Notification) => void) | undefined;
    handler?.(message);
  }

  private takeJoined(joined: Joined): void {
    this.roomName = joined.room;
    this.iceServers = joined.iceServers ?? [];
    this.takeSettings(joined.roomState);
  }

  private takeSettings(settings: Partial<RoomSettings> = {}): void {
    const { locked, lobby, direct } = { ...this.rules, ...settings };
    this.rules = { locked, lobby, direct };
    this.stay?.direct.update();
    this.emit("settingsChanged", this.rules);
  }

  private lost(): void {
    this.stay?.publisher.pause();
    this.stay?.subscriber.keeper.pause();
    this.judge();
  }

  private resumed({ participant, participants, iceServers, offer, roomState }: Resumed): void {
    const { publisher, subscriber, roster } = this.here();
    this.takeSettings(roomState);
    this.iceServers = iceServers ?? this.iceServers;
    roster.local.returned(participant);
    roster.reset(participants);
    roster.local.reconcile(participant.tracks);
    publisher.resume();
    subscriber.keeper.resume();
    if (offer) subscriber.take(offer);
    this.judge();
  }

  /** The server has forgotten us, or has started anew: everything is published again, into new connections. */
  private rejoined(joined: Joined): void {
    const { publisher, subscriber, roster } = this.here();
    this.takeJoined(joined);
    roster.local.returned(joined.participant);
    roster.local.permissions = joined.permissions;
    roster.reset(joined.participants);
    this.chat.catchUp(joined.chat, roster).forEach((message) => this.emit("chat", message));
    publisher.resume();
    subscriber.keeper.resume();
    this.moved();
    this.judge();
  }

  private moved(): void {
    this.stay?.publisher.forgetWanted();
    this.stay?.publisher.replace();
    this.stay?.subscriber.discard();
  }

  private networkChanged(session: Session): void {
    session.hint();
    this.stay?.publisher.keeper.networkChanged();
    this.stay?.subscriber.keeper.networkChanged();
  }

  /** The state of the room is that of its worst part. Connections that have only just begun do not count as broken. */
  private judge(): void {
    if (!this.stay) return;
    const { session, publisher, subscriber } = this.stay;
    const keepers = [publisher.keeper, subscriber.keeper];
    const broken = keepers.some(
      ({ health, failures }) =>
        health === "disconnected" || health === "failed" || (health === "connecting" && failures > 0),
    );
    const before = this.repairing;
    this.repairing = session.connected ? (broken ? "media" : undefined) : broken ? "both" : "server";
    this.become(this.repairing ? "reconnecting" : "connected");
    if (before !== this.repairing) this.emit("troubleChanged", this.repairing);
    const stuck = keepers.some(({ failures }) => failures >= repairsBeforeWarning);
    if (stuck && session.connected && !this.warned) this.emit("warning", mediaUnreachable());
    this.warned = stuck;
  }

  private becomeBlocked(blocked: boolean): void {
    if (blocked === this.blocked) return;
    this.blocked = blocked;
    this.emit("playbackBlocked", blocked);
  }

  private become(state: RoomState): void {
    if (state === this.current) return;
    this.current = state;
    this.emit("stateChanged", state);
  }

  private end(reason: ParleyError | undefined): void {
    if (!this.session) return;
    const wasInside = this.stay !== undefined;
    this.session.leave();
    this.session = undefined;
    this.endings.forEach((end) => end());
    this.stay?.exchange.close();
    this.stay?.direct.close();
    this.options.encryption?.end();
    this.stay?.publisher.close();
    this.stay?.subscriber.close();
    this.stay?.roster.local.stopAll();
    this.stay?.roster.clear();
    this.stay = undefined;
    this.blocked = false;
    this.repairing = undefined;
    this.atTheDoor = [];
    this.chat.clear();
    this.become("disconnected");
    if (wasInside) this.emit("disconnected", reason);
  }
}
