// What breaks behind the people's backs: a worker dies, the WebSocket is lost. Nobody touches the page.

import assert from 'node:assert/strict';
import { flowsSeenBy, nothingStoodStill, watchFlows } from '../harness/flows.mjs';
import { startParley } from '../harness/parley.mjs';
import { cuttableProxy } from '../harness/paths.mjs';
import { allSeeAndHearEachOther, join } from '../harness/person.mjs';
import { pause, until } from '../harness/wait.mjs';

export const seconds = 120;

export const tests = {
  'a worker is killed in the middle of a call: all are back within five seconds, without a click': async (stage) => {
    const parley = await startParley(stage, { workers: 2 });
    const anna = await join(stage, parley, 'anna');
    const ben = await join(stage, parley, 'ben');
    const dora = await join(stage, parley, 'dora', { browser: 'firefox' });
    const everybody = [anna, ben, dora];
    await allSeeAndHearEachOther(everybody);
    await watchFlows(everybody);
    const before = await until('all flows are watched', 10, async () => {
      const { flows } = await flowsSeenBy(everybody);
      return flows.length === 12 && new Map(flows.map(({ name, receiver }) => [name, receiver]));
    });

    const [path] = await anna.page.evaluate(() => probe.paths());
    const victim = parley.workerAt(Number(path.remote.split(':').at(-1)));
    assert.ok(victim, `a worker has the port of ${path.remote}`);
    await watchFlows(everybody);
    const killed = Date.now();
    process.kill(victim, 'SIGKILL');

    const { flows, stall } = await until('every picture and every sound goes on, over new connections', 40, async () => {
      const { flows, stall } = await flowsSeenBy(everybody);
      const waiting = flows.filter(({ name, receiver, steps }) => receiver === before.get(name) || steps < 5);
      return { done: waiting.length === 0 && flows.length === 12, waiting, flows, stall };
    });
    const back = flows.map(({ name, since }) => ({ name, after: since - killed })).sort((left, right) => left.after - right.after);
    const { name, after } = back.at(-1);
    stage.say(`back after ${back.map(({ after }) => after).join(', ')} ms, the last: ${name}; longest stall of a page: ${stall} ms`);
    assert.ok(after <= 5000 + stall, `${name} was back only after ${after} ms`);
    await until('a new worker has taken the place of the killed one', 10, async () => parley.workers().length === 2 && !parley.workers().includes(victim));
    await allSeeAndHearEachOther(everybody);
  },

  'the WebSocket is lost for five seconds: no picture and no sound is interrupted, and the session goes on': async (stage) => {
    const parley = await startParley(stage, { workers: 1 });
    const proxy = await cuttableProxy(stage, 8080);
    const anna = await join(stage, parley, 'anna', { origin: proxy.origin });
    const ben = await join(stage, parley, 'ben', { origin: proxy.origin });
    const everybody = [anna, ben];
    await allSeeAndHearEachOther(everybody);
    await watchFlows(everybody);
    const before = (await anna.people()).ben.participant;

    proxy.cut();
    for (const person of everybody) assert.ok((await person.moment('connectionIs', 'reconnecting')).at, 'the page says that it reconnects');
    await pause(5000);
    proxy.mend();
    for (const person of everybody) assert.ok((await person.moment('connectionIs', 'connected')).at, 'the page is connected again');

    await nothingStoodStill(stage, everybody, 1000);
    assert.equal((await anna.people()).ben.participant, before, 'ben is the same participant as before');
    await allSeeAndHearEachOther(everybody);
    // The session works: what is said now arrives.
    await anna.press('mic-button');
    assert.ok((await ben.moment('mutedShown', 'anna')).at);
  },
};
