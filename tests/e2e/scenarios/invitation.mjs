// The way in that the server prints when it starts: a link, a name, a room, a click.

import assert from 'node:assert/strict';
import { startParley } from '../harness/parley.mjs';
import { Person, allSeeAndHearEachOther } from '../harness/person.mjs';
import { installReader } from '../harness/reader.mjs';

/** Opens the invite link and does what the page asks for. */
async function followLink(stage, link, name, { browser, launch }) {
  const page = await stage.page(browser, name, launch);
  await page.evaluateOnNewDocument(installReader);
  await page.goto(link, { waitUntil: 'load' });
  for (const [field, text] of [['name', name], ['room', 'kitchen']]) {
    const input = await page.waitForSelector(`[data-testid="${field}-input"]`);
    await input.evaluate((element) => element.select());
    await input.type(text);
  }
  await (await page.waitForSelector('[data-testid="join-button"]:not([disabled])')).click();
  return new Person(name, page);
}

/** Two people follow the link, and know each other by the names they gave (the server makes their identities). */
async function meetByLink(stage, parley, link, launch) {
  const anna = await followLink(stage, link, 'Anna', { browser: 'chromium', launch });
  const ben = await followLink(stage, link, 'Ben', { browser: 'firefox', launch });
  for (const person of [anna, ben]) assert.ok((await person.moment('connectionIs', 'connected')).at);
  for (const [person, other] of [[anna, 'Ben'], [ben, 'Anna']]) assert.ok((await person.moment('says', other)).at);
  for (const person of [anna, ben]) {
    person.identity = await person.page.evaluate(() => parley.room.localParticipant.identity);
    assert.equal(await person.page.evaluate(() => parley.room.name), 'kitchen');
  }
  await allSeeAndHearEachOther([anna, ben]);
}

const printedLink = (parley, start) => new RegExp(`${start}\\S*#invite=\\S+`).exec(parley.program.printed())?.[0];

export const tests = {
  'two people follow the printed link, give a name and a room, and meet': async (stage) => {
    const parley = await startParley(stage, { workers: 1 });
    const link = printedLink(parley, 'http://127.0.0.1:8080');
    assert.ok(link, parley.program.printed());
    await meetByLink(stage, parley, link, {});
  },

  'who leaves the name or the room empty is told what to type there, until it is typed': async (stage) => {
    const parley = await startParley(stage, { workers: 1 });
    const page = await stage.page('chromium', 'Anna', {});
    await page.goto(printedLink(parley, 'http://127.0.0.1:8080'), { waitUntil: 'load' });
    const hint = () => page.$$eval('.field .missing', (hints) => hints.map((one) => one.textContent).join('|'));
    for (const [field, sentence] of [['name', /^Type a name, [^|]*$/], ['room', /^Type a room\. [^|]*$/]]) {
      const input = await page.waitForSelector(`[data-testid="${field}-input"]`);
      for (let i = 0; i < 2; ++i) {
        await input.press('Enter');
        assert.match(await hint(), sentence);
      }
      await input.type('A');
      assert.equal(await hint(), '');
    }
  },

  'the same over https, with the certificate that the server has made for itself': async (stage) => {
    const parley = await startParley(stage, { workers: 1, https: '10.77.0.1:8443' });
    const link = printedLink(parley, 'http').replace(/^https?:\/\/[^/]+/, 'https://10.77.0.1:8443');
    await meetByLink(stage, parley, link, { acceptInsecureCerts: true });
  },
};
