// Somebody in a call: a browser page with Parley's own page in it, and what they see and hear there.

import assert from 'node:assert/strict';
import { installReader } from './reader.mjs';
import { patience, until } from './wait.mjs';

export const room = 'tea';

/**
 * Opens the page's invitation for `identity`; they join by themselves, and everything goes over the server unless `query` has
 * `direct: 1`. `launch` asks for a browser of its own, `query` is the
 * page's, `prepare` may change the empty page before.
 */
export async function join(stage, parley, identity, options = {}) {
  const { browser = 'chromium', launch = {}, query = {}, origin, token, width, height, prepare } = options;
  const page = await stage.page(browser, identity, launch);
  await page.evaluateOnNewDocument(installReader);
  if (width) await page.setViewport({ width, height });
  if (prepare) await prepare(page);
  const person = new Person(identity, page);
  const address = parley.pageFor(token ?? (await parley.token(room, identity)), { name: identity, autojoin: 1, resolution: 180, direct: 0, ...query }, origin);
  await open(page, address);
  return person;
}

/** Once more when the browser gave up because it had just noticed the network that the test has made for it. */
async function open(page, address) {
  const load = () => page.goto(address, { waitUntil: 'load' });
  await load().catch((error) => {
    if (!error.message.includes('ERR_NETWORK_CHANGED')) throw error;
    return load();
  });
}

export class Person {
  constructor(identity, page) {
    this.identity = identity;
    this.page = page;
  }

  /** What the page shows of each other person, by identity. */
  people() {
    return this.page.evaluate(() => reader.people());
  }

  /** Presses a button of the page and returns when, by the clock that all pages share. */
  press(button) {
    return this.page.evaluate((button) => reader.press(button), button);
  }

  /** When the page's condition called `name` first holds; see reader.mjs for the conditions. */
  moment(name, argument, seconds = 20) {
    return this.page.evaluate((name, argument, seconds) => reader.moment(name, argument, seconds), name, argument, seconds * patience);
  }

  /** Waits until each of `others` is seen moving and heard, from now on. */
  async seesAndHears(others, seconds = 40) {
    const before = await this.people().catch(() => ({}));
    return until(`${this.identity} sees and hears ${names(others)}`, seconds, async () => {
      const now = await this.people();
      const missing = others.map((other) => other.identity).filter((identity) => !isMoving(before[identity], now[identity]));
      return { done: missing.length === 0, missing, now };
    });
  }
}

const names = (people) => people.map((person) => person.identity).join(', ');

/** Ten new pictures are a second of the fake camera: a single key frame is not enough. */
const newPictures = 10;

function isMoving(before, now) {
  if (!now) return false;
  // A new receiver (they came back) counts from zero again.
  const restarted = !before || now.frames < before.frames || now.energy < before.energy;
  const { frames, energy } = restarted ? { frames: 0, energy: 0 } : before;
  return now.frames >= frames + newPictures && now.energy > energy && now.width > 0;
}

/** Everybody in `people` sees and hears all the others, from now on. */
export async function allSeeAndHearEachOther(people, seconds) {
  await Promise.all(people.map((person) => person.seesAndHears(people.filter((other) => other !== person), seconds)));
}

/**
 * Does `act` and measures how long until each observer's page shows it. The limit is the issue's; what is added is the longest
 * time for which the observing page itself stood still meanwhile, because a machine that builds something beside the tests
 * is not Parley's delay.
 */
export async function othersNotice(stage, what, limit, observers, [condition, argument], act) {
  const watching = observers.map((observer) => observer.moment(condition, argument));
  const begun = await act();
  const moments = await Promise.all(watching);
  const delays = moments.map(({ at, stall }, index) => {
    assert.ok(at, `${observers[index].identity} never noticed: ${what}`);
    return { identity: observers[index].identity, delay: at - begun, stall };
  });
  stage.say(`${what}: seen after ${delays.map(({ delay, stall }) => `${delay}${stall > 100 ? ` (stalled ${stall})` : ''}`).join(', ')} ms`);
  for (const { identity, delay, stall } of delays) {
    assert.ok(delay <= limit * 1000 + stall, `${identity} noticed only after ${delay} ms: ${what}`);
  }
}
