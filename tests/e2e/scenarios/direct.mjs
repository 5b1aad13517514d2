// A call of two goes from browser to browser: the server forwards nothing meanwhile, a third person interrupts nobody, and a path that
// breaks is left for the server's.

import assert from 'node:assert/strict';
import { startParley } from '../harness/parley.mjs';
import { allSeeAndHearEachOther, join, room } from '../harness/person.mjs';
import { pause, patience, until } from '../harness/wait.mjs';

export const seconds = 150;

const pathOf = (person) => person.page.evaluate(() => parley.room.describePath());

const goes = (person, path, seconds = 30) =>
  until(`${person.identity}'s media goes ${path}`, seconds, async () => {
    const now = await pathOf(person);
    return { ...now, done: now.path === path };
  });

/** What the server has forwarded until now, packets of sound and pictures. */
const forwarded = async (parley) => {
  const { parley_worker_rtp_forwarded_total: packets } = await parley.metrics('parley_worker_rtp_forwarded');
  assert.equal(typeof packets, 'number', 'the server counts what it forwards');
  return packets;
};

/** In the page: notes when pictures of somebody come to the screen, and when the page itself stood still. */
function watch(identity) {
  const person = [...parley.room.participants].find((one) => one.identity === identity);
  const [video] = person.publication('camera').attachedElements;
  const watch = { video, times: [], stalls: [], switches: [], emptied: 0 };
  person.publication('camera').on('trackChanged', () => watch.switches.push(performance.now()));
  const note = (now) => {
    watch.times.push(performance.now());
    video.requestVideoFrameCallback(note);
  };
  video.requestVideoFrameCallback(note);
  video.addEventListener('emptied', () => (watch.emptied += 1));
  let last = performance.now();
  watch.timer = setInterval(() => {
    const now = performance.now();
    if (now - last > 60) watch.stalls.push([last, now]);
    last = now;
  }, 20);
  window.watch = watch;
}

/** In the page: the longest time between two pictures since, and how long of it the page stood still. */
function longestGap() {
  const { times, stalls, switches, emptied } = window.watch;
  const gaps = times.slice(1).map((time, place) => {
    const before = times[place];
    const stalled = stalls.reduce((sum, [begin, end]) => sum + Math.max(0, Math.min(end, time) - Math.max(begin, before) - 20), 0);
    const [since] = switches.filter((at) => at > before - 500 && at < time);
    return { gap: Math.round(time - before), stalled: Math.round(stalled), switched: since === undefined ? null : Math.round(since - before) };
  });
  const worst = gaps.reduce((left, right) => (left.gap - left.stalled > right.gap - right.stalled ? left : right), { gap: 0, stalled: 0 });
  const stall = Math.round(Math.max(0, ...stalls.map(([begin, end]) => end - begin)));
  return { ...worst, stall, pictures: times.length, emptied };
}

/** Nobody of those who watch has seen the picture stand still for so long. */
const nobodyWaits = async (stage, people, what, limit) => {
  const seen = await Promise.all(people.map((person) => person.page.evaluate(longestGap)));
  // While a page stands still it encodes nothing for the others either.
  const stall = Math.max(...seen.map((one) => one.stall));
  for (const [index, person] of people.entries()) {
    const { gap, stalled, switched, pictures, emptied } = seen[index];
    stage.say(`${what}, at ${person.identity}: longest time between two of ${pictures} pictures ${gap} ms, of which the page stood still ${stalled}, a page's longest stall ${stall}` +
      (switched === null ? '' : `; the path was changed ${switched} ms after the first of them`));
    // Away from a change of the path it is the machine, on which the third one's browser begins to decode and encode just then.
    assert.ok(gap <= (switched === null ? patience : 1) * limit + stall, `${person.identity} waited ${gap} ms for a picture`);
    // Firefox loads an element anew whose stream had no track for a moment; the time between two pictures is measured over that.
    if (!(await person.page.evaluate(() => navigator.userAgent)).includes('Firefox')) assert.equal(emptied, 0, 'the element was never emptied');
    const shown = () => person.page.evaluate(() => window.watch.times.length);
    const before = await shown();
    await until('the element goes on', 10, async () => (await shown()) > before + 10);
  }
};

/** The fake camera makes ten pictures a second; a gap of 300 ms is two of them missing. */
const longestFreeze = 300;

const direct = { direct: 1, resolution: 360 };

const callOfTwo = (browserOfBen) => async (stage) => {
  const parley = await startParley(stage, { workers: 1 });
  const anna = await join(stage, parley, 'anna', { query: direct });
  const ben = await join(stage, parley, 'ben', { browser: browserOfBen, query: direct });
  const two = [anna, ben];
  for (const person of two) {
    const path = await goes(person, 'direct');
    stage.say(`${person.identity}: ${JSON.stringify(path)}`);
    assert.match(path.local, /host|prflx/);
  }
  await allSeeAndHearEachOther(two);
  await until('the server forwards nothing', 20, async () => {
    const before = await forwarded(parley);
    await pause(2000);
    const after = await forwarded(parley);
    return { done: before === after, before, after };
  });
  const before = await forwarded(parley);
  await allSeeAndHearEachOther(two);
  assert.equal(await forwarded(parley), before, 'the server has forwarded nothing while the two talked');
  for (const person of two) {
    const paths = await person.page.evaluate(() => probe.paths());
    assert.deepEqual(paths.map(({ state }) => state), ['connected', 'connected', 'connected'], 'both connections to the server stay');
  }

  for (const [other, person] of [[ben, anna], [anna, ben]]) await person.page.evaluate(watch, other.identity);
  const carla = await join(stage, parley, 'carla', { query: { ...direct, resolution: 180 } });
  for (const person of two) await goes(person, 'server');
  await pause(2000);
  await nobodyWaits(stage, two, 'a third comes', longestFreeze);
  await allSeeAndHearEachOther([...two, carla]);

  for (const [other, person] of [[ben, anna], [anna, ben]]) await person.page.evaluate(watch, other.identity);
  await carla.press('leave-button');
  for (const person of two) await goes(person, 'direct');
  await pause(1000);
  await nobodyWaits(stage, two, 'the third leaves', longestFreeze);
};

/** Mute, camera, devices and screens while it is direct. */
const talk = async (stage) => {
  const parley = await startParley(stage, { workers: 1 });
  const anna = await join(stage, parley, 'anna', { query: direct });
  const ben = await join(stage, parley, 'ben', { query: direct });
  for (const person of [anna, ben]) await goes(person, 'direct');
  await anna.press('mic-button');
  assert.ok((await ben.moment('mutedShown', 'anna')).at, 'the mute is shown');
  await anna.press('mic-button');
  await anna.press('camera-button');
  await until('the camera is off', 10, () => ben.page.evaluate(() => parley.room.participants[0].publication('camera').muted));
  await anna.press('camera-button');
  await ben.seesAndHears([anna]);
  const pictures = (identity, source) => ben.page.evaluate(async (source) => {
    const publication = parley.room.participants[0].publication(source);
    const inbound = publication?.track && (await probe.inboundOfTrack(publication.track));
    return inbound ? { frames: inbound.framesDecoded, connection: inbound.connection } : { frames: 0, connection: -1 };
  }, source);
  await anna.page.evaluate(() => parley.room.localParticipant.switchDevice('camera', 'fake_device_1'));
  await ben.seesAndHears([anna]);
  assert.equal((await pathOf(ben)).path, 'direct');

  await anna.page.evaluate(() => parley.room.localParticipant.shareScreen({ kind: 'text', audio: true }));
  const screen = await until("ben sees anna's screen, directly", 20, async () => {
    const shown = await pictures('anna', 'screen');
    const camera = await pictures('anna', 'camera');
    return { ...shown, done: shown.frames > 2 && shown.connection === camera.connection, camera };
  });
  stage.say(`the screen comes on the connection of the camera, number ${screen.connection}`);
  await anna.page.evaluate(() => parley.room.localParticipant.stopScreen());
  await until('the screen is gone', 10, () => ben.page.evaluate(() => !parley.room.participants[0].publication('screen')));
  await until('the server forwards nothing', 20, async () => {
    const before = await forwarded(parley);
    await pause(2000);
    return (await forwarded(parley)) === before;
  });
  await ben.seesAndHears([anna]);
};

/** What is done to the direct connection, which alone sends and receives, in the page. */
const ways = {
  'is closed without a word': (connection) => connection.close(),
  'carries nothing more from one side': (connection) => {
    for (const sender of connection.getSenders()) {
      const parameters = sender.getParameters();
      for (const encoding of parameters.encodings) encoding.active = false;
      void sender.setParameters(parameters);
    }
  },
};

const harm = (person, way) => person.page.evaluate(`(${ways[way]})(probe.connections.filter((one) => one.signalingState !== 'closed').find((one) =>
  ['sendonly', 'recvonly'].every((direction) => one.getTransceivers().some(({ currentDirection }) => currentDirection === direction))))`);

const broken = (way) => async (stage) => {
  const parley = await startParley(stage, { workers: 1 });
  const anna = await join(stage, parley, 'anna', { query: direct });
  const ben = await join(stage, parley, 'ben', { query: direct });
  for (const person of [anna, ben]) await goes(person, 'direct');
  await allSeeAndHearEachOther([anna, ben]);
  for (const [other, person] of [[ben, anna], [anna, ben]]) await person.page.evaluate(watch, other.identity);
  await harm(anna, way);
  for (const person of [anna, ben]) await goes(person, 'server');
  await ben.seesAndHears([anna]);
  await anna.seesAndHears([ben]);
  for (const person of [anna, ben]) {
    const { gap, stalled } = await person.page.evaluate(longestGap);
    stage.say(`the direct path ${way}: ${person.identity} waits ${gap} ms for the next picture (stood still ${stalled})`);
    assert.ok(gap - stalled <= 3000 * patience);
  }
  for (const person of [anna, ben]) await goes(person, 'direct', 40);
};

const forbidden = async (stage) => {
  const parley = await startParley(stage, { workers: 1 });
  const anna = await join(stage, parley, 'anna', { query: direct, token: await parley.token(room, 'anna', '--admin') });
  const ben = await join(stage, parley, 'ben', { query: direct });
  for (const person of [anna, ben]) await goes(person, 'direct');
  for (const [other, person] of [[ben, anna], [anna, ben]]) await person.page.evaluate(watch, other.identity);
  await anna.page.evaluate(() => parley.room.setSettings({ direct: false }));
  for (const person of [anna, ben]) await goes(person, 'server');
  await pause(1500);
  await nobodyWaits(stage, [anna, ben], 'direct calls are forbidden', longestFreeze);
  await allSeeAndHearEachOther([anna, ben]);
  assert.equal((await pathOf(anna)).path, 'server');
};

const never = async (stage) => {
  const parley = await startParley(stage, { workers: 1, args: ['--p2p', 'off'] });
  const anna = await join(stage, parley, 'anna', { query: direct });
  const ben = await join(stage, parley, 'ben', { query: direct });
  await allSeeAndHearEachOther([anna, ben]);
  await pause(3000);
  for (const person of [anna, ben]) {
    assert.equal((await pathOf(person)).path, 'server');
    assert.equal((await person.page.evaluate(() => probe.paths())).length, 2, 'there are only the connections to the server');
  }
};

/** Neither may use anything but the relay, so that is what lies between the two. */
const relayed = async (stage) => {
  const parley = await startParley(stage, { workers: 1 });
  const anna = await join(stage, parley, 'anna', { query: { ...direct, relay: 1 } });
  const ben = await join(stage, parley, 'ben', { query: { ...direct, relay: 1 } });
  for (const person of [anna, ben]) {
    const path = await goes(person, 'direct');
    stage.say(`${person.identity}: ${JSON.stringify(path)}`);
    // The other end's is the relay's, too, but called prflx where its first packet overtook what was said of it.
    assert.equal(path.local, 'relay');
  }
  await allSeeAndHearEachOther([anna, ben]);
  const before = await forwarded(parley);
  await allSeeAndHearEachOther([anna, ben]);
  assert.equal(await forwarded(parley), before, 'the worker has forwarded nothing while the two talked');
};

export const tests = {
  'two in Chromium: directly, over the server while a third is there, and directly again': callOfTwo('chromium'),
  'Chromium and Firefox: the same': callOfTwo('firefox'),
  'two who can reach nothing but the relay: directly through it': relayed,
  'mute, camera, another device and a screen go on directly': talk,
  ...Object.fromEntries(Object.keys(ways).map((way) => [`a direct path that ${way} is left for the server's, and tried again later`, broken(way)])),
  'an administrator forbids it during the call': forbidden,
  'with --p2p off nobody connects directly': never,
};
