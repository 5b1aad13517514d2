// Makes the picture of the page in a call that the README shows: tests/e2e/run picture

import { fileURLToPath } from 'node:url';
import { startParley } from '../harness/parley.mjs';
import { join } from '../harness/person.mjs';
import { people, sitDown } from '../harness/sitter.mjs';
import { until } from '../harness/wait.mjs';

export const onlyWhenNamed = true;
export const seconds = 120;

const picture = fileURLToPath(new URL('../../../deploy/picture-call.png', import.meta.url));

export const tests = {
  'four people in a call, as the README shows them': async (stage) => {
    const parley = await startParley(stage);
    const everybody = [];
    for (const someone of people) {
      const prepare = async (page) => {
        await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }]);
        await page.evaluateOnNewDocument(sitDown, someone);
      };
      const query = { resolution: 540, simulcast: 0 };
      everybody.push(await join(stage, parley, someone.name, { width: 1280, height: 800, query, prepare }));
    }
    const [anna, ben] = everybody;
    await until('Anna sees three sharp pictures', 60, async () => {
      const shown = Object.values(await anna.people());
      return { done: shown.length === 3 && shown.every(({ width, frames }) => width >= 960 && frames > 50), shown };
    });
    await ben.press('mic-button');
    await anna.moment('mutedShown', 'Ben');
    // What was announced has faded, and Carla says something.
    await until('no messages lie over the picture', 20, () => anna.page.evaluate(() => !document.querySelector('.toast')));
    await anna.moment('speakingShown', 'Carla');
    await anna.page.screenshot({ path: picture });
    stage.say(picture);
  },
};
