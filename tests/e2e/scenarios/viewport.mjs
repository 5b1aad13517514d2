// Nothing is sent that nobody sees: not to a viewer who has hidden a tile, and not by a publisher whose layers nobody watches. What
// is needed again comes back within 300 ms.

import assert from 'node:assert/strict';
import { startParley } from '../harness/parley.mjs';
import { allSeeAndHearEachOther, join } from '../harness/person.mjs';
import { until } from '../harness/wait.mjs';

/** From the moment in which a page needs a layer until its publisher sends it again. */
const backWithin = 300;

/** Changes how the page shows somebody's tile, without the page's own animation, and returns when. */
function show(person, identity, style) {
  return person.page.evaluate((identity, style) => {
    const tile = document.querySelector(`[data-identity="${CSS.escape(identity)}"]`);
    Object.assign(tile.style, { transition: 'none', ...style });
    return Date.now();
  }, identity, style);
}

/** What the page would do if its window were covered or uncovered. */
function cover(person, hidden) {
  return person.page.evaluate((hidden) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => (hidden ? 'hidden' : 'visible') });
    document.dispatchEvent(new Event('visibilitychange'));
    return Date.now();
  }, hidden);
}

const videoIn = (entries) => entries.filter(({ kind }) => kind === 'video');
const received = async (person) => videoIn(await person.page.evaluate(() => probe.inbound()))[0];
const sent = async (person) => videoIn(await person.page.evaluate(() => probe.outbound()));
const packets = (layers) => Object.fromEntries(layers.map(({ rid, packetsSent }) => [rid, packetsSent]));

/** Waits until the number that `count` reads has not changed for a second. */
async function standsStill(what, count) {
  return until(`${what} stands still`, 20, async () => {
    const before = await count();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const after = await count();
    return { done: JSON.stringify(before) === JSON.stringify(after), before, after };
  });
}

/** The rids that the publisher's browser has been told to send, in the page. */
const activeRids = (person) => person.page.evaluate(() => {
  const senders = probe.connections.flatMap((connection) => (connection.signalingState === 'closed' ? [] : connection.getSenders()));
  const video = senders.find(({ track }) => track?.kind === 'video');
  return (video?.getParameters().encodings ?? []).filter(({ active }) => active).map(({ rid }) => rid ?? '');
});

/** When the encoding `rid` of the publisher's sends a packet that it had not sent by now. */
async function nextPacket(person, rid) {
  return person.page.evaluate(async (rid) => {
    const count = async () => (await probe.outbound()).find((entry) => entry.kind === 'video' && entry.rid === rid)?.packetsSent ?? 0;
    const before = await count();
    return probe.momentOf(async () => (await count()) > before, 20);
  }, rid);
}

async function hiddenCostsNothing(stage, what, hide, reveal) {
  const parley = await startParley(stage, { workers: 1 });
  const anna = await join(stage, parley, 'anna', { query: { simulcast: 0, resolution: 360 } });
  const ben = await join(stage, parley, 'ben');
  await allSeeAndHearEachOther([anna, ben]);

  await hide(ben);
  await standsStill(`what ben gets of anna's picture with ${what}`, async () => (await received(ben)).packetsReceived);
  await standsStill(`what anna sends of a picture that nobody sees`, async () => packets(await sent(anna)));
  const heard = async () => (await ben.page.evaluate(() => probe.inbound())).find(({ kind }) => kind === 'audio').packetsReceived;
  const before = await heard();
  await until('ben still hears anna', 10, async () => (await heard()) > before);

  const { framesDecoded } = await received(ben);
  const back = ben.page.evaluate((before) => probe.momentOf(async () => {
    const video = (await probe.inbound()).find(({ kind }) => kind === 'video');
    return video.framesDecoded > before;
  }, 20), framesDecoded);
  const begun = await reveal(ben);
  const { at, stall } = await back;
  assert.ok(at, 'the picture came back');
  stage.say(`${what}: nothing is sent; the first picture is back ${at - begun} ms after it is wanted (stalled ${stall})`);
  await ben.seesAndHears([anna]);
}

export const tests = {
  'a hidden tile costs nothing, neither its viewer nor its publisher': (stage) =>
    hiddenCostsNothing(stage, 'a hidden tile', (ben) => show(ben, 'anna', { display: 'none' }), (ben) => show(ben, 'anna', { display: '' })),

  'a page behind another one costs nothing': (stage) =>
    hiddenCostsNothing(stage, 'a covered page', (ben) => cover(ben, true), (ben) => cover(ben, false)),

  'layers that nobody watches are switched off, and are back within 300 ms of being needed': async (stage) => {
    const parley = await startParley(stage, { workers: 1 });
    const anna = await join(stage, parley, 'anna', { query: { simulcast: 1, resolution: 540 } });
    const ben = await join(stage, parley, 'ben', { width: 1100, height: 800 });
    await allSeeAndHearEachOther([anna, ben]);
    await until('ben gets the largest size', 60, async () => {
      const { width } = (await ben.people()).anna;
      return { done: width >= 960, width, sent: await sent(anna) };
    });

    await show(ben, 'anna', { width: '160px', height: '90px' });
    await until('anna sends the smallest only', 20, async () => {
      const rids = await activeRids(anna);
      return { done: rids.length === 1 && rids[0] === 'q', rids };
    });
    await standsStill('what anna sends of the larger sizes', async () => {
      const { h, f } = packets(await sent(anna));
      return { h, f };
    });
    await until('ben gets the smallest', 10, async () => {
      const { width } = (await ben.people()).anna;
      return { done: width === 240, width };
    });

    const delays = [];
    for (let round = 0; round < 5; round++) {
      const first = nextPacket(anna, 'f');
      const begun = await show(ben, 'anna', { width: '1000px', height: '562px' });
      const { at, stall } = await first;
      assert.ok(at, 'the largest size came back');
      delays.push({ delay: at - begun, stall });
      await show(ben, 'anna', { width: '160px', height: '90px' });
      await standsStill('the largest size', async () => packets(await sent(anna)).f);
    }
    stage.say(`the largest size is sent again after ${delays.map(({ delay, stall }) => `${delay}${stall > 50 ? ` (stalled ${stall})` : ''}`).join(', ')} ms`);
    // Of five: a stall of the machine may be longer than the browser noticed.
    const [, , median] = delays.map(({ delay, stall }) => delay - stall).sort((a, b) => a - b);
    assert.ok(median <= backWithin, `it took ${median} ms`);
  },
};
