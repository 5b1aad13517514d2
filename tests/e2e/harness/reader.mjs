// Reads Parley's page as the people in front of it do: whose tile is there, what it says, whether its picture moves and its
// sound plays. Runs in the page beside the probe.

/** Runs in the page (it is sent there as text, so it may use nothing from outside itself). */
export function installReader() {
  const tileOf = (identity) => document.querySelector(`[data-identity="${CSS.escape(identity)}"]`);
  const shown = (element) => element !== null && element !== undefined && element.getClientRects().length > 0;

  /** The tracks that the page really plays for a participant: in an element that is attached and not paused. */
  const played = (participant) =>
    [...participant.publications.values()]
      .filter((publication) => publication.track && publication.attachedElements.some((element) => !element.paused))
      .map((publication) => publication.track);

  /** By identity: what the page shows of everybody else. */
  async function people() {
    const found = {};
    for (const participant of window.parley?.room?.participants.values() ?? []) {
      const tile = tileOf(participant.identity);
      if (!shown(tile)) continue;
      const entry = { participant: tile.dataset.participant, frames: 0, width: 0, codec: '', energy: 0 };
      for (const track of played(participant)) {
        const inbound = await probe.inboundOfTrack(track);
        if (!inbound) continue;
        const receiver = `${inbound.connection}/${inbound.mid}`;
        const { framesDecoded, packetsReceived, width, codec, audioEnergy } = inbound;
        if (inbound.kind === 'video') Object.assign(entry, { frames: framesDecoded, width, codec, video: { receiver, count: framesDecoded } });
        else Object.assign(entry, { energy: audioEnergy, audio: { receiver, count: packetsReceived } });
      }
      found[participant.identity] = entry;
    }
    return found;
  }

  /** What a test can wait for; each takes one argument. */
  const conditions = {
    tileShown: (identity) => shown(tileOf(identity)),
    tileGone: (identity) => !shown(tileOf(identity)),
    mutedShown: (identity) => shown(tileOf(identity)?.querySelector('[data-testid="muted-icon"]')),
    speakingShown: (identity) => tileOf(identity)?.dataset.speaking === 'true',
    /** Somebody's tile is gone or stands for another participant: they left, or came anew. */
    tileChanged: ({ identity, participant }) => !shown(tileOf(identity)) || tileOf(identity).dataset.participant !== participant,
    connectionIs: (state) => document.body.dataset.connection === state,
    /** The page says something, case ignored. */
    says: (words) => document.body.innerText.toLowerCase().includes(words.toLowerCase()),
  };

  function press(button) {
    const element = document.querySelector(`[data-testid="${button}"]`);
    if (!element) throw new Error(`the page has no ${button}`);
    const at = Date.now();
    element.click();
    return at;
  }

  // Every 100 ms it is noted which pictures and sounds have gone on since. (The fake camera makes a picture each 100 ms; Opus in
  // silence still sends a packet each 400 ms.) Time in which this page itself stood still is nobody's fault but the machine's: it
  // counts as `stall`, not as stillness of a flow.
  const interval = 100;
  let watch = null;

  function noteFlow(now, passed, key, { count, receiver }) {
    const flow = watch.flows.get(key) ?? { receiver: null, count: 0, still: 0, longest: 0 };
    if (flow.receiver !== receiver) Object.assign(flow, { receiver, count, since: null, steps: 0 });
    if (count > flow.count) {
      flow.since ??= now;
      Object.assign(flow, { count, still: 0, steps: flow.steps + 1 });
    } else {
      flow.still += Math.min(passed, 2 * interval);
      flow.longest = Math.max(flow.longest, flow.still);
    }
    watch.flows.set(key, flow);
  }

  async function note(mine) {
    const seen = await people();
    if (mine !== watch) return;
    const now = Date.now();
    const passed = now - mine.last;
    mine.last = now;
    mine.stall = Math.max(mine.stall, passed - interval);
    for (const [identity, { video, audio }] of Object.entries(seen)) {
      if (video) noteFlow(now, passed, `${identity}'s picture`, video);
      if (audio) noteFlow(now, passed, `${identity}'s sound`, audio);
    }
    setTimeout(note, interval, mine);
  }

  /** Begins to watch, anew if it did before. */
  function watchFlows() {
    watch = { last: Date.now(), stall: 0, flows: new Map() };
    void note(watch);
  }

  window.reader = {
    people,
    press,
    moment: (name, argument, seconds) => probe.momentOf(() => conditions[name](argument), seconds),
    watchFlows,
    /**
     * By flow: which receiver plays it, since when it has moved there, in how many steps, and its longest standstill; and the
     * page's own longest stall.
     */
    flows: () => ({ stall: watch.stall, flows: Object.fromEntries(watch.flows) }),
  };
}
