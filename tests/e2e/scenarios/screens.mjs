// Shared screens: several at a time, also of one person's, with sound, each sent as what is on it needs, and ended by the browser's own bar.

import assert from 'node:assert/strict';
import { startParley } from '../harness/parley.mjs';
import { join } from '../harness/person.mjs';
import { until } from '../harness/wait.mjs';

export const seconds = 120;

/** In the page: a screen to share, as getDisplayMedia would give it: a canvas that moves, and a tone where sound is asked for. */
function desk() {
  window.desks = [];
  MediaDevices.prototype.getDisplayMedia = async ({ audio, video }) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 1280, height: 720 });
    const context = canvas.getContext('2d');
    setInterval(() => {
      context.fillStyle = '#fff';
      context.fillRect(0, 0, 1280, 720);
      context.fillStyle = '#000';
      context.font = '20px serif';
      for (let line = 0; line < 30; line++) context.fillText(`${line} The quick brown fox ${Date.now()} jumps over the lazy dog`, 10, 24 * line);
    }, 33);
    const stream = canvas.captureStream(30);
    if (audio) {
      const sound = new AudioContext();
      const tone = sound.createOscillator();
      const out = sound.createMediaStreamDestination();
      tone.connect(out);
      tone.start();
      stream.addTrack(out.stream.getAudioTracks()[0]);
    }
    window.desks.push({ video, track: stream.getVideoTracks()[0] });
    return stream;
  };
}

const share = (person, options) => person.page.evaluate(async (options) => (await parley.room.localParticipant.shareScreen(options)).name, options);

/** What a viewer gets of somebody's shares. */
const sharesSeen = (viewer) => viewer.page.evaluate(async () => {
  const found = [];
  for (const publication of parley.room.participants[0]?.publications ?? []) {
    if (publication.source !== 'screen' && publication.source !== 'screenAudio') continue;
    const inbound = publication.track && (await probe.inboundOfTrack(publication.track));
    found.push({ source: publication.source, name: publication.name, frames: inbound?.framesDecoded ?? 0, width: inbound?.width ?? 0, packets: inbound?.packetsReceived ?? 0 });
  }
  return found;
});

const manyShares = (browser, query) => async (stage) => {
  const parley = await startParley(stage, { workers: 1 });
  const prepare = (page) => page.evaluateOnNewDocument(desk);
  const anna = await join(stage, parley, 'anna', { browser, prepare, query: { ...query, video: 0 } });
  const ben = await join(stage, parley, 'ben', { query: { ...query, video: 0 } });
  await until('ben knows anna', 20, async () => (await ben.page.evaluate(() => parley.room.participants.length)) === 1);
  const names = [await share(anna, { kind: 'text', audio: true }), await share(anna, { kind: 'motion', audio: false })];
  assert.notEqual(names[0], names[1]);
  await until('ben gets both, one with its sound', 40, async () => {
    const seen = await sharesSeen(ben);
    const pictures = seen.filter(({ source, frames }) => source === 'screen' && frames > 5);
    // In Firefox nobody has clicked, so the tone of this test is silent.
    const sounds = seen.filter(({ source, packets, name }) => source === 'screenAudio' && packets > 20 && name === names[0]);
    return { done: pictures.length === 2 && sounds.length === 1, seen };
  });
  await until('the text is there in all its pixels', 60, async () => {
    const seen = await sharesSeen(ben);
    return { done: seen.some(({ name, width }) => name === names[0] && width === 1280), seen };
  });
  const asked = await anna.page.evaluate(async () => ({
    hints: window.desks.map(({ track }) => track.contentHint),
    rates: window.desks.map(({ video }) => video.frameRate.ideal),
    parameters: probe.connections.flatMap((connection) => connection.getSenders())
      .filter(({ track }) => window.desks.some((desk) => desk.track === track))
      .map((sender) => sender.getParameters())
      .filter(({ encodings }) => encodings.length > 0)
      .map(({ degradationPreference, encodings }) => `${degradationPreference} ${encodings[0].maxFramerate}`),
  }));
  stage.say(JSON.stringify(asked));
  assert.deepEqual(asked.hints, ['text', 'motion']);
  assert.deepEqual(asked.rates, [15, 30]);
  if (browser === 'chromium') assert.deepEqual([...new Set(asked.parameters)].sort(), ['maintain-framerate 30', 'maintain-resolution 15']);

  // The browser's own bar: the track ends without anybody having stopped it.
  await anna.page.evaluate(() => {
    window.desks[0].track.stop();
    window.desks[0].track.dispatchEvent(new Event('ended'));
  });
  await until('the first share is gone with its sound, the second goes on', 20, async () => {
    const seen = await sharesSeen(ben);
    return { done: seen.length === 1 && seen[0].name === names[1], seen };
  });
  const before = (await sharesSeen(ben))[0].frames;
  await until('the second goes on', 20, async () => (await sharesSeen(ben))[0]?.frames > before + 5);
  await anna.page.evaluate(() => parley.room.localParticipant.stopScreen());
  await until('nothing is shared', 20, async () => (await sharesSeen(ben)).length === 0);
};

/** A name is the page's own choice. */
const sharesOfOneName = async (stage) => {
  const parley = await startParley(stage, { workers: 1 });
  const anna = await join(stage, parley, 'anna', { prepare: (page) => page.evaluateOnNewDocument(desk), query: { video: 0 } });
  const ben = await join(stage, parley, 'ben', { query: { video: 0 } });
  await until('ben knows anna', 20, async () => (await ben.page.evaluate(() => parley.room.participants.length)) === 1);
  const shareNamed = (audio) => anna.page.evaluate(async (audio) => {
    const publication = await parley.room.localParticipant.shareScreen({ name: 'slides', audio });
    window.shares = [...(window.shares ?? []), publication];
    return publication.trackId;
  }, audio);
  const tracks = [await shareNamed(false), await shareNamed(true)];
  const shown = () => ben.page.evaluate(() => ({
    pictures: [...document.querySelectorAll('[data-testid="screen-tile"] video')].filter(({ videoWidth }) => videoWidth > 300).length,
    sounds: document.querySelectorAll('[data-testid="screen-tile"] audio').length,
    tracks: parley.room.participants[0].publications.filter(({ source }) => source === 'screen').map(({ trackId }) => trackId),
  }));
  await until('ben sees both, and hears the one that has a sound', 40, async () => {
    const now = await shown();
    return { done: now.pictures === 2 && now.sounds === 1, now };
  });
  await anna.page.evaluate(() => parley.room.localParticipant.stopScreen(window.shares[0]));
  await until('the second is left, with its sound', 20, async () => {
    const now = await shown();
    return { done: now.pictures === 1 && now.sounds === 1 && now.tracks.join() === tracks[1], now };
  });
  await anna.page.evaluate(() => parley.room.localParticipant.stopScreen(window.shares[1]));
  await until('nothing is left', 20, async () => (await shown()).tracks.length === 0);
};

export const tests = {
  'two screens of one person in Chromium, one with sound, end one by one': manyShares('chromium', {}),
  'two screens of one person in Firefox, one with sound, end one by one': manyShares('firefox', {}),
  'the same directly from browser to browser': manyShares('chromium', { direct: 1 }),
  'two screens of one name are two, and end one by one': sharesOfOneName,
};
