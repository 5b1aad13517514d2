// What can go otherwise than planned on the way in: a torn link, another language, a refusal, a lobby, nothing but a keyboard.

import assert from 'node:assert/strict';
import { startParley } from '../harness/parley.mjs';
import { click, element, press, shown, text } from '../harness/walk.mjs';
import { until } from '../harness/wait.mjs';

const linkOf = (parley) => /http:\/\/127\.0\.0\.1:8080\S*#invite=\S+/.exec(parley.program.printed())[0];

async function open(stage, name, link, launch) {
  const page = await stage.page('chromium', name, launch);
  await page.goto(link, { waitUntil: 'load' });
  return page;
}

/** Types a name and goes in, without the mouse. */
async function enter(stage, parley, name, { room = 'tea', launch, ready } = {}) {
  const page = await open(stage, name, `${linkOf(parley)}&room=${room}`, launch);
  await ready?.(page);
  await page.type(element('name-input'), name);
  await press(page, 'Enter');
  return page;
}

const stateIs = (page, state) => page.waitForSelector(`body[data-connection="${state}"]`);
const noticeIs = (page, code) => page.waitForSelector(`[data-testid="notice"][data-code="${code}"]`);
const focused = (page) => page.evaluate(() => document.activeElement.dataset.testid ?? document.activeElement.tagName);
const pressed = (page, button) => page.$eval(element(button), (one) => one.getAttribute('aria-pressed') === 'true');
const cameraShown = (page) => until('the camera is shown', 20, () => pressed(page, 'camera-button'));
const settings = (page, changes) => page.evaluate((changes) => parley.room.setSettings(changes), changes);
const leaveAndReturn = async (page) => {
  await click(page, 'leave-button');
  await shown(page, element('left-screen'));
  await click(page, 'rejoin-button');
};

export const tests = {
  'a link that was cut off is called damaged, or no invitation; nobody goes in without the key that it had': async (stage) => {
    const parley = await startParley(stage, { workers: 1 });
    const empty = await open(stage, 'empty', `${parley.origin}/#token=`);
    await shown(empty, element('invite-input'));
    const page = await open(stage, 'anna', `${linkOf(parley)}&room=tea&key=`);
    await page.type(element('name-input'), 'Anna');
    await press(page, 'Enter');
    await noticeIs(page, 'token_malformed');
  },

  'another language leaves everything that was typed as it was': async (stage) => {
    const parley = await startParley(stage, { workers: 1 });
    const page = await open(stage, 'anna', linkOf(parley));
    await page.type(element('name-input'), 'Anna');
    await page.type(element('room-input'), 'kitchen');
    await click(page, 'encrypt-switch');
    await page.select(element('language-select'), 'ko');
    await until('it is Korean', 10, async () => (await text(page, element('join-button'))) === '참여하기');
    const typed = await page.$$eval('form input', (inputs) =>
      inputs.map(({ type, value, checked }) => (type === 'checkbox' ? checked : value)));
    assert.deepEqual(typed, ['Anna', 'kitchen', true]);
  },

  'a name that the server would not take is too long before it is sent, in letters of any size': async (stage) => {
    const parley = await startParley(stage, { workers: 1 });
    const page = await enter(stage, parley, '가'.repeat(43));
    assert.match(await text(page, '.field .missing'), /too long/);
    await press(page, 'Backspace');
    await press(page, 'Enter');
    await stateIs(page, 'connected');
  },

  'the focus stays where it was while a device opens, after a refusal, and after the lobby': async (stage) => {
    const parley = await startParley(stage, { workers: 1 });
    const anna = await enter(stage, parley, 'Anna', { ready: cameraShown });
    await stateIs(anna, 'connected');
    await settings(anna, { locked: true });
    const ben = await open(stage, 'ben', `${linkOf(parley)}&room=tea`);
    await cameraShown(ben);
    await ben.focus(element('camera-button'));
    for (const wanted of [false, true]) {
      await press(ben, 'Enter');
      await until('it is turned', 10, async () => (await pressed(ben, 'camera-button')) === wanted);
      assert.equal(await focused(ben), 'camera-button');
    }
    await ben.type(element('name-input'), 'Ben');
    await ben.focus(element('join-button'));
    await press(ben, 'Enter');
    await noticeIs(ben, 'room_locked');
    assert.equal(await focused(ben), 'join-button');
    await settings(anna, { locked: false, lobby: true });
    await press(ben, 'Enter');
    await stateIs(ben, 'waiting');
    const disabled = await ben.$eval(element('language-select'), (list) => list.disabled);
    assert.equal(disabled, true, 'nothing is drawn anew on the way in');
    await press(ben, 'Enter');
    await stateIs(ben, 'disconnected');
    assert.equal(await focused(ben), 'join-button');
  },

  'what a refused device says is said once, and can be tried again with the keyboard': async (stage) => {
    const parley = await startParley(stage, { workers: 1 });
    const page = await open(stage, 'anna', linkOf(parley), { permission: 'deny' });
    await until('both are refused', 15, async () => (await text(page, element('notice'))).includes('and the microphone'));
    await page.evaluate(() => {
      window.changes = 0;
      const observer = new MutationObserver((records) => (window.changes += records.length));
      observer.observe(document.querySelector('.notices'), { childList: true });
    });
    await page.type(element('name-input'), 'Anna');
    await page.focus('.notice button');
    await press(page, 'Enter');
    await until('both have been tried', 10, async () => (await page.$('.round[aria-disabled="true"]')) === null);
    assert.equal(await page.evaluate(() => window.changes), 0);
    assert.equal(await page.evaluate(() => document.activeElement.closest('.notice') !== null), true);
  },

  'who returns and is turned away, or waits, sees whether their camera is on, and comes in like that': async (stage) => {
    const parley = await startParley(stage, { workers: 1 });
    const anna = await enter(stage, parley, 'Anna', { ready: cameraShown });
    const ben = await enter(stage, parley, 'Ben', { ready: cameraShown });
    await Promise.all([stateIs(anna, 'connected'), stateIs(ben, 'connected')]);
    await settings(anna, { locked: true });
    await leaveAndReturn(ben);
    await noticeIs(ben, 'room_locked');
    await cameraShown(ben);
    await click(ben, 'camera-button');
    await settings(anna, { locked: false, lobby: true });
    await click(ben, 'join-button');
    await stateIs(ben, 'waiting');
    await until('anna is told', 10, () => anna.evaluate(() => parley.room.lobby.length === 1));
    await anna.evaluate(() => parley.room.admit(parley.room.lobby[0]));
    await stateIs(ben, 'connected');
    await until('ben can be heard', 15, () => ben.evaluate(() => parley.room.localParticipant.microphoneEnabled));
    assert.equal(await ben.evaluate(() => parley.room.localParticipant.cameraEnabled), false, 'what was turned off stays off');
    await click(ben, 'camera-button');
    await until('ben can be seen', 15, () => ben.evaluate(() => parley.room.localParticipant.cameraEnabled));
    await leaveAndReturn(ben);
    await stateIs(ben, 'waiting');
    await cameraShown(ben);
  },

  'another link that is opened in the lobby leads elsewhere': async (stage) => {
    const parley = await startParley(stage, { workers: 1 });
    const anna = await enter(stage, parley, 'Anna', { ready: cameraShown });
    await stateIs(anna, 'connected');
    await settings(anna, { lobby: true });
    const ben = await enter(stage, parley, 'Ben', { ready: cameraShown });
    await stateIs(ben, 'waiting');
    await ben.evaluate((hash) => (location.hash = hash), `${new URL(linkOf(parley)).hash}&room=kitchen`);
    await stateIs(ben, 'idle');
    await until('ben waits no longer', 10, () => anna.evaluate(() => parley.room.lobby.length === 0));
    await click(ben, 'join-button');
    await stateIs(ben, 'connected');
    assert.equal(await ben.evaluate(() => parley.room.name), 'kitchen');
  },
};
