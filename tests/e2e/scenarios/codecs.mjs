// Each video codec between two pages, as the receiver's own statistics name it.

import assert from 'node:assert/strict';
import { startParley } from '../harness/parley.mjs';
import { allSeeAndHearEachOther, join } from '../harness/person.mjs';

const meeting = (codec, other) => async (stage) => {
  const parley = await startParley(stage, { workers: 1 });
  const query = { codec: codec.toLowerCase(), simulcast: 0 };
  const anna = await join(stage, parley, 'anna', { query });
  const ben = await join(stage, parley, 'ben', { query, browser: other });
  await allSeeAndHearEachOther([anna, ben]);
  assert.equal((await anna.people()).ben.codec, codec, 'what anna gets');
  assert.equal((await ben.people()).anna.codec, codec, 'what ben gets');
};

export const tests = Object.fromEntries([
  ...['VP8', 'VP9', 'H264', 'AV1'].map((codec) => [`${codec} between two Chromium pages`, meeting(codec, 'chromium')]),
  // Firefox of Debian has no H.264 (its plugin would have to be downloaded).
  ...['VP8', 'VP9', 'AV1'].map((codec) => [`${codec} between Chromium and Firefox, both ways`, meeting(codec, 'firefox')]),
]);
