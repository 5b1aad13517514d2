// Typed events: the names and arguments that a class may emit are one type, so a misspelt event does not compile.

type Listener<Arguments extends unknown[]> = (...args: Arguments) => void;

/** Whatever has events: `on` listens, and returns the function that ends it. */
export class Emitter<Events extends { [name in keyof Events]: unknown[] }> {
  private readonly listeners = new Map<keyof Events, Set<Listener<never>>>();

  /** Calls `listener` at every `event` from now on. Returns the function that ends it. */
  on<Name extends keyof Events>(event: Name, listener: Listener<Events[Name]>): () => void {
    const listeners = this.listeners.get(event) ?? new Set();
    listeners.add(listener as Listener<never>);
    this.listeners.set(event, listeners);
    return () => this.off(event, listener);
  }

  off<Name extends keyof Events>(event: Name, listener: Listener<Events[Name]>): void {
    this.listeners.get(event)?.delete(listener as Listener<never>);
  }

  /** @internal Whether anybody would hear it. */
  listens(event: keyof Events): boolean {
    return (this.listeners.get(event)?.size ?? 0) > 0;
  }

  /** @internal The listeners are called in the order in which they came; one that throws does not keep it from the others. */
  emit<Name extends keyof Events>(event: Name, ...args: Events[Name]): void {
    for (const listener of [...(this.listeners.get(event) ?? [])]) {
      try {
        (listener as unknown as Listener<Events[Name]>)(...args);
      } catch (error) {
        console.error(`A listener of "${String(event)}" failed`, error);
      }
    }
  }
}
