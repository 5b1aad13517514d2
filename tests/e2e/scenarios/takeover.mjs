// One person in two windows, and one person whose network address changes.

import assert from 'node:assert/strict';
import { nothingStoodStill, watchFlows } from '../harness/flows.mjs';
import { address, mediaPort, startParley } from '../harness/parley.mjs';
import { translator } from '../harness/paths.mjs';
import { allSeeAndHearEachOther, join } from '../harness/person.mjs';
import { until } from '../harness/wait.mjs';

export const tests = {
  'a second window with the same identity takes over, and the first says so': async (stage) => {
    const parley = await startParley(stage, { workers: 1 });
    const ben = await join(stage, parley, 'ben');
    const token = await parley.token('tea', 'anna');
    const first = await join(stage, parley, 'anna', { token });
    await allSeeAndHearEachOther([first, ben]);
    const { participant } = (await ben.people()).anna;
    const second = await join(stage, parley, 'anna', { token });
    assert.ok((await first.moment('says', 'another window')).at, 'the first window says what happened');
    await until('ben sees the new window', 20, async () => {
      const { anna } = await ben.people();
      return { done: anna !== undefined && anna.participant !== participant, anna };
    });
    await allSeeAndHearEachOther([second, ben]);
    assert.equal(Object.keys(await ben.people()).length, 1, 'there is one anna');
  },

  'a changed network address goes unnoticed but for a moment': async (stage) => {
    const outside = { address: '10.77.0.2', port: 41000 };
    const nat = await translator(stage, outside, { address, port: mediaPort });
    const parley = await startParley(stage, { workers: 1, transport: 'udp', advertise: `${outside.address}:${outside.port}` });
    const anna = await join(stage, parley, 'anna');
    const ben = await join(stage, parley, 'ben');
    await allSeeAndHearEachOther([anna, ben]);
    const participant = (await ben.people()).anna.participant;
    await watchFlows([anna, ben]);

    assert.ok(nat.forget() >= 4, 'every connection came from an address of its own');
    await allSeeAndHearEachOther([anna, ben]);
    // Browsers check a path every 2.5 s or so while it works; that is how long it can take them to notice.
    await nothingStoodStill(stage, [anna, ben], 8000);
    assert.equal((await ben.people()).anna.participant, participant, 'anna is the same participant as before');
  },
};
