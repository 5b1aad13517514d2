// What the walks through the page have in common: people who look like people, how they press and read, and pictures of it all.

import { join, room } from './person.mjs';
import { people as cast, sitDown } from './sitter.mjs';
import { signToken } from './token.mjs';
import { until } from './wait.mjs';

export const desk = { width: 1280, height: 800 };
export const phone = { width: 390, height: 844 };

/** Somebody drawn, not the browser's test pattern; light or dark. */
export const seated = (name, scheme = 'dark') => async (page) => {
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
  await page.evaluateOnNewDocument(sitDown, cast.find((one) => one.name.toLowerCase() === name) ?? cast[0]);
};

export const admin = (identity) => signToken(room, identity, { name: identity[0].toUpperCase() + identity.slice(1), video: { roomJoin: true, room, roomAdmin: true } });
export const guest = (identity) => signToken(room, identity, { name: identity[0].toUpperCase() + identity.slice(1) });

/** Joins as somebody drawn. */
export function sit(stage, parley, identity, options = {}) {
  const { scheme, token = guest(identity), ...rest } = options;
  return join(stage, parley, identity, { ...desk, token, prepare: seated(identity, scheme), ...rest, query: { resolution: 360, ...rest.query } });
}

/** Numbers the pictures of one test. */
export function photographer(stage) {
  let count = 0;
  return async (page, name) => {
    count += 1;
    await page.screenshot({ path: stage.file(`${String(count).padStart(2, '0')}-${name}.png`) });
  };
}

export const element = (testId) => `[data-testid="${testId}"]`;
export const click = (page, testId) => page.evaluate((selector) => document.querySelector(selector).click(), element(testId));
export const shown = (page, selector, wanted = true) =>
  until(`${selector} is ${wanted ? 'shown' : 'gone'}`, 15, () =>
    page.evaluate((selector, wanted) => [...document.querySelectorAll(selector)].some((one) => one.checkVisibility()) === wanted, selector, wanted));
export const text = (page, selector) => page.evaluate((selector) => document.querySelector(selector)?.textContent ?? '', selector);
export const press = (page, key) => page.keyboard.press(key);
/** What was announced has gone, and moving tiles have arrived. */
export const calm = (page) =>
  until('nothing moves', 30, () =>
    page.evaluate(() => !document.querySelector('.toast:not(.hidden-text)') && document.getAnimations().every(({ effect }) => effect.getTiming().iterations === Infinity)));

/** Each sees pictures of all the others, from now on. (Those who are drawn say nothing.) */
export const allSee = (people) =>
  Promise.all(people.map(async (person) => {
    const before = await person.people();
    return until(`${person.identity} sees the others`, 40, async () => {
      const now = await person.people();
      const missing = people.filter((other) => other !== person && !(now[other.identity]?.frames > (before[other.identity]?.frames ?? 0) + 5));
      return { done: missing.length === 0, missing: missing.map(({ identity }) => identity) };
    });
  }));

export async function write(page, words) {
  await page.type(element('chat-input'), words);
  await press(page, 'Enter');
}

/** Opens the chat, writes, and closes it again. */
export async function writeAndClose(page, words) {
  await press(page, 'c');
  await shown(page, element('chat-input'));
  await write(page, words);
  await until('it is written', 10, async () => (await text(page, element('chat-messages'))).includes(words));
  await press(page, 'Escape');
}
