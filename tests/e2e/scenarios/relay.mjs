// People whose media has to go through the bundled relay: over UDP, TCP and TLS, in both browsers.

import assert from 'node:assert/strict';
import { startParley } from '../harness/parley.mjs';
import { allSeeAndHearEachOther, join } from '../harness/person.mjs';

export const seconds = 150;

async function viaRelay(person, protocol) {
  const paths = await person.page.evaluate(() => probe.paths());
  assert.equal(paths.length, 2, 'one connection to publish, one to subscribe');
  for (const path of paths) {
    assert.equal(path.kind, 'relay', `${person.identity}: ${JSON.stringify(path)}`);
    assert.equal(path.relayProtocol, protocol, `${person.identity}: ${JSON.stringify(path)}`);
  }
}

/** A call of two, in Chromium and Firefox, who may use nothing but the relay, and of it only this way in. */
async function relayedCall(stage, protocol, parleyOptions = {}) {
  const parley = await startParley(stage, parleyOptions);
  const anna = await join(stage, parley, 'anna', { query: { relay: 1 } });
  const ben = await join(stage, parley, 'ben', { browser: 'firefox', query: { relay: 1 } });
  await allSeeAndHearEachOther([anna, ben]);
  await viaRelay(anna, protocol);
  await viaRelay(ben, protocol);
  return { parley, anna, ben };
}

export const tests = {
  'Chromium and Firefox meet through the relay over UDP': (stage) => relayedCall(stage, 'udp'),
};
