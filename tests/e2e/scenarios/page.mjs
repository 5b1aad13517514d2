// A walk through the page, as people use it: at a desk and on a phone, light and dark, in English and Korean, in Chromium and
// Firefox. Its pictures stay in tests/e2e/output/page-*, to be looked at.

import assert from 'node:assert/strict';
import { axeFindsNothing } from '../harness/axe.mjs';
import { startParley } from '../harness/parley.mjs';
import { installReader } from '../harness/reader.mjs';
import { acceptApiKey } from '../harness/token.mjs';
import { admin, allSee, calm, click, desk, element, phone, photographer, press, seated, shown, sit, text, write, writeAndClose } from '../harness/walk.mjs';
import { until } from '../harness/wait.mjs';

export const seconds = 240;

/** The page before the call, of somebody who has only the printed invitation. */
async function entrance(stage, parley, name, { scheme = 'dark', language = 'en', size = desk, browser = 'chromium' } = {}) {
  const link = /http:\/\/127\.0\.0\.1:8080\S*#invite=\S+/.exec(parley.program.printed())[0];
  const page = await stage.page(browser, name);
  await page.evaluateOnNewDocument(installReader);
  await page.setViewport(size);
  if (browser === 'chromium') await seated('anna', scheme)(page);
  await page.goto(link.replace('/#', `/?lang=${language}#`), { waitUntil: 'load' });
  await until('the camera is shown', 20, () => page.evaluate(() => document.querySelector('.preview-picture video')?.videoWidth > 0));
  return page;
}

export const tests = {
  'before the call: light and dark, at a desk and on a phone, in both languages': async (stage) => {
    const parley = await startParley(stage, { workers: 1 });
    const shoot = photographer(stage);
    for (const [scheme, language, size] of [['dark', 'en', desk], ['light', 'ko', desk], ['dark', 'ko', phone], ['light', 'en', phone]]) {
      const page = await entrance(stage, parley, `${scheme}-${language}-${size.width}`, { scheme, language, size });
      await calm(page);
      await shoot(page, `prejoin-${scheme}-${language}-${size.width}`);
      await axeFindsNothing(page, `prejoin, ${scheme}, ${language}, ${size.width}`);
      assert.equal(await page.evaluate(() => document.documentElement.lang), language);
      await page.close();
    }
  },

  'a call at a desk: views, pins, hands, reactions, chat, people, statistics, keys': async (stage) => {
    const parley = await startParley(stage, { workers: 1, args: acceptApiKey });
    const shoot = photographer(stage);
    const anna = await sit(stage, parley, 'anna', { token: admin('anna') });
    await calm(anna.page);
    await shoot(anna.page, 'alone');
    await writeAndClose(anna.page, 'Good morning!');
    const ben = await sit(stage, parley, 'ben', { scheme: 'light' });
    const carla = await sit(stage, parley, 'carla');
    await allSee([anna, ben, carla]);

    // Whoever comes late reads what was written before.
    await press(ben.page, 'c');
    await until('ben reads what anna wrote', 10, async () => (await text(ben.page, element('chat-messages'))).includes('Good morning!'));
    await write(ben.page, 'Morning, Anna. Shall we look at the plan?');
    await write(ben.page, '좋은 아침입니다 👋');
    await until('anna is told', 10, async () => (await text(anna.page, '.toasts')).includes('Shall we look'));
    await calm(ben.page);
    await shoot(ben.page, 'chat-light');
    await axeFindsNothing(ben.page, 'the chat, light');
    await press(ben.page, 'Escape');
    await shown(ben.page, '.drawer', false);

    await press(carla.page, 'h');
    await shown(anna.page, '[data-identity="carla"] .hand-icon');
    await press(carla.page, 'e');
    await shown(carla.page, '.menu.row');
    await shoot(carla.page, 'reactions-menu');
    await axeFindsNothing(carla.page, 'the menu of reactions');
    await press(carla.page, 'ArrowRight');
    await press(carla.page, 'Enter');
    await shown(anna.page, '[data-identity="carla"] .reaction');
    await shoot(anna.page, 'hand-and-reaction');

    await press(anna.page, 'g');
    await calm(anna.page);
    await shoot(anna.page, 'speaker-view');
    await press(anna.page, 'g');
    await anna.page.evaluate(() => document.querySelector('[data-identity="ben"] [data-testid="pin-button"]').click());
    await until('ben is large', 10, () => anna.page.evaluate(() => document.querySelector('[data-identity="ben"]').clientWidth > 700));
    await calm(anna.page);
    await shoot(anna.page, 'pinned');
    await anna.page.evaluate(() => document.querySelector('[data-identity="ben"] [data-testid="pin-button"]').click());

    await press(anna.page, 'p');
    await calm(anna.page);
    await shoot(anna.page, 'people');
    await axeFindsNothing(anna.page, 'the people');
    await press(anna.page, 't');
    await until('the plots have lines', 20, () => anna.page.evaluate(() => document.querySelector('.plot-line').getAttribute('d').split('L').length > 6));
    await shoot(anna.page, 'statistics');
    await axeFindsNothing(anna.page, 'the statistics');
    await press(anna.page, 'Escape');
    await press(anna.page, '?');
    await shown(anna.page, 'dialog[open]');
    await calm(anna.page);
    await shoot(anna.page, 'shortcuts');
    await axeFindsNothing(anna.page, 'the shortcuts');
    await press(anna.page, 'Escape');
    await click(anna.page, 'more-button');
    await shown(anna.page, element('settings-button'));
    await calm(anna.page);
    await shoot(anna.page, 'more-menu');
    await axeFindsNothing(anna.page, 'the menu of everything else');
    await click(anna.page, 'settings-button');
    await shown(anna.page, element('settings'));
    await calm(anna.page);
    await shoot(anna.page, 'settings');
    await axeFindsNothing(anna.page, 'the settings');

    await anna.page.keyboard.press('Escape');
    await anna.page.click(element('more-button'));
    await anna.page.click(element('floating-item'));
    await until('a picture floats over all windows', 15, () => anna.page.evaluate(() => document.pictureInPictureElement?.videoWidth > 0));
    await anna.page.evaluate(() => document.exitPictureInPicture());
    await click(anna.page, 'more-button');
    await click(anna.page, 'settings-button');

    // Another language, and light: the call goes on.
    await anna.page.select(`dialog ${element('theme-select')}`, 'light');
    await anna.page.select(`dialog ${element('language-select')}`, 'ko');
    await allSee([anna, ben, carla]);
    await press(anna.page, 'p');
    await calm(anna.page);
    await shoot(anna.page, 'people-light-korean');
    await axeFindsNothing(anna.page, 'the people, light, Korean');
  },

  'the same on a phone': async (stage) => {
    const parley = await startParley(stage, { workers: 1, args: acceptApiKey });
    const shoot = photographer(stage);
    const anna = await sit(stage, parley, 'anna', { ...phone, token: admin('anna') });
    const ben = await sit(stage, parley, 'ben');
    await allSee([anna, ben]);
    await calm(anna.page);
    await shoot(anna.page, 'two');
    const carla = await sit(stage, parley, 'carla', { ...phone, scheme: 'light', query: { lang: 'ko' } });
    const dora = await sit(stage, parley, 'dora');
    await allSee([anna, ben, carla, dora]);
    for (const person of [anna, carla]) {
      assert.ok(await person.page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), 'nothing is wider than the phone');
    }
    await calm(anna.page);
    await shoot(anna.page, 'four');
    await axeFindsNothing(anna.page, 'a call on a phone');
    await press(anna.page, 'g');
    await calm(anna.page);
    await shoot(anna.page, 'speaker-view');
    await calm(carla.page);
    await shoot(carla.page, 'four-light-korean');
    await click(carla.page, 'more-button');
    await shown(carla.page, element('settings-button'));
    await calm(carla.page);
    await shoot(carla.page, 'menu-light-korean');
    await press(carla.page, 'Escape');
    await writeAndClose(ben.page, 'Can everybody see the plan?');
    await click(carla.page, 'chat-button');
    await shown(carla.page, element('chat-input'));
    await write(carla.page, '네, 잘 보입니다.');
    await calm(carla.page);
    await shoot(carla.page, 'chat-light-korean');
    await axeFindsNothing(carla.page, 'the chat on a phone, light, Korean');
    await click(anna.page, 'people-button');
    await calm(anna.page);
    await shoot(anna.page, 'people');
    await anna.page.evaluate(() => document.querySelector('.drawer header button').click());
    await anna.page.evaluate(() => document.querySelector('[data-identity="ben"]').click());
    await until('the figures are there', 15, async () => (await text(anna.page, element('why-facts'))).includes('Received'));
    await shoot(anna.page, 'why');
    await axeFindsNothing(anna.page, 'why, on a phone');
  },

  'the main parts in Firefox': async (stage) => {
    const parley = await startParley(stage, { workers: 1, args: acceptApiKey });
    const shoot = photographer(stage);
    const anna = await sit(stage, parley, 'anna', { token: admin('anna') });
    const ben = await sit(stage, parley, 'ben', { browser: 'firefox', prepare: undefined });
    await allSee([anna, ben]);
    await calm(ben.page);
    await shoot(ben.page, 'call');
    await writeAndClose(ben.page, 'Hello from Firefox');
    await until('anna is told', 20, async () => (await text(anna.page, '.toasts')).includes('Hello from Firefox'));
    await press(ben.page, 'h');
    await shown(anna.page, '[data-identity="ben"] .hand-icon');
    await press(ben.page, 'e');
    await shown(ben.page, '.menu.row');
    await press(ben.page, 'Enter');
    await shown(anna.page, '[data-identity="ben"] .reaction');
    await press(ben.page, 'p');
    await calm(ben.page);
    await shoot(ben.page, 'people');
    await axeFindsNothing(ben.page, 'the people, in Firefox');
    await press(ben.page, 't');
    await until('the plots have lines', 30, () => ben.page.evaluate(() => document.querySelector('.plot-line').getAttribute('d').split('L').length > 4));
    await shoot(ben.page, 'statistics');
    await press(ben.page, '?');
    await shown(ben.page, 'dialog[open]');
    await shoot(ben.page, 'shortcuts');
    await press(ben.page, 'Escape');
    await press(ben.page, 'm');
    assert.ok((await anna.moment('mutedShown', 'ben')).at, 'ben is muted by a key');
  },

  'a shared screen is large, and more of them share the place': async (stage) => {
    const parley = await startParley(stage, { workers: 1, args: acceptApiKey });
    const shoot = photographer(stage);
    const [anna, ben, carla] = [await sit(stage, parley, 'anna', { token: admin('anna') }), await sit(stage, parley, 'ben'), await sit(stage, parley, 'carla', phone)];
    await allSee([anna, ben, carla]);
    await click(ben.page, 'screen-button');
    await shown(ben.page, element('share-text'));
    await calm(ben.page);
    await shoot(ben.page, 'choice');
    await axeFindsNothing(ben.page, 'the choice of what is shared');
    await click(ben.page, 'share-text');
    const pictureOf = (page) => page.evaluate(() => [...document.querySelectorAll('[data-testid="screen-tile"] video')].filter(({ videoWidth }) => videoWidth > 300).length);
    await until('anna sees the screen', 30, async () => (await pictureOf(anna.page)) === 1);
    const share = (page) => page.evaluate(() => {
      const [screen, stage] = ['[data-testid="screen-tile"]', '.stage'].map((selector) => document.querySelector(selector));
      return (screen.offsetWidth * screen.offsetHeight) / (stage.clientWidth * stage.clientHeight);
    });
    assert.ok((await share(anna.page)) > 0.6, 'it has most of the stage');
    await calm(anna.page);
    await shoot(anna.page, 'one-screen');
    await calm(carla.page);
    await shoot(carla.page, 'one-screen-on-a-phone');
    await axeFindsNothing(anna.page, 'a shared screen');
    await click(anna.page, 'screen-button');
    await shown(anna.page, element('share-motion'));
    await click(anna.page, 'share-motion');
    await until('ben sees both', 30, async () => (await pictureOf(ben.page)) === 2);
    await calm(ben.page);
    await shoot(ben.page, 'two-screens');
    await click(ben.page, 'screen-button');
    await until('one screen is left', 20, async () => (await pictureOf(anna.page)) === 1);
  },
};
