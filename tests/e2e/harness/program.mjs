// A program that a test started: what it prints goes into a file, and it is ended by its own id.

import { spawn } from 'node:child_process';
import { appendFileSync, closeSync, openSync, readFileSync, readdirSync } from 'node:fs';
import { withLimit } from './wait.mjs';

export class Program {
  constructor(command, args, logFile) {
    this.logFile = logFile;
    const log = openSync(logFile, 'a');
    this.child = spawn(command, args, { stdio: ['pipe', log, log] });
    // Whether it has ended is seen elsewhere; that it does not listen any more is no news.
    this.child.stdin?.on('error', () => {});
    closeSync(log);
    this.ended = new Promise((resolve) => {
      this.child.on('exit', (code, signal) => resolve(signal ?? code));
      this.child.on('error', (error) => {
        appendFileSync(logFile, `${error.message}\n`);
        resolve(error.message);
      });
    });
  }

  get pid() {
    return this.child.pid;
  }

  get running() {
    return this.child.pid !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Writes a line to its standard input. */
  tell(line) {
    this.child.stdin.write(`${line}\n`);
  }

  printed() {
    return readFileSync(this.logFile, 'utf8');
  }

  async stop() {
    if (!this.running) return;
    this.child.kill('SIGTERM');
    try {
      await withLimit(10, 'ending a program', this.ended);
    } catch {
      this.child.kill('SIGKILL');
      await this.ended;
    }
  }
}

/** The ids of the children of a process that run the program called `name`. */
export function childrenOf(pid, name) {
  const found = [];
  for (const entry of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const [, command, state, parent] = /^\d+ \((.*)\) (\S) (\d+)/.exec(stat);
      if (Number(parent) === pid && command === name.slice(0, 15) && state !== 'Z') found.push(Number(entry));
    } catch {
      // It ended while we were looking.
    }
  }
  return found;
}
