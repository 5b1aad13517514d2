// How files that came have ended, for senders who have not heard it: a word for each, and nothing of the file.

import type { FileMessage } from "./message.js";

interface LastWord {
  identity: string;
  message: FileMessage;
}

export class LastWords {
  private readonly words = new Map<string, LastWord>();

  keep(key: string, identity: string, message: FileMessage): void {
    this.words.set(key, { identity, message });
  }

  of(key: string): FileMessage | undefined {
    return this.words.get(key)?.message;
  }

  /** How many there are for this sender. */
  count(identity: string): number {
    return this.to(identity).length;
  }

  /** False: there is none for this sender. */
  dropOldest(identity: string): boolean {
    const [oldest] = this.to(identity);
    return oldest !== undefined && this.words.delete(oldest);
  }

  private to(identity: string): string[] {
    return [...this.words].flatMap(([key, word]) => (word.identity === identity ? [key] : []));
  }
}
