// Who sits where when not everybody fits on one page: in the order of their coming, except that whoever speaks gets a seat on the
// first page, and gives it back to nobody. Seats change as rarely as that, because a face that jumps about is hard to follow.

export class Seating {
  private seats: string[] = [];
  /** When each was heard last, as a count of hearings. */
  private readonly heardAt = new Map<string, number>();
  private hearings = 0;

  get order(): readonly string[] {
    return this.seats;
  }

  /** Those who are here now: newcomers sit at the end. */
  seat(present: readonly string[]): void {
    const here = new Set(present);
    const known = new Set(this.seats);
    this.seats = [...this.seats.filter((id) => here.has(id)), ...present.filter((id) => !known.has(id))];
    for (const id of this.heardAt.keys()) if (!here.has(id)) this.heardAt.delete(id);
  }

  /** These speak, and `front` seats are on the first page. Returns whether anybody has moved. */
  hear(speaking: readonly string[], front: number): boolean {
    this.hearings += 1;
    for (const id of speaking) this.heardAt.set(id, this.hearings);
    const late = speaking.filter((id) => this.seats.indexOf(id) >= front);
    return late.filter((id) => this.moveForward(id, front)).length > 0;
  }

  /** Changes places with whoever of the first page has been silent for the longest time. */
  private moveForward(id: string, front: number): boolean {
    const silence = (seat: number): number => this.heardAt.get(this.seats[seat] ?? "") ?? 0;
    const [quietest] = [...this.seats.keys()]
      .slice(0, front)
      .sort((left, right) => silence(left) - silence(right) || right - left);
    if (quietest === undefined || silence(quietest) === this.hearings) return false;
    const from = this.seats.indexOf(id);
    [this.seats[quietest], this.seats[from]] = [id, this.seats[quietest] as string];
    return true;
  }
}
