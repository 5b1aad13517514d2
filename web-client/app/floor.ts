// Who has the floor: the loudest of the others, until they have stopped and somebody else speaks. Silence changes nothing.

export class Floor<Person> {
  private current: Person | undefined;

  get holder(): Person | undefined {
    return this.current;
  }

  /** These speak now, the loudest first. Returns whether the floor has changed hands. */
  hear(speaking: readonly Person[]): boolean {
    const [loudest] = speaking;
    if (loudest === undefined || (this.current !== undefined && speaking.includes(this.current))) return false;
    this.current = loudest;
    return true;
  }

  /** Somebody has left. */
  forget(person: Person): void {
    if (this.current === person) this.current = undefined;
  }
}
