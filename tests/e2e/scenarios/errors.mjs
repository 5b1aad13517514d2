// When it does not work, the page says why and what to do, in a sentence.

import assert from 'node:assert/strict';
import { startParley } from '../harness/parley.mjs';
import { allSeeAndHearEachOther, join, room } from '../harness/person.mjs';
import { acceptApiKey, signToken } from '../harness/token.mjs';

/** The page opened with this token ends up saying `words`. */
const saysOfToken = (words, makeToken) => async (stage) => {
  const parley = await startParley(stage, { workers: 1, args: acceptApiKey });
  const anna = await join(stage, parley, 'anna', { token: await makeToken(parley) });
  await says(anna, words);
};

async function says(person, words, seconds = 20) {
  const { at } = await person.moment('says', words, seconds);
  assert.ok(at, `the page does not say "${words}" but: ${await person.page.evaluate(() => document.body.innerText)}`);
}

const now = () => Math.floor(Date.now() / 1000);

export const tests = {
  'a token of another token server opens the room when the server knows its key': async (stage) => {
    const parley = await startParley(stage, { workers: 1, args: acceptApiKey });
    const anna = await join(stage, parley, 'anna', { token: signToken(room, 'anna', { name: 'Anna' }) });
    const ben = await join(stage, parley, 'ben', { token: await parley.token(room, 'ben') });
    await allSeeAndHearEachOther([anna, ben]);
  },

  'an expired token': saysOfToken('has expired', () => signToken(room, 'anna', { nbf: now() - 7200, exp: now() - 3600 })),
  'a token that is not valid yet': saysOfToken('not valid yet', () => signToken(room, 'anna', { nbf: now() + 3600, exp: now() + 7200 })),
  'a token with a wrong signature': saysOfToken('not from this server', () => signToken(room, 'anna', {}, { secret: 'somebody else has signed this, with another key' })),
  'a token that does not allow joining': saysOfToken('does not allow joining', () => signToken(room, 'anna', { video: { room } })),
  'a damaged link': saysOfToken('damaged', async (parley) => (await parley.token(room, 'anna')).slice(0, 40)),

  'camera and microphone refused': async (stage) => {
    const parley = await startParley(stage, { workers: 1 });
    const anna = await join(stage, parley, 'anna', { launch: { permission: 'deny' }, query: { autojoin: 0 } });
    await says(anna, 'was refused');
  },

  'no camera and no microphone in this machine': async (stage) => {
    const parley = await startParley(stage, { workers: 1 });
    const anna = await join(stage, parley, 'anna', { launch: { devices: 'none' }, query: { autojoin: 0 } });
    await says(anna, 'was found');
  },

  'a page that is not secure': async (stage) => {
    const parley = await startParley(stage, { workers: 1, http: '0.0.0.0:8080' });
    const anna = await join(stage, parley, 'anna', { origin: 'http://10.77.0.1:8080', query: { autojoin: 0 } });
    await says(anna, 'secure');
  },

  'the server is gone in the middle of a call, and comes back': async (stage) => {
    const parley = await startParley(stage, { workers: 1 });
    const anna = await join(stage, parley, 'anna');
    const ben = await join(stage, parley, 'ben');
    await allSeeAndHearEachOther([anna, ben]);
    await parley.kill();
    await says(anna, 'reconnect');
    await parley.startAgain();
    await allSeeAndHearEachOther([anna, ben]);
  },
};
