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
      const entry = { participant: tile.dataset.participant, frames: 0, width: 0, codec: '', energy: 0, audioPackets: 0 };
      for (const track of played(participant)) {
        const inbound = await probe.inboundOfTrack(track);
        if (inbound?.kind === 'video') Object.assign(entry, { frames: inbound.framesDecoded, width: inbound.width, codec: inbound.codec });
        if (inbound?.kind === 'audio') Object.assign(entry, { energy: inbound.audioEnergy, audioPackets: inbound.packetsReceived });
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

  /**
   * From now on notes for each person when their picture and their sound last went on, and every interruption of more than
   * 700 ms. The fake camera makes a picture each 100 ms; Opus in silence still sends a packet each 400 ms.
   */
  const interruption = 700;
  const flows = new Map();
  async function note() {
    const now = Date.now();
    for (const [identity, { frames, audioPackets }] of Object.entries(await people())) {
      for (const [kind, count] of [['video', frames], ['audio', audioPackets]]) {
        const key = `${identity} ${kind}`;
        const flow = flows.get(key) ?? { count, last: now, interruptions: [] };
        if (count !== flow.count) {
          if (now - flow.last > interruption) flow.interruptions.push({ from: flow.last, to: now });
          flow.last = now;
          flow.count = count;
        }
        flows.set(key, flow);
      }
    }
    setTimeout(note, 100);
  }

  window.reader = {
    people,
    press,
    moment: (name, argument, seconds) => probe.momentOf(() => conditions[name](argument), seconds),
    watchFlows: () => void note(),
    /** Of each flow: how long it has stood still until now, and the interruptions before. */
    flows: () => Object.fromEntries([...flows].map(([key, { last, interruptions }]) => [key, { still: Date.now() - last, interruptions }])),
  };
}
