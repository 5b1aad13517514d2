// What one test uses: browsers, pages, servers, links. Whatever is opened here is closed at the end, the last first, whether
// the test passes or not; and when it fails, the screens and logs stay in the test's folder.

import { createWriteStream, rmSync } from 'node:fs';
import { join } from 'node:path';
import { homeOf, launchChromium, launchFirefox } from './browsers.mjs';
import { installProbe } from './probe.mjs';
import { patience, withLimit } from './wait.mjs';

export class Stage {
  #closers = [];
  #pages = [];
  #browsers = new Map();
  #closed = false;

  constructor(folder) {
    this.folder = folder;
  }

  /** A file of this test's folder. */
  file(name) {
    return join(this.folder, name);
  }

  /** Prints a measured fact below the scenario's name. */
  say(text) {
    console.log(`    · ${text}`);
  }

  /** Remembers how to close what was just opened; at once if the test is over, because it has taken too long. */
  defer(what, close) {
    if (this.#closed) {
      void close();
      throw new Error(`the test is over: ${what}`);
    }
    this.#closers.push({ what, close });
  }

  /** The browser called `kind` ('chromium', 'firefox'), started at its first use; `options` make another one of its own. */
  browser(kind, options = {}) {
    const key = kind + JSON.stringify(options);
    if (!this.#browsers.has(key)) this.#browsers.set(key, this.#launch(kind, options));
    return this.#browsers.get(key);
  }

  async #launch(kind, options) {
    const launch = kind === 'firefox' ? launchFirefox : launchChromium;
    const begun = Date.now();
    const browser = await withLimit(30 * patience, `starting ${kind}`, launch({ ...options, folder: this.folder }));
    const took = Math.round((Date.now() - begun) / 1000);
    if (took > 10) this.say(`${kind} took ${took} s to start: this machine is busy`);
    this.defer(kind, async () => {
      const process = browser.process();
      try {
        await withLimit(10, `closing ${kind}`, browser.close());
      } catch {
        process?.kill('SIGKILL');
      }
      rmSync(homeOf(this.folder), { recursive: true, force: true });
    });
    return browser;
  }

  /**
   * An empty page with the probe in it, whose console goes into a file called after it. It is as private as a private window, unless
   * it is `lasting`: those have a disk.
   */
  async page(kind, name, { lasting = false, ...options } = {}) {
    const browser = await this.browser(kind, options);
    const context = lasting ? browser.defaultBrowserContext() : await browser.createBrowserContext();
    const page = await context.newPage();
    page.setDefaultTimeout(20_000 * patience);
    const log = createWriteStream(this.file(`${name}.console.log`));
    const note = (text) => log.write(`${new Date().toISOString()} ${text}\n`);
    page.on('console', (message) => note(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => note(`uncaught: ${error.stack ?? error}`));
    await page.evaluateOnNewDocument(installProbe);
    this.#pages.push({ name, page });
    return page;
  }

  /** After a failure: a picture of each page, and what its peer connections were doing. */
  async keepEvidence() {
    for (const { name, page } of this.#pages) {
      if (page.isClosed()) continue;
      const keep = async () => {
        const log = createWriteStream(this.file(`${name}.stats.json`));
        const facts = await page.evaluate(async () => ({
          inbound: await window.probe?.inbound(),
          outbound: await window.probe?.outbound(),
          paths: await window.probe?.paths(),
        }));
        log.end(JSON.stringify(facts, null, 1));
        await page.screenshot({ path: this.file(`${name}.png`) });
      };
      await withLimit(10, 'keeping evidence', keep()).catch((error) => console.log(`    (no picture of ${name}: ${error.message})`));
    }
  }

  async close() {
    this.#closed = true;
    for (const { what, close } of this.#closers.reverse()) {
      await withLimit(20, `closing ${what}`, close()).catch((error) => console.log(`    (${what}: ${error.message})`));
    }
  }
}
