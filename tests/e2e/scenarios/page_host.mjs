// Whoever is the host: the first to come by an invitation. They lock the room, have a lobby, mute and remove people; and what
// everybody is told when the connection, a key or a file needs attention.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { axeFindsNothing } from '../harness/axe.mjs';
import { startParley } from '../harness/parley.mjs';
import { installReader } from '../harness/reader.mjs';
import { acceptApiKey } from '../harness/token.mjs';
import { admin, allSee, calm, click, desk, element, guest, phone, photographer, press, seated, shown, sit, text } from '../harness/walk.mjs';
import { until } from '../harness/wait.mjs';

export const seconds = 240;

/** Somebody who opens the printed link, in the room "tea", and presses Join. */
async function byLink(stage, parley, name, size = desk, encrypt = false) {
  const link = /http:\/\/127\.0\.0\.1:8080\S*#invite=\S+/.exec(parley.program.printed())[0];
  const page = await stage.page('chromium', name);
  await page.evaluateOnNewDocument(installReader);
  await page.setViewport(size);
  await seated(name)(page);
  await page.goto(`${link.replace('/#', '/?resolution=360#')}&room=tea`, { waitUntil: 'load' });
  await page.type(element('name-input'), name[0].toUpperCase() + name.slice(1));
  await page.waitForSelector(`${element('join-button')}:not([disabled])`);
  if (encrypt) await click(page, 'encrypt-switch');
  await click(page, 'join-button');
  return page;
}

const stateIs = (page, state) => until(`the page is ${state}`, 20, () => page.evaluate((state) => document.body.dataset.connection === state, state));
/** Opens the menu of somebody in the list of people and chooses. */
async function choose(page, name, item) {
  await page.evaluate((name) => [...document.querySelectorAll('.people li')].find((row) => row.textContent.includes(name)).querySelector('[data-testid="person-menu"]').click(), name);
  await shown(page, element(item));
  await click(page, item);
}

export const tests = {
  'the first is the host: the lobby, the lock, muting and removing': async (stage) => {
    const parley = await startParley(stage, { workers: 1 });
    const shoot = photographer(stage);
    const anna = await byLink(stage, parley, 'anna');
    await stateIs(anna, 'connected');
    await click(anna, 'invite-button');
    await until('the link is copied, or shown to be', 10, async () => /Invite link copied|#invite=\S+&room=tea/.test(await text(anna, '.toasts')));
    await press(anna, 'p');
    await shown(anna, element('administration'));
    await click(anna, 'lobby-switch');
    await until('the lobby is open', 10, () => anna.evaluate(() => parley.room.settings.lobby));
    await press(anna, 'Escape');

    const ben = await byLink(stage, parley, 'ben');
    // What is told in passing is gone after a while, so it is looked for at once.
    await until('anna is told', 10, async () => (await text(anna, '.toasts')).includes('Ben waits to be let in'));
    await shoot(anna, 'somebody-waits');
    await stateIs(ben, 'waiting');
    await shown(ben, element('waiting-card'));
    await calm(ben);
    await shoot(ben, 'waiting');
    await axeFindsNothing(ben, 'the lobby');
    const carla = await byLink(stage, parley, 'carla', phone);
    await stateIs(carla, 'waiting');
    await calm(carla);
    await shoot(carla, 'waiting-on-a-phone');
    await press(anna, 'p');
    await shown(anna, element('waiting'));
    await calm(anna);
    await shoot(anna, 'lobby');
    await axeFindsNothing(anna, 'those who wait');
    const answer = (name, which) => anna.evaluate((name, which) => [...document.querySelectorAll('[data-testid="waiting"]')].find((row) => row.textContent.includes(name)).querySelectorAll('button')[which].click(), name, which);
    await answer('Carla', 0);
    await until('carla is told', 10, async () => (await text(carla, element('notice'))).includes('not let in'));
    await shoot(carla, 'denied-on-a-phone');
    await answer('Ben', 1);
    await stateIs(ben, 'connected');

    await click(anna, 'locked-switch');
    await shown(ben, element('locked-chip'));
    await click(carla, 'join-button');
    await until('carla is told that it is locked', 10, async () => (await text(carla, element('notice'))).includes('locked'));
    await calm(anna);
    await shoot(anna, 'locked');

    await until('ben can be heard', 20, () => ben.evaluate(() => parley.room.localParticipant.microphoneEnabled));
    assert.equal(await ben.evaluate(() => parley.room.localParticipant.permissions.roomAdmin), false);
    await choose(anna, 'Ben', 'mute-person');
    await until('ben is muted, and told so', 10, async () => (await text(ben, '.toasts')).includes('has muted you') && (await ben.evaluate(() => !parley.room.localParticipant.microphoneEnabled)));
    await shoot(ben, 'muted-by-the-host');
    await choose(anna, 'Ben', 'remove-person');
    await shown(ben, element('left-screen'));
    await calm(ben);
    await shoot(ben, 'removed');
    await axeFindsNothing(ben, 'the end');
  },

  'a lost server is told for what it is, and the page comes back': async (stage) => {
    const parley = await startParley(stage, { workers: 1, args: acceptApiKey });
    const shoot = photographer(stage);
    const anna = await sit(stage, parley, 'anna', { token: admin('anna') });
    const ben = await sit(stage, parley, 'ben', phone);
    await allSee([anna, ben]);
    await parley.kill();
    await until('it is told', 20, async () => (await text(anna.page, element('banner'))).includes('Reconnecting'));
    await calm(anna.page);
    await shoot(anna.page, 'reconnecting');
    await calm(ben.page);
    await shoot(ben.page, 'reconnecting-on-a-phone');
    await axeFindsNothing(anna.page, 'a lost server');
    await parley.startAgain();
    await allSee([anna, ben]);
    await shown(anna.page, element('banner'), false);
  },

  'a call of two goes directly, and the page says so until a third comes': async (stage) => {
    const parley = await startParley(stage, { workers: 1, args: acceptApiKey });
    const shoot = photographer(stage);
    const direct = { query: { direct: 1 } };
    const anna = await sit(stage, parley, 'anna', { token: admin('anna'), ...direct });
    const ben = await sit(stage, parley, 'ben', { ...phone, ...direct });
    await allSee([anna, ben]);
    for (const { page } of [anna, ben]) await shown(page, element('direct-chip'));
    await press(anna.page, 't');
    await until('the statistics say so', 20, async () => (await text(anna.page, element('path'))).includes('directly'));
    await calm(anna.page);
    await shoot(anna.page, 'direct');
    await shoot(ben.page, 'direct-on-a-phone');
    await axeFindsNothing(anna.page, 'a direct call');
    const carla = await sit(stage, parley, 'carla', direct);
    await shown(anna.page, element('direct-chip'), false);
    await allSee([anna, ben, carla]);
    await until('the statistics say it', 20, async () => (await text(anna.page, element('path'))).includes('over the server'));
  },

  'whoever asks for encryption before the call gets a link with a key': async (stage) => {
    const parley = await startParley(stage, { workers: 1 });
    const page = await byLink(stage, parley, 'anna', desk, true);
    await stateIs(page, 'connected');
    await shown(page, element('encrypted-chip'));
    assert.match(await page.evaluate(() => location.hash), /[#&]key=[0-9a-f]{32}$/);
    await page.reload({ waitUntil: 'load' });
    await shown(page, '.encrypted-note');
  },

  'an encrypted call says so, and whoever has another key is told what to do': async (stage) => {
    const parley = await startParley(stage, { workers: 1, args: acceptApiKey });
    const shoot = photographer(stage);
    const keep = (identity, key) => sit(stage, parley, identity, { token: `${guest(identity)}&${new URLSearchParams({ key })}` });
    const [anna, ben] = [await keep('anna', 'apple tree'), await keep('ben', 'apple tree')];
    await allSee([anna, ben]);
    await shown(anna.page, element('encrypted-chip'));
    const carla = await keep('carla', 'pear tree');
    await until("carla's tile says why nothing is seen", 30, async () => (await text(anna.page, '[data-identity="carla"] .trouble')).includes('another key'));
    await calm(anna.page);
    await shoot(anna.page, 'encrypted');
    await axeFindsNothing(anna.page, 'an encrypted call');
    await calm(carla.page);
    await shoot(carla.page, 'another-key');
  },

  'a file is offered, accepted and arrives; another one is declined': async (stage) => {
    const parley = await startParley(stage, { workers: 1, args: acceptApiKey });
    const shoot = photographer(stage);
    const anna = await sit(stage, parley, 'anna', { token: admin('anna') });
    const ben = await sit(stage, parley, 'ben', { scheme: 'light' });
    await allSee([anna, ben]);
    // Without a save dialog, which nobody could answer here.
    for (const { page } of [anna, ben]) await page.evaluate(() => delete window.showSaveFilePicker);
    for (const [name, size] of [['spring plan.pdf', 1_500_000], ['bees.txt', 2_000]]) writeFileSync(stage.file(name), 'x'.repeat(size));
    await press(anna.page, 'c');
    const input = await anna.page.$(`.chat > ${element('file-input')}`);
    await input.uploadFile(stage.file('spring plan.pdf'), stage.file('bees.txt'));
    await until('ben is told', 20, async () => (await text(ben.page, '.toasts')).includes('Anna wants to send you a file'));
    await shoot(ben.page, 'told');
    await press(ben.page, 'c');
    await shown(ben.page, element('file-accept'));
    await calm(ben.page);
    await shoot(ben.page, 'offered');
    await axeFindsNothing(ben.page, 'an offered file');
    const on = (page, name, action) => page.evaluate((name, action) => document.querySelector(`[data-name="${name}"] [data-testid="${action}"]`).click(), name, action);
    await ben.page.evaluate(() => {
      window.saved = [];
      document.addEventListener('click', ({ target }) => target.download && window.saved.push(target.download), { capture: true });
    });
    await on(ben.page, 'spring plan.pdf', 'file-accept');
    await on(ben.page, 'bees.txt', 'file-decline');
    const stateOf = (page, name) => page.evaluate((name) => document.querySelector(`[data-name="${name}"]`).dataset.state, name);
    for (const { page } of [anna, ben]) {
      await until('the one is there', 60, async () => (await stateOf(page, 'spring plan.pdf')) === 'done');
      await until('the other is not', 20, async () => (await stateOf(page, 'bees.txt')) === 'declined');
    }
    await calm(anna.page);
    await shoot(anna.page, 'sent');
    await shoot(ben.page, 'received');
    await axeFindsNothing(anna.page, 'sent files');

    // Drawn anew in another language, the page does not save it once more.
    await ben.page.select(`dialog ${element('language-select')}`, 'ko');
    await press(ben.page, 'c');
    await shown(ben.page, element('file-save'));
    assert.deepEqual(await ben.page.evaluate(() => window.saved), ['spring plan.pdf']);
    const stray = await anna.page.evaluate(() => {
      const dropped = new DataTransfer();
      dropped.items.add(new File(['x'], 'stray.txt'));
      const event = new DragEvent('dragover', { dataTransfer: dropped, bubbles: true, cancelable: true });
      return document.querySelector('.stage').dispatchEvent(event);
    });
    assert.equal(stray, false, 'a file beside its goal does not take the place of the page');

    // To one of them only, dropped on their name; seen on its way, and cancelled by its receiver.
    await press(anna.page, 'Escape');
    await press(anna.page, 'p');
    await anna.page.evaluate(() => {
      const dropped = new DataTransfer();
      dropped.items.add(new File([new Uint8Array(60_000_000)], 'orchard.zip'));
      document.querySelector('[data-person="ben"]').dispatchEvent(new DragEvent('drop', { dataTransfer: dropped, bubbles: true, cancelable: true }));
    });
    await until('ben is asked', 20, async () => (await stateOf(ben.page, 'orchard.zip').catch(() => '')) === 'offered');
    await on(ben.page, 'orchard.zip', 'file-accept');
    await until('it is on its way', 30, () => ben.page.evaluate(() => document.querySelector('[data-name="orchard.zip"] progress').value > 0.05));
    await shoot(ben.page, 'on-its-way');
    await axeFindsNothing(ben.page, 'a file on its way');
    if ((await stateOf(ben.page, 'orchard.zip')) !== 'done') {
      await on(ben.page, 'orchard.zip', 'file-cancel');
      for (const { page } of [anna, ben]) await until('it is cancelled', 20, async () => (await stateOf(page, 'orchard.zip')) === 'cancelled');
    }
  },
};
