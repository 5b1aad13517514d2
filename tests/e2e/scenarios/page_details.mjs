// What only shows when something is unusual: a very narrow phone, two people of one name, a link without its key, no mouse.

import assert from 'node:assert/strict';
import { startParley } from '../harness/parley.mjs';
import { acceptApiKey, signToken } from '../harness/token.mjs';
import { join, room } from '../harness/person.mjs';
import { click, element, press, shown, text, write, writeAndClose } from '../harness/walk.mjs';
import { until } from '../harness/wait.mjs';

const named = (identity, name) => ({ token: signToken(room, identity, { name }) });
const focused = (page) => page.evaluate(() => document.activeElement.dataset.testid ?? document.activeElement.tagName);
const isOpen = (page, selector) => page.$eval(selector, (one) => one.matches('[open], aside:not([hidden])'));
const opened = (page, selector, wanted) =>
  until(`${selector} is ${wanted ? 'open' : 'closed'}`, 10, async () => (await isOpen(page, selector)) === wanted);

const boxes = (page, ...selectors) =>
  page.evaluate((all) => all.map((one) => document.querySelector(one).getBoundingClientRect().toJSON()), selectors);
/** What is painted in the middle of it is part of it. Toasts let clicks through: that is asked without. */
const isOnTop = (page, selector) => page.$eval(selector, (one) => {
  one.style.pointerEvents = 'auto';
  const { left, top, width, height } = one.getBoundingClientRect();
  return one.contains(document.elementFromPoint(left + width / 2, top + height / 2));
});

export const tests = {
  'on the narrowest phones every button of the dock is on the screen': async (stage) => {
    const parley = await startParley(stage, { workers: 1, args: acceptApiKey });
    const { page } = await join(stage, parley, 'anna', { ...named('anna', 'Anna'), width: 360, height: 740 });
    await shown(page, element('leave-button'));
    for (const width of [320, 360, 390, 639]) {
      await page.setViewport({ width, height: 740 });
      const buttons = await page.$$eval('.dock .round', (all) =>
        all.map((one) => one.getBoundingClientRect().toJSON()).filter((box) => box.width > 0));
      assert.equal(buttons.length, 7);
      for (const { left, right, width: wide, height } of buttons) {
        assert.ok(left >= 0 && right <= width, `${left} to ${right} of ${width}`);
        assert.ok(wide >= 32 && height >= 32, `${wide} × ${height} is too small for a finger`);
      }
      const [card, name] = await boxes(page, '.alone', '.nameplate');
      assert.ok(card.bottom <= name.top, `who is alone reads their name: the card ends at ${card.bottom}, the name begins at ${name.top}`);
    }
  },

  'on a phone that is held sideways the buttons of the preview do not lie on the face': async (stage) => {
    const parley = await startParley(stage, { workers: 1, args: acceptApiKey });
    const query = { autojoin: 0, video: 0, audio: 0 };
    const { page } = await join(stage, parley, 'anna', { ...named('anna', 'Anna'), width: 740, height: 360, query });
    await shown(page, '.preview-picture .avatar');
    const [face, button] = await boxes(page, '.preview-picture .avatar', '.preview-bar .round');
    assert.ok(face.bottom <= button.top, `the face ends at ${face.bottom}, the buttons begin at ${button.top}`);
  },

  'what could not be sent is said over the chat of a phone': async (stage) => {
    const parley = await startParley(stage, { workers: 1, args: acceptApiKey });
    const { page } = await join(stage, parley, 'anna', { ...named('anna', 'Anna'), width: 360, height: 740 });
    await shown(page, element('chat-button'));
    await click(page, 'chat-button');
    await shown(page, element('chat-input'));
    await parley.kill();
    await until('the server is missed', 20, () => page.evaluate(() => document.body.dataset.connection === 'reconnecting'));
    assert.ok(await isOnTop(page, element('banner')), 'that the server is missed is said over the chat, too');
    await write(page, 'Hello?');
    await until('it is said on top of everything', 10, async () =>
      (await text(page, '.toast.warn')).includes('was not sent') && isOnTop(page, '.toast.warn'));
  },

  'two people of one name are told apart in the chat': async (stage) => {
    const parley = await startParley(stage, { workers: 1, args: acceptApiKey });
    const [anna, other, ben] = [
      await join(stage, parley, 'anna', named('anna', 'Anna')),
      await join(stage, parley, 'anna-2', named('anna-2', 'Anna')),
      await join(stage, parley, 'ben', named('ben', 'Ben')),
    ];
    for (const person of [anna, other, ben]) await shown(person.page, element('chat-button'));
    await writeAndClose(anna.page, 'This is the first.');
    await writeAndClose(anna.page, 'And once more.');
    await writeAndClose(other.page, 'This is another one.');
    await until('ben has it all', 10, async () => (await text(ben.page, element('chat-messages'))).includes('another one'));
    const heads = await ben.page.$$eval('.entry', (entries) =>
      entries.map((entry) => entry.querySelector('strong')?.textContent ?? ''));
    assert.deepEqual(heads, ['Anna', '', 'Anna']);
  },

  'whoever has no key is told so, and neither sees nor hears noise': async (stage) => {
    const parley = await startParley(stage, { workers: 1 });
    const link = /http:\/\/127\.0\.0\.1:8080\S*#invite=\S+/.exec(parley.program.printed())[0];
    const enter = async (name, hash) => {
      const page = await stage.page('chromium', name);
      await page.goto(`${link.replace('/#', '/?resolution=180#')}&room=tea${hash}`, { waitUntil: 'load' });
      await page.type(element('name-input'), name);
      await page.waitForSelector(`${element('camera-button')}[aria-pressed="true"]`);
      await click(page, 'join-button');
      await shown(page, element('leave-button'));
      return page;
    };
    const anna = await enter('Anna', '&key=secret');
    const ben = await enter('Ben', '');
    const trouble = (page, name) =>
      page.$$eval('.tile', (tiles, name) =>
        tiles.find((tile) => tile.textContent.includes(name))?.querySelector('.trouble').textContent ?? '', name);
    await until('anna is told', 20, async () => /^Not encrypted/.test(await trouble(anna, 'Ben')));
    assert.match(await trouble(ben, 'Anna'), /Open the complete link, with its key/);
    const carried = await ben.evaluate(() =>
      parley.room.participants[0].publications.map(({ attachedElements }) => attachedElements.length));
    assert.deepEqual(carried, [0, 0]);
    await ben.click('.tile[data-identity^="anna"]');
    await until('the panel says the same first', 20, async () =>
      /Open the complete link, with its key/.test(await ben.$eval(element('why-sentence'), ({ textContent }) => textContent)));
  },

  'whoever holds the key to talk and goes to another window is not heard any longer': async (stage) => {
    const parley = await startParley(stage, { workers: 1, args: acceptApiKey });
    const { page } = await join(stage, parley, 'anna', { ...named('anna', 'Anna'), query: { audio: 0 } });
    await shown(page, element('chat-button'));
    const microphone = () => page.evaluate(() => parley.room.localParticipant.microphoneEnabled);
    const heard = (wanted) =>
      until(`the microphone is ${wanted ? 'on' : 'off'}`, 10, async () => (await microphone()) === wanted);
    await page.keyboard.down(' ');
    await heard(true);
    await page.evaluate(() => window.dispatchEvent(new Event('blur')));
    await heard(false);
    await page.keyboard.up(' ');
  },

  'a panel and a dialog give the focus back to where somebody came from': async (stage) => {
    const parley = await startParley(stage, { workers: 1, args: acceptApiKey });
    const { page } = await join(stage, parley, 'anna', named('anna', 'Anna'));
    await shown(page, element('chat-button'));
    await page.keyboard.press('Tab');
    await page.focus(element('chat-button'));
    await press(page, 'Enter');
    await until('the chat has the focus', 10, async () => (await focused(page)) === 'chat-input');
    await press(page, 'Escape');
    await opened(page, '.drawer', false);
    assert.equal(await focused(page), 'chat-button');
    await page.focus(element('more-button'));
    await press(page, 'Enter');
    await shown(page, element('settings-button'));
    await page.focus(element('settings-button'));
    await press(page, 'Enter');
    await opened(page, element('settings'), true);
    await press(page, 'Escape');
    await opened(page, element('settings'), false);
    assert.equal(await focused(page), 'more-button');
    await page.focus(element('why-button'));
    await press(page, 'Enter');
    await until('the explanation has the focus', 10, async () => (await focused(page)) === 'why');
    await press(page, 'Escape');
    assert.equal(await focused(page), 'why-button');
  },

  'a long name stays on the card that explains its picture, and no label runs into its figure': async (stage) => {
    const parley = await startParley(stage, { workers: 1, args: acceptApiKey });
    const { page } = await join(stage, parley, 'anna', named('anna', 'Anna'));
    await join(stage, parley, 'ben', named('ben', 'Benjamin the Builder of rather many and very long bridges'));
    await shown(page, '.tile[data-identity="ben"]');
    await page.click('.tile[data-identity="ben"]');
    await shown(page, element('why'));
    const [card, close] = await boxes(page, element('why'), `${element('why')} header button`);
    assert.ok(close.right <= card.right, `the way out ends at ${close.right}, the card at ${card.right}`);
    await press(page, 'Escape');
    await press(page, 't');
    await until('the connection is told', 30, () => page.evaluate(() =>
      [...document.querySelectorAll('.streams dt')].some(({ textContent }) => textContent === 'Connection')));
    const wide = await page.$$eval('.streams dt', (all) =>
      all.filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth).map(({ textContent }) => textContent));
    assert.deepEqual(wide, []);
  },

  'what is told of the chat in passing goes when the chat is opened': async (stage) => {
    const parley = await startParley(stage, { workers: 1, args: acceptApiKey });
    const { page } = await join(stage, parley, 'anna', named('anna', 'Anna'));
    const ben = await join(stage, parley, 'ben', named('ben', 'Ben'));
    await shown(page, '.tile[data-identity="ben"]');
    await ben.page.evaluate(() => parley.room.sendChat('Hello'));
    await shown(page, '.toast.asks');
    await press(page, 'c');
    assert.equal(await page.$('.toast.asks'), null);
  },

  'a badge of which a phone shows no more than the icon is called what it means': async (stage) => {
    const parley = await startParley(stage, { workers: 1, args: acceptApiKey });
    const token = `${named('anna', 'Anna').token}&key=secret`;
    const { page } = await join(stage, parley, 'anna', { token, width: 390, height: 844 });
    await shown(page, element('encrypted-chip'));
    assert.notEqual(await page.$('aria/End-to-end encrypted'), null);
  },

  'the key after a menu was closed is heard, though the menu has had the focus': async (stage) => {
    const parley = await startParley(stage, { workers: 1, args: acceptApiKey });
    const { page } = await join(stage, parley, 'anna', named('anna', 'Anna'));
    await shown(page, element('chat-button'));
    await press(page, 'e');
    await until('the menu has the focus', 10, () => page.evaluate(() => document.activeElement.closest('[role=menu]') !== null));
    const swallowed = await page.evaluate(() => {
      const item = document.activeElement;
      item.closest('[role=menu]').hidePopover();
      return !item.dispatchEvent(new KeyboardEvent('keydown', { key: 'c', bubbles: true, cancelable: true }));
    });
    assert.ok(swallowed, 'the page has taken the key');
    await opened(page, '.drawer', true);
  },
};
