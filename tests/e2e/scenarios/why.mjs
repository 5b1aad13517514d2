// Why a picture looks as it does: in the page, and on the command line.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { executable, startParley } from '../harness/parley.mjs';
import { allSeeAndHearEachOther, join, room } from '../harness/person.mjs';
import { until } from '../harness/wait.mjs';

const run = promisify(execFile);

/** What the open panel says: its sentence, and its figures by label. */
const panelOf = (person) => person.page.evaluate(() => {
  const panel = document.querySelector('[data-testid="why"]');
  if (panel.hidden) return null;
  const texts = (selector) => [...panel.querySelectorAll(selector)].map((element) => element.textContent);
  const [labels, values] = [texts('dt'), texts('dd')];
  return { sentence: texts('[data-testid="why-sentence"]')[0], facts: Object.fromEntries(labels.map((label, index) => [label, values[index]])) };
});

/** `parley why` for somebody in the room, as an operator asks. */
const why = async (parley, participant, ...flags) =>
  (await run(executable('parley'), ['why', '--state', parley.state, '--url', parley.origin, '--room', room, '--participant', participant, ...flags])).stdout;

export const tests = {
  'a click on a tile tells what its picture is and why; so does parley why': async (stage) => {
    const parley = await startParley(stage, { workers: 1 });
    const anna = await join(stage, parley, 'anna', { query: { resolution: 360, simulcast: 1 } });
    const ben = await join(stage, parley, 'ben');
    await allSeeAndHearEachOther([anna, ben]);

    await ben.page.evaluate(() => document.querySelector('[data-identity="anna"]').click());
    const panel = await until('the panel has the figures of what ben gets', 20, async () => {
      const shown = await panelOf(ben);
      return { done: /^\d+ × \d+ · \d+ fps · \d+ kbit\/s$/.test(shown?.facts.Received ?? '') && Boolean(shown.facts.Wanted), ...shown };
    });
    stage.say(`the page: ${panel.sentence} ${JSON.stringify(panel.facts)}`);
    assert.match(panel.sentence, /\.$/);

    await ben.page.keyboard.press('Escape');
    assert.equal(await panelOf(ben), null);
    await ben.page.keyboard.press('i');
    assert.ok(await panelOf(ben));

    // A layer that has just been chosen has no rate yet.
    let table = '';
    const camera = /^anna +camera +\d+ x \d+, layer \d\.\d\.\d, \d+ kbit\/s/m;
    await until('parley why knows what the picture costs', 10, async () => camera.test((table = await why(parley, 'ben'))));
    stage.say(`parley why:\n${table.trimEnd()}`);
    assert.match(table, /^ben .*in room tea/m);
    assert.match(table, /^anna +microphone +\S/m);
    const report = JSON.parse(await why(parley, 'ben', '--json'));
    assert.equal(report.subscriptions.length, 2);
    await assert.rejects(why(parley, 'nobody'), /There is no such participant in the room/);
  },

  'a picture that its viewer is too far away for is paused, and its tile says why': async (stage) => {
    const parley = await startParley(stage, { workers: 1 });
    const anna = await join(stage, parley, 'anna');
    const ben = await join(stage, parley, 'ben');
    await allSeeAndHearEachOther([anna, ben]);
    // What the server would say if ben's connection carried too little: said in the page, because this link carries everything.
    await ben.page.evaluate(() => {
      const publication = parley.room.participants[0].publication('camera');
      publication.becomePaused({ reason: 'bandwidth', message: 'Too little.' });
    });
    assert.ok((await ben.moment('says', 'Paused. Your connection carries')).at, 'the tile says so');
    await ben.page.evaluate(() => parley.room.participants[0].publication('camera').becomePaused(undefined));
    await until('the tile is as before', 10, () => ben.page.evaluate(() => !document.body.innerText.includes('Paused.')));
  },
};
