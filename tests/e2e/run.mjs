// Runs the scenarios one after the other, each in a Stage of its own, and ends with one line: N passed, N failed.
//
// A scenario file exports `tests`, an object from sentence to `async (stage) => {...}`, and may export `seconds`, the limit for
// one test (default 120), and `onlyWhenNamed`, for what is not a test and has to be asked for.

import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Stage } from './harness/stage.mjs';
import { patience, withLimit } from './harness/wait.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const output = join(here, 'output');
// `codecs` names a file of scenarios, `codecs-3` the third test in it (as its folder of evidence is called).
const wanted = process.argv.slice(2).map((argument) => {
  const [, name, number] = /^(.*?)(?:-(\d+))?$/.exec(argument);
  return { name, number: number === undefined ? undefined : Number(number) };
});
const known = readdirSync(join(here, 'scenarios')).map((file) => basename(file, '.mjs')).sort();

for (const { name } of wanted) {
  if (!known.includes(name)) {
    console.error(`No scenario is called ${name}. There are: ${known.join(', ')}.`);
    process.exit(2);
  }
}

function isWanted(name, number, onlyWhenNamed) {
  if (wanted.length === 0) return !onlyWhenNamed;
  return wanted.some((one) => one.name === name && (one.number ?? number) === number);
}

/** Runs one test and returns what went wrong, or null. */
async function attempt(folder, seconds, run) {
  const stage = new Stage(folder);
  let failure = null;
  try {
    await withLimit(seconds * patience, 'the whole test', run(stage));
  } catch (error) {
    failure = error;
    await stage.keepEvidence();
  }
  await stage.close();
  return failure;
}

let passed = 0;
let failed = 0;
for (const name of known) {
  const scenario = await import(`./scenarios/${name}.mjs`);
  const tests = Object.entries(scenario.tests).map(([sentence, run], index) => ({ sentence, run, number: index + 1 }));
  const chosen = tests.filter(({ number }) => isWanted(name, number, scenario.onlyWhenNamed));
  if (chosen.length > 0) console.log(name);
  for (const { sentence, run, number } of chosen) {
    const folder = join(output, `${name}-${number}`);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const start = Date.now();
    const failure = await attempt(folder, scenario.seconds ?? 120, run);
    const took = `${((Date.now() - start) / 1000).toFixed(1)} s`;
    if (failure) {
      failed += 1;
      console.log(`  FAILED  ${sentence} (${took})\n    ${failure.stack}\n    evidence: ${folder}`);
    } else {
      passed += 1;
      console.log(`  passed  ${sentence} (${took})`);
    }
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
