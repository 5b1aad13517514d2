// The package in somebody else's pages: the README's example as it stands there, and a call as an element.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { axeFindsNothing } from '../harness/axe.mjs';
import { buildPackage, makeReference, packageSite, readme } from '../harness/package_site.mjs';
import { startParley } from '../harness/parley.mjs';
import { room } from '../harness/person.mjs';
import { until } from '../harness/wait.mjs';

export const seconds = 180;

/** Pictures that move, in a page of whose making the test knows nothing. */
const moving = (page) => page.evaluate(async () => {
  const inside = [document, ...[...document.querySelectorAll('parley-room')].map(({ shadowRoot }) => shadowRoot)];
  const videos = inside.flatMap((root) => [...root.querySelectorAll('video')]);
  const frames = videos.map(() => 0);
  videos.forEach((video, index) => {
    const count = () => {
      frames[index] += 1;
      video.requestVideoFrameCallback(count);
    };
    video.requestVideoFrameCallback(count);
  });
  await new Promise((resolve) => setTimeout(resolve, 1000));
  // One may have been on its way.
  return frames.filter((count) => count > 1).length;
});

const showsMoving = (page, count) => until(`${count} pictures move`, 30, async () => {
  const seen = await moving(page);
  return { done: seen === count, seen };
});

const element = (attributes) => `<!doctype html><html lang="en"><title>A call</title>
  <style>
    body { height: 100vh; margin: 0; }
    parley-room { height: 100%; --parley-background: rgb(250, 240, 220); --parley-text: #222; --parley-tile: #ddd; }
    parley-room::part(name) { background: rgb(120, 0, 0); }
  </style>
  <script type="module">import "parley-client/element";</script>
  <parley-room ${attributes}><p slot="message">One moment, please.</p></parley-room></html>`;

export const tests = {
  'the reference is made from the comments in the code, and none of its links is broken': async (stage) => {
    await makeReference(stage.file('reference'));
    const classes = readdirSync(stage.file('reference/classes'));
    for (const name of ['Room', 'LocalParticipant', 'RemoteTrackPublication', 'FileTransfer', 'ParleyError']) {
      assert.ok(classes.some((file) => file.endsWith(`${name}.html`)), `${name} is in ${classes}`);
    }
  },

  'the example of the README is a call, in Chromium and in Firefox': async (stage) => {
    await buildPackage();
    const parley = await startParley(stage, { workers: 1 });
    const [, example] = /```html\n([^]*?)```/.exec(readme());
    assert.ok(example.trimEnd().split('\n').length <= 20);
    const site = await packageSite(stage, { '/': example });
    const open = async (browser, name) => {
      const page = await stage.page(browser, name);
      const hash = new URLSearchParams({ url: parley.origin, token: await parley.token(room, name, '--name', name) });
      await page.goto(`${site}/#${hash}`);
      return page;
    };
    const anna = await open('chromium', 'anna');
    await until('anna is in the room', 20, () => anna.evaluate(() => document.title === 'tea: 1 here'));
    const ben = await open('firefox', 'ben');
    for (const page of [anna, ben]) await showsMoving(page, 2);
    await anna.evaluate(() => document.querySelector('button').click());
    await showsMoving(ben, 1);
    await parley.kill();
    await parley.startAgain();
    await anna.evaluate(() => document.querySelector('button').click());
    for (const page of [anna, ben]) await showsMoving(page, 2);
  },

  'a call is an element: it joins with its token, shows everybody, can be styled, and leaves without it': async (stage) => {
    await buildPackage();
    const parley = await startParley(stage, { workers: 1 });
    const attributes = async (name) => `url="${parley.origin}" token="${await parley.token(room, name)}" name="${name}" camera microphone`;
    const site = await packageSite(stage, { '/anna': element(await attributes('anna')), '/ben': element(await attributes('ben')), '/empty': element('') });
    const open = async (browser, name) => {
      const page = await stage.page(browser, name);
      await page.evaluateOnNewDocument(() => {
        window.heard = [];
        for (const name of ['connected', 'disconnected', 'statechange', 'error', 'participantschange'])
          document.addEventListener(name, ({ type, detail }) => window.heard.push([type, detail?.code ?? String(detail)]), { capture: true });
      });
      await page.goto(`${site}/${name}`);
      return page;
    };
    const anna = await open('chromium', 'anna');
    const ben = await open('firefox', 'ben');
    for (const page of [anna, ben]) await showsMoving(page, 2);
    await anna.screenshot({ path: stage.file('element.png') });
    await axeFindsNothing(anna, 'the element');
    const styled = await anna.evaluate(() => {
      const call = document.querySelector('parley-room');
      const name = call.shadowRoot.querySelector('.name');
      return [getComputedStyle(call).backgroundColor, getComputedStyle(name).backgroundColor, call.room.state];
    });
    assert.deepEqual(styled, ['rgb(250, 240, 220)', 'rgb(120, 0, 0)', 'connected']);

    const press = (page, part) => page.evaluate((part) => document.querySelector('parley-room').shadowRoot.querySelector(`[part~="${part}"]`).click(), part);
    await press(ben, 'camera');
    await showsMoving(anna, 1);
    await ben.evaluate(() => document.querySelector('parley-room').removeAttribute('token'));
    await until('ben has left', 20, () => anna.evaluate(() => document.querySelector('parley-room').room.participants.length === 0));
    const heard = await ben.evaluate(() => window.heard.map(([type]) => type));
    for (const event of ['connected', 'participantschange', 'statechange', 'disconnected']) assert.ok(heard.includes(event), `${event} in ${heard}`);

    const wrong = await open('chromium', 'empty');
    assert.equal(await wrong.evaluate(() => document.querySelector('parley-room').room), undefined);
    await wrong.evaluate((url) => {
      const call = document.querySelector('parley-room');
      call.setAttribute('url', url);
      call.setAttribute('token', 'nonsense');
    }, parley.origin);
    await until('the element tells why', 20, () => wrong.evaluate(() => window.heard.some(([type, code]) => type === 'error' && code === 'token_malformed')));
  },
};
