// End-to-end encryption, over the server: who has the key sees the pictures, who has another one sees nothing and is told why, and
// the server's memory holds nothing of what was said.

import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { startParley } from '../harness/parley.mjs';
import { join, room } from '../harness/person.mjs';
import { pause, until } from '../harness/wait.mjs';

export const seconds = 150;

/** In the page: instead of the camera a picture whose right half is blue, and whose left half is red and green in turns. */
function flag() {
  const real = MediaDevices.prototype.getUserMedia;
  MediaDevices.prototype.getUserMedia = async function (constraints) {
    const tracks = (await real.call(this, constraints)).getTracks();
    return new MediaStream(tracks.map((track) => {
      if (track.kind === 'audio') return track;
      track.stop();
      const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 360 });
      const context = canvas.getContext('2d');
      setInterval(() => {
        context.fillStyle = Date.now() % 2000 < 1000 ? '#c82828' : '#28c828';
        context.fillRect(0, 0, 320, 360);
        context.fillStyle = '#2828c8';
        context.fillRect(320, 0, 320, 360);
        // Something for the encoder to do.
        for (let line = 0; line < 40; line++) {
          context.fillStyle = `rgba(255, 255, 255, ${Math.random() / 4})`;
          context.fillRect(Math.random() * 640, Math.random() * 360, 30, 3);
        }
      }, 66);
      return canvas.captureStream(15).getVideoTracks()[0];
    }));
  };
}

/** In the page: what the halves of somebody's picture look like now; null while there is none. */
function halves(identity) {
  const person = [...parley.room.participants].find((one) => one.identity === identity);
  const video = person?.publication('camera')?.attachedElements[0];
  if (!video || video.videoWidth === 0 || video.readyState < 2) return null;
  const canvas = Object.assign(document.createElement('canvas'), { width: 32, height: 18 });
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.drawImage(video, 0, 0, 32, 18);
  const mean = (x) => {
    const { data } = context.getImageData(x, 4, 8, 10);
    return [0, 1, 2].map((channel) => Math.round(data.filter((_, place) => place % 4 === channel).reduce((sum, value) => sum + value, 0) / 80));
  };
  const name = (rgb) => (Math.max(...rgb) < 120 ? 'dark' : ['red', 'green', 'blue'][rgb.indexOf(Math.max(...rgb))]);
  return [name(mean(4)), name(mean(20))];
}

const joinWith = async (stage, parley, identity, key, options = {}) => {
  const token = await parley.token(room, identity);
  return join(stage, parley, identity, { ...options, token: key === undefined ? token : `${token}&key=${key}`, prepare: async (page) => {
    await page.evaluateOnNewDocument(flag);
    await options.prepare?.(page);
  } });
};

const stateOf = (viewer, identity) =>
  viewer.page.evaluate((identity) => [...parley.room.participants].find((one) => one.identity === identity)?.encryption, identity);

/** Both colours of the left half, and blue on the right. */
const seesTheFlag = async (viewer, identity) => {
  const seen = new Set();
  await until(`${viewer.identity} sees ${identity}'s picture as it is`, 30, async () => {
    const colours = await viewer.page.evaluate(halves, identity);
    if (colours) seen.add(colours.join(' '));
    return { done: seen.has('red blue') && seen.has('green blue'), seen: [...seen] };
  });
  const state = await stateOf(viewer, identity);
  assert.equal(state, 'ok', `${viewer.identity} is told that ${identity}'s key is right`);
};

const seesNothing = async (viewer, identity, expected) => {
  await until(`${viewer.identity} is told about ${identity}: ${expected}`, 30, async () => {
    const state = await stateOf(viewer, identity);
    return { done: state === expected, state };
  });
  await until('pictures come that cannot be read', 20, async () => {
    const inbound = await viewer.page.evaluate(() => probe.inbound());
    return inbound.some(({ kind, packetsReceived }) => kind === 'video' && packetsReceived > 20);
  });
  for (let look = 0; look < 10; look++) {
    assert.equal(await viewer.page.evaluate(halves, identity), null, `${viewer.identity} has no picture of ${identity}`);
    await pause(100);
  }
};

const heard = async (viewer, identity) => {
  const energy = async () => (await viewer.people())[identity]?.energy ?? 0;
  let last = await energy();
  await until(`${viewer.identity} hears ${identity}`, 20, async () => {
    // After a change of the path the count begins anew.
    const before = last;
    last = await energy();
    return last > before;
  });
};

/** A key that is known to both browsers, and one that is not. */
const seenByThose = (browser, query) => async (stage) => {
  const parley = await startParley(stage, { workers: 1 });
  const anna = await joinWith(stage, parley, 'anna', 'tulip', { browser, query });
  const ben = await joinWith(stage, parley, 'ben', 'tulip', { browser: browser === 'firefox' ? 'chromium' : 'firefox', query: { resolution: 180 } });
  const dora = await joinWith(stage, parley, 'dora', 'daisy', { query: { video: 0 } });
  await Promise.all([seesTheFlag(ben, 'anna'), seesTheFlag(anna, 'ben')]);
  await Promise.all([heard(ben, 'anna'), heard(anna, 'ben')]);
  await seesNothing(dora, 'anna', 'wrong_key');
  const { codec } = (await ben.people()).anna;
  const sent = (await anna.page.evaluate(() => probe.outbound())).filter(({ kind, packetsSent }) => kind === 'video' && packetsSent > 0);
  stage.say(`${codec} from ${browser}, ${sent.length} encoding(s) sent; dora is told: ${await stateOf(dora, 'anna')}`);

  await dora.page.evaluate(() => parley.room.encryption.setKey('tulip'));
  await seesTheFlag(dora, 'anna');
  await anna.page.evaluate(() => parley.room.encryption.ratchet());
  await pause(1000);
  await Promise.all([seesTheFlag(ben, 'anna'), seesTheFlag(dora, 'anna')]);
};

/** The same from browser to browser, where nobody could listen anyway, except a relay. */
const directly = async (stage) => {
  const parley = await startParley(stage, { workers: 1 });
  const query = { direct: 1, resolution: 360 };
  const anna = await joinWith(stage, parley, 'anna', 'tulip', { query });
  const ben = await joinWith(stage, parley, 'ben', 'tulip', { browser: 'firefox', query });
  const two = [anna, ben];
  const path = (person) => person.page.evaluate(() => parley.room.path);
  for (const person of two) await until(`${person.identity}'s media goes directly`, 30, async () => (await path(person)) === 'direct');
  await Promise.all([seesTheFlag(ben, 'anna'), seesTheFlag(anna, 'ben')]);
  await Promise.all([heard(ben, 'anna'), heard(anna, 'ben')]);
  for (const person of two) assert.equal(await path(person), 'direct');
  await anna.page.evaluate(() => parley.room.encryption.setKey('daisy'));
  await until("ben is told that anna's key is another one", 20, async () => (await stateOf(ben, 'anna')) === 'wrong_key');
  await ben.page.evaluate(() => parley.room.encryption.setKey('daisy'));
  await Promise.all([seesTheFlag(ben, 'anna'), seesTheFlag(anna, 'ben')]);
};

/** Nobody else sends anything from which the reloaded page could learn how far the others have come. */
const reloadedAlone = async (stage) => {
  const parley = await startParley(stage, { workers: 1 });
  const anna = await joinWith(stage, parley, 'anna', 'tulip');
  const ben = await joinWith(stage, parley, 'ben', 'tulip', { query: { video: 0, audio: 0 } });
  await seesTheFlag(ben, 'anna');
  for (let step = 0; step < 3; step++) await anna.page.evaluate(() => parley.room.encryption.ratchet());
  await until('ben goes on, too', 20, async () => (await ben.page.evaluate(() => parley.room.encryption.step)) === 3);
  await anna.page.reload({ waitUntil: 'load' });
  await until('anna is there again', 30, async () => (await stateOf(ben, 'anna')) !== undefined);
  await seesTheFlag(ben, 'anna');
};

const codecsOf = (codecs) => async (stage) => {
  const parley = await startParley(stage, { workers: 1 });
  for (const [codec, more] of codecs) {
    const anna = await joinWith(stage, parley, 'anna', 'tulip', { query: { codec, resolution: 360, ...more } });
    const ben = await joinWith(stage, parley, 'ben', 'tulip', { query: { video: 0, audio: 0 } });
    await seesTheFlag(ben, 'anna');
    stage.say(`${codec} ${JSON.stringify(more)}: ${(await ben.people()).anna.codec}`);
    await anna.page.close();
    await ben.page.close();
  }
};

const notEncrypted = async (stage) => {
  const parley = await startParley(stage, { workers: 1 });
  await joinWith(stage, parley, 'anna', undefined);
  const ben = await joinWith(stage, parley, 'ben', 'tulip', { query: { video: 0 } });
  await seesNothing(ben, 'anna', 'not_encrypted');
};

/**
 * Put in front of the worker's program: keeps pieces of frames before they are encrypted, for whoever asks. `plainly`: nothing is encrypted,
 * only made longer, as if it were.
 */
const spy = (plainly) => `{
  const real = crypto.subtle.encrypt.bind(crypto.subtle);
  const pieces = [];
  crypto.subtle.encrypt = async (algorithm, key, data) => {
    const bytes = new Uint8Array(data);
    if (bytes.length > 400) pieces.push(Array.from(bytes.slice(100, 124)));
    if (pieces.length > 40) pieces.shift();
    if (!${plainly}) return real(algorithm, key, data);
    const longer = new Uint8Array(bytes.length + 16);
    longer.set(bytes);
    return longer.buffer;
  };
  const channel = new BroadcastChannel('pieces');
  channel.onmessage = () => channel.postMessage({ pieces });
}
`;

/** In the page. */
function spyOnWorkers(program) {
  const real = URL.createObjectURL.bind(URL);
  URL.createObjectURL = (blob) => real(blob.type.includes('javascript') ? new Blob([program, blob], { type: blob.type }) : blob);
}

/** In the page: the newest pieces. */
function newestPieces() {
  const channel = new BroadcastChannel('pieces');
  return new Promise((resolve) => {
    channel.onmessage = ({ data }) => resolve(data.pieces);
    channel.postMessage('please');
  });
}

/** How many of the needles stand anywhere in the memory of a process that it can write to. */
function found(pid, needles) {
  const ranges = readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')
    .map((line) => /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line))
    .filter((match) => match !== null)
    .map(([, begin, end]) => [Number.parseInt(begin, 16), Number.parseInt(end, 16)]);
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  const missing = new Set(needles);
  const overlap = 64;
  const block = Buffer.alloc(4 << 20);
  let scanned = 0;
  for (const [begin, end] of ranges) {
    for (let at = begin; at < end; at += block.length - overlap) {
      let size = 0;
      try {
        size = readSync(memory, block, 0, Math.min(block.length, end - at), at);
      } catch {
        break;
      }
      scanned += size;
      const text = block.subarray(0, size);
      for (const needle of missing) if (text.includes(needle)) missing.delete(needle);
    }
  }
  closeSync(memory);
  return { count: needles.length - missing.size, scanned };
}

const memoryOf = (plainly) => async (stage) => {
  const parley = await startParley(stage, { workers: 1 });
  const prepare = (page) => page.evaluateOnNewDocument(spyOnWorkers, spy(plainly));
  const anna = await joinWith(stage, parley, 'anna', 'tulip', { prepare, query: { resolution: 360, simulcast: 0 } });
  const ben = await joinWith(stage, parley, 'ben', 'tulip', { query: { video: 0 } });
  if (plainly) await until('ben gets packets', 30, async () => (await ben.page.evaluate(() => probe.inbound())).some(({ kind, packetsReceived }) => kind === 'video' && packetsReceived > 100));
  else await seesTheFlag(ben, 'anna');
  const needles = (await anna.page.evaluate(newestPieces)).slice(-30, -3).map((piece) => Buffer.from(piece));
  assert.ok(needles.length > 5, 'there are frames to look for');
  const { count, scanned } = found(parley.workers()[0], needles);
  stage.say(`${count} of ${needles.length} pieces of 24 bytes found in ${Math.round(scanned / 1e6)} MB of the worker's memory`);
  return count;
};

export const tests = {
  'sent by Chromium in three sizes, seen with the key by Firefox, and by nobody without': seenByThose('chromium', { resolution: 360, simulcast: 1 }),
  'sent by Firefox in three sizes, seen with the key by Chromium, and by nobody without': seenByThose('firefox', { resolution: 360, simulcast: 1 }),
  'VP9, AV1 and H.264, in layers too': codecsOf([['vp9', {}], ['av1', {}], ['h264', {}], ['vp9', { svc: 'L3T3_KEY' }], ['av1', { svc: 'L3T3_KEY' }]]),
  'who sends in the clear into an encrypted room is said to, and not shown': notEncrypted,
  'the same directly from browser to browser, and a key that is changed': directly,
  'who reloads the page alone, after the key went on, is seen as before': reloadedAlone,
  'the memory of the server holds no piece of a frame': async (stage) => assert.equal(await memoryOf(false)(stage), 0),
  'it would be found there if it were not encrypted': async (stage) => assert.ok((await memoryOf(true)(stage)) > 0),
};
