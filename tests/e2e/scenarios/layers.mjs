// A viewer is led through all layers of a publisher's, up and down, each time by the best layers that their page takes. Each switch
// must show the next size with the picture going on, and a receiver that can decode everything it gets: one that cannot asks for a
// key frame.

import assert from 'node:assert/strict';
import { startParley } from '../harness/parley.mjs';
import { allSeeAndHearEachOther, join } from '../harness/person.mjs';
import { patience, until } from '../harness/wait.mjs';

/** The three sizes of a picture of 960 × 540, the smallest one of which Chromium makes three layers of VP9. */
const widths = [240, 480, 960];
const lines = 540;
const temporalLayers = 3;

/** Longest stillness of the picture at a switch, in ms, beside the time in which the page itself stood still. */
const longestStill = 1000;

/** The best layers that the viewer's page takes of the publisher's. */
const setMaximum = (viewer, identity, maximum) =>
  viewer.page.evaluate((identity, maximum) => {
    const participant = [...parley.room.participants.values()].find((one) => one.identity === identity);
    for (const publication of participant.publications.values()) if (publication.kind === 'video') publication.setMaximum(maximum);
  }, identity, maximum);

const received = async (viewer) => (await viewer.page.evaluate(() => probe.inbound())).find(({ kind }) => kind === 'video');

/** Polls the picture for so long: the longest time without a new one, less what the page stood still. */
const stillness = (viewer, milliseconds) =>
  viewer.page.evaluate(async (milliseconds) => {
    const video = async () => (await probe.inbound()).find(({ kind }) => kind === 'video');
    const end = Date.now() + milliseconds;
    let { framesDecoded } = await video();
    let last = Date.now();
    let [since, longest, stall] = [last, 0, 0];
    while (last < end) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      const now = Date.now();
      stall += Math.max(0, now - last - 60);
      last = now;
      const frames = (await video()).framesDecoded;
      if (frames === framesDecoded) continue;
      longest = Math.max(longest, now - since - stall);
      [framesDecoded, since, stall] = [frames, now, 0];
    }
    return Math.max(longest, last - since - stall);
  }, milliseconds);

/** Up through the sizes, then down, and at each size through the frame rates. */
function* walk() {
  for (const size of [0, 1, 2, 1, 0, 2, 0, 1]) for (const temporal of [2, 0, 1, 2]) yield { size, temporal };
}

/** `layer` names what a size is: a spatial layer, or an encoding. */
const everyLayer = (layer, query, withTemporal = true) => async (stage) => {
  const parley = await startParley(stage, { workers: 1 });
  const anna = await join(stage, parley, 'anna', { query: { ...query, resolution: lines } });
  const ben = await join(stage, parley, 'ben', { query: { video: 0, audio: 0 }, width: 1600, height: 1000 });
  await until('anna sends all sizes, and ben gets the largest', 60, async () => {
    await setMaximum(ben, 'anna', { [layer]: 2 });
    const video = await received(ben);
    return { done: video?.width === widths.at(-1), video };
  });
  const begin = await received(ben);
  let [switches, worst] = [0, 0];
  for (const { size, temporal } of walk()) {
    if (!withTemporal && temporal < temporalLayers - 1) continue;
    const before = await received(ben);
    await setMaximum(ben, 'anna', { [layer]: size, temporal });
    const still = await stillness(ben, 1500);
    worst = Math.max(worst, still);
    assert.ok(still <= longestStill * patience, `the picture stood still for ${still} ms at ${widths[size]} pixels, temporal layer ${temporal}`);
    const after = await until(`ben gets ${widths[size]} pixels`, 10, async () => {
      const video = await received(ben);
      return { ...video, done: video.width === widths[size] && video.framesDecoded > before.framesDecoded };
    });
    assert.equal(after.pliCount, before.pliCount, `ben can decode the switch to ${widths[size]} pixels, temporal layer ${temporal}`);
    ++switches;
  }
  const end = await received(ben);
  stage.say(`${switches} switches, the picture never still for more than ${worst} ms; ${end.framesDecoded - begin.framesDecoded} pictures, ` +
    `${end.keyFramesDecoded - begin.keyFramesDecoded} of them key frames, ${end.freezeCount - begin.freezeCount} freezes by the browser's own count`);
};

export const tests = {
  'VP9 L3T3_KEY': everyLayer('spatial', { codec: 'vp9', svc: 'L3T3_KEY' }),
  'AV1 L3T3_KEY': everyLayer('spatial', { codec: 'av1', svc: 'L3T3_KEY' }),
  'VP8, three encodings': everyLayer('encoding', { codec: 'vp8', simulcast: 1 }),
  // Chromium's H.264 encoder makes no temporal layers.
  'H.264, three encodings': everyLayer('encoding', { codec: 'h264', simulcast: 1 }, false),
};
