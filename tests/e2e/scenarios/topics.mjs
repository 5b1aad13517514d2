// A reliable and a lossy topic among four pages, one of which is behind a slow line. It loses the oldest messages of the lossy
// topic, and leaves the reliable one and is told so; for the others nothing changes.

import assert from 'node:assert/strict';
import { address, mediaPort, startParley } from '../harness/parley.mjs';
import { lossyLink } from '../harness/paths.mjs';
import { join } from '../harness/person.mjs';
import { pause, until } from '../harness/wait.mjs';

export const seconds = 120;

const link = { address: '10.77.0.2', port: 41000 };

/** In the page behind the line: it knows the server by the line's address alone. */
function goThroughTheLine(server, line) {
  const real = RTCPeerConnection.prototype.setRemoteDescription;
  RTCPeerConnection.prototype.setRemoteDescription = function (description) {
    const sdp = description.sdp?.replaceAll(`${server.address} ${server.port} `, `${line.address} ${line.port} `);
    return real.call(this, { type: description.type, sdp });
  };
}

/** In each page: notes what comes, and how old it is. All pages have one clock. */
function listen() {
  window.heard = [];
  window.left = [];
  parley.room.on('data', ({ topic, payload, reliable }) => {
    window.heard.push({ topic, reliable, number: payload.number, at: Date.now(), age: Date.now() - payload.sent });
  });
  parley.room.on('topicLeft', (topic) => window.left.push(topic));
}

/** In one page: positions that may be lost, 20 each second, and a chat full of pictures, 300 kB each second. */
function talk() {
  const say = (topic, interval, size, reliable) => {
    let number = 0;
    const filling = 'x'.repeat(size);
    return setInterval(() => {
      parley.room.send(topic, { number: number++, sent: Date.now(), filling }, { reliable }).catch(() => undefined);
    }, interval);
  };
  window.talking = [say('place', 50, 300, false), say('chat', 66, 20_000, true)];
}

const quantile = (ages, share) => ages.toSorted((one, other) => one - other)[Math.floor(share * (ages.length - 1))];

/** Of what these pages have heard since `begin`, by topic. */
async function agesSince(people, begin) {
  const heard = (await Promise.all(people.map(({ page }) => page.evaluate(() => window.heard)))).flat();
  const of = (topic) => heard.filter((one) => one.topic === topic && one.at >= begin).map(({ age }) => age);
  return { place: of('place'), chat: of('chat') };
}

const describe = (ages) =>
  Object.entries(ages)
    .map(([topic, list]) => `${topic} ${list.length} messages, p50 ${quantile(list, 0.5)}, p95 ${quantile(list, 0.95)}, longest ${Math.max(...list)} ms`)
    .join('; ');

export const tests = {
  'a slow reader of a lossy and a reliable topic changes nothing for the others, leaves the reliable one, and comes back': async (stage) => {
    const line = await lossyLink(stage, `${link.address}:${link.port}`, `${address}:${mediaPort}`, { seed: 3 });
    const parley = await startParley(stage, { workers: 1, transport: 'udp' });
    const query = { video: 0, audio: 0 };
    const anna = await join(stage, parley, 'anna', { query });
    const ben = await join(stage, parley, 'ben', { query });
    const cleo = await join(stage, parley, 'cleo', { query });
    const dora = await join(stage, parley, 'dora', {
      query,
      prepare: (page) => page.evaluateOnNewDocument(goThroughTheLine, { address, port: mediaPort }, link),
    });
    const everybody = [anna, ben, cleo, dora];
    await until('all four are there', 30, async () => {
      const counts = await Promise.all(everybody.map(({ page }) => page.evaluate(() => [...(window.parley?.room?.participants ?? [])].length)));
      return { done: counts.every((count) => count >= 3), counts };
    });
    for (const { page } of everybody) await page.evaluate(listen);
    await anna.page.evaluate(talk);
    await until('everybody hears both topics', 30, async () => {
      const counts = await Promise.all([ben, cleo, dora].map(({ page }) =>
        page.evaluate(() => ['place', 'chat'].map((topic) => window.heard.filter((one) => one.topic === topic).length))));
      return { done: counts.flat().every((count) => count >= 20), counts };
    });

    const begin = Date.now();
    await pause(6000);
    const before = await agesSince([ben, cleo], begin);
    const slowFrom = line.change({ 'down-rate': '0.1M', queue: 20_000 });
    await until('dora leaves the chat, and is told', 30, async () => {
      const left = await dora.page.evaluate(() => window.left);
      return { done: left.includes('chat'), left };
    });
    await pause(3000);
    const during = await agesSince([ben, cleo], slowFrom);
    stage.say(`with four fast readers: ${describe(before)}`);
    stage.say(`with one behind 0.1 Mbit/s: ${describe(during)}`);
    for (const topic of ['place', 'chat'])
      assert.ok(quantile(during[topic], 0.95) <= quantile(before[topic], 0.95) + 50, `the others' ${topic} is as prompt as before`);

    const slow = await dora.page.evaluate((from) => window.heard.filter((one) => one.at >= from && one.topic === 'place').length, slowFrom);
    stage.say(`dora left the chat; of ${during.place.length / 2} positions she got ${slow}`);
    line.change({ 'down-rate': '100M' });
    const mended = Date.now();
    await dora.page.evaluate(() => parley.room.rejoin('chat'));
    await until('dora hears the chat again', 20, async () => {
      const { chat, left } = await dora.page.evaluate(
        (from) => ({ chat: window.heard.filter((one) => one.at >= from && one.topic === 'chat').length, left: window.left }), mended);
      return { done: chat >= 20, chat, left };
    });
    const chats = await ben.page.evaluate(() => window.heard.filter((one) => one.topic === 'chat').map(({ number }) => number));
    assert.ok(chats.every((number, index) => number === chats[0] + index), 'the others got every message of the chat, once and in order');
    const metrics = await parley.metrics('parley_');
    const data = Object.entries(metrics).filter(([name, value]) => name.includes('data_') && value > 0);
    stage.say(`server: ${data.map(([name, value]) => `${name} ${value}`).join(', ')}`);
  },
};
