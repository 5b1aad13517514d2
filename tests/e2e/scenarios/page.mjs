// A walk through the page, as people use it: at a desk and on a phone, light and dark, in English and Korean. Its pictures stay in
// tests/e2e/output/page-*, to be looked at.

import assert from 'node:assert/strict';
import { axeFindsNothing } from '../harness/axe.mjs';
import { executable, startParley } from '../harness/parley.mjs';
import { join, room } from '../harness/person.mjs';
import { Program } from '../harness/program.mjs';
import { installReader } from '../harness/reader.mjs';
import { people as cast, sitDown } from '../harness/sitter.mjs';
import { acceptApiKey, apiKey, signToken } from '../harness/token.mjs';
import { until } from '../harness/wait.mjs';

export const seconds = 240;

const desk = { width: 1280, height: 800 };
const phone = { width: 390, height: 844 };

/** Somebody drawn, not the browser's test pattern; light or dark. */
const seated = (name, scheme = 'dark') => async (page) => {
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
  await page.evaluateOnNewDocument(sitDown, cast.find((one) => one.name.toLowerCase() === name) ?? cast[0]);
};

const admin = (identity) => signToken(room, identity, { name: identity[0].toUpperCase() + identity.slice(1), video: { roomJoin: true, room, roomAdmin: true } });
const guest = (identity) => signToken(room, identity, { name: identity[0].toUpperCase() + identity.slice(1) });

/** Joins as somebody drawn. */
function sit(stage, parley, identity, options = {}) {
  const { scheme, token = guest(identity), ...rest } = options;
  return join(stage, parley, identity, { ...desk, token, prepare: seated(identity, scheme), ...rest, query: { resolution: 360, ...rest.query } });
}

/** Numbers the pictures of one test. */
function photographer(stage) {
  let count = 0;
  return async (page, name) => {
    count += 1;
    await page.screenshot({ path: stage.file(`${String(count).padStart(2, '0')}-${name}.png`) });
  };
}

const element = (testId) => `[data-testid="${testId}"]`;
const click = (page, testId) => page.evaluate((selector) => document.querySelector(selector).click(), element(testId));
const shown = (page, selector, wanted = true) =>
  until(`${selector} is ${wanted ? 'shown' : 'gone'}`, 15, () =>
    page.evaluate((selector, wanted) => [...document.querySelectorAll(selector)].some((one) => one.checkVisibility()) === wanted, selector, wanted));
const text = (page, selector) => page.evaluate((selector) => document.querySelector(selector)?.textContent ?? '', selector);
const press = (page, key) => page.keyboard.press(key);
/** What was announced has gone, and moving tiles have arrived. */
const calm = (page) =>
  until('nothing moves', 30, () =>
    page.evaluate(() => !document.querySelector('.toast:not(.hidden-text)') && document.getAnimations().every(({ effect }) => effect.getTiming().iterations === Infinity)));

/** Each sees pictures of all the others, from now on. (Those who are drawn say nothing.) */
const allSee = (people) =>
  Promise.all(people.map(async (person) => {
    const before = await person.people();
    return until(`${person.identity} sees the others`, 40, async () => {
      const now = await person.people();
      const missing = people.filter((other) => other !== person && !(now[other.identity]?.frames > (before[other.identity]?.frames ?? 0) + 5));
      return { done: missing.length === 0, missing: missing.map(({ identity }) => identity) };
    });
  }));

async function write(page, words) {
  await page.type(element('chat-input'), words);
  await press(page, 'Enter');
}

/** Opens the chat, writes, and closes it again. */
async function writeAndClose(page, words) {
  await press(page, 'c');
  await shown(page, element('chat-input'));
  await write(page, words);
  await until('it is written', 10, async () => (await text(page, element('chat-messages'))).includes(words));
  await press(page, 'Escape');
}

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

    // Another language, and light: the call goes on.
    await anna.page.select(`dialog ${element('theme-select')}`, 'light');
    await anna.page.select(`dialog ${element('language-select')}`, 'ko');
    await allSee([anna, ben, carla]);
    await press(anna.page, 'p');
    await calm(anna.page);
    await shoot(anna.page, 'people-light-korean');
    await axeFindsNothing(anna.page, 'the people, light, Korean');
  },
};
