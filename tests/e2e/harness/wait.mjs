// Waiting, always with a bound: a test never sleeps for a guessed time, it polls for what it waits for.

import { setTimeout as pause } from 'node:timers/promises';

export { pause };

/**
 * The limits of this folder are for a quiet machine of two cores. A busy one gets this many times as long: how fast Parley is
 * gets measured in the pages, and is not judged by how long a test waits.
 */
export const patience = 3;

/** The result of `promise`, or an error that names `what` after so many seconds. */
export async function withLimit(seconds, what, promise) {
  const timer = new AbortController();
  const late = pause(seconds * 1000, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`${what} took longer than ${seconds} s`);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    timer.abort();
    late.catch(() => {});
  }
}

/**
 * Calls `look` until it returns something true, and returns that. A failing test says what it last saw: `look` may return
 * `{ done: false, ... }` for "not yet", with whatever helps to understand.
 */
export async function until(what, seconds, look) {
  const end = Date.now() + seconds * patience * 1000;
  let last;
  while (Date.now() < end) {
    try {
      last = await withLimit(Math.max(1, (end - Date.now()) / 1000), what, look());
    } catch (error) {
      last = error;
    }
    const isPlain = last === null || typeof last !== 'object';
    if (last && !(last instanceof Error) && (isPlain || last.done !== false)) return last;
    await pause(100);
  }
  const seen = last instanceof Error ? last.message : JSON.stringify(last);
  throw new Error(`not within ${seconds * patience} s: ${what}; last seen: ${seen}`);
}
