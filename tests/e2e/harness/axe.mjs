// What axe-core finds wrong with a page for people who use it with a screen reader or a keyboard.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Nothing serious or critical is wrong with what the page shows now, called `what`. */
export async function axeFindsNothing(page, what) {
  // As the driver's own script: the page's content security policy allows no other.
  await page.evaluate(source);
  const found = await page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, impact, help, nodes }) => ({ id, impact, help, nodes: nodes.slice(0, 5).map(({ html, failureSummary }) => `${html.slice(0, 200)}: ${failureSummary}`) }));
  });
  assert.deepEqual(found, [], `axe on ${what}`);
}
