// A publisher who sends three sizes: whoever has the room and the network for it gets more than the smallest.

import { startParley } from '../harness/parley.mjs';
import { allSeeAndHearEachOther, join } from '../harness/person.mjs';
import { until } from '../harness/wait.mjs';

const sendsThreeSizes = (browser) => async (stage) => {
  const parley = await startParley(stage, { workers: 1 });
  const anna = await join(stage, parley, 'anna', { browser, query: { simulcast: 1, resolution: 360 } });
  const ben = await join(stage, parley, 'ben');
  await allSeeAndHearEachOther([anna, ben]);
  const sent = await until('anna sends more than one size', 30, async () => {
    const layers = (await anna.page.evaluate(() => probe.outbound())).filter((entry) => entry.kind === 'video');
    return { done: layers.length === 3 && layers.filter((layer) => layer.packetsSent > 0).length >= 2, layers };
  });
  stage.say(`sent: ${sent.layers.map(({ rid, packetsSent }) => `${rid} ${packetsSent} packets`).join(', ')}`);
  await ben.seesAndHears([anna]);
  await until('ben gets more than the smallest', 30, async () => (await ben.people()).anna.width >= 320);
};

export const tests = {
  'three sizes from Chromium': sendsThreeSizes('chromium'),
  'three sizes from Firefox': sendsThreeSizes('firefox'),
};
