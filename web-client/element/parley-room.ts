// <parley-room url="https://call.example.org" token="…" camera microphone></parley-room>: a whole call as one element, for pages
// without a framework. Importing this file defines it.

import { ParleyError, Room } from "../src/index.js";
import type { Participant, RoomOptions, TrackPublication } from "../src/index.js";
import { RoomTile } from "./room-tile.js";
import { styles } from "./styles.js";

/** What the page may put in the place of the element's own words. */
export interface ParleyRoomWords {
  joining: string;
  waiting: string;
  reconnecting: string;
  left: string;
  microphone: string;
  camera: string;
  leave: string;
  join: string;
  hear: string;
}

const english: ParleyRoomWords = {
  joining: "Joining…",
  waiting: "Somebody will let you in soon.",
  reconnecting: "Reconnecting…",
  left: "You have left the call.",
  microphone: "Microphone",
  camera: "Camera",
  leave: "Leave",
  join: "Join again",
  hear: "Click to hear the others",
};

/**
 * A call as an element.
 *
 * Attributes: `url` (of the server; default: the page's own), `token` (it joins as soon as there is one, and leaves when it is taken
 * away), `name`, `camera` and `microphone` (on from the beginning), `simulcast` (`"off"`: one size only).
 *
 * Events, none of which bubble: `statechange` (detail: the room's state), `connected` (detail: the Room), `disconnected` and `error`
 * (detail: a ParleyError, or undefined when it was our own wish), `participantschange` (detail: everybody else).
 *
 * Slots: `controls` takes the place of the buttons, `message` of what is said while nobody can be seen.
 *
 * Parts: `grid`, `tile`, `screen`, `video`, `name`, `message`, `controls`, `button`, `microphone`, `camera`, `leave`. Custom properties:
 * `--parley-background`, `--parley-tile`, `--parley-text`, `--parley-accent`, `--parley-gap`, `--parley-radius`.
 */
export class ParleyRoomElement extends HTMLElement {
  static readonly observedAttributes = ["url", "token"];

  /** The words of its buttons and messages. */
  words: Readonly<ParleyRoomWords> = english;
  /** For the next call: encryption, a policy of your own. */
  options: RoomOptions = {};

  private current: Room | undefined;
  private readonly tiles = new Map<Participant | TrackPublication, RoomTile>();
  private readonly grid = document.createElement("div");
  private readonly message = document.createElement("div");
  private readonly text = document.createElement("span");
  private readonly again = this.button("join", () => void this.join());
  private readonly microphone = this.button("microphone", () => this.toggle("microphone"));
  private readonly camera = this.button("camera", () => this.toggle("camera"));
  private readonly leaveButton = this.button("leave", () => this.leave());
  private readonly hear = this.button("hear", () => void this.current?.startPlayback());
  private pending = false;
  /** Why the last call ended, or did not begin. */
  private failure: ParleyError | undefined;

  constructor() {
    super();
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(styles);
    const shadow = this.attachShadow({ mode: "open" });
    shadow.adoptedStyleSheets = [sheet];
    this.grid.className = "grid";
    this.grid.part.add("grid");
    this.message.className = "message";
    this.message.part.add("message");
    this.message.setAttribute("role", "status");
    this.message.append(slot("message", this.text), this.again);
    const controls = document.createElement("div");
    controls.className = "controls";
    controls.part.add("controls");
    controls.append(slot("controls", this.hear, this.microphone, this.camera, this.leaveButton));
    shadow.append(this.grid, this.message, controls);
  }

  /** The room of the present call. */
  get room(): Room | undefined {
    return this.current;
  }

  connectedCallback(): void {
    this.render();
    this.schedule();
  }

  disconnectedCallback(): void {
    this.leave();
  }

  attributeChangedCallback(_name: string, before: string | null, now: string | null): void {
    if (before !== now && this.isConnected) this.schedule();
  }

  /** Joins with the attributes as they are now. Rejects with a ParleyError; it is also an `error` event, unless we left meanwhile. */
  async join(): Promise<Room> {
    this.leave();
    this.failure = undefined;
    const room = new Room(this.options);
    this.current = room;
    this.listen(room);
    try {
      const name = this.getAttribute("name");
      await room.connect(
        this.getAttribute("url") ?? location.origin,
        this.getAttribute("token") ?? "",
        name === null ? {} : { name },
      );
    } catch (error) {
      const failure = ParleyError.from(error);
      if (this.current === room && failure.code !== "left") this.fail(failure);
      throw error;
    }
    this.publish(room);
    this.tell("connected", room);
    return room;
  }

  leave(): void {
    this.current?.disconnect();
  }

  /** Several attributes that are set one after the other are one call. */
  private schedule(): void {
    if (this.pending) return;
    this.pending = true;
    queueMicrotask(() => {
      this.pending = false;
      if (!this.isConnected) return;
      if (this.getAttribute("token")) this.join().catch(() => undefined);
      else this.leave();
    });
  }

  private listen(room: Room): void {
    const render = (): void => {
      if (room === this.current) this.render();
    };
    const changed = (): void => {
      render();
      this.tell("participantschange", room.participants);
    };
    room.on("stateChanged", (state) => {
      render();
      this.tell("statechange", state);
    });
    room.on("participantJoined", changed);
    room.on("participantLeft", changed);
    room.on("trackPublished", render);
    room.on("trackUnpublished", render);
    room.on("playbackBlocked", render);
    room.on("warning", (error) => this.tell("error", error));
    room.on("disconnected", (reason) => {
      this.failure = reason;
      render();
      this.tell("disconnected", reason);
    });
  }

  private publish(room: Room): void {
    const { localParticipant: local } = room;
    const render = (): void => this.render();
    local.on("trackPublished", (publication) => {
      publication.on("updated", render);
      render();
    });
    local.on("trackUnpublished", render);
    if (!local.permissions.canPublish) return;
    const failed = (error: unknown): void => this.tell("error", ParleyError.from(error));
    if (this.hasAttribute("microphone")) local.publishMicrophone().catch(failed);
    const simulcast = this.getAttribute("simulcast") !== "off";
    if (this.hasAttribute("camera")) local.publishCamera({ simulcast }).catch(failed);
  }

  private toggle(device: "camera" | "microphone"): void {
    const local = this.current?.localParticipant;
    if (!local) return;
    const simulcast = this.getAttribute("simulcast") !== "off";
    const done =
      device === "camera"
        ? local.setCameraEnabled(!local.cameraEnabled, { simulcast })
        : local.setMicrophoneEnabled(!local.microphoneEnabled);
    done.catch((error: unknown) => this.tell("error", ParleyError.from(error)));
  }

  private fail(error: ParleyError): void {
    this.failure = error;
    this.render();
    this.tell("error", error);
  }

  private tell(event: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(event, { detail }));
  }

  private render(): void {
    const room = this.current;
    const inside = room?.state === "connected" || room?.state === "reconnecting";
    this.renderTiles(inside ? room : undefined);
    this.renderMessage();
    const local = inside ? room.localParticipant : undefined;
    this.label(this.microphone, this.words.microphone, local?.microphoneEnabled);
    this.label(this.camera, this.words.camera, local?.cameraEnabled);
    this.leaveButton.textContent = this.words.leave;
    this.leaveButton.hidden = !inside;
    this.hear.textContent = this.words.hear;
    this.hear.hidden = !inside || !room.playbackIsBlocked;
  }

  private renderMessage(): void {
    const { words } = this;
    const state = this.current?.state ?? "idle";
    this.text.textContent = {
      idle: "",
      connecting: words.joining,
      waiting: words.waiting,
      connected: "",
      reconnecting: words.reconnecting,
      disconnected: this.failure?.message ?? words.left,
    }[state];
    this.again.textContent = words.join;
    this.again.hidden = state !== "disconnected";
    this.message.hidden = this.text.textContent === "";
  }

  private label(button: HTMLButtonElement, word: string, on: boolean | undefined): void {
    button.textContent = word;
    button.hidden = on === undefined;
    button.setAttribute("aria-pressed", String(on === true));
  }

  private renderTiles(room: Room | undefined): void {
    const wanted = new Map<Participant | TrackPublication, [Participant, TrackPublication | undefined]>();
    for (const participant of room ? [...room.participants, room.localParticipant] : []) {
      for (const share of participant.publications)
        if (share.source === "screen") wanted.set(share, [participant, share]);
      wanted.set(participant, [participant, undefined]);
    }
    for (const [key, tile] of this.tiles) {
      if (wanted.has(key)) continue;
      tile.close();
      this.tiles.delete(key);
    }
    for (const [key, [participant, share]] of wanted) {
      if (this.tiles.has(key)) continue;
      const tile = new RoomTile(participant, share);
      this.tiles.set(key, tile);
      this.grid.append(tile.element);
    }
    this.grid.style.setProperty("--columns", String(Math.ceil(Math.sqrt(this.tiles.size)) || 1));
  }

  private button(part: string, act: () => void): HTMLButtonElement {
    const button = document.createElement("button");
    button.type = "button";
    button.part.add("button", part);
    button.addEventListener("click", act);
    return button;
  }
}

function slot(name: string, ...children: Node[]): HTMLSlotElement {
  const element = document.createElement("slot");
  element.name = name;
  element.append(...children);
  return element;
}

declare global {
  interface HTMLElementTagNameMap {
    "parley-room": ParleyRoomElement;
  }
}

if (!customElements.get("parley-room")) customElements.define("parley-room", ParleyRoomElement);
