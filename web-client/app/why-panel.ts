// The card that a click on a tile opens: what of its picture comes (or goes), what would be wanted, and why it is not more.

import type { Participant, Room, TrackPublication } from "../src/index.js";
import { LocalTrackPublication, RemoteTrackPublication } from "../src/index.js";
import { closeButton } from "./dialog.js";
import { batched, h, setText } from "./dom.js";
import { texts } from "./language.js";
import { Reception } from "./reception.js";
import type { Flow } from "./reception.js";
import { secrecyText } from "./secrecy.js";
import { explainReceived, explainSent, facts } from "./why.js";

/** Rates are measured over so long. */
const interval = 1_000;

export interface Subject {
  participant: Participant;
  /** A shared screen; undefined: their camera. */
  share: TrackPublication | undefined;
}

export class WhyPanel {
  readonly element: HTMLElement;
  private readonly title = h("h2", {});
  private readonly sentence = h("p", { class: "sentence", "data-testid": "why-sentence" });
  private readonly list = h("dl", { "data-testid": "why-facts" });
  private subject: Subject | undefined;
  /** Where somebody who uses the keyboard came from. */
  private opener: Element | null = null;
  private publication: TrackPublication | undefined;
  private reception = new Reception();
  private flows: Flow[] = [];
  private timer = 0;
  private endings: (() => void)[] = [];
  private readonly render = batched(() => this.update());

  constructor(
    private readonly room: Room,
    private readonly closed: () => void,
  ) {
    this.element = h(
      "section",
      { class: "why", role: "dialog", tabindex: -1, hidden: true, "data-testid": "why" },
      h(
        "header",
        {},
        this.title,
        closeButton(() => this.hide()),
      ),
      this.sentence,
      this.list,
    );
  }

  get shown(): Subject | undefined {
    return this.subject;
  }

  show(subject: Subject): void {
    this.forget();
    this.subject = subject;
    this.element.hidden = false;
    const { participant } = subject;
    this.endings = [
      participant.on("updated", this.render),
      participant.on("encryptionChanged", this.render),
      participant.on("trackPublished", this.render),
      participant.on("trackUnpublished", this.render),
    ];
    this.update();
    void this.measure();
    const { activeElement } = document;
    if (!this.element.contains(activeElement)) this.opener = activeElement;
    this.element.focus({ preventScroll: true });
  }

  hide(): void {
    if (!this.subject) return;
    this.forget();
    const { activeElement } = document;
    const focused = activeElement instanceof HTMLElement && this.element.contains(activeElement);
    if (focused) activeElement.blur();
    this.element.hidden = true;
    if (focused && this.opener instanceof HTMLElement) this.opener.focus({ preventScroll: true });
    this.closed();
  }

  private forget(): void {
    window.clearTimeout(this.timer);
    this.follow(undefined);
    this.endings.forEach((end) => end());
    this.endings = [];
    this.subject = undefined;
  }

  private follow(publication: TrackPublication | undefined): void {
    if (publication === this.publication) return;
    this.publication = publication;
    this.reception = new Reception();
    this.flows = [];
    if (!publication) return;
    this.endings.push(
      publication.on("updated", this.render),
      publication.on("qualityChanged", this.render),
      publication.on("trackChanged", this.render),
    );
  }

  private async measure(): Promise<void> {
    const { publication, reception, subject } = this;
    const report = publication && (await this.room.getStats(publication).catch(() => undefined));
    // It has been closed, or opened for somebody else, meanwhile.
    if (subject === undefined || subject !== this.subject) return;
    if (report && reception === this.reception) this.flows = reception.read(report);
    this.update();
    this.timer = window.setTimeout(() => void this.measure(), interval);
  }

  private update(): void {
    if (!this.subject) return;
    const { participant, share } = this.subject;
    const publication = share ?? participant.publication("camera");
    this.follow(publication);
    setText(this.title, title(this.subject));
    this.element.setAttribute("aria-label", this.title.textContent ?? "");
    setText(this.sentence, this.explain(publication, participant));
    this.writeFacts(publication);
  }

  private explain(publication: TrackPublication | undefined, participant: Participant): string {
    const { name, local } = participant;
    const { path, encryption } = this.room;
    const secrecy = secrecyText(participant, encryption !== undefined);
    if (publication instanceof RemoteTrackPublication) return explainReceived(name, publication, path, secrecy);
    if (publication instanceof LocalTrackPublication) return explainSent(publication, this.flows, path);
    return local ? texts.why.yourCameraOff : texts.why.cameraOff(name);
  }

  private writeFacts(publication: TrackPublication | undefined): void {
    const lines = publication && !publication.muted ? facts(publication, this.flows, this.room.path) : [];
    const text = JSON.stringify(lines);
    this.list.hidden = lines.length === 0;
    if (this.list.dataset["lines"] === text) return;
    this.list.dataset["lines"] = text;
    this.list.replaceChildren(...lines.flatMap(({ label, value }) => [h("dt", {}, label), h("dd", {}, value)]));
  }
}

function title({ participant, share }: Subject): string {
  const { why } = texts;
  const screen = share !== undefined;
  if (participant.local) return screen ? why.yourScreen : why.yourCamera;
  return (screen ? why.screenOf : why.cameraOf)(participant.name);
}
