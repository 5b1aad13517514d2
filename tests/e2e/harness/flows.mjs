// Pictures and sounds over a stretch of time, as every page of a call sees them: who was interrupted, for how long, since when is
// it back. The pages do the watching (reader.mjs); here their notes are put together.

import assert from 'node:assert/strict';

/** Begins to watch in all pages. */
export async function watchFlows(people) {
  await Promise.all(people.map((person) => person.page.evaluate(() => reader.watchFlows())));
}

/** What was seen until now: every flow of every page, and the longest stall of any page. */
export async function flowsSeenBy(people) {
  const notes = await Promise.all(people.map((person) => person.page.evaluate(() => reader.flows())));
  const flows = notes.flatMap(({ flows }, index) =>
    Object.entries(flows).map(([name, flow]) => ({ name: `${name} at ${people[index].identity}`, ...flow })),
  );
  return { flows, stall: Math.max(...notes.map(({ stall }) => stall)) };
}

/**
 * No flow stood still for longer than so many milliseconds. What is added is the longest time for which a page itself got no
 * processor: while it lasts nothing is encoded, decoded or noted there.
 */
export async function nothingStoodStill(stage, people, limit) {
  const { flows, stall } = await flowsSeenBy(people);
  assert.equal(flows.length, people.length * (people.length - 1) * 2, 'everybody sees and hears all the others');
  const worst = flows.reduce((left, right) => (left.longest > right.longest ? left : right));
  stage.say(`longest standstill: ${worst.longest} ms (${worst.name}); longest stall of a page: ${stall} ms`);
  assert.ok(worst.longest <= limit + stall, `${worst.name} stood still for ${worst.longest} ms`);
}
