// Files between a Chromium and a Firefox: over the server, with the connection cut in between, across a reload of the sender's
// page, and straight between the browsers.

import assert from 'node:assert/strict';
import { createHash, randomFillSync } from 'node:crypto';
import { closeSync, openSync, readFileSync, readdirSync, writeSync } from 'node:fs';
import { address, mediaPort, startParley } from '../harness/parley.mjs';
import { cuttableProxy, lossyLink } from '../harness/paths.mjs';
import { join } from '../harness/person.mjs';
import { patience, pause, until } from '../harness/wait.mjs';

export const seconds = 240;

const mebibyte = 1 << 20;
const link = '10.77.0.2:41000';

/** A file of random bytes: its path and its SHA-256. */
function makeFile(stage, name, size) {
  const path = stage.file(name);
  const file = openSync(path, 'w');
  const hash = createHash('sha256');
  const block = Buffer.alloc(mebibyte);
  for (let written = 0; written < size; written += block.length) {
    const part = randomFillSync(block).subarray(0, Math.min(block.length, size - written));
    writeSync(file, part);
    hash.update(part);
  }
  closeSync(file);
  return { path, size, hash: hash.digest('hex') };
}

/** In the page: takes every file that is offered, onto the browser's own disk. */
function acceptAll() {
  window.received = [];
  parley.room.on('fileOffered', async (offer) => received.push(await offer.accept({ to: 'download' })));
  const input = document.body.appendChild(document.createElement('input'));
  input.type = 'file';
  input.id = 'test-file';
}

/** In the page: the state of a transfer in either direction. */
function look(direction) {
  const transfer = direction === 'sending' ? window.sending : window.received?.at(-1);
  if (!transfer) return null;
  const { state, transferred, sent, size, rate, path, error } = transfer;
  return { state, transferred, sent, size, rate, path, error: error?.message };
}

/** In the page: the hash of the received file as the browser's own implementation computes it. */
async function hashOfReceived() {
  const file = await received.at(-1).done;
  const digest = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Somebody without camera and microphone, in a window that is not private: those have no disk. */
async function joinForFiles(stage, parley, identity, { browser = 'chromium', origin } = {}) {
  const launch = { lasting: true };
  const person = await join(stage, parley, identity, { browser, launch, origin, query: { video: 0, audio: 0 } });
  await ready(person);
  return person;
}

async function ready(person) {
  const inside = () => person.page.evaluate(() => window.parley?.room.state === 'connected');
  await until(`${person.identity} is in the room`, 20, inside);
  await person.page.evaluate(acceptAll);
}

async function choose(person, file) {
  const input = await person.page.$('#test-file');
  await input.uploadFile(file.path);
}

/** Begins to send `file` to `to`. */
async function send(from, to, file, options = { direct: false }) {
  await until(`${from.identity} sees ${to.identity}`, 20, () =>
    from.page.evaluate((identity) => parley.room.participants.some((one) => one.identity === identity), to.identity));
  await choose(from, file);
  await from.page.evaluate((identity, options) => {
    const to = parley.room.participants.find((one) => one.identity === identity);
    window.sending = to.sendFile(document.querySelector('#test-file').files[0], options);
  }, to.identity, options);
}

const sendingOf = (person) => person.page.evaluate(look, 'sending');

function untilShare(person, share) {
  return until(`${share * 100} % have arrived`, 90, async () => {
    const seen = await sendingOf(person);
    return { done: seen.error !== undefined || seen.transferred >= share * seen.size, ...seen };
  }).then((seen) => {
    assert.equal(seen.error, undefined);
    return seen;
  });
}

async function untilDone(from, to, file, limit = 120) {
  const end = await until(`${to.identity} has the file`, limit, async () => {
    const [sending, receiving] = await Promise.all([sendingOf(from), to.page.evaluate(look, 'receiving')]);
    const failed = ['failed', 'cancelled', 'declined'].some((state) => sending.state === state || receiving?.state === state);
    return { done: failed || (sending.state === 'done' && receiving?.state === 'done'), sending, receiving };
  });
  assert.deepEqual([end.sending.state, end.receiving?.state], ['done', 'done'], `${end.sending.error}, ${end.receiving?.error}`);
  assert.equal(await to.page.evaluate(hashOfReceived), file.hash, 'the file arrived as it was sent');
  return end.sending;
}

/** What a process has in memory, with its share of what it has together with others. */
function memoryOf(pid) {
  try {
    return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0; // it ended while we were looking
  }
}

/** A process and all that come from it. */
function treeOf(pid) {
  const parents = new Map();
  for (const entry of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      parents.set(Number(entry), Number(/^\d+ \(.*\) \S (\d+)/.exec(stat)?.[1]));
    } catch {
      // It ended while we were looking.
    }
  }
  const tree = new Set([pid]);
  for (let size = 0; size !== tree.size; ) {
    size = tree.size;
    for (const [child, parent] of parents) if (tree.has(parent)) tree.add(child);
  }
  return [...tree].filter((one) => parents.has(one));
}

const memoryOfAll = (pids) => pids.reduce((sum, pid) => sum + memoryOf(pid), 0);

/** Seconds of processor time that they have had. */
function processorOfAll(pids) {
  const ticks = pids.map((pid) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' '));
  return ticks.reduce((sum, fields) => sum + Number(fields[11]) + Number(fields[12]), 0) / 100;
}

/** Watches what grows. `grown()` ends it and gives, for each name, by how much at most. */
function watchMemory(processes) {
  const measure = () => Object.fromEntries(Object.entries(processes).map(([name, tree]) => [name, memoryOfAll(tree())]));
  const before = measure();
  const most = { ...before };
  const timer = setInterval(() => {
    for (const [name, size] of Object.entries(measure())) most[name] = Math.max(most[name], size);
  }, 500);
  return {
    grown() {
      clearInterval(timer);
      return Object.fromEntries(Object.keys(before).map((name) => [name, most[name] - before[name]]));
    },
  };
}

const inMebibytes = (sizes) => Object.entries(sizes).map(([name, size]) => `${name} ${(size / mebibyte).toFixed(1)}`).join(', ');

export const tests = {
  '200 MB go from Chromium to Firefox and back over the server, in bounded memory': async (stage) => {
    const parley = await startParley(stage, { workers: 1 });
    const anna = await joinForFiles(stage, parley, 'anna');
    const dora = await joinForFiles(stage, parley, 'dora', { browser: 'firefox' });
    const trees = {
      server: () => treeOf(parley.program.pid),
      chromium: () => treeOf(anna.page.browser().process().pid),
      firefox: () => treeOf(dora.page.browser().process().pid),
    };
    const processor = () => Object.fromEntries(Object.entries(trees).map(([name, tree]) => [name, processorOfAll(tree())]));
    // The first file warms everything up: what a browser needs for files at all is not what a large one costs.
    const small = makeFile(stage, 'small.bin', 8 * mebibyte);
    await send(anna, dora, small);
    await untilDone(anna, dora, small);
    const file = makeFile(stage, 'large.bin', 200 * mebibyte);
    for (const [from, to] of [[anna, dora], [dora, anna]]) {
      const memory = watchMemory(trees);
      const before = processor();
      const begun = Date.now();
      await send(from, to, file);
      await until('all has arrived', 180, async () => ({ done: ['done', 'failed'].includes((await sendingOf(from)).state) }));
      const took = (Date.now() - begun) / 1000;
      const after = processor();
      const grown = memory.grown();
      const { sent, path } = await untilDone(from, to, file);
      const rate = `${((file.size * 8) / took / 1e6).toFixed(0)} Mbit/s (${took.toFixed(1)} s)`;
      stage.say(`${from.identity} to ${to.identity}: ${rate}; grown by at most, in MiB: ${inMebibytes(grown)}`);
      const busy = Object.entries(after).map(([name, seconds]) => `${name} ${(seconds - before[name]).toFixed(1)}`);
      stage.say(`processor time in seconds: ${busy.join(', ')}`);
      assert.equal(path, 'server');
      assert.equal(sent, file.size, 'nothing was sent twice');
      assert.ok(grown.server <= 8 * mebibyte, `the server has grown by ${grown.server}`);
      // Whoever keeps the file, or leaves it as garbage that the browser collects late, grows by as much as it has, or twice.
      assert.ok(Math.max(grown.chromium, grown.firefox) < file.size / 2, 'the browsers do not keep the file in memory');
    }
  },

  'the connection is cut at 30 % and at 70 %: the file goes on, and only what was on its way is sent twice': async (stage) => {
    const lossy = await lossyLink(stage, link, `${address}:${mediaPort}`, {});
    const parley = await startParley(stage, { workers: 1, transport: 'udp', advertise: link });
    const proxy = await cuttableProxy(stage, 8080);
    const anna = await joinForFiles(stage, parley, 'anna', { origin: proxy.origin });
    const dora = await joinForFiles(stage, parley, 'dora', { browser: 'firefox' });
    const file = makeFile(stage, 'cut.bin', 64 * mebibyte);
    await send(anna, dora, file);

    await untilShare(anna, 0.3);
    proxy.cut();
    lossy.change({ loss: 1 });
    await pause(8000);
    const { transferred } = await sendingOf(anna);
    stage.say(`everything was cut off for 8 s at ${((transferred / file.size) * 100).toFixed(0)} %`);
    assert.ok(transferred < file.size * 0.7, 'nothing came through meanwhile');
    lossy.change({ loss: 0 });
    proxy.mend();

    await untilShare(anna, 0.7);
    const [worker] = parley.workers();
    process.kill(worker, 'SIGKILL');
    stage.say(`the worker was killed at ${(((await sendingOf(anna)).transferred / file.size) * 100).toFixed(0)} %`);

    const { sent } = await untilDone(anna, dora, file);
    stage.say(`sent: ${(sent / mebibyte).toFixed(1)} MiB for a file of ${file.size / mebibyte} MiB`);
    assert.ok(sent <= file.size + 2 * 4 * mebibyte, 'only what was on its way was sent again');
  },

  'the sender loads the page again and sends the same file: it goes on where it was, without a question': async (stage) => {
    const parley = await startParley(stage, { workers: 1 });
    const anna = await joinForFiles(stage, parley, 'anna', { browser: 'firefox' });
    const ben = await joinForFiles(stage, parley, 'ben');
    const file = makeFile(stage, 'again.bin', 100 * mebibyte);
    await send(anna, ben, file);
    const before = await untilShare(anna, 0.3);
    await anna.page.reload();
    await ready(anna);
    await send(anna, ben, file);
    const { sent } = await untilDone(anna, ben, file);
    stage.say(`${(before.transferred / mebibyte).toFixed(1)} MiB before, ${(sent / mebibyte).toFixed(1)} MiB after`);
    assert.ok(sent <= file.size - before.transferred, 'what the receiver has is not sent again');
    assert.equal(await ben.page.evaluate(() => received.length), 1, 'ben was asked once');
  },

  'between two browsers that can connect the file goes straight, and over the server when that path breaks': async (stage) => {
    const parley = await startParley(stage, { workers: 1 });
    const anna = await joinForFiles(stage, parley, 'anna');
    const dora = await joinForFiles(stage, parley, 'dora', { browser: 'firefox' });
    const file = makeFile(stage, 'direct.bin', 100 * mebibyte);
    const begun = Date.now();
    await send(anna, dora, file, {});
    const { path } = await untilShare(anna, 0.3);
    assert.equal(path, 'direct');
    const rate = (await sendingOf(anna)).rate;
    stage.say(`straight: ${((rate * 8) / 1e6).toFixed(0)} Mbit/s after ${((Date.now() - begun) / 1000).toFixed(1)} s`);
    // The receiver's end of the direct connection goes away.
    await dora.page.evaluate(() => probe.connections.findLast((one) => one.signalingState !== 'closed').close());
    const end = await untilDone(anna, dora, file);
    assert.equal(end.path, 'server');
    assert.ok(end.sent <= file.size + 5 * mebibyte, 'only what was on its way was sent again');
  },
};
