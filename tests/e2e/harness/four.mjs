// The call that four_in_a_room and tcp_only share; only the way of the media differs.

import assert from 'node:assert/strict';
import { startParley } from './parley.mjs';
import { allSeeAndHearEachOther, join, othersNotice } from './person.mjs';
import { until } from './wait.mjs';

export async function fourInARoom(stage, { transport, protocol }) {
  const parley = await startParley(stage, { transport });
  const anna = await join(stage, parley, 'anna');
  const ben = await join(stage, parley, 'ben');
  const carla = await join(stage, parley, 'carla');
  const dora = await join(stage, parley, 'dora', { browser: 'firefox' });
  const everybody = [anna, ben, carla, dora];

  await allSeeAndHearEachOther(everybody);
  for (const person of everybody) {
    const paths = await person.page.evaluate(() => probe.paths());
    assert.equal(paths.length, 2, 'one connection to publish, one to subscribe');
    for (const path of paths) assert.equal(path.protocol, protocol, `${person.identity}: ${JSON.stringify(path)}`);
  }

  await othersNotice(stage, 'anna mutes', 2, [ben, carla, dora], ['mutedShown', 'anna'], () => anna.press('mic-button'));
  await staysSilent(ben, 'anna');

  const { participant } = (await anna.people()).carla;
  await othersNotice(stage, 'carla reloads', 2, [anna, ben, dora], ['tileChanged', { identity: 'carla', participant }], () => reload(carla));
  const heard = [anna, ben, dora].filter((person) => person !== anna);
  await Promise.all([
    ...[anna, ben, dora].map((person) => person.seesAndHears([carla])),
    carla.seesAndHears(heard),
  ]);

  await othersNotice(stage, 'dora leaves', 2, [anna, ben, carla], ['tileGone', 'dora'], () => dora.press('leave-button'));
  await ben.seesAndHears([carla]);
}

async function reload(person) {
  const begun = Date.now();
  await person.page.reload({ waitUntil: 'load' });
  return begun;
}

/** The sound of somebody muted adds no energy any more, once what was on the way has been played. */
async function staysSilent(listener, identity) {
  await until(`${listener.identity} hears nothing from ${identity}`, 15, async () => {
    const before = (await listener.people())[identity].energy;
    await listener.page.evaluate(() => probe.momentOf(() => false, 2));
    const after = (await listener.people())[identity].energy;
    return { done: after === before, before, after };
  });
}
