// A Parley server of the test's own: started as a user would, in the namespace, with a state directory that the test leaves behind.

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Program, childrenOf } from './program.mjs';
import { until } from './wait.mjs';

/** The address of the bridge. Firefox never sends media to the loopback, so this is what the server advertises. */
export const address = '10.77.0.1';
export const mediaPort = 40000;

const repository = fileURLToPath(new URL('../../../', import.meta.url));

/** Where the executables are; PARLEY_BIN names another build, which may stand anywhere and has to be told where the page is. */
export const executable = (name) => `${process.env.PARLEY_BIN ?? `${repository}build/release/bin`}/${name}`;
const pageOfOtherBuild = process.env.PARLEY_BIN ? ['--page', `${repository}web-client/dist`] : [];

/** Starts `parley serve` and returns once its workers are ready. */
export async function startParley(stage, options = {}) {
  const parley = new Parley(stage, options);
  stage.defer('parley', () => parley.program.stop());
  await parley.ready();
  return parley;
}

export class Parley {
  origin = 'http://127.0.0.1:8080';

  #logFile;
  #args;

  constructor(stage, { workers = 2, advertise = address, transport = 'udp,tcp', http = '127.0.0.1:8080', https = 'off', args = [] } = {}) {
    this.state = stage.file('state');
    this.#logFile = stage.file('parley.log');
    this.#args = [
      ['serve'],
      ['--state', this.state],
      ['--http', http],
      ['--https', https],
      ['--media-port', mediaPort],
      ['--media-transport', transport],
      ['--advertise', advertise],
      ['--workers', workers],
      pageOfOtherBuild,
      args,
    ].flat().map(String);
    this.#start();
  }

  #start() {
    this.program = new Program(executable('parley'), this.#args, this.#logFile);
  }

  /** Ends it as a power cut would; the workers end because their parent has. */
  async kill() {
    this.program.child.kill('SIGKILL');
    await this.program.ended;
  }

  /** The same server once more, on the same state. */
  async startAgain() {
    this.#start();
    await this.ready();
  }

  async ready() {
    await until('parley answers /healthz', 20, async () => !this.program.running || (await fetch(`${this.origin}/healthz`)).ok);
    if (this.program.running) return;
    await this.program.ended;
    throw new Error(`parley ended at once: ${this.program.printed().slice(-2000)}`);
  }

  /** A token as `parley token` prints it; `flags` are more of its arguments. */
  async token(room, identity, ...flags) {
    const { stdout } = await promisify(execFile)(
      executable('parley'),
      ['token', '--state', this.state, '--room', room, '--identity', identity, ...flags],
    );
    return stdout.trim();
  }

  /** The address of the page for one person, as an invitation would have it. `query` holds the page's test options. */
  pageFor(token, query = {}, origin = this.origin) {
    return `${origin}/?${new URLSearchParams(query)}#token=${token}`;
  }

  /** The samples of /metrics whose name begins with `prefix`, summed up by name over all labels. */
  async metrics(prefix) {
    const text = await (await fetch(`${this.origin}/metrics`)).text();
    const sums = {};
    for (const line of text.split('\n')) {
      const [, name, value] = /^([a-z_:0-9]+)(?:\{[^}]*\})? (\S+)/i.exec(line) ?? [];
      if (name?.startsWith(prefix)) sums[name] = (sums[name] ?? 0) + Number(value);
    }
    return sums;
  }

  /** The process ids of the workers now. */
  workers() {
    return childrenOf(this.program.pid, 'parley-sfu');
  }

  /** The worker that has a media port (UDP or TCP), found by the arguments it was started with. */
  workerAt(port) {
    return this.workers().find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').some((arg) => arg.endsWith(String(port))));
  }
}
