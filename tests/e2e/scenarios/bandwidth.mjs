// The way to a viewer gets worse and better: 4 Mbit/s, then 0.4, then 4 again, with a queue of 300 ms in front of it. They get the
// best picture that it carries, are told why it is not better, and hear everything.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { address, mediaPort, startParley } from '../harness/parley.mjs';
import { lossyLink } from '../harness/paths.mjs';
import { join } from '../harness/person.mjs';
import { pause, until } from '../harness/wait.mjs';

export const seconds = 120;

const link = '10.77.0.2:41000';

/** The largest of the publisher's three sizes; the others are a half and a quarter of it. */
const largest = { width: 1280, height: 720 };

/**
 * What is asked for, in ms. Time in which a page itself stood still, because the machine was busy, is added. The queue is full within
 * 0.1 s of the cut, before anybody can know: for as long as it is, sound may have to be made up, however little of it is lost.
 */
const goals = { top: 10_000, lower: 2_000, freeze: 1_000, silence: 300 };

/** The way is wide, and then narrow, for so long. */
const wideSeconds = 5;
const narrowSeconds = 15;

/**
 * In the publisher's page: a picture that is worth its bits (the fake camera's test pattern fits into 0.4 Mbit/s in full size), and a
 * tone without pauses instead of the fake microphone's beeps, so that every packet can be missed.
 */
function perform({ width, height }) {
  const element = (width, height) => Object.assign(document.createElement('canvas'), { width, height });

  /** As a sensor's noise: fine, so that the small sizes hardly have it. */
  function grain() {
    const canvas = element(width + 100, height + 100);
    const context = canvas.getContext('2d');
    const image = context.createImageData(canvas.width, canvas.height);
    for (let index = 0; index < image.data.length; index += 4) image.data.fill(255 * Math.random(), index, index + 3);
    for (let index = 3; index < image.data.length; index += 4) image.data[index] = 40;
    context.putImageData(image, 0, 0);
    return canvas;
  }

  function camera() {
    const canvas = element(width, height);
    const context = canvas.getContext('2d');
    const noise = grain();
    let time = 0;
    setInterval(() => {
      time += 0.05;
      const light = context.createLinearGradient(0, 0, width, height);
      light.addColorStop(0, '#8090a0');
      light.addColorStop(1, '#403830');
      context.fillStyle = light;
      context.fillRect(0, 0, width, height);
      context.fillStyle = '#c08060';
      context.fillRect(width / 2 + 0.2 * width * Math.sin(time) - 80, height / 2 + 60 * Math.cos(1.3 * time), 160, 160);
      context.drawImage(noise, -100 * Math.random(), -100 * Math.random());
    }, 50);
    return canvas.captureStream(20).getVideoTracks()[0];
  }

  function tone() {
    const context = new AudioContext();
    const oscillator = new OscillatorNode(context, { frequency: 330 });
    const output = context.createMediaStreamDestination();
    oscillator.connect(output);
    oscillator.start();
    return output.stream.getAudioTracks()[0];
  }

  const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (constraints) =>
    new MediaStream((await real(constraints)).getTracks().map((track) => {
      track.stop();
      return track.kind === 'video' ? camera() : tone();
    }));
}

/** In both pages: notes when the page itself stood still. */
function noteStalls() {
  const interval = 50;
  window.stalls = [];
  let last = Date.now();
  setInterval(() => {
    const now = Date.now();
    if (now - last > 2 * interval) window.stalls.push({ from: last + interval, to: now });
    last = now;
  }, interval);
}

/**
 * In the publisher's page: since when its browser sends the largest size, whenever the server wants it. Chromium begins with it, and
 * gives it up, as it trusts its own uplink and processor: no viewer's network has to do with that.
 */
function noteLargest() {
  let before = 0;
  const note = async () => {
    const { active, framesEncoded = 0 } = (await probe.outbound()).find(({ rid }) => rid === 'f') ?? {};
    if (framesEncoded > before) window.largestSince ??= Date.now();
    else if (active) window.largestSince = null;
    before = framesEncoded;
    setTimeout(note, 500);
  };
  void note();
}

/** In the viewer's page: notes each picture when it is shown, what had to be made up of the sound, and what the server says. */
function installRecorder() {
  const notes = { begun: Date.now(), pictures: [], sounds: [], qualities: [] };
  const video = document.querySelector('[data-identity="anna"] video');
  const notePicture = (now, { width }) => {
    notes.pictures.push({ at: Date.now(), width });
    video.requestVideoFrameCallback(notePicture);
  };
  video.requestVideoFrameCallback(notePicture);
  const noteSound = async () => {
    const sound = (await probe.inbound()).find(({ kind }) => kind === 'audio');
    if (sound) notes.sounds.push({ at: Date.now(), samples: sound.samplesReceived, madeUp: sound.samplesConcealed });
    setTimeout(noteSound, 50);
  };
  void noteSound();
  parley.room.participants[0].publication('camera').on('qualityChanged', (quality) => notes.qualities.push({ at: Date.now(), ...quality }));
  window.recorder = notes;
}

const within = (notes, begin, end) => notes.filter(({ at }) => at >= begin && at <= end);

/** For how long a page stood still, of this time. */
function stalled(stalls, begin, end) {
  const overlap = ({ from, to }) => Math.max(0, Math.min(to, end) - Math.max(from, begin));
  return Math.max(...stalls.map((ofPage) => ofPage.reduce((sum, stall) => sum + overlap(stall), 0)));
}

/** The longest time without a new picture, beside the pages' own stalls. */
function longestFreeze(pictures, stalls, begin, end) {
  const times = [begin, ...within(pictures, begin, end).map(({ at }) => at), end];
  return Math.max(...times.slice(1).map((at, index) => at - times[index] - stalled(stalls, times[index], at)));
}

const samplesInMillisecond = 48;

/**
 * The longest stretch, in ms, in which the greater part of what was played was made up for want of packets. What was made up while
 * the page stood still is not counted: then nothing was fetched from the network.
 */
function longestSilence(sounds, stalls, begin, end) {
  const span = within(sounds, begin, end);
  let [longest, current] = [0, 0];
  for (const [index, { at, samples, madeUp }] of span.slice(1).entries()) {
    const before = span[index];
    if (stalled(stalls, before.at, at) > 0) continue;
    const missing = madeUp - before.madeUp;
    current = missing * 2 > samples - before.samples ? current + missing / samplesInMillisecond : 0;
    longest = Math.max(longest, current);
  }
  return longest;
}

/** When the first picture was shown, from `begin` on, of which `look` is true. */
async function firstPicture(viewer, what, begin, seconds, look) {
  const { at } = await until(what, seconds, async () => {
    const { pictures, quality } = await viewer.page.evaluate(() => ({
      pictures: recorder.pictures,
      quality: parley.room.participants[0].publication('camera').quality,
    }));
    const found = pictures.find((picture) => picture.at >= begin && look(picture));
    return found ?? { done: false, last: pictures.at(-1), quality };
  });
  return at;
}

/** What the page says of anna's picture when one clicks on it. */
async function explanation(viewer) {
  await viewer.page.evaluate(() => document.querySelector('[data-identity="anna"]').click());
  const sentence = await until('the panel explains the picture', 5, () =>
    viewer.page.evaluate(() => document.querySelector('[data-testid="why-sentence"]')?.textContent));
  await viewer.page.keyboard.press('Escape');
  return sentence;
}

const largestSince = (publisher) => publisher.page.evaluate(() => window.largestSince ?? 0);

/** Nobody else is in the room than a publisher with all sizes, and a viewer whose way is 4 Mbit/s wide. */
async function watching(stage) {
  const way = await lossyLink(stage, link, `${address}:${mediaPort}`, { 'down-rate': '4M', 'queue-time': '300ms', delay: '20ms' });
  const parley = await startParley(stage, { workers: 1, transport: 'udp', advertise: link });
  const prepare = (page) => page.evaluateOnNewDocument(perform, largest);
  const anna = await join(stage, parley, 'anna', { prepare, query: { resolution: largest.height, codec: 'vp8', simulcast: 1 } });
  await anna.page.evaluate(noteStalls);
  await anna.page.evaluate(noteLargest);
  const ben = await join(stage, parley, 'ben', { width: 1600, height: 1000, query: { video: 0, audio: 0 } });
  await ben.seesAndHears([anna]);
  await ben.page.evaluate(noteStalls);
  await ben.page.evaluate(installRecorder);
  return { way, anna, ben };
}

const isTop = ({ width }) => width === largest.width;

export const tests = {
  'from 4 to 0.4 Mbit/s and back: the best picture that fits, no freeze, no gap in the sound, and the reason is told': async (stage) => {
    const { way, anna, ben } = await watching(stage);
    const top = await firstPicture(ben, 'ben gets the largest picture', 0, 60, isTop);
    const sent = await largestSince(anna);
    await until(`ben has had it for ${wideSeconds} s`, 60, async () => {
      const { at } = await ben.page.evaluate((width) => recorder.pictures.findLast((picture) => picture.width < width) ?? { at: 0 }, largest.width);
      return Date.now() - Math.max(at, top) > wideSeconds * 1000;
    });

    const narrow = way.change({ 'down-rate': '0.4M' });
    const lower = await firstPicture(ben, 'ben gets a smaller picture', narrow, 10, (picture) => !isTop(picture));
    await pause(narrow + narrowSeconds * 1000 - Date.now());
    const told = await explanation(ben);
    const { limit, current } = await ben.page.evaluate(() => parley.room.participants[0].publication('camera').quality);

    const wide = way.change({ 'down-rate': '4M' });
    const back = await firstPicture(ben, 'ben gets the largest picture again', wide, 30, isTop);
    const sentAgain = await largestSince(anna);
    await pause(wideSeconds * 1000);

    const { begun, pictures, sounds, qualities } = await ben.page.evaluate(() => recorder);
    const stalls = await Promise.all([anna, ben].map(({ page }) => page.evaluate(() => window.stalls)));
    writeFileSync(stage.file('recorder.json'), JSON.stringify({ narrow, wide, pictures, sounds, qualities, stalls }));
    const end = Date.now();
    stage.say(`link: ${JSON.stringify((await way.counts()).down)}`);
    stage.say(`at 0.4 Mbit/s: limited by ${limit}, encoding ${current.encoding}; the page says: ${told}`);
    const missed = [];
    const judge = (what, figure, goal, stall = 0) => {
      stage.say(`${what}: ${Math.round(figure)} ms${stall > 0 ? ` (stalled ${stall})` : ''}, at most ${goal}`);
      if (figure > goal + stall) missed.push(what);
    };
    const judgeMoment = (what, from, sentSince, shown, goal) => {
      const late = Math.max(0, sentSince - from);
      const waited = late > 0 ? `, from when its browser sends it (${late} ms later)` : '';
      judge(what + waited, shown - from - late, goal, stalled(stalls, from, shown));
    };
    judgeMoment('the largest picture at 4 Mbit/s', begun, sent, top, goals.top);
    judgeMoment('a smaller one after the cut to 0.4', narrow, 0, lower, goals.lower);
    judgeMoment('the largest one again at 4', wide, sentAgain, back, goals.top);
    judge('longest freeze of the picture', longestFreeze(pictures, stalls, narrow, end), goals.freeze);
    judge('longest stretch of sound that was made up', longestSilence(sounds, stalls, narrow, end), goals.silence);
    assert.deepEqual(missed, [], 'every goal is reached');
    assert.equal(limit, 'bandwidth', 'the reason at 0.4 Mbit/s');
    assert.match(told, /^(Paused\. )?Your connection carries 0\.\d Mbit\/s now/);
  },
};
