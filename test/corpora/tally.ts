/** Counts by reason. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(reason: string, count = 1): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + count);
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** `total (reason: count, …)`, the most frequent first. */
  toString(): string {
    const list = [...this.#counts].sort(([, a], [, b]) => b - a).map(([reason, count]) => `${reason}: ${count}`);
    return list.length === 0 ? '0' : `${this.total} (${list.join(', ')})`;
  }
}
