// What breaks behind the people's backs: a worker dies, the WebSocket is lost. Nobody touches the page.

import assert from 'node:assert/strict';
import { startParley } from '../harness/parley.mjs';
import { cuttableProxy } from '../harness/paths.mjs';
import { allSeeAndHearEachOther, join } from '../harness/person.mjs';
import { pause, until } from '../harness/wait.mjs';

export const seconds = 120;

const watch = (people) => Promise.all(people.map((person) => person.page.evaluate(() => reader.watchFlows())));

/** Every flow of every page: who sees it, whose it is, how long it has stood still, when it was interrupted. */
async function flowsOf(people) {
  const all = [];
  for (const person of people) {
    const flows = await person.page.evaluate(() => reader.flows());
    for (const [flow, state] of Object.entries(flows)) all.push({ name: `${flow} at ${person.identity}`, ...state });
  }
  return all;
}

export const tests = {
  'a worker is killed in the middle of a call: all are back within five seconds, without a click': async (stage) => {
    const parley = await startParley(stage, { workers: 2 });
    const anna = await join(stage, parley, 'anna');
    const ben = await join(stage, parley, 'ben');
    const dora = await join(stage, parley, 'dora', { browser: 'firefox' });
    const everybody = [anna, ben, dora];
    await allSeeAndHearEachOther(everybody);
    await watch(everybody);

    const [path] = await anna.page.evaluate(() => probe.paths());
    const victim = parley.workerAt(Number(path.remote.split(':').at(-1)));
    assert.ok(victim, `a worker has the port of ${path.remote}`);
    const killed = Date.now();
    process.kill(victim, 'SIGKILL');

    const flows = await until('every picture and every sound goes on again', 30, async () => {
      const flows = await flowsOf(everybody);
      const waiting = flows.filter((flow) => flow.still > 1000 || !flow.interruptions.some(({ to }) => to > killed));
      return { done: waiting.length === 0 && flows.length === 12, waiting, flows };
    });
    for (const { name, interruptions } of flows.flows) {
      const after = interruptions.map(({ from, to }) => `${from - killed} to ${to - killed}`).join(', ');
      stage.say(`${name}: stood still from ${after} ms after the kill`);
    }
    for (const { name, interruptions } of flows.flows) {
      const after = Math.max(...interruptions.map(({ to }) => to)) - killed;
      assert.ok(after <= 5000, `${name} was back for good only after ${after} ms`);
    }
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
    await watch(everybody);
    const before = (await anna.people()).ben.participant;

    proxy.cut();
    for (const person of everybody) assert.ok((await person.moment('connectionIs', 'reconnecting')).at, 'the page says that it reconnects');
    await pause(5000);
    proxy.mend();
    for (const person of everybody) assert.ok((await person.moment('connectionIs', 'connected')).at, 'the page is connected again');

    for (const { name, still, interruptions } of await flowsOf(everybody)) {
      assert.ok(still < 1000 && interruptions.length === 0, `${name} was interrupted: ${JSON.stringify({ still, interruptions })}`);
    }
    assert.equal((await anna.people()).ben.participant, before, 'ben is the same participant as before');
    await allSeeAndHearEachOther(everybody);
    // The session works: what is said now arrives.
    await anna.press('mic-button');
    assert.ok((await ben.moment('mutedShown', 'anna')).at);
  },
};
