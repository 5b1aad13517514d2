// A full room: 49 tiles on a page, the others on the next, and whoever speaks or shows up keeps their place.

import assert from 'node:assert/strict';
import { axeFindsNothing } from '../harness/axe.mjs';
import { startParley } from '../harness/parley.mjs';
import { room } from '../harness/person.mjs';
import { silentPeople } from '../harness/silent_people.mjs';
import { acceptApiKey } from '../harness/token.mjs';
import { admin, allSee, calm, click, element, phone, photographer, press, shown, sit, text } from '../harness/walk.mjs';
import { until } from '../harness/wait.mjs';

export const seconds = 240;

const visibleTiles = (page) => page.evaluate(() => [...document.querySelectorAll('[data-testid="tile"]')].filter((tile) => tile.checkVisibility()).map(({ dataset }) => dataset.identity));

export const tests = {
  '49 tiles on a page and the rest on the next, at a desk and on a phone': async (stage) => {
    const parley = await startParley(stage, { workers: 1, args: acceptApiKey });
    const shoot = photographer(stage);
    const anna = await sit(stage, parley, 'anna', { token: admin('anna') });
    const ben = await sit(stage, parley, 'ben');
    await allSee([anna, ben]);
    const guests = await silentPeople(stage, parley, room, 53);
    await until('all are counted', 30, async () => (await text(anna.page, element('people-count'))) === '55');
    const first = await until('a page is full', 20, async () => {
      const tiles = await visibleTiles(anna.page);
      return tiles.length === 49 && tiles;
    });
    assert.ok(first.includes('anna') && first.includes('ben'), 'we ourselves are on the first page');
    const overlap = await anna.page.evaluate(() => {
      const boxes = [...document.querySelectorAll('[data-testid="tile"]')].filter((tile) => tile.checkVisibility()).map((tile) => tile.style.transform);
      return boxes.length - new Set(boxes).size;
    });
    assert.equal(overlap, 0, 'each tile has a place of its own');
    guests[0].say({ type: 'update', id: 2, attributes: { hand: String(Date.now()) } });
    await shown(anna.page, '[data-identity="guest-1"] .hand-icon');
    await calm(anna.page);
    await shoot(anna.page, 'first-page');
    await axeFindsNothing(anna.page, '49 tiles');

    await click(anna.page, 'next-page');
    const second = await until('the others are shown', 10, async () => {
      const tiles = await visibleTiles(anna.page);
      return tiles.length === 6 && tiles;
    });
    assert.deepEqual(first.filter((identity) => second.includes(identity)), []);
    await calm(anna.page);
    await shoot(anna.page, 'second-page');
    await until('who is on another page is not sent', 20, async () => {
      const { quality, paused } = await anna.page.evaluate(() => {
        const { quality, paused } = parley.room.participants.find(({ identity }) => identity === 'ben').publication('camera');
        return { quality, paused };
      });
      return { done: paused?.reason === 'viewport' || quality?.current.paused === true, quality, paused };
    });
    await press(anna.page, 'ArrowLeft');
    await until('the first page is back', 10, async () => (await visibleTiles(anna.page)).length === 49);

    await anna.page.evaluate(() => document.querySelector('[data-identity="ben"] [data-testid="pin-button"]').click());
    await calm(anna.page);
    await shoot(anna.page, 'pinned-in-a-crowd');
    await press(anna.page, 'p');
    await calm(anna.page);
    await shoot(anna.page, 'people');
    await axeFindsNothing(anna.page, 'a long list of people');

    const carla = await sit(stage, parley, 'carla', { ...phone, scheme: 'light' });
    await until('a page is full on the phone', 20, async () => {
      const { length } = await visibleTiles(carla.page);
      return length >= 8 && length < 20;
    });
    await calm(carla.page);
    await shoot(carla.page, 'first-page-on-a-phone');
    await axeFindsNothing(carla.page, 'a crowd on a phone');
  },
};
